"""Reads one policy file into a `Policy`.

Guarantees that every key is known, every condition has an article, every expression has the type that its place
needs, versions do not overlap, and a policy reads only facts of its grain. Names come from `names_loader`.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import PurePosixPath

from policy_match.errors import PolicyMatchError
from policy_match.expressions.checker import CHINESE_TYPES, describe, type_of
from policy_match.expressions.nodes import ValueType, facts_read, literal
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import Row, Unknown, evaluate
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FIRM
from policy_match.policy.defects import (
    BackwardsPeriod,
    DuplicateName,
    MissingArticle,
    MissingKey,
    NeverKnown,
    NotOneOf,
    OverlappingVersions,
    WrongGrain,
    WrongName,
    WrongResult,
    WrongType,
)
from policy_match.policy.fingerprint import canonical_version, digest
from policy_match.policy.model import (
    Allocation,
    Basis,
    Benefit,
    Budget,
    Condition,
    Delivery,
    Expression,
    Policy,
    PolicyVersion,
    Rhythm,
    Stacking,
    StackingRule,
)
from policy_match.policy.payment_loader import (
    read_cost_shares,
    read_instalments,
    read_limits,
    read_prior_aid,
    read_process,
)
from policy_match.policy.table import Table
from policy_match.values import Digest, Money, Period, PolicyId

POLICY_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
JURISDICTION = re.compile(r"\d{6}")
NOT_YET = Digest("")
ZERO = literal(Decimal(0))


class Grade(StrEnum):
    """How well the source text was seen; below A never pays."""

    A = "A"
    B = "B"
    C = "C"


def read_policy(table: Table, vocabulary: Vocabulary) -> Policy | None:
    """Return the policy of one file, or `None` when it has defects (recorded in the table's list)."""
    before = len(table.defects)
    policy_id = _read_id(table)
    grain = _read_grain(table, vocabulary)
    jurisdiction = table.text("jurisdiction")
    if jurisdiction and not JURISDICTION.fullmatch(jurisdiction):
        table.report(
            WrongType(
                key="jurisdiction",
                expected=("six digits of GB/T 2260", " GB/T 2260 的六位数字"),
                found=(f"'{jurisdiction}'", f"“{jurisdiction}”"),
            ),
            "jurisdiction",
        )
    delivery = table.word("delivery", Delivery)
    policy = Policy(
        id=policy_id,
        title=table.text("title"),
        title_en=table.text("title_en", ""),
        department=table.text("department"),
        jurisdiction=jurisdiction,
        benefit=table.word("benefit", Benefit),
        delivery=delivery,
        rhythm=table.word("period", Rhythm),
        grain=grain,
        encoding_grade=table.word("encoding_grade", Grade, Grade.C),
        basis=_read_basis(table),
        stacking=_read_stacking(table),
        budget=_read_budget(table),
        process=read_process(table, delivery),
        versions=(),
        path=table.path,
        limits=read_limits(table, vocabulary.catalogue),
        prior_aid=read_prior_aid(table),
        instalments=read_instalments(table),
        cost_shares=read_cost_shares(table),
        review_on=table.day("review_on"),
    )
    places = list(table.tables("version"))
    versions = [_read_version(item, grain, vocabulary) for item in places]
    if not table.raw("version"):
        table.report(MissingKey("version", "a policy has at least one [[version]]", "政策至少要有一个 [[version]]"))
    table.close()
    if len(table.defects) > before:
        return None
    _check_overlaps(places, versions)
    if len(table.defects) > before:
        return None
    return replace(policy, versions=tuple(_with_fingerprint(policy, version) for version in versions))


def _with_fingerprint(policy: Policy, version: PolicyVersion) -> PolicyVersion:
    return replace(version, fingerprint=digest(canonical_version(policy, version)))


def _read_id(table: Table) -> PolicyId:
    policy_id = table.text("id")
    if policy_id and not POLICY_ID.fullmatch(policy_id):
        table.report(
            WrongName(
                name=policy_id,
                problem="cannot be a policy id: use lower-case letters, digits and hyphens",
                problem_zh="不能作政策编号：请用小写字母、数字和连字符",
            ),
            "id",
        )
    elif policy_id and PurePosixPath(table.path).stem != policy_id:
        table.report(
            WrongName(
                name=policy_id,
                problem=f"is not the name of its file; name the file {policy_id}.toml",
                problem_zh=f"与文件名不符；文件应为 {policy_id}.toml",
            ),
            "id",
        )
    return PolicyId(policy_id)


def _read_grain(table: Table, vocabulary: Vocabulary) -> str:
    grain = table.text("per", FIRM)
    if grain not in vocabulary.catalogue.grains:
        table.report(NotOneOf("per", grain, vocabulary.catalogue.grains), "per")
        return FIRM
    return grain


def _read_basis(table: Table) -> tuple[Basis, ...]:
    found = []
    for item in table.tables("basis"):
        found.append(Basis(document=item.text("document"), number=item.text("number", ""), url=item.text("url", "")))
        item.close()
    return tuple(found)


def _read_stacking(table: Table) -> Stacking | None:
    item = table.table("stacking")
    if item is None:
        return None
    stacking = Stacking(group=item.text("group"), rule=item.word("rule", StackingRule))
    item.close()
    return stacking


def _read_budget(table: Table) -> Budget | None:
    item = table.table("budget")
    if item is None:
        return None
    budget = Budget(fund=item.text("fund"), allocation=item.word("allocation", Allocation, Allocation.FIRST_COME))
    item.close()
    return budget


def _read_version(table: Table, grain: str, vocabulary: Vocabulary) -> PolicyVersion:
    before = len(table.defects)
    first, last = table.day("effective_from") or date.min, table.day("effective_to")
    if last is not None and last < first:
        table.report(BackwardsPeriod(first=first, last=last), "effective_to")
    version = PolicyVersion(
        label=first.isoformat(),
        in_force=Period(first, last),
        conditions=_read_conditions(table, grain, vocabulary),
        amount=_read_expression(table, "amount", ValueType.NUMBER, grain, vocabulary),
        cap=_read_cap(table, grain, vocabulary),
        minimum=_read_minimum(table),
        fingerprint=NOT_YET,
    )
    table.close()
    if len(table.defects) == before:
        _check_constants(table, version)
    return version


def _check_constants(table: Table, version: PolicyVersion) -> None:
    """Report what can never be known: undetermined decisions must name missing facts, and here there are none."""
    expressions = [condition.when for condition in version.conditions] + [version.amount]
    expressions += [] if version.cap is None else [version.cap]
    first_day = Row({}, version.in_force.first)
    for node in dict.fromkeys(node for expression in expressions for node in expression.node.walk()):
        if not facts_read(node) and isinstance(evaluate(node, first_day), Unknown):
            what, what_zh = describe(node)
            table.report(NeverKnown(what=what, what_zh=what_zh, day=version.in_force.first), "effective_from")
            return


def _read_conditions(table: Table, grain: str, vocabulary: Vocabulary) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    for item in table.tables("condition"):
        condition_id = item.text("id")
        if condition_id in [condition.id for condition in conditions]:
            item.report(DuplicateName(name=condition_id, other="this version", other_zh="本版本"), "id")
        article = item.text("article", "")
        if not article.strip():
            item.report(MissingArticle(id=condition_id), "article")
        conditions.append(
            Condition(
                id=condition_id,
                text=item.text("text"),
                text_en=item.text("text_en", ""),
                article=article,
                when=_read_expression(item, "when", ValueType.BOOLEAN, grain, vocabulary),
                line=item.line(),
            )
        )
        item.close()
    if not table.raw("condition"):
        table.report(
            MissingKey(
                "condition",
                "a version without a [[version.condition]] would match everybody",
                "没有条件的版本会匹配所有企业",
            )
        )
    return tuple(conditions)


def _read_expression(table: Table, key: str, expected: ValueType, grain: str, vocabulary: Vocabulary) -> Expression:
    text = table.text(key)
    if not text:
        return Expression(text=text, node=ZERO)
    try:
        node = parse(text, vocabulary)
        found = type_of(node, vocabulary.catalogue)
        if found is not expected:
            raise WrongResult(
                key=key,
                expected=expected,
                expected_zh=CHINESE_TYPES[expected],
                found=found,
                found_zh=CHINESE_TYPES[found],
            )
        for name in sorted(facts_read(node)):
            fact_grain = vocabulary.catalogue[name].grain
            if fact_grain not in (FIRM, grain):
                raise WrongGrain(fact=name, fact_grain=fact_grain, grain=grain)
    except PolicyMatchError as error:
        table.report(error, key)
        return Expression(text=text, node=ZERO)
    return Expression(text=text, node=node)


def _read_cap(table: Table, grain: str, vocabulary: Vocabulary) -> Expression | None:
    if isinstance(table.raw("cap"), str):
        return _read_expression(table, "cap", ValueType.NUMBER, grain, vocabulary)
    number = table.number("cap")
    return None if number is None else Expression(text=str(number), node=literal(number))


def _read_minimum(table: Table) -> Money:
    number = table.number("minimum") or Decimal(0)
    try:
        minimum = Money.from_yuan(number)
    except ValueError:
        minimum = Money(-1)
    if minimum.fen < 0:
        table.report(
            WrongType(
                key="minimum",
                expected=("yuan with at most two decimals, not below 0", "不低于 0、最多两位小数的元数"),
                found=(str(number), f" {number}"),
            ),
            "minimum",
        )
    return minimum


def _check_overlaps(places: Sequence[Table], versions: Sequence[PolicyVersion]) -> None:
    ordered = sorted(zip(versions, places, strict=True), key=lambda pair: pair[0].in_force.first)
    for (earlier, _), (later, place) in itertools.pairwise(ordered):
        if earlier.in_force.overlaps(later.in_force):
            place.report(OverlappingVersions(earlier=earlier.label, later=later.label), "effective_from")
