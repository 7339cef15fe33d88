"""The manual's page of notices is up to date, and says everything that is generated."""

import re

import click

from policy_match.cli.app import policy_match
from tests.unit.notices.render import PAGE, PART, PARTS, page


def test_the_committed_page_is_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "run: make cases"


def test_every_generated_part_is_on_the_page_once() -> None:
    assert sorted(found[1] for found in PART.findall(PAGE.read_text(encoding="utf-8"))) == sorted(PARTS)


def test_the_page_names_only_commands_that_there_are() -> None:
    named = set(re.findall(r"policy-match notices ([a-z-]+)", PAGE.read_text(encoding="utf-8")))
    group = policy_match.commands["notices"]
    assert isinstance(group, click.Group)
    assert named <= group.commands.keys()
    assert len(named) > 5
