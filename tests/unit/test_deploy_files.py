"""The files of docs/deploy are what the program takes."""

import configparser
import re
from pathlib import Path

import pytest

from policy_match.config import SETTINGS
from policy_match.web_settings import read_web_settings

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return found


def test_the_example_of_settings_is_taken_and_names_every_key() -> None:
    settings = read_web_settings(DEPLOY / "web.toml")
    assert settings.server.trusts_unix
    assert len(settings.given) == 19


def test_the_settings_within_the_compose_file_are_taken(tmp_path: Path) -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    block = re.search(r"content: \|\n((?:      .*\n)+)", text)
    assert block is not None
    file = tmp_path / "web.toml"
    file.write_text(re.sub(r"(?m)^ {6}", "", block[1]), encoding="utf-8")
    assert read_web_settings(file).metrics.bind == "0.0.0.0:9100"


def test_only_settings_that_exist_are_named() -> None:
    for file in DEPLOY.iterdir():
        named = set(re.findall(r"\bPOLICY_MATCH_[A-Z_]+\b", file.read_text(encoding="utf-8")))
        assert named <= SETTINGS.keys(), file.name


@pytest.mark.parametrize("name", ["policy-match-web.service", "policy-match-scheduler.service"])
def test_a_unit_runs_without_root_and_waits_for_what_is_under_way(name: str) -> None:
    service = unit(name)["Service"]
    assert service["User"] == "policy-match"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    stop = read_web_settings(DEPLOY / "web.toml").server.stop_seconds
    assert int(service["TimeoutStopSec"]) > stop


def test_every_container_runs_without_root_on_a_read_only_file_system() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert text.count("read_only: true") == 2  # the two programs share one
    assert text.count("cap_drop: [ALL]") == 2
    assert text.count("healthcheck:") == 3
    assert re.search(r"(?m)^USER 10001", (DEPLOY / "Containerfile").read_text(encoding="utf-8"))
