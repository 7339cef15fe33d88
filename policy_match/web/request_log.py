"""The log of the web: one JSON object for each request and each thing that happens.

Guarantees that a line holds ids, names of operations and libraries, numbers and places in the code: no query string, no
body, no path with what somebody typed, and no text of an error, which may quote any of them.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from policy_match.cases.working_days import CHINA

WEB = "policy_match.web"
SERVER = "gunicorn.error"
"""gunicorn tells of processes and signals there."""

LIBRARIES = ("authlib", "flask", "httpx", "psycopg", "requests", "urllib3", "werkzeug")
"""Heard from warnings on, by name and place alone: their words may hold addresses."""

MOST_FRAMES = 30


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object, the time in China first."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone(CHINA)
        line: dict[str, object] = {"at": at.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        fields = getattr(record, "fields", None)
        if isinstance(fields, Mapping):
            line |= {"event": record.getMessage(), **fields}
        elif record.name in (WEB, SERVER):
            line |= {"event": "note", "process": record.process, "message": record.getMessage()}
        else:
            line |= {"event": "library", "name": record.name, "line": f"{record.module}:{record.lineno}"}
        if record.exc_info is not None and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _error(error: BaseException) -> Mapping[str, object]:
    """Return what kind of error it is and where it arose; its words are left out."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    found: dict[str, object] = {
        "kind": type(error).__qualname__,
        "at": [f"{each.filename}:{each.lineno} {each.name}" for each in frames],
    }
    cause = error.__cause__ or error.__context__
    if cause is not None:
        found["because"] = type(cause).__qualname__
    return found


def write_json_lines(stream: TextIO) -> None:
    """Let everything that the web and its server tell go to `stream` as JSON lines."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    for name in (WEB, SERVER, *LIBRARIES):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.WARNING if name in LIBRARIES else logging.INFO)
