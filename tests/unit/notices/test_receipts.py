"""What receipts mean, in any order in which they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.notices.messages import ReceiptKind
from policy_match.notices.model import DeliveryId, DeliveryStatus
from policy_match.notices.receipts import (
    Judge,
    NamedDelivery,
    ReceiptVerdict,
    delivery_of,
    message_key,
)

SEVEN = DeliveryId(7)
DELIVERED, READ, BOUNCED = ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.BOUNCED


def judge(status: DeliveryStatus, *, tries: int = 1, provider: str = "gate") -> Judge:
    return Judge({SEVEN: NamedDelivery(delivery_id=SEVEN, provider=provider, status=status, tries=tries)})


def test_a_key_names_its_delivery_and_nothing_else_does() -> None:
    assert message_key(SEVEN) == "PMN7"
    assert delivery_of("PMN7") == SEVEN
    for text in ("", "PMN", "PMN0", "PMN07", "pmn7", "PMN7 ", "PMN-7", "PMN٧", "PMN" + "9" * 30, "XPMN7"):
        assert delivery_of(text) is None


@pytest.mark.parametrize(
    "status",
    [
        DeliveryStatus.WAITING,
        DeliveryStatus.SENDING,
        DeliveryStatus.HANDED_OVER,
        DeliveryStatus.UNKNOWN,
        DeliveryStatus.UNCONFIRMED,
    ],
)
@pytest.mark.parametrize("kind", list(ReceiptKind))
def test_a_receipt_counts_before_the_sending_was_recorded_and_long_after(
    status: DeliveryStatus, kind: ReceiptKind
) -> None:
    assert judge(status).verdict(SEVEN, "gate", kind) is ReceiptVerdict.APPLIED


def test_nobody_confirms_what_was_never_sent() -> None:
    waiting = judge(DeliveryStatus.WAITING, tries=0)
    assert waiting.verdict(SEVEN, "gate", DELIVERED) is ReceiptVerdict.CONTRADICTION


def test_the_same_receipt_again_is_known() -> None:
    found = judge(DeliveryStatus.HANDED_OVER)
    verdicts = [found.verdict(SEVEN, "gate", kind) for kind in (DELIVERED, DELIVERED, READ, READ, DELIVERED)]
    applied, known = ReceiptVerdict.APPLIED, ReceiptVerdict.KNOWN
    assert verdicts == [applied, known, applied, known, known]


def test_a_message_that_came_back_was_not_delivered() -> None:
    found = judge(DeliveryStatus.DELIVERED)
    assert found.verdict(SEVEN, "gate", BOUNCED) is ReceiptVerdict.APPLIED
    assert found.verdict(SEVEN, "gate", DELIVERED) is ReceiptVerdict.CONTRADICTION


def test_what_was_read_does_not_come_back() -> None:
    assert judge(DeliveryStatus.READ).verdict(SEVEN, "gate", BOUNCED) is ReceiptVerdict.CONTRADICTION


def test_a_receipt_for_another_providers_message_or_for_none_changes_nothing() -> None:
    assert judge(DeliveryStatus.HANDED_OVER).verdict(SEVEN, "mail", DELIVERED) is ReceiptVerdict.OTHER_PROVIDER
    assert judge(DeliveryStatus.HANDED_OVER).verdict(None, "gate", DELIVERED) is ReceiptVerdict.NO_SUCH_MESSAGE
    assert Judge({}).verdict(SEVEN, "gate", DELIVERED) is ReceiptVerdict.NO_SUCH_MESSAGE


@given(st.sampled_from(DeliveryStatus), st.lists(st.sampled_from(ReceiptKind), max_size=6))
def test_however_often_receipts_come_each_kind_is_applied_once_at_most(
    status: DeliveryStatus, kinds: list[ReceiptKind]
) -> None:
    found = judge(status)
    applied = [kind for kind in kinds if found.verdict(SEVEN, "gate", kind) is ReceiptVerdict.APPLIED]
    assert len(applied) == len(set(applied))
