"""How sources are judged: each colour for what it is, against the delivery before, the worst first."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from policy_match.facts.source_health import Delivered, Finding, Health, SourceState, source_states
from policy_match.values import SnapshotId

TODAY = date(2025, 7, 1)


def report(source: str = "人社局", **other: Any) -> dict[str, Any]:
    """Return the part of a quality report that is looked at; 100 rows, nothing refused or missing, one day old."""
    given = {"rows": 100, "refused": 0, "missing": 0, "observed": "2025-06-30", "fresh_days": 100, **other}
    return {
        "sources": [
            {
                "source": source,
                "grain": "firm",
                "rows_read": given["rows"],
                "rows_refused": {"no_key": given["refused"]},
            }
        ],
        "facts": [
            {
                "grain": "firm",
                "given_by": {source: 1},
                "rows": given["rows"],
                "missing": given["missing"],
                "fresh_days": given["fresh_days"],
                "last_observed": given["observed"],
            }
        ],
    }


def judged(*reports: dict[str, Any]) -> SourceState:
    """Return how the only source stands after these imports, the latest first."""
    found = source_states(
        [
            Delivered(snapshot_id=SnapshotId(f"s{place}"), at=datetime(2025, 7, 1, tzinfo=UTC), report=each)
            for place, each in enumerate(reports)
        ],
        TODAY,
    )
    (state,) = found
    return state


def test_nothing_imported_is_no_source() -> None:
    assert source_states([], TODAY) == []


@pytest.mark.parametrize(
    ("observed", "health", "finding"),
    [
        ("2025-04-13", Health.BLUE, None),
        ("2025-04-12", Health.YELLOW, Finding.SOON_DUE),
        ("2025-03-23", Health.YELLOW, Finding.SOON_DUE),
        ("2025-03-22", Health.RED, Finding.OVERDUE),
        (None, Health.BLUE, None),
    ],
)
def test_age_is_held_against_what_is_allowed(observed: str | None, health: Health, finding: Finding | None) -> None:
    state = judged(report(observed=observed))
    assert state.health is health
    assert [each for each, _ in state.findings] == ([] if finding is None else [finding])


def test_without_a_limit_no_age_is_too_high() -> None:
    assert judged(report(observed="1999-01-01", fresh_days=None)).health is Health.BLUE


@pytest.mark.parametrize(
    ("refused", "health"), [(0, Health.BLUE), (1, Health.YELLOW), (9, Health.YELLOW), (10, Health.RED)]
)
def test_refused_rows_are_judged_by_their_share(refused: int, health: Health) -> None:
    assert judged(report(refused=refused)).health is health


@pytest.mark.parametrize(
    ("latest", "health", "finding"),
    [
        ({"missing": 11}, Health.BLUE, None),
        ({"missing": 12}, Health.YELLOW, Finding.MISSING),
        ({"missing": 20}, Health.RED, Finding.MISSING),
        ({"rows": 96, "missing": 9}, Health.BLUE, None),
        ({"rows": 95, "missing": 9}, Health.YELLOW, Finding.FEWER_ROWS),
        ({"rows": 80, "missing": 8}, Health.RED, Finding.FEWER_ROWS),
        ({"rows": 200, "missing": 0}, Health.BLUE, None),
    ],
)
def test_a_delivery_is_held_against_the_one_before(
    latest: dict[str, int], health: Health, finding: Finding | None
) -> None:
    state = judged(report(**latest), report(missing=10))
    assert state.health is health
    assert [each for each, _ in state.findings] == ([] if finding is None else [finding])


def test_a_source_that_the_latest_import_lacks_is_named_and_the_worst_comes_first() -> None:
    imports = [report("税务局"), report("人社局")]
    found = source_states(
        [
            Delivered(snapshot_id=SnapshotId(f"s{place}"), at=datetime(2025, 7, 1, tzinfo=UTC), report=each)
            for place, each in enumerate(imports)
        ],
        TODAY,
    )
    assert [(each.source, each.health) for each in found] == [("人社局", Health.YELLOW), ("税务局", Health.BLUE)]
    assert found[0].findings == ((Finding.NOT_IN_LATEST, Health.YELLOW),)


def test_an_empty_delivery_has_no_shares() -> None:
    state = judged(report(rows=0))
    assert (state.latest.refused_ppm, state.latest.missing_ppm) == (0, None)
