"""Where firms and staff are told, what they prefer, and who gets nothing: taken by staff, and from other systems.

Guarantees that addresses come in and never go out: answers hold the masked form. A whole list is for those who are
limited to no department; one recipient's contacts are for any counter.
"""

from typing import Annotated

from pydantic import Field

from policy_match.errors import Language
from policy_match.notices.addresses import WrongAddress
from policy_match.notices.contacts import NoSuchRecipient
from policy_match.notices.model import Channel
from policy_match.notices.subscriptions import Subscription
from policy_match.services import contacts, notice_preferences, suppressions
from policy_match.services.contacts import StatedContact
from policy_match.services.notice_preferences import WrongPreference
from policy_match.services.suppressions import NoSuchContact, NoSuchSuppression, SuppressionReasonMissing
from policy_match.web.api.v1.notices import Recipient
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.NOTICES)
OPERATIONS = CHAPTER.operations

MOST_CONTACTS = 1_000
"""How many addresses one request states."""


class ContactsQuery(PageQuery):
    """Which contacts; with `older` those too that were replaced."""

    recipient: Recipient | None = None
    channel: Channel | None = None
    older: bool = False


class RecipientContactItem(Output):
    """One contact; `is_latest`: no newer one of the same channel and source took its place."""

    contact_id: int
    recipient: str
    channel: Channel
    masked: str
    source: str
    is_latest: bool
    is_suppressed: bool
    at: Moment
    by: str


class NewContact(Input):
    """One address, and who gave it."""

    recipient: Recipient
    channel: Channel
    address: Annotated[Text, Field(min_length=1, max_length=300)]
    source: Annotated[Text, Field(min_length=1, max_length=100)]


class NewContacts(Input):
    """Addresses of recipients."""

    contacts: Annotated[list[NewContact], Field(min_length=1, max_length=MOST_CONTACTS)]


class RefusedContactItem(Output):
    """An address that was not kept, by its place in the request; it is not repeated."""

    row: int
    recipient: str
    channel: str
    reason_zh: str
    reason_en: str


class ContactsAnswer(Output):
    """What became of the addresses; `reopened` notices had no way left and get another try."""

    kept: int
    known: int
    refused: int
    without_case: int
    reopened: int
    refusals: list[RefusedContactItem]


class RecipientQuery(Query):
    """Whose."""

    recipient: Recipient


class NewPreference(Input):
    """Through which channels, in order, and in which language; no channel at all means the inbox alone."""

    recipient: Recipient
    channels: Annotated[list[Channel], Field(max_length=len(Channel))]
    language: Language | None = None
    unwanted: Annotated[
        list[Subscription] | None,
        Field(max_length=len(Subscription), description="what is not wanted, of what can be left out; none: as before"),
    ] = None


class PreferenceItem(Output):
    """What a recipient asked for at some time."""

    recipient: str
    channels: list[Channel]
    language: Language | None
    unwanted: list[Subscription]
    at: Moment
    by: str


class PreferencesAnswer(Output):
    """What a recipient asked for, the latest first."""

    preferences: list[PreferenceItem]


class SuppressionsQuery(PageQuery):
    """Which suppressions; with `ended` those too that are over."""

    recipient: Recipient | None = None
    ended: bool = False


class SuppressionItem(Output):
    """Who, or which address, gets nothing; without a channel, through none. `lifted` is why it ended."""

    suppression_id: int
    recipient: str | None
    masked: list[str]
    channel: Channel | None
    reason: str
    at: Moment
    by: str
    lifted: str | None


class SuppressedRecipient(Input):
    """Who gets nothing; without a channel, through none."""

    recipient: Recipient
    channel: Channel | None = None
    reason: Text


class SuppressedContact(Input):
    """To which contact's address nothing is sent, whoever has it."""

    contact_id: Number
    reason: Text


class SuppressedAddress(Input):
    """To which address nothing is sent, also if it becomes a contact later."""

    channel: Channel
    address: Annotated[Text, Field(min_length=1, max_length=300)]
    reason: Text


class SuppressedAnswer(Output):
    """The numbers of the suppressions; none when it is so already."""

    suppression_ids: list[int]


class SuppressionKey(Query):
    """Which suppression."""

    suppression_id: Number


class Ending(Input):
    """Why."""

    reason: Text


