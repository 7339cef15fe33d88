"""Suppressions and preferences: who gets nothing, who wants what, and that nothing of it is lost."""

import pytest

from policy_match.notices.contacts import NoSuchRecipient
from policy_match.notices.model import Channel
from policy_match.services.contacts import StatedContact, list_contacts, take_contacts
from policy_match.services.notice_preferences import WrongPreference, preferences, set_preference
from policy_match.services.suppressions import (
    NoSuchContact,
    NoSuchSuppression,
    SuppressionReasonMissing,
    lift_suppression,
    list_suppressions,
    suppress_address,
    suppress_contact,
    suppress_recipient,
)
from tests.support.cases import World, uscc
from tests.support.prepared import SEALER

EMAIL = "invented.one@example.com"
FIRM = f"firm:{uscc(1)}"
BY = "wang.fang"


@pytest.fixture
def known(world: World) -> World:
    """The world with two firms that have the same e-mail address."""
    stated = [
        StatedContact(row=number, recipient=uscc(number), channel="email", address=EMAIL, source="tax")
        for number in (1, 2)
    ]
    take_contacts(stated, world.database, SEALER, world.clock, by=BY)
    return world


def test_a_recipient_is_suppressed_in_one_channel_or_in_all(known: World) -> None:
    clock = known.clock
    assert suppress_recipient(known.database, clock, recipient=FIRM, channel=Channel.SMS, reason="要求", by=BY) == [1]
    assert [line.is_suppressed for line in list_contacts(known.database)] == [False, False]
    assert suppress_recipient(known.database, clock, recipient=uscc(1), channel=None, reason="要求", by=BY) == [2]
    assert [line.is_suppressed for line in list_contacts(known.database)] == [True, False]


def test_suppressing_twice_changes_nothing(known: World) -> None:
    for expected in ([1], []):
        found = suppress_recipient(known.database, known.clock, recipient=FIRM, channel=None, reason="x", by=BY)
        assert found == expected


def test_an_address_is_suppressed_for_everybody_who_has_it(known: World) -> None:
    suppress_contact(known.database, SEALER, known.clock, contact_id=1, reason="退信", by=BY)
    assert [line.is_suppressed for line in list_contacts(known.database)] == [True, True]
    (line,) = list_suppressions(known.database, recipient=uscc(2))
    assert (line.recipient, line.masked, line.channel) == (None, ("i***@example.com",), Channel.EMAIL)


def test_an_address_can_be_suppressed_before_anybody_has_it(world: World) -> None:
    suppress_address(
        world.database, SEALER, world.clock, channel=Channel.EMAIL, address=f"{EMAIL}\n", reason="投诉", by=BY
    )
    stated = StatedContact(row=2, recipient=uscc(1), channel="email", address=EMAIL.upper(), source="tax")
    take_contacts([stated], world.database, SEALER, world.clock, by=BY)
    assert [line.is_suppressed for line in list_contacts(world.database)] == [True]


def test_a_lifted_suppression_ends_and_stays_on_record(known: World) -> None:
    suppress_recipient(known.database, known.clock, recipient=FIRM, channel=None, reason="x", by=BY)
    lift_suppression(known.database, known.clock, suppression_id=1, reason="已更正", by=BY)
    assert list_suppressions(known.database) == []
    (line,) = list_suppressions(known.database, lifted=True)
    assert line.lifted == "已更正"
    assert not any(line.is_suppressed for line in list_contacts(known.database))
    with pytest.raises(NoSuchSuppression):
        lift_suppression(known.database, known.clock, suppression_id=1, reason="x", by=BY)
    assert suppress_recipient(known.database, known.clock, recipient=FIRM, channel=None, reason="x", by=BY) == [2]


def test_what_is_not_there_or_not_justified_is_refused(known: World) -> None:
    database, clock = known.database, known.clock
    with pytest.raises(NoSuchRecipient):
        suppress_recipient(database, clock, recipient="nobody.knows", channel=None, reason="x", by=BY)
    with pytest.raises(SuppressionReasonMissing):
        suppress_recipient(database, clock, recipient=FIRM, channel=None, reason=" ", by=BY)
    with pytest.raises(NoSuchContact):
        suppress_contact(database, SEALER, clock, contact_id=99, reason="x", by=BY)


def test_the_last_wish_counts_and_earlier_ones_stay(known: World) -> None:
    for channels in ((Channel.SMS, Channel.EMAIL), ()):
        set_preference(known.database, known.clock, recipient=uscc(1), channels=channels, language="en", by=FIRM)
    assert [each.channels for each in preferences(known.database, FIRM)] == [(), (Channel.SMS, Channel.EMAIL)]


@pytest.mark.parametrize("channels", [(Channel.INBOX,), (Channel.SMS, Channel.SMS)])
def test_an_order_with_the_inbox_or_a_channel_twice_is_refused(known: World, channels: tuple[Channel, ...]) -> None:
    with pytest.raises(WrongPreference):
        set_preference(known.database, known.clock, recipient=FIRM, channels=channels, language=None, by=BY)


def test_a_wish_of_somebody_who_is_not_there_is_refused(known: World) -> None:
    with pytest.raises(NoSuchRecipient):
        set_preference(
            known.database, known.clock, recipient="nobody.knows", channels=[Channel.SMS], language=None, by=BY
        )
