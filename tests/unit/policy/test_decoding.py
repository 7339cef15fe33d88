"""Kept texts of rules are read back to what they were written from; any other text is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import rfc8785

from policy_match.expressions import nodes
from policy_match.expressions.nodes import Node, literal
from policy_match.policy.decoding import (
    MAX_BYTES,
    NODE_CLASSES,
    OtherFormat,
    UnreadableRules,
    decode_catalogue,
    decode_rules,
    decode_version,
)
from policy_match.policy.fingerprint import (
    canonical_catalogue,
    canonical_rules,
    canonical_version,
    catalogue_digest,
    digest,
)
from policy_match.policy.loader import load_rules
from policy_match.policy.model import Policy, PolicyVersion
from policy_match.values import PolicyId
from tests.support import kinds
from tests.support.policies import make_policy
from tests.support.rules_folder import RulesFolder

Change = Callable[[dict[str, Any]], object]


def without_places(policy: Policy, version: PolicyVersion) -> tuple[Policy, PolicyVersion]:
    """Return the two as a text gives them back: one version, no path and no lines."""
    conditions = tuple(replace(condition, line=0) for condition in version.conditions)
    version = replace(version, conditions=conditions)
    return replace(policy, versions=(version,), path=""), version


def text_of(rules: RulesFolder, change: Change | None = None) -> bytes:
    """Return the text of the first version, after a change to its JSON."""
    policy = load_rules(rules.path).policies[PolicyId("some-grant")]
    data = json.loads(canonical_version(policy, policy.versions[0]))
    if change is not None:
        change(data)
    return rfc8785.dumps(data)


def test_a_version_is_read_back_with_its_fingerprint(rules: RulesFolder) -> None:
    policy = load_rules(rules.path).policies[PolicyId("some-grant")]
    for version in policy.versions:
        assert decode_version(canonical_version(policy, version)) == without_places(policy, version)


def test_the_catalogue_is_read_back_by_name(rules: RulesFolder) -> None:
    catalogue = load_rules(rules.path).catalogue
    found = decode_catalogue(canonical_catalogue(catalogue))
    assert dict(found) == dict(catalogue)
    assert list(found) == sorted(catalogue)
    assert catalogue_digest(found) == catalogue_digest(catalogue)


def test_the_frame_of_the_rules_is_read_back(rules: RulesFolder) -> None:
    book = load_rules(rules.path)
    text = canonical_rules(book.catalogue, book.sources, book.policies)
    found = decode_rules(text)
    assert digest(text) == book.fingerprint
    assert found.facts == catalogue_digest(book.catalogue)
    assert dict(found.sources) == dict(book.sources)
    assert found.versions == tuple(version.fingerprint for version in book.policies[PolicyId("some-grant")].versions)


def test_every_class_of_nodes_may_stand_in_an_expression() -> None:
    assert set(NODE_CLASSES) == set(kinds.NODE_CLASSES)


def test_the_deepest_expression_is_read_back() -> None:
    node: Node = literal(Decimal(1))
    for _ in range(99):
        node = nodes.Call(function=nodes.Function.MAXIMUM, arguments=(node,))
    policy, version = make_policy("p", amount=node)
    assert decode_version(canonical_version(policy, version))[1].amount.node == node


def test_a_field_that_is_younger_than_the_text_has_its_default(rules: RulesFolder) -> None:
    policy, _ = decode_version(text_of(rules, lambda data: data["policy"]["process"].pop("confirm_days")))
    assert policy.process.confirm_days == 15


PARAMETER = {"kind": "Parameter", "name": "p", "dated": [[{"date": "2025-01-01"}]], "day": {"kind": "AsOf"}}


def put(**found: object) -> Change:
    """Return a change of some keys of the version."""
    return lambda data: data["version"].update(found)


def amount(node: object) -> Change:
    """Return a change of the amount's expression."""
    return lambda data: data["version"]["amount"].update(node=node)