@CHAPTER.operation(Method.GET, "/contacts", raises=(NoSuchRecipient,))
def list_contacts(call: Call, query: ContactsQuery) -> Page[RecipientContactItem]:
    """List contacts by number, masked."""
    _check_whole(call, query.recipient)
    found = contacts.list_contacts(
        call.database,
        recipient=query.recipient,
        channel=query.channel,
        older=query.older,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[RecipientContactItem], found, query.limit, "contact_id")


@CHAPTER.operation(Method.POST, "/contacts")
def take_contacts(call: Call, body: NewContacts) -> ContactsAnswer:
    """Take addresses; each that cannot be taken is named, the others are kept."""
    rows = (
        StatedContact(
            row=number, recipient=each.recipient, channel=each.channel, address=each.address, source=each.source
        )
        for number, each in enumerate(body.contacts, 1)
    )
    taken = contacts.take_contacts(rows, call.database, call.desk.account_sealer, call.clock, by=call.by)
    return ContactsAnswer.model_validate(taken)


@CHAPTER.operation(Method.GET, "/preferences", raises=(NoSuchRecipient,))
def show_preferences(call: Call, query: RecipientQuery) -> PreferencesAnswer:
    """Show what a recipient asked for."""
    found = notice_preferences.preferences(call.database, query.recipient)
    return PreferencesAnswer.model_validate({"preferences": found}, from_attributes=True)


@CHAPTER.operation(Method.POST, "/preferences", raises=(NoSuchRecipient, WrongPreference))
def set_preference(call: Call, body: NewPreference) -> None:
    """Keep what a recipient asks for at the counter."""
    notice_preferences.set_preference(
        call.database,
        call.clock,
        recipient=body.recipient,
        channels=body.channels,
        language=body.language,
        by=call.by,
        unwanted=body.unwanted,
    )


@CHAPTER.operation(Method.GET, "/suppressions", raises=(NoSuchRecipient,))
def list_suppressions(call: Call, query: SuppressionsQuery) -> Page[SuppressionItem]:
    """List who gets nothing, by number."""
    _check_whole(call, query.recipient)
    found = suppressions.list_suppressions(
        call.database,
        recipient=query.recipient,
        lifted=query.ended,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[SuppressionItem], found, query.limit, "suppression_id")


@CHAPTER.operation(Method.POST, "/suppressions/recipients", raises=(NoSuchRecipient, SuppressionReasonMissing))
def suppress_recipient(call: Call, body: SuppressedRecipient) -> SuppressedAnswer:
    """Let a recipient get nothing through a channel, or through any."""
    found = suppressions.suppress_recipient(
        call.database, call.clock, recipient=body.recipient, channel=body.channel, reason=body.reason, by=call.by
    )
    return SuppressedAnswer(suppression_ids=list(found))


@CHAPTER.operation(Method.POST, "/suppressions/contacts", raises=(NoSuchContact, SuppressionReasonMissing))
def suppress_contact(call: Call, body: SuppressedContact) -> SuppressedAnswer:
    """Let nothing more be sent to the address of a contact."""
    found = suppressions.suppress_contact(
        call.database,
        call.desk.account_sealer,
        call.clock,
        contact_id=body.contact_id,
        reason=body.reason,
        by=call.by,
    )
    return SuppressedAnswer(suppression_ids=list(found))


@CHAPTER.operation(Method.POST, "/suppressions/addresses", raises=(WrongAddress, SuppressionReasonMissing))
def suppress_address(call: Call, body: SuppressedAddress) -> SuppressedAnswer:
    """Let nothing be sent to an address through a channel."""
    found = suppressions.suppress_address(
        call.database,
        call.desk.account_sealer,
        call.clock,
        channel=body.channel,
        address=body.address,
        reason=body.reason,
        by=call.by,
    )
    return SuppressedAnswer(suppression_ids=list(found))


@CHAPTER.operation(
    Method.POST, "/suppressions/{suppression_id}/end", raises=(NoSuchSuppression, SuppressionReasonMissing)
)
def end_suppression(call: Call, path: SuppressionKey, body: Ending) -> None:
    """End a suppression."""
    suppressions.lift_suppression(
        call.database, call.clock, suppression_id=path.suppression_id, reason=body.reason, by=call.by
    )


def _check_whole(call: Call, recipient: str | None) -> None:
    """Let only who is limited to no department list everybody's."""
    if recipient is None:
        call.check_everywhere()
