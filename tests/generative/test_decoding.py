"""What the canonical text says is what was written, for every policy that the model can hold."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_match.engines.reference import ReferenceEngine
from policy_match.expressions.parser import parse
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue
from policy_match.policy.decoding import decode_catalogue, decode_version
from policy_match.policy.fingerprint import (
    NOT_KEPT,
    canonical_catalogue,
    canonical_rules,
    canonical_version,
    catalogue_digest,
    digest,
)
from policy_match.policy.model import ParameterSource, Policy, PolicyVersion
from policy_match.services.replay_decision import KeptTexts, replay_decision
from policy_match.sweep.kept import RowKey, Standing, SweepIdentity
from policy_match.sweep.plan import plan_sweep
from policy_match.values import FactName, Money, PolicyId, SnapshotId, Uscc
from tests.generative import strategies
from tests.spec.run import TABLES, texts_of
from tests.spec.vocabulary import VOCABULARY
from tests.support.engines import sweep_all
from tests.support.kinds import ALL_KINDS, kind_of
from tests.support.policies import make_policy

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    bool: st.booleans(),
    int: st.integers(),
    Decimal: strategies.numbers | st.decimals(allow_nan=False, allow_infinity=False, places=40),
    date: st.dates(),
    Money: st.builds(Money, st.integers()),
    type(None): st.none(),
}


@cache
def any_value(hint: Any) -> st.SearchStrategy[Any]:
    """Return every value that a field of the type can have, whatever the loader allows. Nodes are grown elsewhere."""
    if isinstance(hint, NewType):
        return any_value(hint.__supertype__)
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    if get_origin(hint) is tuple:
        items = get_args(hint)
        if items[-1] is Ellipsis:
            return st.lists(any_value(items[0]), max_size=3).map(tuple)
        return st.tuples(*map(any_value, items))
    if is_dataclass(hint):
        kept = [field.name for field in fields(hint) if field.name not in NOT_KEPT.get(hint, {})]
        left_out = {name: st.just(value) for name, value in NOT_KEPT.get(hint, {}).items()}
        hints = get_type_hints(hint)
        return st.builds(hint, **{name: any_value(hints[name]) for name in kept}, **left_out)
    assert get_origin(hint) in (Union, UnionType), f"{hint} is a new kind of field"
    return st.one_of(*map(any_value, get_args(hint)))


@st.composite
def versions(draw: st.DrawFn) -> tuple[Policy, PolicyVersion]:
    """A policy with one version of generated expressions, and anything in all other fields of the policy."""
    _, version = draw(strategies.policies(draw(strategies.worlds()), "p"))
    return draw(any_value(Policy)), version


def read_back(policy: Policy, version: PolicyVersion) -> None:
    """Write the version and read it again."""
    text = canonical_version(policy, version)
    found_policy, found = decode_version(text)
    assert found == replace(version, fingerprint=digest(text))
    assert found_policy == replace(policy, versions=(found,))
    # In Python True == Decimal(1): the text says the types too.
    assert canonical_version(found_policy, found) == text


@settings(max_examples=4 * settings().max_examples)
@given(versions())
def test_a_version_is_read_back_as_it_was_written(case: tuple[Policy, PolicyVersion]) -> None:
    read_back(*case)


def test_every_kind_of_node_is_read_back() -> None:
    """What is generated is left to chance; the examples of the language page hold every kind."""
    shown = [parse(text, VOCABULARY) for part in TABLES for text in texts_of(part)]
    assert {kind_of(node) for root in shown for node in root.walk()} == ALL_KINDS
    for node in shown:
        policy, version = make_policy("p", conditions=[node], amount=node)
        read_back(replace(policy, path=""), version)


@given(st.lists(any_value(Fact), max_size=4, unique_by=lambda fact: fact.name))
def test_a_catalogue_is_read_back_as_it_was_written(facts: list[Fact]) -> None:
    catalogue = FactCatalogue({FactName(fact.name): fact for fact in facts})
    text = canonical_catalogue(catalogue)
    assert dict(decode_catalogue(text)) == dict(catalogue)
    assert catalogue_digest(decode_catalogue(text)) == digest(text)


@given(st.data())
def test_every_decision_of_a_sweep_is_made_again_from_the_texts(data: st.DataObject) -> None:
    world = data.draw(strategies.worlds(), label="world")
    policy, version = data.draw(strategies.policies(world, "p"), label="policy")
    version = replace(version, fingerprint=digest(canonical_version(policy, version)))
    names = [*world.parameters, *world.definitions]
    sources = {name: ParameterSource(name=name, label=name, reference="…") for name in names}
    rules = canonical_rules(world.catalogue, sources, {PolicyId("p"): replace(policy, versions=(version,))})
    plan = plan_sweep([(policy, version)], world.catalogue, data.draw(strategies.days, label="as of"))
    tables = data.draw(strategies.tables(world.catalogue, set(plan.facts_of(policy.grain))), label="tables")
    texts = KeptTexts(
        rules=rules.decode(),
        catalogue=canonical_catalogue(world.catalogue).decode(),
        version=canonical_version(policy, version).decode(),
    )
    sweep = SweepIdentity(snapshot_id=SnapshotId(tables.digest), rules=digest(rules), as_of=plan.as_of)
    keys = [row for batch in tables.batches(policy.grain, [], plan.as_of) for row in batch.to_pylist()]
    for key, decision in zip(keys, sweep_all(ReferenceEngine(), plan, tables).decisions["p"], strict=True):
        replay = replay_decision(
            texts,
            sweep,
            lambda _, __: tables,
            row=RowKey(uscc=Uscc(key[KEY]), record_id="" if policy.grain == FIRM else key["loan_id"]),
            kept=Standing(outcome=decision.outcome, amount_fen=decision.amount_fen, missing=decision.missing),
            corrections={},
        )
        assert replay.same_as_kept
