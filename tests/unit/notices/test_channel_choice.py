"""The next way of a notice: order, addresses, providers, what failed and what is suppressed."""

from hypothesis import given
from hypothesis import strategies as st

from policy_match.notices.channel_choice import (
    MOST_WAYS,
    KeptAddress,
    NoWay,
    Provider,
    Suppressed,
    Tried,
    Way,
    arranged,
    next_way,
)
from policy_match.notices.model import Channel, DeliveryStatus

SMS = KeptAddress(contact_id=1, channel=Channel.SMS, fingerprint="sms-1")
OLD_SMS = KeptAddress(contact_id=0, channel=Channel.SMS, fingerprint="sms-0")
EMAIL = KeptAddress(contact_id=2, channel=Channel.EMAIL, fingerprint="email-1")
LETTER = KeptAddress(contact_id=3, channel=Channel.LETTER, fingerprint="letter-1")
ORDER = (Channel.SMS, Channel.EMAIL, Channel.LETTER)
GATE = Provider(name="gate", channel=Channel.SMS)
SECOND_GATE = Provider(name="gate-2", channel=Channel.SMS)
MAIL = Provider(name="mail", channel=Channel.EMAIL)
POST = Provider(name="post", channel=Channel.LETTER)
PROVIDERS = (GATE, SECOND_GATE, MAIL, POST)


def demoted(provider: Provider) -> Provider:
    return Provider(name=provider.name, channel=provider.channel, demoted=True)


def tried(address: KeptAddress, provider: str, status: DeliveryStatus, *, at_fault: bool = False) -> Tried:
    return Tried(
        provider=provider,
        channel=address.channel,
        fingerprint=address.fingerprint,
        status=status,
        provider_at_fault=at_fault,
    )


def way(
    addresses: tuple[KeptAddress, ...] = (SMS, EMAIL, LETTER),
    *before: Tried,
    providers: tuple[Provider, ...] = PROVIDERS,
    order: tuple[Channel, ...] = ORDER,
    suppressed: Suppressed | None = None,
) -> Way | NoWay:
    return next_way(order, addresses, arranged(providers), suppressed or Suppressed(), before)


def by(address: KeptAddress, provider: str) -> Way:
    return Way(channel=address.channel, provider=provider, contact_id=address.contact_id)


def test_the_first_channel_of_the_order_with_an_address_is_taken() -> None:
    assert way() == by(SMS, "gate")
    assert way((EMAIL, LETTER)) == by(EMAIL, "mail")


def test_the_recipients_order_counts() -> None:
    assert way(order=(Channel.LETTER, Channel.SMS)) == by(LETTER, "post")


def test_the_newest_address_of_a_channel_comes_first_and_the_older_after_it_failed() -> None:
    assert way((SMS, OLD_SMS)) == by(SMS, "gate")
    assert way((SMS, OLD_SMS), tried(SMS, "gate", DeliveryStatus.FAILED)) == by(OLD_SMS, "gate")


def test_an_address_that_failed_is_not_asked_again_through_any_provider_of_its_channel() -> None:
    for status in (
        DeliveryStatus.FAILED,
        DeliveryStatus.BOUNCED,
        DeliveryStatus.UNCONFIRMED,
        DeliveryStatus.HANDED_OVER,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.READ,
    ):
        assert way((SMS, EMAIL), tried(SMS, "gate", status)) == by(EMAIL, "mail")


def test_where_the_provider_was_at_fault_another_of_the_channel_is_asked() -> None:
    fault = tried(SMS, "gate", DeliveryStatus.FAILED, at_fault=True)
    assert way((SMS, EMAIL), fault) == by(SMS, "gate-2")
    both = tried(SMS, "gate-2", DeliveryStatus.FAILED, at_fault=True)
    assert way((SMS, EMAIL), fault, both) == by(EMAIL, "mail")


def test_a_delivery_taken_back_says_nothing_against_its_way() -> None:
    assert way((SMS,), tried(SMS, "gate", DeliveryStatus.CANCELLED)) == by(SMS, "gate")


def test_a_waiting_delivery_may_go_through_a_sound_provider_of_its_channel() -> None:
    waiting = tried(SMS, "gate", DeliveryStatus.WAITING)
    assert way((SMS,), waiting, providers=(demoted(GATE), SECOND_GATE)) == by(SMS, "gate-2")


def test_a_demoted_provider_goes_last_in_its_channel() -> None:
    assert way(providers=(demoted(GATE), SECOND_GATE, MAIL)) == by(SMS, "gate-2")


