"""Openings: eligible decisions out, firm by firm; entitlements and cases in, by COPY.

Guarantees, with the schema, that a case is there once; what is owed is left to `cases.opening`, the transaction to
the caller.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from policy_match.cases.opening import Alternative, EligibleRow, EntitledRow, FirmOpening, NewCase, OpenedPolicy
from policy_match.entitlements.cost_share import shares_of
from policy_match.entitlements.model import Aid, Earlier, History
from policy_match.policy.model import Allocation, Policy
from policy_match.ports.cases import SweptVersion
from policy_match.storage.entitlement_steps import written_steps
from policy_match.storage.session import Session
from policy_match.values import PolicyId, SweepId, Uscc

OPENING_LOCK = 0x706D_6F70
NAMES_AT_ONCE = 50_000

OPENING_POLICY = (
    "opening",
    "place",
    "sweep_number",
    "policy_id",
    "version",
    "route",
    "period",
    "confirm_days",
    "silence",
    "publicity_days",
    "recheck_days",
    "payee",
    "allocation",
    "stages",
    "cost_shares",
    "remind_days",
)
ENTITLEMENT = ("opening", "place", "uscc", "record_id", "decided_fen", "entitled_fen", "outcome", "steps")
ALTERNATIVE = ("opening", "uscc", "number", "total_fen", "chosen")
CASE = (
    "case_id",
    "opening",
    "place",
    "policy_id",
    "version",
    "uscc",
    "record_id",
    "period",
    "instalment",
    "instalments",
    "route",
    "entitled_fen",
    "due_from",
    "must_still",
)


class OpeningStore:
    """What turns the decisions of a sweep into cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self) -> None:
        """Wait for the right to open cases until the transaction ends; one opening runs at a time."""
        self._session.run("lock_openings", purpose=OPENING_LOCK)

    def versions(self, sweep_id: SweepId) -> Sequence[SweptVersion]:
        """Return the versions of a kept sweep with at least one eligible decision, by place."""
        return [
            SweptVersion(place=row["place"], version=row["version"], text=row["canonical"], eligible=row["eligible"])
            for row in self._session.all("versions_to_open", sweep_id=sweep_id)
        ]

    def catalogue_text(self, sweep_id: SweepId) -> str:
        """Return the canonical text of the facts by which a kept sweep was decided."""
        row = self._session.one("catalogue_of_sweep", sweep_id=sweep_id)
        assert row is not None, "the caller found the sweep"
        text: str = row["canonical"]
        return text

    def begin(self, sweep_id: SweepId, policies: Sequence[OpenedPolicy], *, at: datetime, by: str) -> int:
        """Write a new opening with its policies and return its number."""
        row = self._session.one("add_opening", sweep_id=sweep_id, at=at, by=by)
        assert row is not None, "the caller found the sweep"
        number: int = row["number"]
        rows = (_opening_policy(number, row["sweep_number"], opened) for opened in policies)
        self._session.copy_rows("opening_policy", OPENING_POLICY, rows)
        return number

    def eligible(self, opening: int, most: int) -> Iterator[Sequence[EligibleRow]]:
        """Yield the eligible decisions by firm, place and record, at most `most` at a time."""
        for page in self._session.pages("eligible_decisions", most, opening=opening):
            yield [
                EligibleRow(
                    place=row["place"],
                    uscc=row["uscc"],
                    record_id=row["record_id"],
                    amount_fen=row["amount_fen"],
                    is_open=row["is_open"],
                )
                for row in page
            ]

    def history(self, usccs: Sequence[Uscc]) -> Mapping[Uscc, History]:
        """Return what counts for the limits of these firms; firms without anything are left out."""
        earlier: dict[Uscc, list[Earlier]] = {}
        for row in self._session.all("earlier_cases", usccs=list(usccs)):
            earlier.setdefault(row["uscc"], []).append(
                Earlier(
                    policy_id=row["policy_id"],
                    record_id=row["record_id"],
                    period=row["period"],
                    year=row["year"],
                    fen=row["fen"],
                )
            )
        aid: dict[Uscc, list[Aid]] = {}
        for row in self._session.all("prior_aid_of_firms", usccs=list(usccs)):
            aid.setdefault(row["uscc"], []).append(Aid(matter=row["matter"], fen=row["amount_fen"]))
        return {
            uscc: History(earlier=tuple(earlier.get(uscc, ())), aid=tuple(aid.get(uscc, ())))
            for uscc in earlier.keys() | aid.keys()
        }

    def policy_texts(self, policies: Collection[PolicyId]) -> Sequence[str]:
        """Return the canonical text of the latest version of each policy with a case."""
        return [row["canonical"] for row in self._session.all("latest_texts_of_policies", policies=list(policies))]

    def add(self, opening: int, firms: Sequence[FirmOpening]) -> int:
        """Write entitlements, alternatives and cases, and return how many cases there are."""
        self._session.copy_rows(
            "entitlement", ENTITLEMENT, (_entitlement(opening, row) for firm in firms for row in firm.entitled)
        )
        self._session.copy_rows(
            "entitlement_alternative",
            ALTERNATIVE,
            (_alternative(opening, each) for firm in firms for each in firm.alternatives),
        )
        cases = [case for firm in firms for case in firm.cases]
        numbers = [row["case_id"] for row in self._session.all("next_case_numbers", count=len(cases))]
        self._session.copy_rows(
            "benefit_case", CASE, (_case(number, opening, case) for number, case in zip(numbers, cases, strict=True))
        )
        return len(cases)

    def add_names(self, sweep_id: SweepId, names: Iterable[tuple[Uscc, str]]) -> None:
        """Keep the registered names of firms; those that the sweep has already stay."""
        rest = iter(names)
        while page := list(islice(rest, NAMES_AT_ONCE)):
            self._session.run(
                "add_firm_names",
                sweep_id=sweep_id,
                usccs=[uscc for uscc, _ in page],
                names=[name for _, name in page],
            )

    def says_nothing_new(self, opening: int) -> bool:
        """Return whether the opening made no case and found no outcome that was not found before for its sweep."""
        row = self._session.one("news_of_opening", opening=opening)
        assert row is not None
        return not row["news"]


