"""Says who, or which address, gets nothing through a channel, and ends that again.

Guarantees that an address is named by a contact or read from a file, never on a command line, that it is suppressed
under every key by which it may have been kept, and that nothing is removed. The inbox cannot be suppressed.
"""

from collections.abc import Sequence

from policy_match.errors import InputError
from policy_match.notices.addresses import Address, parse_address
from policy_match.notices.contacts import NewSuppression, SuppressionLine, recipient_of
from policy_match.notices.model import Channel
from policy_match.notices.sealing import AddressSealer
from policy_match.ports import Clock, Database
from policy_match.services.contacts import known_recipient

MOST_LISTED = 10_000
"""The largest page."""


class NoSuchContact(InputError):
    """There is no contact of that number."""

    code = "contact.unknown"
    http_status = 404
    english = "there is no contact {contact_id}; `policy-match notices contacts` lists them"
    chinese = "没有编号为 {contact_id} 的联系方式；请用 policy-match notices contacts 查看"


class NoSuchSuppression(InputError):
    """There is no suppression of that number, or it was ended."""

    code = "suppression.unknown"
    http_status = 404
    english = "there is no suppression {suppression_id} in force; `policy-match notices suppressions` lists them"
    chinese = "没有生效中的停发记录 {suppression_id}；请用 policy-match notices suppressions 查看"


class SuppressionReasonMissing(InputError):
    """A suppression, or its end, was not justified."""

    code = "suppression.reason"
    english = "give the reason"
    chinese = "请写明理由"


def suppress_recipient(
    database: Database, clock: Clock, *, recipient: str, channel: Channel | None, reason: str, by: str
) -> Sequence[int]:
    """Let a recipient get nothing through a channel, or through any; return the number, none if it is so already.

    Raises `NoSuchRecipient` or `SuppressionReasonMissing`.
    """
    reason = _reason(reason)
    with database.unit_of_work() as work:
        named = known_recipient(work, recipient)
        new = NewSuppression(recipient=named, fingerprints=(), channel=channel, reason=reason)
        numbers = work.contacts.suppress(new, clock.now(), by)
        work.commit()
    return numbers


def suppress_contact(
    database: Database, sealer: AddressSealer, clock: Clock, *, contact_id: int, reason: str, by: str
) -> Sequence[int]:
    """Let nothing more be sent to the address of a contact through its channel, whoever has it; return the numbers.

    Raises `NoSuchContact` or `SuppressionReasonMissing`, or a `StorageError` when the address cannot be opened.
    """
    reason = _reason(reason)
    with database.unit_of_work() as work:
        contact = work.contacts.find(contact_id)
    if contact is None:
        raise NoSuchContact(contact_id=contact_id)
    address = parse_address(contact.channel, sealer.open_address(contact.address, contact.recipient))
    return _suppress(database, sealer, clock, address, reason, by)


def suppress_address(
    database: Database, sealer: AddressSealer, clock: Clock, *, channel: Channel, address: str, reason: str, by: str
) -> Sequence[int]:
    """Let nothing be sent to an address through a channel, also if it becomes a contact later; return the numbers.

    Raises `WrongAddress` or `SuppressionReasonMissing`.
    """
    return _suppress(database, sealer, clock, parse_address(channel, address), _reason(reason), by)


def lift_suppression(database: Database, clock: Clock, *, suppression_id: int, reason: str, by: str) -> None:
    """End a suppression. Raises `NoSuchSuppression` or `SuppressionReasonMissing`."""
    reason = _reason(reason)
    with database.unit_of_work() as work:
        if not work.contacts.lift(suppression_id, reason, clock.now(), by):
            raise NoSuchSuppression(suppression_id=suppression_id)
        work.commit()


def list_suppressions(
    database: Database, *, recipient: str | None = None, lifted: bool = False, after: int = 0, most: int = 100
) -> Sequence[SuppressionLine]:
    """Return a page of suppressions by number: those in force, or with `lifted` those that ended too.

    Of one recipient: those of himself and of the addresses that he has or had. Raises `NoSuchRecipient`.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} suppressions"
    named = None if recipient is None else recipient_of(recipient)
    with database.unit_of_work() as work:
        return work.contacts.suppressions(recipient=named, lifted=lifted, after=after, most=most)


def _suppress(
    database: Database, sealer: AddressSealer, clock: Clock, address: Address, reason: str, by: str
) -> Sequence[int]:
    new = NewSuppression(
        recipient=None,
        fingerprints=sealer.address_fingerprints(address),
        channel=address.channel,
        reason=reason,
    )
    with database.unit_of_work() as work:
        numbers = work.contacts.suppress(new, clock.now(), by)
        work.commit()
    return numbers


def _reason(text: str) -> str:
    if not text.strip():
        raise SuppressionReasonMissing
    return text.strip()
