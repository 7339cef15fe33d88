"""Counts what was promised, and finds the firms that wait for it.

Guarantees that every case that was owed is counted once. What the groups mean is `supervision.promises`.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from policy_match.ports.supervision import PromiseRow, UnpaidFirmRow
from policy_match.storage.session import Row, Session
from policy_match.supervision.promises import BUCKETS, Group
from policy_match.values import Digest, PolicyId, Uscc

FIRMS_AT_ONCE = 10_000


class PromiseStore:
    """Promises."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def count(self, today: date, *, policy: PolicyId | None) -> Sequence[PromiseRow]:
        """Return what became of the cases that were owed by a day."""
        rows = self._session.all("count_promises", today=today, policy_id=policy, buckets=list(BUCKETS))
        return [
            PromiseRow(
                version=row["version"],
                policy_id=row["policy_id"],
                group=Group(row["part"]),
                bucket=row["bucket"],
                cases=row["cases"],
                fen=row["fen"],
                opened_fen=row["opened_fen"],
            )
            for row in rows
        ]

    def unpaid_firms(
        self,
        today: date,
        *,
        policy: PolicyId | None,
        versions: Sequence[Digest] | None,
        after: tuple[date, Uscc] | None,
        most: int,
    ) -> Sequence[UnpaidFirmRow]:
        """Return a page of firms that were promised money which they do not have, the oldest promise first."""
        rows = self._session.all(
            "unpaid_firms",
            today=today,
            policy_id=policy,
            versions=None if versions is None else list(versions),
            after_day=None if after is None else after[0],
            after_uscc=None if after is None else after[1],
            most=most,
        )
        return [_firm(row) for row in rows]

    def all_unpaid_firms(
        self, today: date, *, policy: PolicyId | None, versions: Sequence[Digest] | None, most: int
    ) -> Iterator[Sequence[UnpaidFirmRow]]:
        """Yield the same firms page by page, at most so many in all, as of one moment."""
        pages = self._session.pages(
            "unpaid_firms",
            FIRMS_AT_ONCE,
            today=today,
            policy_id=policy,
            versions=None if versions is None else list(versions),
            after_day=None,
            after_uscc=None,
            most=most,
        )
        for rows in pages:
            yield [_firm(row) for row in rows]


def _firm(row: Row) -> UnpaidFirmRow:
    return UnpaidFirmRow(
        uscc=row["uscc"],
        name=row["name"],
        oldest_on=row["oldest_on"],
        cases=row["cases"],
        fen=row["fen"],
        versions=row["versions"],
    )
