"""Events as other systems read them: CloudEvents 1.0.2 in the JSON event format.

Guarantees the same bytes for the same event, and that its data are exactly the fields that `types` lists for its kind:
ids, words and fen, never a name, a credit code or an account. Reading the rows is left to `storage.event_store`.

The official SDK (`cloudevents`) judges these in the tests and does not make them: it reads the clock and draws an id
where one is missing, which here must be a defect, and its JSON is not the same from one version to the next.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from policy_match.events.types import KIND_OF, PING_TYPE, EventType, What

BATCH_MEDIA_TYPE = "application/cloudevents-batch+json"
EVENT_MEDIA_TYPE = "application/cloudevents+json"

SOURCE = "policy-match"
"""`source` where no public address is set."""

SEQUENCE_DIGITS = 19
"""Of the largest number; with leading zeros texts compare like numbers, as the extension `sequence` asks."""

FieldValue = str | int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """One event as it is kept; `found` has at least the fields of its kind. `number` is its place in the order."""

    number: int
    event_id: str
    what: What
    at: datetime
    found: Mapping[str, FieldValue]


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudEvent:
    """One event. `sequence` is its number with leading zeros, empty for a test message, which is in no order."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, FieldValue]
    sequence: str = ""
    specversion: str = "1.0"
    datacontenttype: str = "application/json"

    def as_json(self) -> bytes:
        """Return the event in the JSON event format, always the same bytes."""
        said = {
            "specversion": self.specversion,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": moment(self.time),
            **({"sequence": self.sequence} if self.sequence else {}),
            "datacontenttype": self.datacontenttype,
            "data": dict(self.data),
        }
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def moment(at: datetime) -> str:
    """Return a time as RFC 3339 writes it, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def cloud_event(row: EventRow, source: str) -> CloudEvent:
    """Return the event of a row. `source` names this installation."""
    kind = KIND_OF[row.what]
    data = {name: row.found[name] for name in kind.fields}
    return CloudEvent(
        id=row.event_id,
        source=source,
        type=kind.type,
        subject=kind.subject.format(data[kind.id_field]),
        time=row.at,
        data=data,
        sequence=f"{row.number:0{SEQUENCE_DIGITS}}",
    )


def ping_event(webhook_id: int, asked: int, at: datetime, source: str) -> CloudEvent:
    """Return the test message that the step `asked` of a webhook asked for, the same each time."""
    return CloudEvent(
        id=f"ping-{webhook_id}-{asked}",
        source=source,
        type=PING_TYPE,
        subject=f"webhooks/{webhook_id}",
        time=at,
        data={"webhook_id": webhook_id},
    )


def event_type(what: What) -> EventType:
    """Return the type of what happened."""
    return KIND_OF[what].type
