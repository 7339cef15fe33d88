"""The firm's inbox, how it wants to be told, its accounts, and what it would have different about policies.

Guarantees that an account or an address is shown masked, and that an account number is never given back.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from policy_match.cases.firm_view import StatedPayee
from policy_match.cases.model import NoticeKind
from policy_match.notices.model import Channel, NoticeId
from policy_match.notices.subscriptions import Subscription
from policy_match.policy.model import PayeeKind
from policy_match.reports.reviews import SuggestionStatus
from policy_match.services import firm_accounts, firm_words, notice_inbox, notice_preferences
from policy_match.services.firm_accounts import AccountRefused
from policy_match.services.known_facts import registered_name
from policy_match.services.notice_preferences import WrongPreference
from policy_match.services.policy_reviews import NoSuchPolicy, NothingSaid, SubjectNotNamed, suggest
from policy_match.values import PolicyId
from policy_match.web.api.v1.firm_case_answers import masked
from policy_match.web.api.v1.firm_cases import firm_of
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.models import BLANK, Input, Moment, Name, Number, Output, Page, PageQuery
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.FIRM)
OPERATIONS = CHAPTER.operations

MOST_MARKED = 1_000
MOST_CHANNELS = len(Channel)

MaybeShort = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
"""A short text, or none."""


class InboxQuery(PageQuery):
    """Which messages."""

    unread: Annotated[bool, Field(description="only those not read")] = False
    case_id: Annotated[Number | None, Field(description="only those about this case")] = None


class ReadMarks(Input):
    """Which messages were read."""

    notice_ids: Annotated[list[Number], Field(min_length=1, max_length=MOST_MARKED)]


class MessageItem(Output):
    """One message of the inbox."""

    notice_id: int
    kind: NoticeKind
    case_id: int | None
    at: Moment
    read_at: Moment | None
    is_over: Annotated[bool, Field(description="what it says is no longer so")]
    subject: str
    body: str


class MessagesMarked(Output):
    """What became of the marks; messages that are not in the inbox are named."""

    read: int
    before: int
    not_there: list[int]


class Wish(Input):
    """Through which channels the firm wants to be told, in order; the inbox gets everything all the same.

    Only what is listed for `unwanted` can be left out; what moves money or has a last day always comes.
    """

    channels: Annotated[list[Annotated[Channel, Field(strict=False)]], Field(max_length=MOST_CHANNELS)]
    language: Annotated[str | None, StringConstraints(pattern="^(zh|en)$")] = None
    unwanted: Annotated[
        list[Annotated[Subscription, Field(strict=False)]] | None,
        Field(max_length=len(Subscription), description="what the firm does not want to hear of; none: as before"),
    ] = None


class WishAnswer(Output):
    """What the firm asks for now; `at` is none while it asked for nothing."""

    channels: list[Channel]
    language: str | None
    unwanted: Annotated[list[Subscription], Field(description="what the firm does not want to hear of")]
    at: Moment | None


class ContactItem(Output):
    """An address of the firm, masked."""

    channel: Channel
    masked: str
    source: str
    at: Moment


class ContactItems(Output):
    """The firm's addresses."""

    items: list[ContactItem]


class NewAccount(Input):
    """An account that the firm states for itself."""

    holder: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]
    number: Annotated[SecretStr, Field(min_length=1, max_length=40, strict=False)]
    bank_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class StatedAccountItem(Output):
    """An account into which the firm may be paid, masked."""

    account_id: int
    purpose: PayeeKind
    holder: str
    holder_differs: Annotated[
        bool, Field(description="whether it is not in the firm's registered name: then nothing is paid into it")
    ]
    account: str
    bank_code: str
    source: str
    at: Moment


class StatedAccountItems(Output):
    """The newest account of each source."""

    items: list[StatedAccountItem]


class NewSuggestion(Input):
    """What the firm would have different about a policy; or which policy it asks for that there is not.

    A `subject` is given exactly where no policy is.
    """

    policy_id: Name | None = None
    subject: Annotated[MaybeShort, Field(description="what is asked for, where there is no policy")] = ""
    department: Annotated[MaybeShort, Field(description="that the firm thinks responsible; only with a subject")] = ""
    text: Reason


class SuggestionItem(Output):
    """One suggestion of the firm."""

    suggestion_id: int
    policy_id: Annotated[str | None, Field(description="none where a policy is asked for that there is not")]
    subject: str
    department: str
    text: str
    at: Moment
    status: SuggestionStatus
    taken_into: Annotated[str, Field(description="the policy into which it was taken up; else empty")]
    reason: Annotated[str, Field(description="why, as the department says")]
    decided_at: Moment | None


