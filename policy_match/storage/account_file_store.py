"""Tables of payees' accounts that were sent, sealed, and their rows that could not be taken.

Guarantees that nothing but the seal holds an account number. Reading tables is `services.account_file`.
"""

from collections.abc import Sequence
from datetime import datetime

from policy_match.payments.accounts import AccountSource
from policy_match.payments.records import AccountFile, RefusedAccount, SealedContent
from policy_match.storage.session import Session
from policy_match.values import Digest

REFUSAL_COLUMNS = ("number", "row", "uscc", "reason_zh", "reason_en")


class AccountFileStore:
    """Tables of accounts that were sent."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        digest: Digest,
        sealed: SealedContent,
        source: AccountSource | None,
        *,
        kept: int,
        refusals: Sequence[RefusedAccount],
        at: datetime,
        by: str,
    ) -> int:
        """Keep a table with the rows that were not taken; return its number."""
        row = self._session.one(
            "add_account_file",
            digest=digest,
            source=source,
            kept=kept,
            refused=len(refusals),
            sealed=sealed.sealed,
            key_id=sealed.key_id,
            at=at,
            by=by,
        )
        assert row is not None, "it gives the number"
        number = int(row["number"])
        self._session.copy_rows(
            "account_file_refusal",
            REFUSAL_COLUMNS,
            [(number, each.row, each.uscc, each.reason_zh, each.reason_en) for each in refusals],
        )
        return number

    def find(self, number: int) -> AccountFile | None:
        """Return one table."""
        found = self._files(number=number, before=None, most=1)
        return found[0] if found else None

    def files(self, *, before: int | None, most: int) -> Sequence[AccountFile]:
        """Return a page of the tables, the latest first, before a given one."""
        return self._files(number=None, before=before, most=most)

    def _files(self, *, number: int | None, before: int | None, most: int) -> Sequence[AccountFile]:
        rows = self._session.all("account_files", number=number, before=before, most=most)
        return [
            AccountFile(**{**row, "source": None if row["source"] is None else AccountSource(row["source"])})
            for row in rows
        ]

    def refusals(self, number: int, *, after: int, most: int) -> Sequence[RefusedAccount]:
        """Return a page of the rows of a table that were not taken, after a row."""
        rows = self._session.all("account_refusals", number=number, after=after, most=most)
        return [RefusedAccount(**row) for row in rows]

    def sealed(self, number: int) -> SealedContent | None:
        """Return the sealed content of a table."""
        row = self._session.one("sealed_account_file", number=number)
        return None if row is None else SealedContent(key_id=row["key_id"], sealed=bytes(row["sealed"]))
