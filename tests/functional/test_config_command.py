"""`policy-match config check`: what is set and from where, every mistake at once, no secret."""

import json
from pathlib import Path

import pytest

from policy_match.cli.app import run

KEY = "ab" * 32


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("POLICY_MATCH_LANG", "en")
    monkeypatch.setenv("POLICY_MATCH_ACCOUNT_KEYS", KEY)


def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    file = tmp_path / "web.toml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("POLICY_MATCH_WEB", str(file))


def test_what_is_set_is_shown_with_its_source_and_secrets_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", "postgresql://u:9f3kq@host/db")
    write(tmp_path, monkeypatch, "[server]\nthreads = 3\n[identity]\nlocal_accounts = true\n")
    assert run(["config", "check", "--json"]) == 0
    out = capsys.readouterr().out
    found = {each["setting"]: (each["value"], each["from"]) for each in json.loads(out)}
    assert found["web server.threads"] == ("3", "web.toml")
    assert found["web server.processes"] == ("2", "default")
    assert found["POLICY_MATCH_DATABASE_URL"] == ("***", "environment")
    assert found["web identity.local_accounts"] == ("***", "web.toml")
    assert "9f3kq" not in out
    assert KEY not in out


def test_every_mistake_of_every_file_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, monkeypatch, "[server]\nthreads = 0\n[limit]\n")
    payments = tmp_path / "payments.toml"
    payments.write_text("channel = 1", encoding="utf-8")
    monkeypatch.setenv("POLICY_MATCH_PAYMENTS", str(payments))
    assert run(["config", "check"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert [line.partition(":")[0] for line in lines] == ["web.toml", "web.toml", "payments.toml"]


def test_every_wrong_variable_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", "mysql://x:9f3kq@y")
    monkeypatch.setenv("POLICY_MATCH_WEBB", "x")
    assert run(["config", "check"]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 2
    assert "did you mean POLICY_MATCH_WEB?" in err
    assert "9f3kq" not in err


@pytest.mark.parametrize("command", [["run", "web"]])
def test_the_web_does_not_start_with_a_mistake(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, monkeypatch, "[server]\nthreads = 0\nprocesses = 0\n")
    assert run(command) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not (tmp_path / "data" / "database").exists()