@pytest.mark.parametrize(
    ("change", "place", "problem"),
    [
        (amount({"kind": "Magic"}), "version.amount.node", "kind Magic has no meaning here"),
        (amount({"kind": "Policy"}), "version.amount.node", "kind Policy has no meaning here"),
        (amount({"kind": "Node"}), "version.amount.node", "kind Node has no meaning here"),
        (amount({"kind": "Literal", "type": "number"}), "version.amount.node", "`value` is missing"),
        (amount({"kind": "AsOf", "zone": "UTC"}), "version.amount.node", "`zone` is not known here"),
        (amount({"name": "revenue"}), "version.amount.node", '{"name": "revenue"} has no meaning here'),
        (amount({"kind": "Literal", "type": "fraction", "value": True}), "version.amount.node.type", '"fraction"'),
        (amount({"kind": "Literal", "type": "number", "value": 5}), "version.amount.node.value", "5 has no meaning"),
        (amount(PARAMETER), "version.amount.node.dated[0]", "1 values instead of 2"),
        (put(minimum={"money_fen": "1.5"}), "version.minimum", '{"money_fen": "1.5"} has no meaning here'),
        (put(minimum={"money_fen": 150}), "version.minimum", '{"money_fen": 150} has no meaning here'),
        (put(minimum={"money_fen": "007"}), "version.minimum", '{"money_fen": "007"} has no meaning here'),
        (put(minimum={"money_fen": "9" * 5_000}), "version.minimum", "has no meaning here"),
        (put(minimum={"decimal": "150"}), "version.minimum", '{"decimal": "150"} has no meaning here'),
        (put(minimum={"kind": "Money", "fen": 150}), "version.minimum", "kind Money has no meaning here"),
        (put(cap={"kind": "Expression", "text": "1", "node": None}), "version.cap.node", "null has no meaning here"),
        (put(conditions={}), "version.conditions", "{} has no meaning here"),
        (put(label=None), "version.label", "null has no meaning here"),
        (put(in_force={"kind": "Period", "first": {"date": "2025-02-30"}}), "version.in_force.first", "2025-02-30"),
        (put(in_force={"kind": "Period", "first": {"date": "20250101"}}), "version.in_force.first", "20250101"),
        (put(in_force={"kind": "Period", "first": "2025-01-01"}), "version.in_force.first", "2025-01-01"),
        (put(fingerprint="0" * 64), "version", "`fingerprint` is not known here"),
        (lambda data: data.pop("policy"), "$", "`policy` is missing"),
        (lambda data: data["policy"].pop("title"), "policy", "`title` is missing"),
        (lambda data: data["policy"].update(benefit="loan"), "policy.benefit", '"loan" has no meaning here'),
        (lambda data: data["policy"]["basis"].append("x"), "policy.basis[1]", '"x" has no meaning here'),
        (lambda data: data["policy"]["process"].update(confirm_days=True), "policy.process.confirm_days", "true"),
        (
            lambda data: data["policy"]["process"].update(recheck_days={"integer": "5"}),
            "policy.process.recheck_days",
            "5",
        ),
    ],
)
def test_a_text_that_says_anything_else_is_refused(
    rules: RulesFolder, change: Change, place: str, problem: str
) -> None:
    with pytest.raises(UnreadableRules) as refused:
        decode_version(text_of(rules, change))
    assert f"at {place}: " in refused.value.message("en")
    assert problem in refused.value.message("en")
    assert place in refused.value.message("zh")


@pytest.mark.parametrize("number", [0, 2, None, "1", True])
def test_another_format_is_refused(rules: RulesFolder, number: object) -> None:
    with pytest.raises(OtherFormat, match="this program reads format 1"):
        decode_version(text_of(rules, lambda data: data.update(format=number)))


def test_a_text_of_the_time_before_formats_is_refused(rules: RulesFolder) -> None:
    with pytest.raises(OtherFormat, match="has format —"):
        decode_version(text_of(rules, lambda data: data.pop("format")))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"1",
        b"\xff",
        b'{"format":1',
        b'{"format":1,"format":1}',
        b'{"format": 1}',
        b'{"policy":NaN,"format":1}',
        b'{"format":1,"policy":1.50}',
        b"[" * 100_000,
        b'{"format":1,"n":' + b"[" * 2_000 + b"]" * 2_000 + b"}",
    ],
    ids=range(11),
)
def test_what_is_not_canonical_json_is_refused(text: bytes) -> None:
    for decode in (decode_version, decode_catalogue, decode_rules):
        with pytest.raises(UnreadableRules, match="not an object in canonical JSON"):
            decode(text)


def test_an_oversized_text_is_not_read() -> None:
    with pytest.raises(UnreadableRules, match=f"larger than {MAX_BYTES} bytes"):
        decode_version(bytes(MAX_BYTES + 1))


def test_a_text_of_another_thing_is_refused(rules: RulesFolder) -> None:
    with pytest.raises(UnreadableRules, match="`policy` is not known here"):
        decode_catalogue(text_of(rules))


def test_a_fact_under_another_name_is_refused(rules: RulesFolder) -> None:
    data = json.loads(canonical_catalogue(load_rules(rules.path).catalogue))
    data["facts"]["staff"] = data["facts"].pop("employees")
    with pytest.raises(UnreadableRules, match=r"at facts\.staff: it holds `employees`"):
        decode_catalogue(rfc8785.dumps(data))
