"""The lines that the scheduler writes: one each, with a time, and nothing that a library has to say."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from policy_match.scheduler.log import LIBRARIES, LineLog, hear_libraries
from tests.support.cases import MovableClock

MOMENT = datetime(2025, 7, 1, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    """Leave the libraries' loggers as they were."""
    found = [logging.getLogger(name) for name in LIBRARIES]
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in found]
    yield
    for logger, handlers, propagate, level in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_a_line_holds_what_happened_and_when() -> None:
    stream = io.StringIO()
    LineLog(stream, MovableClock(MOMENT), as_json=False)(
        "run.done", job="notify", run=7, seconds=1.23456, code=None, due=MOMENT, did={"notified": 3, "closed": 0}
    )
    assert stream.getvalue() == (
        "at=2025-07-01T08:30:00+08:00 event=run.done job=notify run=7 seconds=1.235 due=2025-07-01T08:30:00+08:00"
        " did=notified:3,closed:0\n"
    )


def test_a_text_with_spaces_or_lines_stays_on_one_line() -> None:
    stream = io.StringIO()
    LineLog(stream, MovableClock(MOMENT), as_json=False)("x", detail='two words\n"quoted"')
    assert stream.getvalue().count("\n") == 1
    assert r"detail=\"two" not in stream.getvalue()
    assert 'detail="two words\\n\\"quoted\\""' in stream.getvalue()


def test_for_programs_a_line_is_an_object() -> None:
    stream = io.StringIO()
    LineLog(stream, MovableClock(MOMENT), as_json=True)("run.done", job="notify", did={"notified": 3}, code=None)
    assert json.loads(stream.getvalue()) == {
        "at": "2025-07-01T08:30:00+08:00",
        "event": "run.done",
        "job": "notify",
        "did": {"notified": 3},
    }


def test_of_a_library_only_the_place_is_told() -> None:
    stream = io.StringIO()
    hear_libraries(LineLog(stream, MovableClock(MOMENT), as_json=True))
    logging.getLogger("psycopg.pool").warning("error connecting to %s", "host=10.0.0.1 password=secret")
    logging.getLogger("psycopg.pool").info("nothing of interest")
    logging.getLogger("apscheduler.scheduler").error("failed")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["name"], line["level"]) for line in lines] == [
        ("library", "psycopg.pool", "warning"),
        ("library", "apscheduler.scheduler", "error"),
    ]
    assert "secret" not in stream.getvalue()
    assert "10.0.0.1" not in stream.getvalue()
