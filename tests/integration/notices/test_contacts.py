"""Contacts: every row is kept sealed, known already, or refused with its reason; a new address gives another try."""

from collections.abc import Sequence

import pytest

from policy_match.notices.contacts import NoSuchRecipient
from policy_match.notices.model import Channel, NoticeEvent, NoticeStatus
from policy_match.services.contacts import StatedContact, list_contacts, take_contacts
from policy_match.services.roles import grant_role
from policy_match.services.suppressions import list_suppressions, suppress_contact
from policy_match.storage.account_sealer import AccountSealer
from tests.support.cases import OUTSIDER, World, answer, uscc
from tests.support.payment_flow import rows
from tests.support.prepared import SEALER, lines, prepare_world, story
from tests.support.told import move_notices

EMAIL, PHONE = "invented.one@example.com", "199 0000 0000"
FIRM = f"firm:{uscc(1)}"
BY = "wang.fang"


def row(number: int = 2, recipient: str = uscc(1), channel: str = "email", address: str = EMAIL) -> StatedContact:
    """Return a row of a file."""
    return StatedContact(row=number, recipient=recipient, channel=channel, address=address, source="tax")


def take(world: World, *stated: StatedContact, sealer: AccountSealer = SEALER) -> Sequence[int]:
    """Take rows; return how many were kept, known and refused."""
    taken = take_contacts(stated, world.database, sealer, world.clock, by=BY)
    return taken.kept, taken.known, taken.refused


def test_an_address_is_kept_sealed_and_listed_masked(world: World, database_url: str) -> None:
    assert take(world, row(), row(3, channel="手机", address=PHONE)) == (2, 0, 0)
    email, phone = list_contacts(world.database)
    assert (email.recipient, email.channel, email.masked) == (FIRM, Channel.EMAIL, "i***@example.com")
    assert (phone.channel, phone.masked, phone.source, phone.by) == (Channel.SMS, "***0000", "tax", BY)
    (kept, _) = rows(database_url, "SELECT * FROM contact ORDER BY contact_id")
    assert EMAIL.encode() not in bytes(kept["sealed"])
    assert EMAIL not in str(kept)


def test_the_same_contact_twice_is_kept_once(world: World) -> None:
    assert take(world, row(), row(3, address="Invented.One@EXAMPLE.com")) == (1, 1, 0)
    assert take(world, row()) == (0, 1, 0)


def test_the_newest_address_of_a_channel_and_source_counts(world: World) -> None:
    take(world, row(), row(3, address="invented.two@example.com"), row(4))
    assert [line.is_latest for line in list_contacts(world.database, older=True)] == [False, False, True]
    (latest,) = list_contacts(world.database)
    assert latest.contact_id == 3


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (row(recipient="123"), "is no recipient"),
        (row(recipient="firm:123"), "is no recipient"),
        (row(recipient="system"), "is no recipient"),
        (row(recipient="nobody.knows"), "is no recipient"),
        (row(channel="fax"), "the channel must be one of"),
        (row(channel="inbox"), "the channel must be one of"),
        (row(address="invented"), "is no e-mail address"),
        (row(address=""), "is empty"),
        (row(channel="sms", address="12345"), "is no valid phone number"),
        (StatedContact(row=2, recipient=uscc(1), channel="email", address=EMAIL, source=""), "the source"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason_and_the_others_are_taken(
    world: World, wrong: StatedContact, reason: str
) -> None:
    taken = take_contacts([wrong, row(3)], world.database, SEALER, world.clock, by=BY)
    assert (taken.kept, taken.refused) == (1, 1)
    (refusal,) = taken.refusals
    assert refusal.row == 2
    assert reason in refusal.reason_en
    assert not wrong.address or wrong.address not in str(refusal)


def test_an_address_in_the_column_of_recipients_is_not_repeated(world: World) -> None:
    taken = take_contacts([row(recipient=EMAIL)], world.database, SEALER, world.clock, by=BY)
    assert EMAIL not in str(taken)


def test_a_member_of_staff_needs_a_role(world: World) -> None:
    assert take(world, row(recipient="li.ming")) == (0, 0, 1)
    grant_role(world.database, world.clock, person="li.ming", role="reviewer", by=BY)
    assert take(world, row(recipient="li.ming")) == (1, 0, 0)
    (line,) = list_contacts(world.database, recipient="li.ming")
    assert line.channel is Channel.EMAIL


def test_a_firm_without_a_case_is_kept_and_counted(world: World) -> None:
    taken = take_contacts([row(), row(3, recipient=OUTSIDER)], world.database, SEALER, world.clock, by=BY)
    assert (taken.kept, taken.without_case) == (2, 1)


def test_listing_a_recipient_that_cannot_be_one_is_an_error(world: World) -> None:
    with pytest.raises(NoSuchRecipient):
        list_contacts(world.database, recipient="firm:1")


def test_a_new_address_gives_notices_that_reached_nobody_another_try(world: World) -> None:
    prepare_world(world)
    assert move_notices(world.database, world.clock.now(), NoticeEvent.FAIL) == 3
    taken = take_contacts([row()], world.database, SEALER, world.clock, by=BY)
    assert taken.reopened == 1
    assert [line.status for line in lines(world)] == [
        NoticeStatus.OPEN,
        NoticeStatus.UNREACHED,
        NoticeStatus.UNREACHED,
    ]
    last = story(world, lines(world)[0].notice_id).events[-1]
    assert (last.event, last.by) == (NoticeEvent.REOPEN, BY)
    assert take_contacts([row()], world.database, SEALER, world.clock, by=BY).reopened == 0


def test_a_known_address_reopens_nothing(world: World) -> None:
    take(world, row())
    prepare_world(world)
    move_notices(world.database, world.clock.now(), NoticeEvent.FAIL)
    assert take_contacts([row()], world.database, SEALER, world.clock, by=BY).reopened == 0


def test_what_was_answered_meanwhile_is_not_reopened(world: World) -> None:
    prepare_world(world)
    move_notices(world.database, world.clock.now(), NoticeEvent.FAIL)
    answer(world, lines(world)[0].case_id or 0)
    assert take_contacts([row()], world.database, SEALER, world.clock, by=BY).reopened == 0


def test_a_suppressed_address_stays_suppressed_when_it_comes_in_again_under_a_new_key(world: World) -> None:
    take(world, row())
    suppress_contact(world.database, SEALER, world.clock, contact_id=1, reason="投诉", by=BY)
    rotated = AccountSealer([b"another key for tests, 32 bytes!", b"only for tests, thirty-two bytes"])
    assert take(world, row(), sealer=rotated) == (0, 1, 0)
    assert take(world, row(3, recipient=uscc(2)), sealer=rotated) == (1, 0, 0)
    assert [line.is_suppressed for line in list_contacts(world.database)] == [True, True]
    assert [line.reason for line in list_suppressions(world.database)] == ["投诉", "投诉"]
