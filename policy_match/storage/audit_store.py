"""What auditors look for: cases across everything, and the ledger added up another way than it is kept.

Guarantees that nothing is written, and that totals are made of transfers and their cases, never of kept balances.
"""

from collections.abc import Sequence

from policy_match.cases.history import CaseLine
from policy_match.cases.model import Route, Status
from policy_match.ledger.accounts import LineAccount
from policy_match.ports.audit import AuditFilter, GroupTotal, TotalsBy
from policy_match.storage.session import Session


class AuditStore:
    """Cases and money across firms, policies and funds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def cases(self, wanted: AuditFilter, *, after: int, most: int) -> Sequence[CaseLine]:
        """Return a page of cases by number, after a given one."""
        rows = self._session.all(
            "audit_cases",
            uscc=wanted.uscc,
            name=wanted.name,
            policy_id=wanted.policy_id,
            policies=None if wanted.policies is None else sorted(wanted.policies),
            district=wanted.district,
            status=None if wanted.status is None else wanted.status.value,
            fund=wanted.fund,
            person=wanted.person,
            first=wanted.first,
            last=wanted.last,
            after=after,
            most=most,
        )
        return [CaseLine(**{**row, "route": Route(row["route"]), "status": Status(row["status"])}) for row in rows]

    def totals(self, by: TotalsBy, *, year: int | None) -> Sequence[GroupTotal]:
        """Return what the transfers of the lines of a budget year, or of all, add up to, by group and account."""
        return [
            GroupTotal(
                group=row["name"],
                account=LineAccount(row["account"]),
                cases=row["cases"],
                total_fen=row["total_fen"],
            )
            for row in self._session.all("audit_totals", by=by.value, year=year)
        ]

    def balances(self, *, year: int | None) -> Sequence[tuple[LineAccount, int]]:
        """Return what the balances of the same lines add up to, as the ledger keeps them, in fen by account."""
        rows = self._session.all("audit_balances", year=year)
        return [(LineAccount(row["account"]), row["balance_fen"]) for row in rows]
