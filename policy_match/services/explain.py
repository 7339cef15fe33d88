"""Explains decisions on one firm: the record of each policy, from the same facts that a sweep reads.

Guarantees that nothing is stored and nothing is guessed; a firm or policy that is not there is an error that names it.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from policy_match.errors import InputError
from policy_match.expressions.defects import nearest
from policy_match.facts.reading import Readings
from policy_match.policy.model import Policy, PolicyVersion, RuleBook
from policy_match.ports import FactTables
from policy_match.sweep.record import DecisionRecord, record_decision
from policy_match.values import PolicyId, Uscc


class NoSuchFirm(InputError):
    """The facts have no firm with this code."""

    code = "explain.no-firm"
    http_status = 404
    english = "there is no firm {uscc} in these facts; check the code, or import the source that has it"
    chinese = "数据中没有企业 {uscc}；请核对代码，或导入含有该企业的数据源"


class NoSuchPolicy(InputError):
    """The rules have no policy with this id."""

    code = "explain.no-policy"
    http_status = 404
    english = "there is no policy `{policy}`{hint}"
    chinese = "没有政策“{policy}”{hint_zh}"

    def __init__(self, policy: str, known: Sequence[str]) -> None:
        near = nearest(policy, known)
        super().__init__(
            policy=policy,
            hint=f"; did you mean `{near}`?" if near else f"; the policies are {', '.join(known)}",
            hint_zh=f"；是否想写“{near}”？" if near else f"；现有政策：{', '.join(known)}",
        )


class PolicyNotInForce(InputError):
    """The policy has no version on that day."""

    code = "explain.not-in-force"
    http_status = 404
    english = "policy `{policy}` has no version in force on {as_of}; its versions run {periods}"
    chinese = "政策“{policy}”在 {as_of} 没有生效的版本；各版本期间：{periods}"


def explain_firm(
    rules: RuleBook, tables: FactTables, *, uscc: Uscc, as_of: date, policy_id: PolicyId | None = None
) -> list[DecisionRecord]:
    """Return the record of each policy in force (or of the one asked for) on one firm, per record where it has some.

    Raises `NoSuchFirm`, `NoSuchPolicy` or `PolicyNotInForce`.
    """
    chosen = list(rules.in_force(as_of)) if policy_id is None else [policy_in_force(rules, policy_id, as_of)]
    firm = tables.firm(uscc, as_of)
    if firm is None:
        raise NoSuchFirm(uscc=uscc)
    grains = {policy.grain for policy, _ in chosen if not policy.per_firm} & set(tables.grains)
    records = {grain: tables.records(grain, uscc, as_of) for grain in sorted(grains)}
    return [
        record_decision(
            rules,
            policy,
            version,
            readings,
            uscc=uscc,
            record_id=record_id,
            as_of=as_of,
            facts_digest=tables.digest,
        )
        for policy, version in chosen
        for record_id, readings in _rows(policy, firm, records.get(policy.grain, {})).items()
    ]


def _rows(policy: Policy, firm: Readings, records: Mapping[str, Readings]) -> Mapping[str | None, Readings]:
    """Return what a policy decides on for one firm: the firm itself, or each of its records with the firm's facts."""
    if policy.per_firm:
        return {None: firm}
    return {record_id: {**firm, **of_record} for record_id, of_record in records.items()}


def policy_in_force(rules: RuleBook, policy_id: PolicyId, as_of: date) -> tuple[Policy, PolicyVersion]:
    """Return a policy with its version on that day. Raises `NoSuchPolicy` or `PolicyNotInForce`."""
    policy = rules.policies.get(policy_id)
    if policy is None:
        raise NoSuchPolicy(policy_id, sorted(rules.policies))
    version = policy.version_at(as_of)
    if version is None:
        periods = ", ".join(f"{v.in_force.first} – {v.in_force.last or '…'}" for v in policy.versions)
        raise PolicyNotInForce(policy=policy_id, as_of=as_of, periods=periods)
    return policy, version
