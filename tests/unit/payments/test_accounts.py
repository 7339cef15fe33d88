"""Account numbers, names, the choice of an account and its checks. All numbers and firms are invented."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.payments.accounts import (
    DEFECT_TEXTS,
    AccountCheck,
    AccountDefect,
    AccountNumber,
    AccountSource,
    PayeeAccount,
    WrongAccountNumber,
    check_account,
    choose_account,
    plain_name,
    same_name,
)
from policy_match.values import Uscc

FIRM = Uscc("91370212MA3C4E5F6X")
BANK_CODES = ("001666666666", "102100099996", "103100000026", "104100000004", "105100000017", "302100011000")
"""Clearing numbers that banks publish."""
CNAPS = Path(__file__).parents[4] / "shared" / "data" / "cn_bank_cnaps" / "banks.csv"
"""A list of 98 banks that may lie beside the repository."""
DAY = date(2025, 7, 1)


def account(**changes: Any) -> PayeeAccount:
    fields: dict[str, Any] = {
        "account_id": 1,
        "owner": FIRM,
        "holder": "青岛虚构机械有限公司",
        "tail": "4321",
        "bank_code": BANK_CODES[1],
        "source": AccountSource.SOCIAL_INSURANCE,
        "stated_on": date(2025, 6, 1),
    }
    return PayeeAccount(**{**fields, **changes})


def checked(
    given_account: PayeeAccount | None,
    number: str | None = None,
    name: str | None = "青岛虚构机械有限公司",
    day: date = DAY,
) -> AccountCheck:
    return check_account(
        given_account,
        None if number is None else AccountNumber(number),
        owner=FIRM,
        registered_name=name,
        day=day,
        fresh_days={AccountSource.SOCIAL_INSURANCE: 365, AccountSource.TAX: 365},
    )


@pytest.mark.parametrize(
    "text",
    [
        "1234567890123",
        " 1234 5678 90123 ",
        "12-34567890123",
        "\uff11\uff12\uff13\uff14567890123",
        "1234\u3000567890123",
    ],
)
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert AccountNumber.parse(text).digits == "1234567890123"


@pytest.mark.parametrize("text", ["", "1234567", "1" * 31, "12345678a", "12345678.0", "一二三四五六七八九"])
def test_what_is_no_number_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(WrongAccountNumber) as caught:
        AccountNumber.parse(text)
    assert caught.value.code == "account.number"
    assert not text or text not in caught.value.message("en") + caught.value.message("zh")


def test_a_number_shows_only_its_tail() -> None:
    number = AccountNumber("1234567890123")
    assert (str(number), repr(number), number.tail) == ("****0123", "AccountNumber()", "0123")


@pytest.mark.parametrize(
    ("holder", "same"),
    [
        ("虚构科技(青岛)有限公司", True),
        ("虚构科技\uff08青岛\uff09有限公司", True),
        (" 虚构科技 (青岛) 有限公司\u200b", True),
        ("虚构科技\u3000(青岛)有限公司", True),
        ("虚构科技〔青岛〕有限公司", False),
        ("虚构科技青岛有限公司", False),
        ("虚构科技(青岛)有限责任公司", False),
        ("虚構科技(青島)有限公司", False),
        ("", False),
    ],
)
def test_names_are_compared_sign_by_sign(holder: str, same: bool) -> None:
    assert same_name(holder, "虚构科技(青岛)有限公司") is same


def test_letter_case_counts_and_width_does_not() -> None:
    assert same_name("\uff21BC 虚构有限公司", "ABC虚构有限公司")
    assert not same_name("abc虚构有限公司", "ABC虚构有限公司")
    assert not same_name("", " ")


@given(st.text())
def test_a_plain_name_is_plain(name: str) -> None:
    assert plain_name(plain_name(name)) == plain_name(name)


def test_an_account_in_order_may_be_paid() -> None:
    found = checked(account(), "1234567890123")
    assert (found.account_id, found.refusals, found.warnings, found.may_be_paid) == (1, (), (), True)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"holder": "青岛虚构机械公司"}, "holder_differs"),
        ({"owner": Uscc("91370212MA3C4E5F7X")}, "owner_differs"),
        ({"bank_code": "10210009999"}, "bank_code_shape"),
        ({"bank_code": "10210009999X"}, "bank_code_shape"),
        ({"stated_on": DAY - timedelta(366)}, "source_stale"),
        ({"stated_on": DAY + timedelta(1)}, "source_later"),
    ],
)
def test_what_stops_a_payment(changes: dict[str, Any], refusal: str) -> None:
    found = checked(account(**changes))
    assert (found.refusals, found.warnings, found.may_be_paid) == ((refusal,), (), False)


def test_a_missing_account_or_name_is_never_paid() -> None:
    assert checked(None) == AccountCheck(account_id=None, refusals=(AccountDefect.NO_ACCOUNT,), warnings=())
    assert checked(account(), name=None).refusals == (AccountDefect.OWNER_UNKNOWN,)


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = account(holder="x", bank_code="1", stated_on=date(2020, 1, 1))
    assert checked(wrong).refusals == ("holder_differs", "bank_code_shape", "source_stale")


@pytest.mark.parametrize(("age", "stale"), [(0, False), (365, False), (366, True)])
def test_a_source_grows_stale_after_its_days(age: int, stale: bool) -> None:
    assert checked(account(stated_on=DAY - timedelta(age))).may_be_paid is not stale
    assert checked(account(stated_on=DAY - timedelta(age), source=AccountSource.FIRM)).may_be_paid


@pytest.mark.parametrize(
    ("number", "warned"),
    [
        ("6200000000000005", False),  # 16 digits, Luhn holds
        ("6200000000000006", True),
        ("6200000000000000000", False),  # 19 digits, Luhn holds
        ("6200000000000000001", True),
        ("62000000000000006", False),  # 17 digits: no card
        ("1200000000000006", False),  # 16 digits of another kind
    ],
)
def test_the_check_digit_of_a_card_only_warns(number: str, warned: bool) -> None:
    found = checked(account(), number)
    assert found.may_be_paid
    assert found.warnings == ((AccountDefect.CARD_CHECK_DIGIT,) if warned else ())


@pytest.mark.parametrize("code", BANK_CODES)
def test_published_bank_codes_pass(code: str) -> None:
    assert checked(account(bank_code=code)).warnings == ()


@pytest.mark.skipif(not CNAPS.exists(), reason="the list of banks is not beside the repository")
def test_every_bank_code_of_a_public_list_passes() -> None:
    with CNAPS.open(encoding="utf-8", newline="") as file:
        codes = [row["clearing_cnaps"] for row in csv.DictReader(file) if len(row["clearing_cnaps"]) == 12]
    assert len(codes) > 80
    assert all(checked(account(bank_code=code)).warnings == () for code in codes)


def test_the_check_digit_of_a_bank_code_only_warns() -> None:
    found = checked(account(bank_code="102100099997"))
    assert (found.may_be_paid, found.warnings) == (True, (AccountDefect.BANK_CODE_CHECK_DIGIT,))


def test_every_defect_has_its_texts() -> None:
    assert set(DEFECT_TEXTS) == set(AccountDefect)


def test_the_source_goes_first_then_the_latest_word() -> None:
    tax = account(account_id=1, source=AccountSource.TAX, stated_on=date(2025, 7, 1))
    insurance = account(account_id=2)
    older = account(account_id=3, source=AccountSource.FIRM, stated_on=date(2025, 1, 1))
    newer = account(account_id=4, source=AccountSource.FIRM, stated_on=date(2025, 2, 1))
    same_day = account(account_id=5, source=AccountSource.FIRM, stated_on=date(2025, 2, 1))
    assert choose_account([tax, insurance, older, newer, same_day]) == same_day
    assert choose_account([tax, insurance, newer, older]) == newer
    assert choose_account([tax, insurance]) == insurance
    assert choose_account([tax]) == tax


def test_a_source_that_is_not_asked_for_is_not_used() -> None:
    only_insurance = (AccountSource.SOCIAL_INSURANCE,)
    firm = account(account_id=7, source=AccountSource.FIRM)
    assert choose_account([firm, account()], only_insurance) == account()
    assert choose_account([firm], only_insurance) is None
    assert choose_account([]) is None
