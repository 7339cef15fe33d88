"""Budget lines, the transfers of the ledger, and who was granted what.

Guarantees, with the schema, that no account but the appropriation falls below zero and that nothing is ever changed.
How a budget is shared is `entitlements.budget`; that it is not shared twice is up to the locks that services take.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from policy_match.ledger.accounts import LineAccount, LineId, TransferKind
from policy_match.policy.model import Allocation, CostShare
from policy_match.ports.approvals import (
    AllocationTerms,
    BudgetLine,
    CaseGrant,
    CheckedBalance,
    TransferRow,
    WaitingCase,
    WaitingCases,
)
from policy_match.storage.approval_store import POLICY_LOCK
from policy_match.storage.session import Session
from policy_match.values import PolicyId

LINE_LOCK = 0x706D_6C6E
MOST_ROWS = 100_000
"""The largest page that a caller may ask for."""

CASES = ("allocation", "case_id", "seq", "place", "asked_fen", "granted_fen")
SHARES = ("allocation", "case_id", "line", "amount_fen")


class BudgetStore:
    """Budget lines, the ledger and allocations."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_line(self, line: LineId, fund: str, year: int, label: str, *, at: datetime, by: str) -> bool:
        """Keep a new line with empty accounts and return whether it was new."""
        row = self._session.one("add_budget_line", line=line, fund=fund, year=year, label=label, at=at, by=by)
        return row is not None and row["added"] == 1

    def lines(
        self,
        *,
        today: date,
        year: int | None = None,
        lines: Collection[LineId] | None = None,
        after: str = "",
        most: int,
    ) -> Sequence[BudgetLine]:
        """Return a page of lines with their balances and what grants hold, in one instant, by name after one."""
        rows = self._session.all(
            "budget_lines",
            today=today,
            year=year,
            lines=None if lines is None else list(lines),
            after=after,
            most=_page(most),
        )
        return [
            BudgetLine(
                line=row["line"],
                label=row["label"],
                balances={account: row["balances"][account] for account in LineAccount},
                held_fen=row["held_fen"],
            )
            for row in rows
        ]

    def appropriate(self, line: LineId, amount_fen: int, *, at: datetime, by: str, about: str) -> None:
        """Book money onto a line that is there."""
        self._session.run("add_appropriation", line=line, amount_fen=amount_fen, about=about, at=at, by=by)

    def transfers(self, *, line: LineId | None = None, after: int = 0, most: int) -> Sequence[TransferRow]:
        """Return a page of transfers by number, after a given one; of one line or of all."""
        rows = self._session.all("transfers", line=line, after=after, most=_page(most))
        return [TransferRow(**{**row, "kind": TransferKind(row["kind"])}) for row in rows]

    def checked_balances(self, *, year: int | None = None) -> Sequence[CheckedBalance]:
        """Return every account of the lines of one year, or of all, with what its transfers add up to."""
        return [
            CheckedBalance(
                line=row["line"],
                account=LineAccount(row["account"]),
                balance_fen=row["balance_fen"],
                transferred_fen=int(row["transferred_fen"]),
            )
            for row in self._session.all("checked_balances", year=year)
        ]

    def lock_policy(self, policy_id: PolicyId) -> None:
        """Wait for the right to list, approve or allocate cases of a policy, until the transaction ends.

        Raises `DatabaseBusy` when somebody else has it for longer than the lock timeout.
        """
        self._session.run("lock_policy", purpose=POLICY_LOCK, policy_id=policy_id)

    def lock_lines(self, lines: Collection[LineId]) -> None:
        """Wait for the right to grant money of these lines, until the transaction ends. Raises `DatabaseBusy`."""
        self._session.all("lock_lines", purpose=LINE_LOCK, lines=list(lines))

    def terms(self, policy_id: PolicyId) -> Mapping[int, AllocationTerms]:
        """Return by opening how the policy's cases share the budget."""
        return {
            row["opening"]: AllocationTerms(
                opening=row["opening"],
                how=Allocation(row["allocation"]),
                shares=tuple(CostShare(line=each["line"], share=Decimal(each["share"])) for each in row["cost_shares"]),
            )
            for row in self._session.all("allocation_terms", policy_id=policy_id)
        }

    def waiting(self, policy_id: PolicyId, *, year: int, this_year: int, most: int) -> WaitingCases:
        """Return the cases that wait for the budget of `year`, at most so many. Grants of past years do not count."""
        row = self._session.one("waiting_for_budget", policy_id=policy_id, year=year, this_year=this_year, most=most)
        assert row is not None
        return WaitingCases(**row)

    def policies_in_queue(self) -> Sequence[PolicyId]:
        """Return the policies with reviewed cases that may wait for budget, by name."""
        return [PolicyId(row["policy_id"]) for row in self._session.all("policies_in_queue")]

    def waiting_cases(self, case_ids: Sequence[int]) -> Mapping[int, WaitingCase]:
        """Return who waits, by case; a page of them."""
        assert len(case_ids) <= MOST_ROWS
        rows = self._session.all("waiting_cases", case_ids=list(case_ids))
        return {row["case_id"]: WaitingCase(**row) for row in rows}

    def add_allocation(
        self, policy_id: PolicyId, year: int, how: Allocation, grants: Sequence[CaseGrant], *, at: datetime, by: str
    ) -> int:
        """Keep one run with what each case gets, and return its number."""
        row = self._session.one("next_allocation_number")
        assert row is not None
        number: int = row["number"]
        self._session.run("add_allocation", number=number, policy_id=policy_id, year=year, how=how.value, at=at, by=by)
        self._session.copy_rows(
            "case_allocation",
            CASES,
            ((number, each.case_id, each.seq, each.place, each.asked_fen, each.granted_fen) for each in grants),
        )
        self._session.copy_rows("case_share", SHARES, _shares(number, grants))
        return number


def _shares(number: int, grants: Iterable[CaseGrant]) -> Iterable[tuple[object, ...]]:
    for each in grants:
        for line, fen in each.shares:
            if fen > 0:
                yield number, each.case_id, line, fen


def _page(most: int) -> int:
    assert 0 < most <= MOST_ROWS, f"a page has 1 to {MOST_ROWS} rows"
    return most
