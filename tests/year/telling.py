"""Tells a year that was played: a page in Markdown, and the report as the service publishes it.

Guarantees that every figure is read from the database after the last day.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from policy_match.reports.model import Span
from policy_match.services.publish_report import publish_report, titles_of
from policy_match.services.report import make_report
from policy_match.supervision.colours import Colour
from tests.year.laws import Checked
from tests.year.play import FIRST_DAY, Played
from tests.year.world import RULES

EVENTS = (
    "notify",
    "confirm",
    "decline",
    "lapse",
    "extend",
    "review",
    "approve",
    "publish",
    "object",
    "order",
    "settle",
    "bounce",
    "close",
    "withdraw",
)


def write(played: Played, checked: Checked, out: Path) -> Path:
    """Write the year into a folder and return the page that tells it."""
    out.mkdir(parents=True, exist_ok=True)
    application = played.world.application
    found = make_report(
        played.world.database,
        played.world.clock,
        span=Span(first=FIRST_DAY, last=played.world.clock.day),
        facts=application.firm_facts(RULES),
        promising=application.promising_providers,
    )
    publish_report(
        found,
        titles_of(played.world.rules),
        plots=application.report_plots,
        page=application.report_page,
        write=application.write_file,
        out=out / "report",
    )
    (out / "scheduler.log").write_text(played.log, encoding="utf-8")
    page = out / "year.md"
    page.write_text("\n".join(tell(played, checked)) + "\n", encoding="utf-8")
    return page


def tell(played: Played, checked: Checked) -> Iterator[str]:
    """Yield the lines of the page."""
    world = played.world
    yield f"# A simulated year: {FIRST_DAY} to {world.clock.day}, {world.firms:,} invented firms, seed {world.seed}"
    yield ""
    yield "Every firm, person, address, account and figure is invented. `report/report.html` is the report that the "
    yield "service publishes of this year; `scheduler.log` is what the scheduler said."
    yield ""
    yield f"Played in {played.seconds:,.0f} seconds. The slowest month took "
    yield f"{max(month.seconds for month in played.months):,.0f}."
    yield from ["", "## Laws", ""]
    yield from _table(("law", "broken"), ((law, f"{count:,}") for law, count in checked.broken.items()))
    yield from ["", "## What became of every case", ""]
    yield from _table(
        ("end", "status", "cases", "yuan"),
        (
            (end, status, f"{cases:,}", f"{fen / 100:,.2f}")
            for (end, status), (cases, fen) in sorted(checked.ends.items())
        ),
    )
    yield from ["", "## Who the waiting cases wait for", ""]
    yield from _table(
        ("unit", "stage", "person", "blue", "yellow", "red", "oldest"),
        (
            (
                line.unit,
                line.stage.value,
                person,
                *(f"{line.cases[colour]:,}" for colour in (Colour.BLUE, Colour.YELLOW, Colour.RED)),
                str(line.oldest_on),
            )
            for line, person in checked.waiting
        ),
    )
    yield from ["", "## Money, in yuan", ""]
    yield from _table(("by", "paid"), ((name, f"{fen / 100:,.2f}") for name, fen in checked.money.items()))
    yield from ["", "## Steps of cases by month", ""]
    yield from _months(played)
    yield from ["", "## Messages by month", ""]
    yield from _messages(played)
    yield from ["", "## Supervision by month", ""]
    yield from _supervision(played)
    yield from ["", "## Messages that came twice", ""]
    yield from _table(
        ("provider", "may have come twice", "came twice"),
        (
            (name, f"{checked.possible_duplicates.get(name, 0):,}", f"{count:,}")
            for name, count in checked.actual_duplicates.items()
        ),
    )
    yield from ["", "## What people did", ""]
    did = [*sorted(played.firms.did.items()), *sorted(played.staff.did.items())]
    yield from _table(("what", "how often"), ((what, f"{count:,}") for what, count in did))
    yield from ["", "## Runs of jobs", ""]
    rows = world.look.execute(
        "SELECT job, count(*) FILTER (WHERE status = 'done'), count(*) FILTER (WHERE status = 'covered'),"
        " count(*) FILTER (WHERE status NOT IN ('done', 'covered')), sum(tries)"
        " FROM job_run_state GROUP BY job ORDER BY 1"
    ).fetchall()
    yield from _table(("job", "done", "covered by a later run", "other", "starts"), (map(str, row) for row in rows))


def _months(played: Played) -> Iterator[str]:
    rows = played.world.look.execute(
        "SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month, event::text, count(*)"
        " FROM case_event GROUP BY 1, 2"
    ).fetchall()
    found = {(month, event): count for month, event, count in rows}
    months = sorted({month for month, _, _ in rows})
    yield from _table(
        ("month", *EVENTS),
        ((month, *(f"{found.get((month, event), 0):,}" for event in EVENTS)) for month in months),
    )


def _messages(played: Played) -> Iterator[str]:
    rows = played.world.look.execute(
        """SELECT to_char(d.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), d.channel::text,
                  count(*), count(*) FILTER (WHERE s.status IN ('handed_over', 'unconfirmed')),
                  count(*) FILTER (WHERE s.status = 'delivered'), count(*) FILTER (WHERE s.status = 'read'),
                  count(*) FILTER (WHERE s.status IN ('failed', 'bounced')),
                  count(*) FILTER (WHERE s.status = 'unknown'), sum(s.tries)
             FROM delivery AS d JOIN delivery_state AS s USING (delivery_id) GROUP BY 1, 2 ORDER BY 1, 2"""
    ).fetchall()
    heads = ("month", "channel", "ways", "handed over", "delivered", "read", "failed or bounced", "unknown", "tries")
    yield from _table(heads, (map(str, row) for row in rows))


def _supervision(played: Played) -> Iterator[str]:
    rows = played.world.look.execute(
        """SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*) FILTER (WHERE colour = 'yellow'),
                  count(*) FILTER (WHERE colour = 'red') FROM stage_mark GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    yield from _table(("month", "turned yellow", "turned red"), (map(str, row) for row in rows))
    rows = played.world.look.execute(
        """SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*) FROM escalation GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    yield ""
    yield from _table(("month", "escalations"), (map(str, row) for row in rows))


def _table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join(":--" for _ in head) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
