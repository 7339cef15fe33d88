"""The fast way to notices that wait for a way: their rows are written as the services would have left them.

Guarantees, by the schema's own triggers, that these rows could have come about step by step. How a case gets its
notice, and how that gets its text, is tested elsewhere.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from policy_match.cases.model import NoticeKind
from policy_match.notices.addresses import Address
from policy_match.notices.contacts import NewContact
from policy_match.notices.model import Channel
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock
from tests.support.payment_flow import SEALER, app_connection

MORNING = datetime(2025, 7, 1, 1, tzinfo=UTC)
"""Nine o'clock in Beijing: no quiet hours."""

CLERK = "wang.fang"

OPEN = (
    """
    INSERT INTO notice (recipient, kind, about, at)
    SELECT 'firm:91370000MA' || lpad(n::text, 8, '0'), %(kind)s::notice_kind, %(about)s, %(at)s
      FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
    """,
    """
    INSERT INTO notice_text (notice_id, language, subject, body, short, template, at)
    SELECT notice_id, 'zh', '示例通知 ' || notice_id, E'示例正文\n第 ' || notice_id || ' 号', '示例短信 ' || notice_id,
           encode(sha256('template'), 'hex'), %(at)s
      FROM notice JOIN notice_state USING (notice_id) WHERE status = 'due'
    """,
    """
    INSERT INTO delivery (notice_id, number, channel, provider, due_at, at)
    SELECT notice_id, 1, 'inbox', 'inbox', %(at)s, %(at)s FROM notice_state WHERE status = 'due' ORDER BY notice_id
    """,
    """
    INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    SELECT delivery_id, 1, 'send', 'waiting', 'sending', %(at)s
      FROM delivery_state WHERE provider = 'inbox' AND status = 'waiting'
    """,
    """
    INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    SELECT delivery_id, 2, 'hand_over', 'sending', 'handed_over', %(at)s
      FROM delivery_state WHERE provider = 'inbox' AND status = 'sending'
    """,
    """
    INSERT INTO notice_event (notice_id, seq, event, before, after, at, by)
    SELECT notice_id, seq + 1, 'prepare', 'due', 'open', %(at)s, 'system' FROM notice_state WHERE status = 'due'
    """,
)


def recipient(number: int) -> str:
    """Return the invented firm of this number, from 1."""
    return f"firm:91370000MA{number:08d}"


def open_notices(
    url: str,
    count: int,
    *,
    first: int = 1,
    kind: NoticeKind = NoticeKind.INFORMATION,
    about: str = "示例",
    at: datetime = MORNING,
) -> None:
    """Write open notices, one for each firm from `first` on, with their texts and in the inbox."""
    parameters = {"first": first, "last": first + count - 1, "kind": kind.value, "about": about, "at": at}
    with app_connection(url) as connection:
        for statement in OPEN:
            connection.execute(statement.encode(), parameters)


def give_addresses(
    database: Database,
    wanted: Iterable[tuple[str, Channel, str]],
    clock: MovableClock,
    *,
    source: str = "示例登记",
) -> None:
    """Keep addresses by recipient and channel. They need not be such as a person could have."""
    contacts = []
    for owner, channel, text in wanted:
        address = Address(channel=channel, text=text, masked="***", same=text)
        sealed = SEALER.seal_address(address, owner)
        contacts.append(
            NewContact(recipient=owner, channel=channel, address=sealed, masked=address.masked, source=source)
        )
    with database.unit_of_work() as work:
        work.contacts.add(contacts, clock.now(), CLERK)
        work.commit()


def mail_address(number: int) -> str:
    """Return the invented mail address of the firm of this number."""
    return f"firm{number}@invented.example"


def phone(number: int) -> str:
    """Return a number of no country for the firm of this number."""
    return f"+999{number:010d}"


def letter_address(number: int) -> str:
    """Return the invented postal address of the firm of this number."""
    return f"虚构市示例路 {number} 号"


ADDRESS = {Channel.EMAIL: mail_address, Channel.SMS: phone, Channel.LETTER: letter_address}


def give_all(
    database: Database, count: int, channels: Sequence[Channel], clock: MovableClock, *, first: int = 1
) -> None:
    """Give every firm from `first` on an address of each channel."""
    numbers = range(first, first + count)
    give_addresses(
        database,
        ((recipient(number), channel, ADDRESS[channel](number)) for number in numbers for channel in channels),
        clock,
    )
