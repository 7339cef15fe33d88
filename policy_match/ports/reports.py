"""Figures on how well the service does, as services need them: cases collected once, then counted by any cut.

Guarantees nothing by itself; these are the shapes that services ask for. The implementation is in `storage`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa

from policy_match.cases.model import NoticeKind
from policy_match.notices.model import Channel, DeliveryStatus, NoticeStatus
from policy_match.reports.charts import Chart
from policy_match.reports.model import Cut, Span, StageTime
from policy_match.reports.tables import Counts
from policy_match.values import Digest, SnapshotId, SweepId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportSweep:
    """A sweep that opened cases of the report; `catalogue` is the canonical text of its facts."""

    number: int
    sweep_id: SweepId
    snapshot_id: SnapshotId
    as_of: date
    catalogue: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeTally:
    """Notices of one kind that got equally far, and up to three of the firms, by numbers of the report's own."""

    kind: NoticeKind
    status: NoticeStatus
    notices: int
    firms: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryTally:
    """Deliveries of one provider that stand alike, with up to three of the firms by number.

    `repeated`: sent again in doubt.
    """

    channel: Channel
    provider: str
    status: DeliveryStatus
    repeated: bool
    deliveries: int
    firms: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptReport:
    """A report as `reports.encoding` writes it, and the moment as of which it was counted."""

    at: datetime
    report: Mapping[str, Any]


class Charts(Protocol):
    """Charts that were drawn. One that is asked for again is not drawn again."""

    def keep(self, chart: Chart) -> Digest:
        """Draw a chart unless it is there, and return what it is found by. Raises a `StorageError`."""

    def find(self, digest: Digest) -> bytes | None:
        """Return a chart as SVG, if it is still there."""


class ReportStore(Protocol):
    """Counts cases. `collect` comes first, once in a unit of work; what it collects is gone with it."""

    def collect(self, span: Span, now: datetime) -> None:
        """Collect the benefits that fell due in some days, and what happened to each until now."""

    def sweeps(self) -> Sequence[ReportSweep]:
        """Return the sweeps that opened the cases collected."""

    def firms(self, sweep: ReportSweep, most: int) -> Iterator[Sequence[Uscc]]:
        """Yield the firms with cases that a sweep opened, at most `most` at a time, in no order."""

    def keep_firms(self, sweep: ReportSweep, firms: pa.Table) -> None:
        """Keep `uscc`, `district`, `industry` and `size` (strings, null for unknown) of firms for counting by them.

        A firm that is not kept is unknown in all three.
        """

    def counts(self, cut: Cut) -> Counts:
        """Return the cases of each group."""

    def stages(self) -> Sequence[StageTime]:
        """Return how long cases stood in each status, by policy and of all."""

    def notices(self) -> Sequence[NoticeTally]:
        """Return how far the notices to firms got."""

    def deliveries(self) -> Sequence[DeliveryTally]:
        """Return what became of every try to reach a firm."""

    def claim(self, name: Digest) -> None:
        """Wait until nobody else counts the report of this name, and keep others from it until the end."""

    def kept(self, name: Digest, *, since: datetime, until: datetime) -> KeptReport | None:
        """Return the report that was kept under a name, if it was counted between two moments."""

    def keep(self, name: Digest, report: Mapping[str, Any], *, at: datetime, most: int) -> None:
        """Keep a report in the place of an older one of its name; of more than `most`, the oldest go."""
