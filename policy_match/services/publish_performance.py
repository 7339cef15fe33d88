"""Publishes how well the service does: figures for programs and a page for people.

Guarantees that what is published is what was counted, and that both files appear whole or not at all. Which amounts
may be shown is `cases.performance`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from policy_match.cases.performance import Performance, PolicyCounts
from policy_match.cases.working_days import china_day
from policy_match.ports import Clock, Database, FileWriter

AMOUNTS = ("owed_fen", "paid_fen", "under_way_fen", "given_up_fen", "fallen_fen")
SHARES = ("coverage", "money_coverage", "answer_rate", "return_rate", "error_rate")

Page = Callable[[Performance, Mapping[str, str], str], str]
"""Makes the page of the figures, the titles of policies and the day."""


def performance(database: Database, clock: Clock) -> Performance:
    """Return the figures as of now."""
    with database.unit_of_work() as work:
        return work.performance.count(clock.now())


def publish_performance(
    found: Performance, titles: Mapping[str, str], clock: Clock, page: Page, write: FileWriter, *, out: Path
) -> None:
    """Write `performance.json` and `performance.html` into a folder."""
    day = china_day(clock.now()).isoformat()
    content = json.dumps({"as_of": day, **published(found)}, ensure_ascii=False, indent=2)
    write(out / "performance.json", content.encode() + b"\n")
    write(out / "performance.html", page(found, titles, day).encode())


def published(found: Performance) -> dict[str, Any]:
    """Return the figures as JSON data; amounts that would tell one firm's are null."""
    return {"policies": [_figures(each) for each in found.policies], "total": _figures(found.total)}


def _figures(counts: PolicyCounts) -> dict[str, Any]:
    figures = asdict(counts)
    if not counts.amounts_may_be_shown:
        figures.update(dict.fromkeys(AMOUNTS))
    shares = {name: getattr(counts, name) for name in SHARES}
    if not counts.amounts_may_be_shown:
        shares["money_coverage"] = None
    return figures | {name: None if value is None else round(float(value), 4) for name, value in shares.items()}
