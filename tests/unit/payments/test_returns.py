"""Returned payments: reasons, what must follow, ages, and the end of the year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.ledger.accounts import LineId
from policy_match.ledger.balances import after_return
from policy_match.payments.returns import (
    AGE_LIMITS,
    REASONS,
    FollowUp,
    ReturnedPayment,
    WayBack,
    ages,
    may_pay_in_year,
    reason_of,
    way_back,
)

LINE = LineId("city-2025")
DAY = date(2025, 12, 1)
CUT_OFF = date(2025, 12, 25)


@pytest.mark.parametrize(
    ("code", "follow_up", "chinese"),
    [
        ("AC01", FollowUp.FIRM_CORRECTS_ACCOUNT, "账号有误"),
        ("AC04", FollowUp.FIRM_CORRECTS_ACCOUNT, "账户已销户"),
        ("AC06", FollowUp.FIRM_CORRECTS_ACCOUNT, "账户被冻结"),
        ("BE01", FollowUp.FIRM_CORRECTS_ACCOUNT, "户名与账号不符"),
        (" ac01 ", FollowUp.FIRM_CORRECTS_ACCOUNT, "账号有误"),
        ("AB08", FollowUp.BANK_RETRIES, "收款行系统离线"),
        ("AM05", FollowUp.INVESTIGATE, "疑似重复支付"),
        ("MD07", FollowUp.INVESTIGATE, "收款人已故"),
        ("MS03", FollowUp.INVESTIGATE, "银行未说明原因"),
        ("ZZ99", FollowUp.INVESTIGATE, "银行代码 ZZ99 未列入目录"),
        ("", FollowUp.INVESTIGATE, "银行代码 - 未列入目录"),
    ],
)
def test_every_reason_leads_somewhere(code: str, follow_up: FollowUp, chinese: str) -> None:
    assert (reason_of(code).follow_up, reason_of(code).chinese) == (follow_up, chinese)


def test_each_reason_has_its_code_and_two_texts() -> None:
    for code, reason in REASONS.items():
        assert (len(code), reason.code) == (4, code)
        assert reason.chinese
        assert reason.english


def returned(days_ago: int, amount_fen: int = 1) -> ReturnedPayment:
    return ReturnedPayment(
        attempt_id=f"PM{days_ago}", line=LINE, amount_fen=amount_fen, booked_on=DAY - timedelta(days_ago)
    )


def test_ages_begin_and_end_where_they_say() -> None:
    waiting = [returned(day, 100 + day) for day in (-1, 0, 5, 6, 10, 11, 30, 31, 90, 91, 400)]
    assert [(each.first_day, each.last_day, each.count, each.total_fen) for each in ages(waiting, DAY)] == [
        (0, 5, 3, 304),
        (6, 10, 2, 216),
        (11, 30, 2, 241),
        (31, 90, 2, 321),
        (91, None, 2, 691),
    ]
    assert [each.count for each in ages([], DAY, (7,))] == [0, 0]


@given(st.lists(st.builds(returned, st.integers(0, 500), st.integers(1, 10**9)), max_size=20))
def test_every_returned_payment_has_one_age(waiting: list[ReturnedPayment]) -> None:
    buckets = ages(waiting, DAY)
    assert len(buckets) == len(AGE_LIMITS) + 1
    assert sum(each.count for each in buckets) == len(waiting)
    assert sum(each.total_fen for each in buckets) == sum(each.amount_fen for each in waiting)


@pytest.mark.parametrize(
    ("day", "may"),
    [("2025-01-01", True), ("2025-12-25", True), ("2025-12-26", False), ("2026-01-01", False), ("2024-12-31", False)],
)
def test_after_the_cut_off_no_order_pays_in_the_year(day: str, may: bool) -> None:
    assert may_pay_in_year(date.fromisoformat(day), CUT_OFF) is may


@pytest.mark.parametrize(
    ("day", "cut_off", "way"),
    [
        ("2025-12-25", "2025-12-25", WayBack.CORRECT),
        ("2025-12-26", "2025-12-25", WayBack.REQUEUE),
        ("2026-01-05", "2025-12-25", WayBack.REQUEUE),
        ("2026-01-05", "2026-12-25", WayBack.REQUEUE),
    ],
)
def test_in_a_new_year_a_corrected_account_is_not_enough(day: str, cut_off: str, way: WayBack) -> None:
    assert way_back(LINE, date.fromisoformat(day), date.fromisoformat(cut_off)) is way


@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_what_may_be_corrected_has_its_quota_restored(day: date) -> None:
    if way_back(LINE, day, CUT_OFF) is WayBack.CORRECT:
        assert after_return(LINE, day) == "restore"
