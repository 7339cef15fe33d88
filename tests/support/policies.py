"""Policies made from expression texts or nodes, without files.

Guarantees the fields that deciding needs; titles and articles are placeholders.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from policy_match.expressions.nodes import Node, literal
from policy_match.expressions.parser import parse
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FIRM
from policy_match.policy.model import (
    Benefit,
    Condition,
    Delivery,
    Expression,
    Policy,
    PolicyVersion,
    Process,
    Rhythm,
)
from policy_match.values import Digest, Money, Period, PolicyId

YES = literal(True)
NOTHING = literal(Decimal(0))


def expression(source: str | Node, vocabulary: Vocabulary | None = None) -> Expression:
    """Return the expression of a text, or of a node that is ready."""
    if isinstance(source, Node):
        return Expression(text="", node=source)
    assert vocabulary is not None, "a text needs a vocabulary"
    return Expression(text=source, node=parse(source, vocabulary))


def make_policy(
    policy_id: str,
    *,
    conditions: Sequence[str | Node] = (YES,),
    amount: str | Node = NOTHING,
    cap: str | Node | None = None,
    minimum: Decimal = Decimal(0),
    grain: str = FIRM,
    vocabulary: Vocabulary | None = None,
) -> tuple[Policy, PolicyVersion]:
    """Return a policy that is always in force, with its only version."""
    version = PolicyVersion(
        label="0001-01-01",
        in_force=Period(date.min),
        conditions=tuple(
            Condition(id=f"c{place}", text="…", article="1", when=expression(source, vocabulary))
            for place, source in enumerate(conditions)
        ),
        amount=expression(amount, vocabulary),
        cap=None if cap is None else expression(cap, vocabulary),
        minimum=Money.from_yuan(minimum),
        fingerprint=Digest("0" * 64),
    )
    policy = Policy(
        id=PolicyId(policy_id),
        title=policy_id,
        title_en="",
        department="…",
        jurisdiction="370000",
        benefit=Benefit.GRANT,
        delivery=Delivery.CONFIRM,
        rhythm=Rhythm.YEAR,
        grain=grain,
        encoding_grade="A",
        basis=(),
        stacking=None,
        budget=None,
        process=Process(),
        versions=(version,),
        path=f"{policy_id}.toml",
    )
    return policy, version
