"""The report as a whole, as it is shown, written and published.

Guarantees only the shape: figures of one moment, in which what may not be shown is not there. Making it is
`services.report`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.model import Status
from policy_match.cases.words import Words
from policy_match.reports.groups import group_words
from policy_match.reports.model import Cut, Span
from policy_match.reports.tables import Table

Titles = Mapping[str, Words]
"""The titles of policies by id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageLine:
    """Days in one status by policy (empty: of all); `None` where too few firms stand behind them."""

    policy_id: str
    status: Status
    median_days: int | None
    slow_days: int | None
    hidden: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Figures of the benefits that fell due in `span`, as they stood on `as_of`; days are those in China.

    `internal` says that nothing is hidden: such a report is not for publication. `deliveries` are by
    `channel/provider`, `notices` by kind.
    """

    span: Span
    as_of: date
    internal: bool
    tables: Mapping[Cut, Table]
    stages: Sequence[StageLine]
    notices: Table
    deliveries: Table

    @property
    def hidden(self) -> int:
        """How many cells of all tables are hidden."""
        tables = (*self.tables.values(), self.notices, self.deliveries)
        return sum(len(row.hidden) for table in tables for row in (*table.rows, table.total))


def label(cut: Cut, group: str, titles: Titles) -> Words:
    """Return what a group is called on paper."""
    if cut is Cut.POLICY:
        return titles.get(group, Words(group, group))
    return group_words(cut, group)
