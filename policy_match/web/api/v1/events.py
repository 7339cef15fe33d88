"""Events: what happened, in one order, for systems that ask instead of being told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, RootModel, field_serializer

from policy_match.events.cloud_event import BATCH_MEDIA_TYPE, CloudEvent, moment
from policy_match.events.types import EventType
from policy_match.services import webhooks
from policy_match.web.call import Call
from policy_match.web.models import MOST_PER_PAGE, Output, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.EVENTS)
OPERATIONS = CHAPTER.operations


class EventQuery(Query):
    """Which events."""

    after: Annotated[
        int, Field(ge=0, le=2**53 - 1, description="the `sequence` of the last event that is known, 0 at first")
    ] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_PER_PAGE, description="how many at most")] = 100
    type: Annotated[
        list[EventType] | None,
        Field(min_length=1, max_length=len(EventType), description="events of these types alone"),
    ] = None


class EventItem(Output):
    """One event (CloudEvents 1.0.2). `data` are ids, words and fen; docs/webhooks.md lists them for each type."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: Annotated[str, Field(description="its number in the one order, with leading zeros")]
    datacontenttype: Literal["application/json"]
    data: dict[str, str | int | None]

    @field_serializer("time")
    def _moment(self, at: datetime) -> str:
        return moment(at)


class EventBatch(RootModel[list[EventItem]]):
    """A page of events, the earliest first; empty when there is nothing newer."""


@CHAPTER.operation(Method.GET, "/events", media_type=BATCH_MEDIA_TYPE)
def list_events(call: Call, query: EventQuery) -> EventBatch:
    """List events after one that is known, in the order that is the same for everybody.

    The next page begins after the `sequence` of the last event of this one. Numbers have no gaps, and an event that is
    listed once stays where it is; what happened a moment ago is listed within a minute or two.
    """
    call.check_everywhere()
    found = webhooks.list_events(
        call.database, call.desk.webhook_office.source, after=query.after, types=query.type, most=query.limit
    )
    return EventBatch([_item(each) for each in found])


def _item(event: CloudEvent) -> EventItem:
    return EventItem.model_validate(event)
