"""The table of webhooks in the web's file: what it sets, and a clear line for each mistake, all at once."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.errors import InputError, SeveralMistakes
from policy_match.web_settings import read_web_settings
from policy_match.webhook_settings import TIMEOUT_SECONDS


def written(folder: Path, text: str) -> Path:
    path = folder / "web.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_the_table_no_message_goes_anywhere(tmp_path: Path) -> None:
    found = read_web_settings(written(tmp_path, "")).webhooks
    assert found.allowed.hosts == frozenset()
    assert (found.ca_file, found.timeout_seconds) == (None, TIMEOUT_SECONDS)


def test_the_table_names_hosts_networks_authorities_and_a_time(tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text("invented")
    text = """
[webhooks]
hosts = ["hooks.example.cn", "gateway.example.cn:8443"]
networks = ["10.20.0.0/16"]
ca_file = "authority.pem"
timeout_seconds = 20
"""
    found = read_web_settings(written(tmp_path, text)).webhooks
    assert found.allowed.hosts == {"hooks.example.cn", "gateway.example.cn:8443"}
    assert found.allowed.networks == (ip_network("10.20.0.0/16"),)
    assert found.ca_file == tmp_path / "authority.pem"
    assert found.timeout_seconds == 20


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("host = []", "`host` is unknown"),
        ('hosts = "hooks.example.cn"', "`hosts` is no list"),
        ('hosts = ["https://hooks.example.cn/"]', "`hosts` 1 is no host"),
        ('hosts = ["Hooks.example.cn"]', "`hosts` 1 is no host"),
        ("hosts = [1]", "`hosts` 1 is no host"),
        ('networks = ["10.20.0.1/16"]', "`networks` 1 is no network"),
        ("networks = [10]", "`networks` 1 is no network"),
        ('ca_file = "nowhere.pem"', "`ca_file` is no file"),
        ("timeout_seconds = 0", "`timeout_seconds` is no whole number"),
        ('timeout_seconds = "15"', "`timeout_seconds` is no whole number"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path: Path, line: str, named: str) -> None:
    with pytest.raises(InputError) as refused:
        read_web_settings(written(tmp_path, f"[webhooks]\n{line}\n"))
    assert named in refused.value.message("en")
    assert "[webhooks]" in refused.value.message("zh")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SeveralMistakes) as refused:
        read_web_settings(written(tmp_path, '[webhooks]\nhosts = [1, "A"]\ntimeout_seconds = 0\n'))
    assert len(refused.value.mistakes) == 3


def test_what_is_no_table_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="written as"):
        read_web_settings(written(tmp_path, "webhooks = 1\n"))


def test_a_file_without_certificates_is_said_so_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text("no certificate")
    file = written(tmp_path, '[webhooks]\nca_file = "authority.pem"\n')
    application = Application(Config(data_dir=tmp_path, web_file=file))
    with pytest.raises(InputError, match="holds no certificates"):
        _ = application.webhook_office