def _opening_policy(opening: int, sweep_number: int, opened: OpenedPolicy) -> Sequence[object]:
    process = opened.policy.process
    stages = [{"role": each.role, "count": each.count, "from_fen": each.from_fen} for each in process.approvals]
    allocation = Allocation.FIRST_COME if opened.policy.budget is None else opened.policy.budget.allocation
    return (
        opening,
        opened.place,
        sweep_number,
        opened.policy.id,
        opened.version,
        opened.route,
        opened.period,
        process.confirm_days,
        process.silence,
        process.publicity_days,
        process.recheck_days,
        process.payee,
        allocation,
        json.dumps(stages),
        json.dumps(_cost_shares(opened.policy)),
        list(process.remind_days),
    )


def _cost_shares(policy: Policy) -> list[dict[str, str]]:
    """Return who bears the cost; nobody where the policy names no line, which stops it at the allocation."""
    if policy.budget is None and not policy.cost_shares:
        return []
    return [{"line": each.line, "share": str(each.share)} for each in shares_of(policy)]


def _entitlement(opening: int, row: EntitledRow) -> Sequence[object]:
    return (
        opening,
        row.place,
        row.uscc,
        row.record_id,
        row.decided_fen,
        row.entitled_fen,
        row.outcome,
        json.dumps(written_steps(row.steps)) if row.steps else None,
    )


def _alternative(opening: int, each: Alternative) -> Sequence[object]:
    chosen = [{"policy": policy, "record": record, "fen": fen} for policy, record, fen in each.chosen]
    return (opening, each.uscc, each.number, each.total_fen, json.dumps(chosen))


def _case(number: int, opening: int, case: NewCase) -> Sequence[object]:
    opened = case.opened
    return (
        number,
        opening,
        opened.place,
        opened.policy.id,
        opened.version,
        case.uscc,
        case.record_id,
        opened.period,
        case.due.number,
        case.instalments,
        opened.route,
        case.due.fen,
        case.due.due_from,
        case.due.still,
    )
