"""What follows for a delivery from each result, from a lost reply and from a sender that died."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.messages import Outcome, SendResult
from policy_match.notices.model import Channel, DeliveryEvent, DeliveryId, DeliveryStatus
from policy_match.notices.outcomes import DETAIL_LETTERS, Sending, Terms, step_after, step_after_crash
from policy_match.notices.result_codes import ResultCode
from policy_match.notices.timing import retry_at
from policy_match.notices.transitions import DELIVERY_AFTER

NOW = datetime(2025, 7, 1, 4, tzinfo=UTC)
RULES = DeliveryRules()
MAIL = RULES.terms(Channel.EMAIL, promises_once=False, gives_receipts=False)
GATE = RULES.terms(Channel.SMS, promises_once=True, gives_receipts=True)


def sending(tries: int = 1, repeats: int = 0) -> Sending:
    return Sending(delivery_id=DeliveryId(7), tries=tries, repeats=repeats)


def event(outcome: Outcome, terms: Terms = MAIL, tries: int = 1, repeats: int = 0) -> DeliveryEvent:
    return step_after(SendResult(outcome=outcome), sending(tries, repeats), terms, NOW).event


def test_an_accepted_message_is_handed_over_and_waits_for_the_receipt_that_its_channel_gives() -> None:
    handed = step_after(SendResult(outcome=Outcome.ACCEPTED, reference="id-1"), sending(), GATE, NOW)
    assert (handed.event, handed.reference) == (DeliveryEvent.HAND_OVER, "id-1")
    assert handed.due_at == NOW + timedelta(hours=72)
    assert step_after(SendResult(outcome=Outcome.ACCEPTED), sending(), MAIL, NOW).due_at is None


def test_what_is_refused_for_now_waits_and_after_the_last_try_fails() -> None:
    step = step_after(SendResult(outcome=Outcome.RETRY), sending(3), GATE, NOW)
    assert (step.event, step.due_at) == (DeliveryEvent.RETRY, retry_at(NOW, 7, 3, RULES.backoff, GATE.quiet))
    assert event(Outcome.RETRY, tries=RULES.backoff.most_tries) is DeliveryEvent.FAIL


def test_what_is_refused_fails_at_once() -> None:
    assert event(Outcome.REFUSED) is DeliveryEvent.FAIL


@pytest.mark.parametrize(("code", "bad"), [(ResultCode.NO_SUCH_ADDRESS, True), (ResultCode.MAILBOX_FULL, False)])
def test_only_an_address_that_cannot_work_is_bad(code: ResultCode, bad: bool) -> None:
    assert step_after(SendResult(outcome=Outcome.REFUSED, code=code), sending(), MAIL, NOW).bad_address is bad


def test_where_nobody_promises_a_lost_message_is_repeated_once_and_then_given_up() -> None:
    assert event(Outcome.LOST) is DeliveryEvent.REPEAT
    assert event(Outcome.LOST, repeats=1, tries=2) is DeliveryEvent.GIVE_UP


def test_where_the_channel_promises_a_lost_message_is_repeated_until_the_last_try() -> None:
    assert event(Outcome.LOST, GATE, tries=5, repeats=4) is DeliveryEvent.REPEAT
    assert event(Outcome.LOST, GATE, tries=6, repeats=5) is DeliveryEvent.GIVE_UP


def test_a_sender_that_died_counts_as_a_lost_reply() -> None:
    assert step_after_crash(sending(), MAIL, NOW).event is DeliveryEvent.REPEAT
    assert step_after_crash(sending(2, 1), MAIL, NOW).event is DeliveryEvent.GIVE_UP


def test_of_what_a_provider_says_only_so_much_is_kept() -> None:
    result = SendResult(outcome=Outcome.REFUSED, code="x\0y" * 100, detail="z" * 10_000, reference="r" * 10_000)
    step = step_after(result, sending(), MAIL, NOW)
    assert len(step.detail) == DETAIL_LETTERS
    assert "\0" not in step.code


@given(
    st.sampled_from(Outcome),
    st.booleans(),
    st.integers(1, 30),
    st.integers(0, 30),
)
def test_every_result_is_a_possible_step_of_what_is_being_sent(
    outcome: Outcome, promises: bool, tries: int, repeats: int
) -> None:
    terms = RULES.terms(Channel.SMS, promises_once=promises, gives_receipts=False)
    step = step_after(SendResult(outcome=outcome), sending(tries, repeats), terms, NOW)
    after = DELIVERY_AFTER[DeliveryStatus.SENDING, step.event]
    assert (after is DeliveryStatus.WAITING) == (step.due_at is not None)
    if step.event is DeliveryEvent.REPEAT and not promises:
        assert repeats == 0
