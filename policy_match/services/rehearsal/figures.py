"""Where every fen is: decided amounts by what became of them, budget lines by their accounts, three sums compared.

Guarantees that what the sweep decided is compared with the cases, the cases with the ledger, and the ledger with the
bank; each difference is a figure, never assumed to be zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_match.cases.model import Route, Status
from policy_match.cases.routes import route_of
from policy_match.ledger.accounts import LineAccount
from policy_match.policy.model import Policy
from policy_match.ports.approvals import BudgetLine
from policy_match.services.case_history import count_cases
from policy_match.services.ledger_report import ledger_report
from policy_match.services.rehearsal.stage import Stage
from policy_match.values import PolicyId


class Became(StrEnum):
    """What became of an amount that the sweep decided."""

    PAID = "paid"
    PARTLY_BACK = "partly_back"
    ON_THE_WAY = "on_the_way"
    RETURNED = "returned"
    QUEUED = "queued"
    OPEN = "open"
    DECLINED = "declined"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    INFORMED = "informed"


BECAME: Mapping[Status, Became] = {
    Status.PAID: Became.PAID,
    Status.CLOSED: Became.PAID,
    Status.RECOVERING: Became.PARTLY_BACK,
    Status.RECOVERED: Became.PARTLY_BACK,
    Status.ORDERED: Became.ON_THE_WAY,
    Status.RETURNED: Became.RETURNED,
    Status.REVIEWED: Became.QUEUED,
    Status.DECLINED: Became.DECLINED,
    Status.WAIVED: Became.WAIVED,
    Status.WITHDRAWN: Became.WITHDRAWN,
    Status.REJECTED: Became.REJECTED,
}
"""What a status says of the money of a case that is paid in the end; every other status is still open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    """A number of cases and what they amount to in fen."""

    cases: int = 0
    fen: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(cases=self.cases + other.cases, fen=self.fen + other.fen)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyFigures:
    """One policy: what the sweep decided, and what became of it."""

    policy: Policy
    decided: Sum
    became: Mapping[Became, Sum]

    @property
    def unopened(self) -> Sum:
        """What was decided and is in no case: nothing to pay, limits, earlier aid; or what was lowered since."""
        opened = sum(self.became.values(), Sum())
        return Sum(cases=self.decided.cases - opened.cases, fen=self.decided.fen - opened.fen)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """All figures. `broken` counts the ledger's laws that do not hold and balances that are not their transfers."""

    policies: Sequence[PolicyFigures]
    lines: Sequence[BudgetLine]
    broken: int
    paid_cases_fen: int
    paid_ledger_fen: int
    recovered_ledger_fen: int
    bank_out_fen: int

    @property
    def agree(self) -> bool:
        """Whether cases, ledger and bank say the same, and nothing is missing."""
        ledger = self.paid_ledger_fen + self.recovered_ledger_fen
        return not self.broken and self.paid_cases_fen == ledger and self.paid_ledger_fen == self.bank_out_fen


def standing(stage: Stage) -> Mapping[Status, Sum]:
    """Return the cases that are more than a word to the firm, by status in the order of their life."""
    asking = {policy.id for policy in stage.asking}
    found = dict.fromkeys(Status, Sum())
    for policy_id, status, cases, fen in count_cases(stage.database):
        if policy_id in asking:
            found[status] += Sum(cases=cases, fen=fen)
    return {status: each for status, each in found.items() if each.cases}


def figures(stage: Stage) -> Figures:
    """Return where every fen is now."""
    became: dict[PolicyId, dict[Became, Sum]] = {policy.id: {} for policy in stage.policies}
    for policy_id, status, cases, fen in count_cases(stage.database):
        policy = next((each for each in stage.policies if each.id == policy_id), None)
        if policy is not None:
            what = Became.INFORMED if route_of(policy) is Route.INFORM else BECAME.get(status, Became.OPEN)
            of_policy = became[policy_id]
            of_policy[what] = of_policy.get(what, Sum()) + Sum(cases=cases, fen=fen)
    report = ledger_report(stage.database, stage.clock, year=stage.clock.day.year)
    with stage.database.unit_of_work() as work:
        bank_out_fen = work.bank_files.net_out_fen()
    policies = [
        PolicyFigures(
            policy=policy,
            decided=_decided(stage, policy),
            became={what: became[policy.id][what] for what in Became if what in became[policy.id]},
        )
        for policy in stage.policies
    ]
    return Figures(
        policies=policies,
        lines=report.lines,
        broken=len(report.broken) + len(report.differences),
        paid_cases_fen=sum(
            each.became[what].fen
            for each in policies
            for what in (Became.PAID, Became.PARTLY_BACK)
            if what in each.became
        ),
        paid_ledger_fen=sum(line.balances[LineAccount.PAID] for line in report.lines),
        recovered_ledger_fen=sum(line.balances[LineAccount.RECOVERED] for line in report.lines),
        bank_out_fen=bank_out_fen,
    )


def _decided(stage: Stage, policy: Policy) -> Sum:
    kept = stage.sweep.policy(policy.id)
    assert kept is not None, "the stage has the policies of its sweep"
    return Sum(cases=kept.eligible, fen=kept.amount_fen)
