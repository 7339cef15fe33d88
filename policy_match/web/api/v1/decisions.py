"""The record of one decision as it is answered: conditions with articles, facts with sources, the arithmetic.

Guarantees that it is the record of `policy-match explain --json`, field by field. In it numbers are text, so that no
reader rounds them, and money is in yuan.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from policy_match.values import Outcome, Truth
from policy_match.web.models import Output


class BasisItem(Output):
    """A legal document on which the policy stands."""

    document: str
    number: str
    url: str


class ConditionItem(Output):
    """One condition on this firm, and what would make it true when it is false."""

    id: str
    text: str
    text_en: str
    article: str
    when: Annotated[str, Field(description="the expression as the policy file has it")]
    truth: Truth
    facts: list[str]
    missing: list[str]
    to_change: Annotated[dict[str, Any] | None, Field(description="facts, their values now, and what is needed")]


class ArithmeticItem(Output):
    """How the amount came about: the formula, the same with values, rounding, minimum and cap, in yuan."""

    formula: str
    written_out: str
    exact: Annotated[Any, Field(description="before rounding; a number that does not end is a fraction")]
    rounded: str
    minimum: str
    cap: str | None


class FactItem(Output):
    """A fact that the decision read."""

    name: str
    label: str
    unit: str
    source: str
    observed: date | None
    state: str
    value: Any


class ValueItem(Output):
    """A parameter or definition that the decision used."""

    name: str
    label: str
    reference: str
    value: Any


class DecisionAnswer(Output):
    """One policy's decision on one firm, or on one record of it."""

    policy_id: str
    title: str
    title_en: str
    version: str
    version_fingerprint: str
    rules_fingerprint: str
    facts_digest: str
    as_of: date
    uscc: str
    record: str | None
    outcome: Outcome
    amount: Annotated[str | None, Field(description="in yuan")]
    basis: list[BasisItem]
    conditions: list[ConditionItem]
    arithmetic: ArithmeticItem | None
    missing: list[str]
    facts: list[FactItem]
    values: list[ValueItem]
