"""How units, stages, colours and escalations stand on the screen and in JSON, and the options that name them.

Guarantees that a colour is always said in words. Drawing tables is `screen`.
"""

from collections.abc import Mapping
from typing import Any

import click

from policy_match.cli.cells import iso, yuan
from policy_match.cli.screen import Screen
from policy_match.supervision.colours import COLOUR_WORDS, Colour
from policy_match.supervision.escalation import Escalation
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.stages import STAGES, UNIT_WORDS, Stage


def _department(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    return None if value is None else value.strip()


def _stage(_: click.Context, __: click.Parameter, value: str | None) -> Stage | None:
    return None if value is None else Stage(value)


department_option = click.option(
    "--department",
    "department",
    metavar="NAME",
    callback=_department,
    help="仅此部门；也可填 财政部门、代理银行、企业 / this department only; also 财政部门 finance, 代理银行 the bank",
)
stage_option = click.option(
    "--stage",
    "stage",
    type=click.Choice([stage.value for stage in Stage]),
    callback=_stage,
    help="环节 / the stage",
)


def unit_word(screen: Screen, unit: str) -> str:
    """Return the name of a unit; departments have only the name that their policies give them."""
    for words in UNIT_WORDS.values():
        if words.zh == unit:
            return screen.say(words.zh, words.en)
    return unit


def stage_word(screen: Screen, stage: Stage) -> str:
    """Return the name of a stage."""
    words = STAGES[stage].words
    return screen.say(words.zh, words.en)


def colour_word(screen: Screen, colour: Colour) -> str:
    """Return the name of a colour."""
    words = COLOUR_WORDS[colour]
    return screen.say(words.zh, words.en)


def title_word(screen: Screen, terms: VersionTerms) -> str:
    """Return the title of a policy, in English where it has one and English is asked for."""
    return screen.say(terms.title, terms.title_en or terms.title)


def escalation_json(each: Escalation) -> Mapping[str, Any]:
    """Return what was told, for programs."""
    return {
        "escalation": each.escalation_id,
        "day": iso(each.day),
        "department": each.unit,
        "stage": each.stage.value,
        "level": each.level,
        "cases": each.cases,
        "amount": yuan(each.amount_fen),
        "oldest_since": iso(each.oldest_on),
        "told": list(each.told),
    }
