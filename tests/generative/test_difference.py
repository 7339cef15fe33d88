"""Whatever differs between two sweeps of one row, its change is put down to something that really differs."""

from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from policy_match.expressions.semantics import Row, evaluate
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import Fact, FactCatalogue, FactType
from policy_match.policy.fingerprint import canonical_version
from policy_match.policy.model import PolicyVersion
from policy_match.sweep.decide import decide, truth_of
from policy_match.sweep.difference import (
    DateMoved,
    FactChange,
    Reason,
    RowDifference,
    RuleChange,
    Side,
    Transition,
    explain_difference,
    transition_of,
)
from policy_match.sweep.kept import RowKey, Standing
from policy_match.sweep.version_text import VersionText, read_version_text
from policy_match.values import FactName, PolicyId, Uscc
from tests.support.policies import make_policy

KINDS = {
    "headcount": FactType.INTEGER,
    "premium": FactType.MONEY,
    "bonus": FactType.MONEY,
    "founded": FactType.DATE,
    "listed": FactType.BOOLEAN,
}
VOCABULARY = Vocabulary(
    catalogue=FactCatalogue(
        {FactName(name): Fact(name=FactName(name), label=name, type=kind) for name, kind in KINDS.items()}
    )
)
KEY = RowKey(uscc=Uscc("A"))


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that one row's decision depends on. No two parts of the rule read the same fact."""

    headcount: Fraction | None
    premium: Fraction | None
    bonus: Fraction | None
    founded: date | None
    listed: bool | None
    least: int
    rate: str
    as_of: date

    @property
    def facts(self) -> dict[FactName, Fraction | date | bool | None]:
        return {FactName(name): getattr(self, name) for name in KINDS}


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


WORLDS = st.builds(
    World,
    headcount=maybe(st.integers(0, 6).map(Fraction)),
    premium=maybe(st.sampled_from([Fraction(0), Fraction(7), Fraction(10)])),
    bonus=maybe(st.sampled_from([Fraction(0), Fraction(3)])),
    founded=maybe(st.sampled_from([date(2020, 1, 1), date(2024, 7, 1), date(2025, 1, 1)])),
    listed=maybe(st.booleans()),
    least=st.sampled_from([2, 4]),
    rate=st.sampled_from(["0.5", "0.25", "premium"]),
    as_of=st.sampled_from([date(2025, 6, 30), date(2026, 1, 1)]),
)


def sweep(world: World) -> tuple[Standing, Side]:
    """Return what a sweep of the world keeps of its row."""
    policy, version = make_policy(
        "p",
        conditions=(
            f"headcount >= {world.least} or listed",
            "months_between(founded, as_of) >= 12",
        ),
        amount=f"premium * {world.rate} + bonus",
        vocabulary=VOCABULARY,
    )
    row = Row(world.facts, world.as_of)
    values = [evaluate(condition.when.node, row) for condition in version.conditions]
    verdict = decide(values, version.amount.node, None, version.minimum, row)
    text = _text(policy, version)
    standing = Standing(
        outcome=verdict.outcome,
        amount_fen=verdict.steps.paid.fen if verdict.steps else None,
        missing=tuple(sorted(verdict.missing)),
    )
    truths = {
        expression.meaning: truth_of(value) for expression, value in zip(text.conditions.values(), values, strict=True)
    }
    return standing, Side(as_of=world.as_of, version=text, truths=truths, facts=world.facts)


def _text(policy: object, version: PolicyVersion) -> VersionText:
    return read_version_text(canonical_version(policy, version).decode())  # type: ignore[arg-type]


def difference(before: World, after: World) -> RowDifference | None:
    old, new = sweep(before), sweep(after)
    transition = transition_of(old[0], new[0])
    return None if transition is None else explain_difference(PolicyId("p"), KEY, transition, old, new)


def inputs_of(reason: Reason) -> str:
    """Return which part of a world the reason is about."""
    match reason:
        case FactChange(fact=name):
            return name
        case RuleChange(part="amount"):
            return "rate"
        case RuleChange():
            return "least"
        case DateMoved():
            return "as_of"
    raise AssertionError(reason)


@given(WORLDS, WORLDS)
def test_every_change_has_a_reason_and_every_reason_really_differs(before: World, after: World) -> None:
    found = difference(before, after)
    if found is None:
        return
    assert found.reasons
    for reason in found.reasons:
        name = inputs_of(reason)
        assert getattr(before, name) != getattr(after, name)
        if isinstance(reason, FactChange):
            assert (reason.before, reason.after) == (getattr(before, name), getattr(after, name))


@given(WORLDS, WORLDS, st.sampled_from([field.name for field in fields(World)]))
def test_a_change_of_one_thing_is_put_down_to_that_thing(world: World, other: World, name: str) -> None:
    found = difference(world, replace(world, **{name: getattr(other, name)}))
    if found is not None:
        assert [inputs_of(reason) for reason in found.reasons] == [name]


@given(WORLDS, WORLDS)
def test_going_back_undoes_the_change(before: World, after: World) -> None:
    back = {
        Transition.NEWLY_ELIGIBLE: {Transition.LOST, Transition.BECAME_UNDETERMINED},
        Transition.LOST: {Transition.NEWLY_ELIGIBLE},
        Transition.AMOUNT_CHANGED: {Transition.AMOUNT_CHANGED},
        Transition.BECAME_UNDETERMINED: {Transition.NEWLY_ELIGIBLE, Transition.BECAME_INELIGIBLE},
        Transition.BECAME_INELIGIBLE: {Transition.BECAME_UNDETERMINED},
    }
    there, again = difference(before, after), difference(after, before)
    assert (there is None) == (again is None)
    if there is not None and again is not None:
        assert again.transition in back[there.transition]


@given(WORLDS, WORLDS)
def test_the_reasons_alone_bring_the_change_about(before: World, after: World) -> None:
    found = difference(before, after)
    if found is not None:
        named = {inputs_of(reason) for reason in found.reasons}
        alone = difference(before, replace(before, **{name: getattr(after, name) for name in named}))
        assert alone is not None
        assert alone.transition is found.transition


@given(WORLDS)
def test_the_same_world_differs_in_nothing(world: World) -> None:
    assert difference(world, world) is None
