"""A report that is kept comes back as it was."""

import json
from datetime import date
from fractions import Fraction

import pytest

from policy_match.cases.model import Status
from policy_match.reports.encoding import decoded, encoded
from policy_match.reports.model import Cut, Span
from policy_match.reports.report import Report, StageLine
from policy_match.reports.tables import Row, Table, figure_tables
from tests.unit.reports.profiles import DECLINED, PAID, bundle, every_cut

SPAN = Span(first=date(2025, 1, 1), last=date(2025, 12, 31))
TALLIES = Table(
    rows=(Row(group="sms/a", figures={"notices": None, "reached": 3}, hidden=frozenset({"notices"})),),
    total=Row(group="", figures={"notices": 10, "reached": 3}),
)


@pytest.mark.parametrize("internal", [True, False])
def test_what_was_kept_as_json_is_the_same_report(internal: bool) -> None:
    cases = (bundle("a", PAID, 60), bundle("a", DECLINED, 30), bundle("b", PAID, 1))
    report = Report(
        span=SPAN,
        as_of=date(2025, 7, 1),
        internal=internal,
        tables=figure_tables(every_cut(*cases), internal=internal),
        stages=[
            StageLine(policy_id="", status=Status.MATCHED, median_days=1, slow_days=3, hidden=False),
            StageLine(policy_id="a", status=Status.NOTIFIED, median_days=None, slow_days=None, hidden=True),
        ],
        notices=TALLIES,
        deliveries=TALLIES,
    )
    assert any(isinstance(value, Fraction) for value in report.tables[Cut.POLICY].total.figures.values())
    back = decoded(json.loads(json.dumps(encoded(report))))
    assert back == report
    assert list(back.tables[Cut.POLICY].total.figures) == list(report.tables[Cut.POLICY].total.figures)
