"""The stages that the database finds for all cases at once are those of the slow and obvious way, case by case."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from policy_match.cases.model import Route, Status
from policy_match.cases.working_days import china_day
from policy_match.supervision.stages import STAGES_OF, Stage
from tests.support.payment_flow import app_connection
from tests.support.standing import Standing, stage_on
from tests.support.waiting_cases import OPENED, PUBLICITY, Hall, Waiting, reachable

TODAY = date(2025, 7, 20)
SINCE = datetime(2025, 7, 1, 17, 30, tzinfo=UTC)
"""Half past one in the night of the second of July in China."""

GRANTED, SENT = datetime(2025, 7, 3, 1, tzinfo=UTC), datetime(2025, 7, 7, 16, tzinfo=UTC)


def every_case() -> Iterator[Waiting]:
    """Yield every route and status with and without money, publicity, budget and payment, in time and too late."""
    for route in Route:
        for status in reachable(route):
            for publicity in PUBLICITY:
                for amount in (0, 500):
                    for deadline in deadlines(status):
                        base = Waiting(
                            route=route,
                            status=status,
                            since=SINCE,
                            publicity=publicity,
                            amount_fen=amount,
                            deadline=deadline,
                        )
                        yield base
                        yield from more(base)


def deadlines(status: Status) -> tuple[date | None, ...]:
    if status in (Status.NOTIFIED, Status.PUBLISHED, Status.OBJECTED):
        return tuple(TODAY + timedelta(days=days) for days in (-5, -1, 0, 1))
    return (None,)


def more(base: Waiting) -> Iterator[Waiting]:
    """Yield the same case with a grant, of this year or another, sent to the bank, and as a later instalment."""
    common = {
        "route": base.route,
        "status": base.status,
        "since": base.since,
        "publicity": base.publicity,
        "amount_fen": base.amount_fen,
        "deadline": base.deadline,
    }
    if base.status is Status.REVIEWED:
        yield Waiting(**common, granted_at=GRANTED)  # type: ignore[arg-type]
        yield Waiting(**common, granted_at=GRANTED, grant_year=2024)  # type: ignore[arg-type]
        yield Waiting(**common, granted_at=GRANTED, grant_year=2026)  # type: ignore[arg-type]
    if base.status is Status.ORDERED:
        yield Waiting(**common, sent_at=SENT)  # type: ignore[arg-type]
    if base.status is Status.MATCHED:
        yield Waiting(**common, due_from=date(2026, 7, 1))  # type: ignore[arg-type]


def standing(case: Waiting) -> Standing:
    granted = case.granted_at is not None and case.grant_year >= TODAY.year and case.amount_fen > 0
    return Standing(
        route=case.route,
        status=case.status,
        since=china_day(OPENED if case.status is Status.MATCHED else case.since),
        due_from=case.due,
        amount_fen=case.amount_fen,
        publicity_days=case.publicity,
        deadline=case.deadline,
        granted_on=china_day(case.granted_at) if granted and case.granted_at is not None else None,
        sent_on=None if case.sent_at is None else china_day(case.sent_at),
    )


def test_the_database_finds_the_stage_of_every_case(hall: Hall) -> None:
    wanted = [case for case in every_case() if not (case.granted_at and case.amount_fen == 0)]
    numbers = hall.add(*wanted)
    with app_connection(hall.url) as connection:
        rows = connection.execute("SELECT case_id, stage, started_on FROM case_stages(%s)", (TODAY,)).fetchall()
    found = {row["case_id"]: (Stage(row["stage"]), row["started_on"]) for row in rows}
    assert len(found) == len(rows)
    seen = set()
    for number, case in zip(numbers, wanted, strict=True):
        begun = stage_on(standing(case), TODAY)
        expected = None if begun is None else (begun.stage, begun.started_on)
        if case.route is Route.CONTRACT and case.granted_at is not None:
            continue  # a contract costs no budget: nothing is ever granted to it
        assert found.get(number) == expected, case
        seen.add((case.route, case.status, None if begun is None else begun.stage))
    assert {(route, status) for route, status, stage in seen if stage is not None} == set(STAGES_OF)
    assert {stage for _, _, stage in seen if stage is not None} == set(Stage)
