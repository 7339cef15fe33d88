"""Counts what became of cases: they are collected once into tables of the transaction, then counted by any cut.

Guarantees that each case counts as it stood when it was collected, in statements over all cases and none over one. What
the figures mean is `reports.figures`; how long a report that was counted is kept is `services.recent_report`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv
from psycopg.types.json import Json

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.model import NoticeKind, Route, Status
from policy_match.cases.working_days import china_day
from policy_match.notices.model import Channel, DeliveryStatus, NoticeStatus
from policy_match.ports.reports import DeliveryTally, KeptReport, NoticeTally, ReportSweep
from policy_match.reports.model import Answer, Bundle, Cut, GroupTimes, Profile, Reach, Span, StageTime
from policy_match.reports.suppression import TOTAL
from policy_match.reports.tables import Counts
from policy_match.storage.session import Row, Session
from policy_match.values import Digest, Uscc

FIRM_COLUMNS = ("sweep_number", "uscc", "district", "industry", "size")
COPY_ROWS = 100_000
REPORT_LOCK = 0x706D_7270
WITHOUT_HEADER = pa.csv.WriteOptions(include_header=False)


class ReportStore:
    """Counts cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def collect(self, span: Span, now: datetime) -> None:
        """Collect the benefits that fell due in some days, and what happened to each until now."""
        today = china_day(now)
        self._session.run("give_report_memory")
        self._session.run("make_report_case")
        self._session.run("fill_report_case", first=span.first, last=span.last, today=today)
        self._session.run("analyze_report_case")
        self._session.run("make_report_story")
        self._session.run("fill_report_story", now=now)
        self._session.run("analyze_report_story")
        self._session.run("make_report_profile")
        self._session.run("fill_report_profile")
        self._session.run("analyze_report_profile")
        self._session.run("make_report_counted")
        self._session.run("fill_report_counted")
        self._session.run("analyze_report_counted")
        self._session.run("make_report_firm")

    def sweeps(self) -> Sequence[ReportSweep]:
        """Return the sweeps that opened the cases collected."""
        return [
            ReportSweep(
                number=row["number"],
                sweep_id=row["sweep_id"],
                snapshot_id=row["snapshot_id"],
                as_of=row["as_of"],
                catalogue=row["canonical"],
            )
            for row in self._session.all("sweeps_of_report")
        ]

    def firms(self, sweep: ReportSweep, most: int) -> Iterator[Sequence[Uscc]]:
        """Yield the firms with cases that a sweep opened, at most `most` at a time, in no order."""
        for page in self._session.pages("firms_of_report", most, sweep_number=sweep.number):
            yield [row["uscc"] for row in page]

    def keep_firms(self, sweep: ReportSweep, firms: pa.Table) -> None:
        """Keep what is known of firms for counting by it."""
        number = pa.array([sweep.number] * firms.num_rows, pa.int32())
        numbered = firms.add_column(0, "sweep_number", number).select(FIRM_COLUMNS)
        self._session.copy_csv("report_firm", FIRM_COLUMNS, _csv(numbered))
        self._session.run("analyze_report_firm")

    def counts(self, cut: Cut) -> Counts:
        """Return the cases of each group."""
        return Counts(
            bundles=[_bundle(row) for row in self._session.all("report_profiles", cut=cut.value)],
            times=[_times(row) for row in self._session.all("report_times", cut=cut.value)],
        )

    def stages(self) -> Sequence[StageTime]:
        """Return how long cases stood in each status, by policy and of all."""
        return [
            StageTime(
                policy_id=row["policy_id"] or TOTAL,
                status=Status(row["status"]),
                stays=row["stays"],
                firms=row["firms"],
                median_days=row["median_days"],
                slow_days=row["slow_days"],
            )
            for row in self._session.all("report_stages")
        ]

    def notices(self) -> Sequence[NoticeTally]:
        """Return how far the notices to firms got."""
        return [
            NoticeTally(
                kind=NoticeKind(row["kind"]),
                status=NoticeStatus(row["status"]),
                notices=row["notices"],
                firms=frozenset(row["firms"]),
            )
            for row in self._session.all("report_notices")
        ]

    def deliveries(self) -> Sequence[DeliveryTally]:
        """Return what became of every try to reach a firm."""
        return [
            DeliveryTally(
                channel=Channel(row["channel"]),
                provider=row["provider"],
                status=DeliveryStatus(row["status"]),
                repeated=row["repeated"],
                deliveries=row["deliveries"],
                firms=frozenset(row["firms"]),
            )
            for row in self._session.all("report_deliveries")
        ]

    def claim(self, name: Digest) -> None:
        """Wait until nobody else counts the report of this name, and keep others from it until the end."""
        self._session.run("claim_report", purpose=REPORT_LOCK, name=name)

    def kept(self, name: Digest, *, since: datetime, until: datetime) -> KeptReport | None:
        """Return the report that was kept under a name, if it was counted between two moments."""
        row = self._session.one("kept_report", name=name, since=since, until=until)
        return None if row is None else KeptReport(at=row["at"], report=row["report"])

    def keep(self, name: Digest, report: Mapping[str, Any], *, at: datetime, most: int) -> None:
        """Keep a report in the place of an older one of its name; of more than `most`, the oldest go."""
        self._session.run("keep_report", name=name, at=at, report=Json(report), most=most)


def _csv(table: pa.Table) -> Iterator[memoryview]:
    for batch in table.to_batches(COPY_ROWS):
        sink = pa.BufferOutputStream()
        pa.csv.write_csv(batch, sink, WITHOUT_HEADER)
        yield memoryview(sink.getvalue())


def _bundle(row: Row) -> Bundle:
    return Bundle(
        group=row["grp"],
        profile=Profile(
            route=Route(row["route"]),
            status=Status(row["status"]),
            owed=row["owed"],
            amount_zero=row["amount_zero"],
            display_over=row["display_over"],
            answer=Answer(row["answer"]),
            reach=Reach(row["reach"]),
            reason=DeclineReason(row["reason"]) if row["reason"] else None,
            waits_for_budget=row["waits"],
            objected=row["objected"],
            upheld=row["upheld"],
            late=row["late"],
            amended=row["amended"],
            attempts=row["attempts"],
            came_back=row["came_back"],
        ),
        cases=row["cases"],
        firms=frozenset(row["firms"]),
        entitled_fen=row["entitled_fen"],
        settled_fen=row["settled_fen"],
    )


def _times(row: Row) -> GroupTimes:
    return GroupTimes(
        group=TOTAL if row["grp"] is None else row["grp"],
        firms=row["firms"],
        paid_firms=row["paid_firms"],
        median_days=row["median_days"],
        slow_days=row["slow_days"],
    )