@CHAPTER.operation(Method.GET, "/firm/inbox")
def list_firm_messages(call: Call, query: InboxQuery) -> Page[MessageItem]:
    """List the firm's messages, the newest first."""
    before = call.cursors.number()
    found = notice_inbox.inbox(
        call.database,
        firm_of(call),
        unread=query.unread,
        case_id=query.case_id,
        before=NoticeId(before) if before else None,
        most=query.limit + 1,
    )
    return call.page(Page[MessageItem], found, query.limit, "notice_id")


@CHAPTER.operation(Method.POST, "/firm/inbox/read")
def mark_firm_messages(call: Call, body: ReadMarks) -> MessagesMarked:
    """Mark messages as read."""
    wanted = [NoticeId(each) for each in body.notice_ids]
    found = notice_inbox.read_messages(call.database, call.clock, recipient=firm_of(call), notices=wanted)
    return MessagesMarked.model_validate(found)


@CHAPTER.operation(Method.GET, "/firm/preferences")
def show_firm_preference(call: Call) -> WishAnswer:
    """Show through which channels the firm wants to be told, and what it does not want to hear of."""
    return _wish(call)


@CHAPTER.operation(Method.PUT, "/firm/preferences", raises=(WrongPreference,), guarded_by="show_firm_preference")
def set_firm_preference(call: Call, body: Wish) -> WishAnswer:
    """Say through which channels the firm wants to be told, in order; none means the inbox alone."""
    notice_preferences.set_preference(
        call.database,
        call.clock,
        recipient=firm_of(call),
        channels=body.channels,
        language="en" if body.language == "en" else "zh" if body.language == "zh" else None,
        by=call.by,
        unwanted=body.unwanted,
    )
    return _wish(call)


@CHAPTER.operation(Method.GET, "/firm/contacts")
def list_firm_contacts(call: Call) -> ContactItems:
    """List the addresses at which the firm is told, masked."""
    found = firm_words.firm_contacts(call.database, firm_of(call))
    return ContactItems(items=[ContactItem.model_validate(each) for each in found])


@CHAPTER.operation(Method.GET, "/firm/accounts")
def list_firm_accounts(call: Call) -> StatedAccountItems:
    """List the accounts into which the firm may be paid, masked."""
    return _accounts(call, firm_accounts.firm_accounts(call.database, firm_of(call)))


@CHAPTER.operation(Method.POST, "/firm/accounts", raises=(AccountRefused,))
def state_firm_account(call: Call, body: NewAccount) -> StatedAccountItems:
    """State the account into which the firm wants to be paid; the number is sealed."""
    kept = firm_accounts.state_account(
        call.database,
        call.desk.account_sealer,
        call.clock,
        firm_of(call),
        holder=body.holder,
        number=body.number.get_secret_value(),
        bank_code=body.bank_code,
    )
    return _accounts(call, kept)


@CHAPTER.operation(Method.GET, "/firm/suggestions")
def list_firm_suggestions(call: Call, query: PageQuery) -> Page[SuggestionItem]:
    """List what the firm suggested, by number."""
    found = firm_words.list_firm_suggestions(
        call.database, firm_of(call), after=call.cursors.number(), most=query.limit + 1
    )
    return call.page(Page[SuggestionItem], found, query.limit, "suggestion_id")


@CHAPTER.operation(Method.POST, "/firm/suggestions", raises=(NoSuchPolicy, NothingSaid, SubjectNotNamed))
def suggest_as_firm(call: Call, body: NewSuggestion) -> Made[SuggestionItem]:
    """Say what the firm would have different about a policy, or which policy it misses."""
    number = suggest(
        call.database,
        call.clock,
        None if body.policy_id is None else PolicyId(body.policy_id),
        body.text,
        subject=body.subject,
        department=body.department,
        by=call.by,
    )
    (made,) = firm_words.list_firm_suggestions(call.database, firm_of(call), after=number - 1, most=1)
    return Made(SuggestionItem.model_validate(made), "/firm/suggestions")


def _accounts(call: Call, found: Sequence[StatedPayee]) -> StatedAccountItems:
    name = registered_name(call.database, call.desk.open_snapshot, firm_of(call), call.desk.rules) if found else ""
    return StatedAccountItems(
        items=[
            StatedAccountItem(
                account_id=each.account_id,
                purpose=each.purpose,
                holder=each.holder,
                holder_differs=firm_accounts.holder_differs(each, name),
                account=masked(each.tail),
                bank_code=each.bank_code,
                source=each.source,
                at=each.at,
            )
            for each in found
        ]
    )


def _wish(call: Call) -> WishAnswer:
    found = notice_preferences.preferences(call.database, firm_of(call))
    if not found:
        return WishAnswer(channels=[], language=None, unwanted=[], at=None)
    wish = found[0]
    return WishAnswer(channels=list(wish.channels), language=wish.language, unwanted=sorted(wish.unwanted), at=wish.at)
