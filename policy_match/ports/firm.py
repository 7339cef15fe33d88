"""What a firm's own requests read, as services need it.

Guarantees that services know no adapter, and that every page has a limit. Every method names the firm, although the
database shows a firm's requests no other's rows: one of the two is enough, and neither is trusted alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from policy_match.cases.firm_view import (
    FirmCase,
    FirmFigures,
    FirmFile,
    FirmObjection,
    KeptBy,
    StatedContact,
    StatedPayee,
)
from policy_match.cases.model import Status
from policy_match.ports.cases import Appeal, AppealReplay
from policy_match.reports.reviews import Suggestion
from policy_match.values import Digest, SweepId, Uscc


class FirmStore(Protocol):
    """One firm's cases, objections, appeals, accounts and suggestions."""

    def figures(self, uscc: Uscc, today: date) -> FirmFigures:
        """Return what the firm is owed, what waits for it today, and what was paid."""

    def cases(
        self, uscc: Uscc, *, status: Status | None, after: int, most: int, waiting_on: date | None = None
    ) -> Sequence[FirmCase]:
        """Return a page of the firm's cases by number, after a given one; all, or those that wait for it on a day."""

    def file(self, uscc: Uscc, case_id: int) -> FirmFile | None:
        """Return everything about one case of the firm; `None` when it has no such case."""

    def decided_by(self, uscc: Uscc, case_id: int) -> KeptBy | None:
        """Return the sweep that a case of the firm was opened from."""

    def newest_sweep(self) -> KeptBy | None:
        """Return the newest of the sweeps from which cases were opened, by the day that they look at."""

    def versions(self, sweep_id: SweepId, most: int) -> Sequence[Digest]:
        """Return the fingerprints of the versions that a sweep decided, by place."""

    def objections(self, uscc: Uscc, *, after: int, most: int) -> Sequence[FirmObjection]:
        """Return a page of the objections to the firm's cases, by number."""

    def appeals(self, uscc: Uscc, *, after: int, most: int) -> Sequence[Appeal]:
        """Return a page of the firm's appeals, by number."""

    def appeal(self, uscc: Uscc, appeal_id: int) -> tuple[Appeal, AppealReplay | None] | None:
        """Return one appeal of the firm, with its replay; who replayed it is not said."""

    def accounts(self, uscc: Uscc) -> Sequence[StatedPayee]:
        """Return the firm's account of each purpose and source, the newest of each."""

    def suggestions(self, uscc: Uscc, *, after: int, most: int) -> Sequence[Suggestion]:
        """Return a page of what the firm suggested, by number."""

    def contacts(self, uscc: Uscc) -> Sequence[StatedContact]:
        """Return the newest address of each channel and source, masked."""
