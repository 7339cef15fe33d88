"""Versions of policies, those in use and those that sweeps once decided by; what two of them differ in; examples."""

from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from policy_match.policy.cases import Expected
from policy_match.services.decision_json import plain_value
from policy_match.services.explain import NoSuchPolicy
from policy_match.services.policy_examples import policy_examples
from policy_match.services.policy_versions import NoSuchVersion, VersionListed, compare_versions, policy_versions
from policy_match.sweep.version_difference import ChangeKind, Part
from policy_match.values import Digest, PolicyId
from policy_match.web.api.v1.registry import Sha256
from policy_match.web.api.v1.rules import PolicyPath
from policy_match.web.call import Call
from policy_match.web.models import Fen, Moment, Output, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.RULES)
OPERATIONS = CHAPTER.operations


class VersionPairQuery(Query):
    """Two versions of one policy."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    before: Annotated[Sha256, Field(alias="from", description="the fingerprint of the earlier version")]
    after: Annotated[Sha256, Field(alias="to", description="the fingerprint of the later version")]


class ListedVersion(Output):
    """One version of a policy; `in_use` when the rules of this process have it."""

    fingerprint: str
    label: str
    effective_from: date
    effective_to: date | None
    in_use: bool
    sweeps: Annotated[int, Field(description="kept sweeps that decided by it")]
    first_swept_at: Moment | None
    last_swept_at: Moment | None


class ListedVersions(Output):
    """Every version of a policy, the latest in force first."""

    items: list[ListedVersion]


class VersionChangeItem(Output):
    """One thing that the later version says otherwise, in words of the language that is asked for."""

    part: Part
    kind: ChangeKind
    name: Annotated[str, Field(description="the id of a condition, the name of a value, or the field")]
    what: str
    before: Annotated[str | None, Field(description="none where the earlier version does not have it")]
    after: Annotated[str | None, Field(description="none where the later version does not have it")]
    articles: list[str]


class VersionDifferenceAnswer(Output):
    """What the later version says otherwise; empty when both say the same."""

    policy_id: str
    before: ListedVersion
    after: ListedVersion
    changes: list[VersionChangeItem]


class ExampleFact(Output):
    """What an example states; numbers are text, so that no reader rounds them."""

    name: str
    label: str
    unit: str
    value: Any


class PolicyExample(Output):
    """A worked example from the policy's test cases: what is stated, what is expected, what the rules give."""

    name: str
    as_of: date
    facts: list[ExampleFact]
    unknown: Annotated[list[str], Field(description="labels of facts that are named as missing")]
    expected: Expected
    amount_fen: Annotated[Fen | None, Field(description="of an eligible firm")]
    as_expected: Annotated[bool, Field(description="whether the rules give just that")]
    found: Annotated[str, Field(description="what the rules give instead; empty when it is as expected")]


class PolicyExamples(Output):
    """The worked examples in the order of their file."""

    items: list[PolicyExample]


@CHAPTER.operation(Method.GET, "/policies/{policy_id}/versions", raises=(NoSuchPolicy,))
def list_policy_versions(call: Call, path: PolicyPath) -> ListedVersions:
    """List every version of a policy, those of the rules in use and those that sweeps once decided by."""
    found = policy_versions(call.database, call.desk.rules, PolicyId(path.policy_id))
    return ListedVersions(items=[_version(each) for each in found])


@CHAPTER.operation(Method.GET, "/policies/{policy_id}/difference", raises=(NoSuchPolicy, NoSuchVersion))
def compare_policy_versions(call: Call, path: PolicyPath, query: VersionPairQuery) -> VersionDifferenceAnswer:
    """Say what one version of a policy says otherwise than another: conditions, amounts, values, dates, process.

    Versions whose files are long gone are read as they were kept when a sweep decided by them.
    """
    policy = PolicyId(path.policy_id)
    before, after = Digest(query.before), Digest(query.after)
    found = compare_versions(call.database, call.desk.rules, policy, before, after)
    listed = {each.fingerprint: each for each in policy_versions(call.database, call.desk.rules, policy)}
    at = 0 if call.language == "zh" else 1
    return VersionDifferenceAnswer(
        policy_id=policy,
        before=_version(listed[before]),
        after=_version(listed[after]),
        changes=[
            VersionChangeItem(
                part=each.part,
                kind=each.kind,
                name=each.name,
                what=each.what[at],
                before=None if each.before is None else each.before[at],
                after=None if each.after is None else each.after[at],
                articles=list(each.articles),
            )
            for each in found.changes
        ],
    )


@CHAPTER.operation(Method.GET, "/policies/{policy_id}/examples", raises=(NoSuchPolicy,))
def list_policy_examples(call: Call, path: PolicyPath) -> PolicyExamples:
    """List the worked examples of a policy, each with what the rules give for it now."""
    found = policy_examples(call.desk.rules, PolicyId(path.policy_id))
    catalogue, zh = call.desk.rules.catalogue, call.language == "zh"

    def label(name: Any) -> str:
        fact = catalogue[name]
        return fact.label if zh else fact.label_en or fact.label

    return PolicyExamples(
        items=[
            PolicyExample(
                name=each.case.name,
                as_of=each.case.as_of,
                facts=[
                    ExampleFact(name=name, label=label(name), unit=catalogue[name].unit, value=plain_value(value))
                    for name, value in each.case.facts.items()
                ],
                unknown=[label(name) for name in sorted(each.case.missing)],
                expected=each.case.expected,
                amount_fen=None if each.case.amount is None else each.case.amount.fen,
                as_expected=not each.found,
                found=each.found,
            )
            for each in found
        ]
    )


def _version(version: VersionListed) -> ListedVersion:
    return ListedVersion(
        fingerprint=version.fingerprint,
        label=version.label,
        effective_from=version.in_force.first,
        effective_to=version.in_force.last,
        in_use=version.in_use,
        sweeps=version.sweeps,
        first_swept_at=version.first_swept_at,
        last_swept_at=version.last_swept_at,
    )
