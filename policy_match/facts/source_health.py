"""How well each source delivers: how old its data are against what is allowed, what was refused, what is missing.

Guarantees that a source is judged by the reports of the imports alone, and that every colour comes with what it is for.
Finding the reports is left to others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from policy_match.cases.words import Words
from policy_match.values import SnapshotId

SOON_PERCENT = 80
"""A source is soon due when its data reached this part of the age that is allowed."""

MANY_REFUSED_PERCENT, TOO_MANY_REFUSED_PERCENT = 1, 10
"""From these parts of rows refused on, a delivery is looked at, or sent back."""

MORE_MISSING_POINTS, MUCH_MORE_MISSING_POINTS = 2, 10
"""By so many points of a percentage the part of missing values may not grow from one delivery to the next."""

FEWER_ROWS_PERCENT, MUCH_FEWER_ROWS_PERCENT = 5, 20
"""By so much the rows may not shrink from one delivery to the next."""


class Health(StrEnum):
    """Blue: as expected. Yellow: to be looked at. Red: to be asked for again."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class Finding(StrEnum):
    """What is the matter with a source."""

    SOON_DUE = "soon_due"
    OVERDUE = "overdue"
    REFUSED = "refused"
    MISSING = "missing"
    FEWER_ROWS = "fewer_rows"
    NOT_IN_LATEST = "not_in_latest"


FINDING_WORDS: Mapping[Finding, Words] = {
    Finding.SOON_DUE: Words("数据即将到期", "its data are soon too old"),
    Finding.OVERDUE: Words("数据已过期，请催报", "its data are too old: ask for new ones"),
    Finding.REFUSED: Words("拒收行偏多", "many rows were refused"),
    Finding.MISSING: Words("缺失值比上次多", "more values are missing than before"),
    Finding.FEWER_ROWS: Words("行数比上次少", "fewer rows than before"),
    Finding.NOT_IN_LATEST: Words("最近一次导入未含此来源", "the latest import was made without it"),
}

HEALTH_WORDS: Mapping[Health, Words] = {
    Health.BLUE: Words("正常", "as expected"),
    Health.YELLOW: Words("需关注", "look at it"),
    Health.RED: Words("需处理", "act on it"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """One import: its snapshot, when it was made, and its quality report as `QualityReport.document` wrote it."""

    snapshot_id: SnapshotId
    at: datetime
    report: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What one import has from one source. Parts are in parts of a million, `None` of nothing.

    `observed` is the latest day that its values stand for; `allowed_days` the shortest time for which a fact that it
    gives stays usable.
    """

    snapshot_id: SnapshotId
    at: datetime
    observed: date | None
    allowed_days: int | None
    rows_read: int
    rows_refused: int
    missing_ppm: int | None

    @property
    def refused_ppm(self) -> int:
        """Rows refused, in parts of a million of those read."""
        return 0 if self.rows_read == 0 else self.rows_refused * 1_000_000 // self.rows_read


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """One source: its latest delivery, the one before, how old its data are, and what is the matter."""

    source: str
    grain: str
    latest: Delivery
    before: Delivery | None
    age_days: int | None
    health: Health
    findings: tuple[tuple[Finding, Health], ...]


def source_states(delivered: Sequence[Delivered], today: date) -> Sequence[SourceState]:
    """Return how each source stands, the worst first. `delivered` are imports, the latest first."""
    found: dict[str, list[Delivery]] = {}
    grains: dict[str, str] = {}
    for each in delivered:
        for source in each.report["sources"]:
            name = source["source"]
            grains.setdefault(name, source["grain"])
            found.setdefault(name, []).append(_delivery(each, source))
    states = [
        _state(name, grains[name], deliveries, delivered[0].snapshot_id, today) for name, deliveries in found.items()
    ]
    worst = list(reversed(Health))
    return sorted(states, key=lambda each: (worst.index(each.health), each.source))


def _delivery(import_: Delivered, source: Mapping[str, Any]) -> Delivery:
    facts = [
        each
        for each in import_.report["facts"]
        if each["grain"] == source["grain"] and source["source"] in each["given_by"]
    ]
    rows = sum(each["rows"] for each in facts)
    days = [each["fresh_days"] for each in facts if each["fresh_days"] is not None]
    seen = [date.fromisoformat(each["last_observed"]) for each in facts if each["last_observed"]]
    return Delivery(
        snapshot_id=import_.snapshot_id,
        at=import_.at,
        observed=max(seen, default=None),
        allowed_days=min(days, default=None),
        rows_read=source["rows_read"],
        rows_refused=sum(source["rows_refused"].values()),
        missing_ppm=None if rows == 0 else sum(each["missing"] for each in facts) * 1_000_000 // rows,
    )


def _state(
    name: str, grain: str, deliveries: Sequence[Delivery], latest_import: SnapshotId, today: date
) -> SourceState:
    latest = deliveries[0]
    before = deliveries[1] if len(deliveries) > 1 else None
    age = None if latest.observed is None else (today - latest.observed).days
    findings = tuple(_findings(latest, before, age))
    if latest.snapshot_id != latest_import:
        findings = (*findings, (Finding.NOT_IN_LATEST, Health.YELLOW))
    order = list(Health)
    return SourceState(
        source=name,
        grain=grain,
        latest=latest,
        before=before,
        age_days=age,
        health=max((health for _, health in findings), key=order.index, default=Health.BLUE),
        findings=findings,
    )


def _findings(latest: Delivery, before: Delivery | None, age: int | None) -> Sequence[tuple[Finding, Health]]:
    found: list[tuple[Finding, Health]] = []
    if age is not None and latest.allowed_days is not None:
        if age > latest.allowed_days:
            found.append((Finding.OVERDUE, Health.RED))
        elif age * 100 >= latest.allowed_days * SOON_PERCENT:
            found.append((Finding.SOON_DUE, Health.YELLOW))
    refused = _judged(latest.refused_ppm, MANY_REFUSED_PERCENT, TOO_MANY_REFUSED_PERCENT)
    if refused is not None:
        found.append((Finding.REFUSED, refused))
    if before is not None:
        if latest.missing_ppm is not None and before.missing_ppm is not None:
            more = latest.missing_ppm - before.missing_ppm
            missing = _judged(more, MORE_MISSING_POINTS, MUCH_MORE_MISSING_POINTS)
            if missing is not None:
                found.append((Finding.MISSING, missing))
        if before.rows_read:
            less = (before.rows_read - latest.rows_read) * 1_000_000 // before.rows_read
            fewer = _judged(less, FEWER_ROWS_PERCENT, MUCH_FEWER_ROWS_PERCENT)
            if fewer is not None:
                found.append((Finding.FEWER_ROWS, fewer))
    return found


def _judged(ppm: int, yellow_percent: int, red_percent: int) -> Health | None:
    """Return the colour of a share: none below the first limit."""
    if ppm >= red_percent * 10_000:
        return Health.RED
    return Health.YELLOW if ppm >= yellow_percent * 10_000 else None
