"""Aid that others paid before, as it was imported.

Guarantees that a row is kept once under its source and reference, and never changed. What it is deducted from is
`entitlements`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from policy_match.ports.cases import PriorAidRow
from policy_match.storage.session import Session


class PriorAidStore:
    """Imported aid."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, rows: Sequence[PriorAidRow], *, at: datetime, by: str) -> int:
        """Keep rows whose source and reference are new, and return how many were."""
        row = self._session.one(
            "add_prior_aid",
            sources=[each.source for each in rows],
            refs=[each.reference for each in rows],
            usccs=[each.uscc for each in rows],
            matters=[each.matter for each in rows],
            days=[each.paid_on for each in rows],
            amounts=[each.amount_fen for each in rows],
            at=at,
            by=by,
        )
        assert row is not None
        added: int = row["added"]
        return added

    def kept(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], PriorAidRow]:
        """Return what is kept under these sources and references."""
        rows = self._session.all(
            "prior_aid_by_key", sources=[source for source, _ in keys], refs=[reference for _, reference in keys]
        )
        return {
            (row["source"], row["reference"]): PriorAidRow(
                source=row["source"],
                reference=row["reference"],
                uscc=row["uscc"],
                matter=row["matter"],
                paid_on=row["paid_on"],
                amount_fen=row["amount_fen"],
            )
            for row in rows
        }