def test_a_channel_whose_providers_are_all_demoted_goes_last() -> None:
    providers = (demoted(GATE), demoted(SECOND_GATE), MAIL)
    assert way((SMS, EMAIL), providers=providers) == by(EMAIL, "mail")
    assert way((SMS, EMAIL), tried(EMAIL, "mail", DeliveryStatus.FAILED), providers=providers) == by(SMS, "gate")


def test_nothing_goes_to_a_suppressed_recipient_or_address() -> None:
    assert way(suppressed=Suppressed(channels=frozenset({Channel.SMS}))) == by(EMAIL, "mail")
    assert way(suppressed=Suppressed(addresses=frozenset({("sms-1", Channel.SMS)}))) == by(EMAIL, "mail")
    assert way(suppressed=Suppressed(addresses=frozenset({("sms-1", None)}))) == by(EMAIL, "mail")
    assert way(suppressed=Suppressed(channels=frozenset({None}))) is NoWay.SUPPRESSED


def test_an_address_suppressed_in_another_channel_is_used() -> None:
    assert way(suppressed=Suppressed(addresses=frozenset({("sms-1", Channel.EMAIL)}))) == by(SMS, "gate")


def test_without_any_address_a_person_must_act() -> None:
    assert way(()) is NoWay.NO_CONTACT


def test_addresses_in_channels_that_nobody_asked_for_are_left_alone() -> None:
    assert way((SMS,), order=(Channel.EMAIL,)) is NoWay.NOT_WANTED


def test_a_channel_without_a_provider_is_named_as_such() -> None:
    assert way((SMS,), providers=(MAIL,)) is NoWay.NO_PROVIDER


def test_when_every_way_failed_a_person_must_act() -> None:
    assert way((SMS,), tried(SMS, "gate", DeliveryStatus.BOUNCED)) is NoWay.ALL_FAILED


def test_while_a_message_may_have_arrived_no_other_is_sent() -> None:
    assert way((SMS, EMAIL), tried(SMS, "gate", DeliveryStatus.UNKNOWN)) is NoWay.UNCERTAIN


def test_ways_are_bounded() -> None:
    before = [tried(SMS, "gate", DeliveryStatus.CANCELLED)] * MOST_WAYS
    assert way((SMS, EMAIL), *before) is NoWay.ALL_FAILED


addresses_given = st.lists(
    st.builds(
        KeptAddress,
        contact_id=st.integers(1, 100),
        channel=st.sampled_from(ORDER),
        fingerprint=st.sampled_from(["a", "b", "c"]),
    ),
    max_size=6,
)
providers_given = st.lists(
    st.builds(Provider, name=st.sampled_from("pqrs"), channel=st.sampled_from(ORDER), demoted=st.booleans()),
    max_size=5,
    unique_by=lambda each: each.name,
)
tried_given = st.lists(
    st.builds(
        Tried,
        provider=st.sampled_from("pqrs"),
        channel=st.sampled_from(ORDER),
        fingerprint=st.sampled_from(["a", "b", "c"]),
        status=st.sampled_from(DeliveryStatus),
        provider_at_fault=st.booleans(),
    ),
    max_size=6,
)
suppressed_given = st.builds(
    Suppressed,
    channels=st.frozensets(st.sampled_from([None, *ORDER]), max_size=1),
    addresses=st.frozensets(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, *ORDER])), max_size=2),
)


@given(
    st.permutations(ORDER).map(lambda order: order[:2]),
    addresses_given,
    providers_given,
    suppressed_given,
    tried_given,
)
def test_a_way_is_always_one_that_is_allowed(
    order: list[Channel],
    addresses: list[KeptAddress],
    providers: list[Provider],
    suppressed: Suppressed,
    before: list[Tried],
) -> None:
    found = next_way(order, addresses, arranged(providers), suppressed, before)
    if isinstance(found, NoWay):
        return
    assert found.channel in order
    assert any(each.name == found.provider and each.channel is found.channel for each in providers)
    usable = [each for each in addresses if each.contact_id == found.contact_id and each.channel is found.channel]
    assert any(not suppressed.hides(each) for each in usable)
    spent = [each for each in before if each.status not in (DeliveryStatus.WAITING, DeliveryStatus.CANCELLED)]
    for each in usable:
        if suppressed.hides(each):
            continue
        same = [
            one
            for one in spent
            if one.fingerprint == each.fingerprint
            and one.channel is each.channel
            and (not one.provider_at_fault or one.provider == found.provider)
        ]
        if not same:
            break
    else:
        raise AssertionError("the address had failed")
