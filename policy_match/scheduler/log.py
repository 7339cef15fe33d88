"""What the scheduler says while it runs: one line for each thing that happens.

Guarantees that a line holds ids, names of jobs, counts and codes, and nothing that is said of a firm or a person. What
other libraries have to say is reported by name alone: their texts may hold addresses.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TextIO

from policy_match.cases.working_days import CHINA
from policy_match.ports import Clock

LIBRARIES = {"apscheduler": logging.ERROR, "psycopg": logging.WARNING}
"""From which level on they are heard. APScheduler warns when a look takes longer than a tick, which is no harm."""


Field = str | float | datetime | Mapping[str, int] | None


class Log(Protocol):
    """Takes note of what happens."""

    def __call__(self, event: str, /, **fields: Field) -> None:
        """Write one line; a field that is `None` is left out."""


class LineLog:
    """Writes lines of `key=value`, or of JSON."""

    def __init__(self, stream: TextIO, clock: Clock, *, as_json: bool) -> None:
        self._stream = stream
        self._clock = clock
        self._as_json = as_json

    def __call__(self, event: str, /, **fields: Field) -> None:
        """Write one line, the time in China first."""
        line = {"at": self._clock.now(), "event": event, **fields}
        shown = {name: _shown(value) for name, value in line.items() if value is not None}
        if self._as_json:
            text = json.dumps(shown, ensure_ascii=False)
        else:
            text = " ".join(f"{name}={_word(value)}" for name, value in shown.items())
        self._stream.write(text + "\n")
        self._stream.flush()


def _shown(value: Field) -> Field:
    match value:
        case datetime():
            return value.astimezone(CHINA).isoformat(timespec="seconds")
        case float():
            return round(value, 3)
        case _:
            return value


def _word(value: Field) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{count}" for name, count in value.items())
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(each in text for each in ' "=\n') else text


class LibraryNotes(logging.Handler):
    """Tells that a library warned, not what it said."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self._log("library", name=record.name, level=record.levelname.lower(), line=f"{record.module}:{record.lineno}")


def hear_libraries(log: Log) -> None:
    """Let what libraries warn of be told by `log` alone."""
    notes = LibraryNotes(log)
    for name, level in LIBRARIES.items():
        logger = logging.getLogger(name)
        logger.handlers = [notes]
        logger.propagate = False
        logger.setLevel(level)
