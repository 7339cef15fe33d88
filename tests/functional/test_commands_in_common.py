"""What all commands on cases and money have in common: help that teaches by example, machine output, both languages."""

import re
from collections.abc import Iterator

import click
import pytest

from policy_match.cli.app import policy_match
from tests.functional.region import Command

GROUPS = (
    "cases",
    "deadlines",
    "approvals",
    "objections",
    "budget",
    "payments",
    "ledger",
    "report",
    "notices",
    "accounts",
    "tokens",
    "run",
    "scheduler",
)
STABLE = {
    "cases": "open notify confirm decline reconsider extend withdraw remind close-windows recheck publish exclude list"
    " show appeal import-prior-aid",
    "deadlines": "due list cut-off policies check",
    "approvals": "grant revoke make list show approve reject",
    "objections": "lodge list answer",
    "budget": "line appropriate allocate queue show",
    "ledger": "show transfers",
    "accounts": "administrator add password close open drop-second-factor list show delegate end-delegation users",
    "tokens": "make end list",
    "report": "show stages notices year reviews review answer decide suggest suggestions",
    "run": "scheduler",
    "scheduler": "status jobs runs run pause resume replan",
    "notices": "prepare list show reached inbox read import-contacts contacts prefer preferences suppress"
    " lift-suppression suppressions plan send receipts fetch-receipts repair providers uncertain settle",
    "payments": "accounts order send lost take status returned retry give-up recover receipt recoveries unmatched"
    " explain reconcile files",
}
CHINESE = re.compile("[\u4e00-\u9fff]")


def commands() -> Iterator[tuple[str, str]]:
    """Yield group and name of every command."""
    for group in GROUPS:
        found = policy_match.commands[group]
        assert isinstance(found, click.Group)
        for name in found.commands:
            yield group, name


def test_the_names_of_the_commands_stay_stable() -> None:
    there = set(commands())
    assert {(group, name) for group, names in STABLE.items() for name in names.split()} <= there


@pytest.mark.parametrize(("group", "name"), list(commands()), ids=" ".join)
def test_every_command_teaches_by_example(command: Command, group: str, name: str) -> None:
    ended = command(group, name, "--help")
    assert ended.code == 0
    assert f"policy-match {group} {name}" in ended.out
    assert "--json" in ended.out
    assert "--lang" in ended.out
    summary = policy_match.commands[group].commands[name].help.split("\n")[0]  # type: ignore[attr-defined]
    chinese, slash, english = summary.partition("/")
    assert slash
    assert CHINESE.search(chinese)
    assert english.strip()
    assert not CHINESE.search(english)
