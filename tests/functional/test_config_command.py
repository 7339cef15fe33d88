"""`policy-match config check`: what is set and from where, every mistake at once, no secret."""

import json
from collections import Counter
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
    told = [line.partition(":")[0] for line in lines]
    assert told == ["web.toml", "web.toml", "payments.toml", "payments.toml"]


def test_every_wrong_variable_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", "mysql://x:9f3kq@y")
    monkeypatch.setenv("POLICY_MATCH_WEBB", "x")
    assert run(["config", "check"]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 2
    assert "did you mean POLICY_MATCH_WEB?" in err
    assert "9f3kq" not in err


def test_wrong_variables_hide_no_mistake_of_a_file_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLICY_MATCH_ACCOUNT_KEYS", "zz")
    monkeypatch.setenv("POLICY_MATCH_PAYMENT", "x")
    write(tmp_path, monkeypatch, "[server]\nthreads = 0\n[identity]\nlocal_accounts = 1\n[webhooks]\nhost = 1\n")
    for name, text in {
        "payments": 'channel = 1\noutbox = "o"\n',
        "notices": "ordre = 1\n[[provider]]\n",
        "schedule": "[notfy]\n[report]\nhour = 24\n",
        "workdays": "[1]\n[2]\n",
    }.items():
        file = tmp_path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setenv(f"POLICY_MATCH_{name.upper()}", str(file))
    assert run(["config", "check"]) == 2
    told = [Path(line.split(":")[0].split(" ")[0]).name for line in capsys.readouterr().err.splitlines()]
    assert Counter(told) == {
        "POLICY_MATCH_ACCOUNT_KEYS": 1,
        "POLICY_MATCH_PAYMENT": 1,
        "web.toml": 3,
        "payments.toml": 1,
        "notices.toml": 4,
        "schedule.toml": 2,
        "workdays.toml": 2,
    }
    assert not (tmp_path / "data").exists()


def test_settings_that_a_channel_does_not_take_are_told_with_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    payments = tmp_path / "payments.toml"
    payments.write_text('channel = "pigeon"\noutbox = "o"\n', encoding="utf-8")
    monkeypatch.setenv("POLICY_MATCH_PAYMENTS", str(payments))
    monkeypatch.setenv("POLICY_MATCH_WORKDAYS", str(tmp_path / "none.toml"))
    assert run(["config", "check"]) == 2
    channel, workdays = capsys.readouterr().err.splitlines()
    assert channel.startswith("payments.toml: no payment channel is called `pigeon`")
    assert workdays.startswith(f"{tmp_path / 'none.toml'}: cannot be read")


@pytest.mark.parametrize("command", [["config", "check"], ["run", "web"]])
def test_the_secret_of_every_identity_provider_must_be_set(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = """
[[identity.provider]]
name = "NAME"
kind = "staff"
issuer = "https://id.example.test/NAME"
client_id = "policy-match"
client_secret_env = "INVENTED_SECRET_OF_NAME"
"""
    web = '[server]\npublic_url = "https://policy-match.test"\n'
    both = provider.replace("NAME", "a").replace("OF_a", "OF_A") + provider.replace("NAME", "b").replace("OF_b", "OF_B")
    write(tmp_path, monkeypatch, web + both)
    assert run(command) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("web.toml: ") and "INVENTED_SECRET_OF_A is not set" in first
    assert second.startswith("web.toml: ") and "INVENTED_SECRET_OF_B is not set" in second
    monkeypatch.setenv("INVENTED_SECRET_OF_A", "x")
    monkeypatch.setenv("INVENTED_SECRET_OF_B", "x")
    assert run(["config", "check"]) == 0


@pytest.mark.parametrize("command", [["run", "web"]])
def test_the_web_does_not_start_with_a_mistake(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, monkeypatch, "[server]\nthreads = 0\nprocesses = 0\n")
    monkeypatch.setenv("POLICY_MATCH_PAYMENTS", str(tmp_path / "none.toml"))
    assert run(command) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert not (tmp_path / "data" / "database").exists()
