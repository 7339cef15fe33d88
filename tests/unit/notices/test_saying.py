"""What a notice has to say, from the case or from what its writer gave."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from policy_match.cases.model import Event, NoticeKind, Route
from policy_match.cases.working_days import CHINA
from policy_match.notices.fields import WrongNoticeFields, fields_of
from policy_match.notices.saying import (
    CaseMatter,
    case_values,
    days_left_until,
    given_values,
    policy_texts,
    working_days_left,
)
from policy_match.policy.model import Basis, Benefit, Delivery, PayeeKind, Silence
from policy_match.values import Digest, Uscc
from tests.support.policies import make_policy
from tests.unit.cases.examples import a_policy

LAST = date(2026, 7, 8)
MATTER = CaseMatter(
    case_id=12,
    uscc=Uscc("91370000MA00000001"),
    name="示例一有限公司",
    version=Digest("0" * 64),
    record_id="",
    period="2026",
    instalment=1,
    instalments=1,
    route=Route.CONFIRM,
    silence=Silence.WAIVED,
    payee=PayeeKind.FIRM,
    event=Event.NOTIFY,
    at=datetime(2026, 6, 30, 23, tzinfo=CHINA),
    reason="",
    step_fen=None,
    claimed_fen=None,
    amount_fen=100_000,
    missed=None,
    deadline=LAST,
    tail="9999",
    later=(),
)
_, VERSION = make_policy("invented")
POLICY = replace(
    a_policy(Benefit.GRANT, Delivery.CONFIRM),
    title="示例政策",
    title_en="Invented policy",
    basis=(Basis(document="示例办法", number="示例〔2026〕1号"), Basis(document="《示例通知》")),
)


def said(kind: NoticeKind, field: str, language: str = "zh", **changed: object) -> str:
    """Return the value of a field of a notice of a changed case."""
    matter = replace(MATTER, **changed)  # type: ignore[arg-type]
    values = case_values(
        kind,
        matter,
        policy_texts(POLICY, VERSION, language),  # type: ignore[arg-type]
        language,  # type: ignore[arg-type]
        today=date(2026, 7, 3),
        deadline=LAST,
        days_left=3,
    )
    assert values.keys() == fields_of(kind)
    return values[field]


ASKED = NoticeKind.CONFIRMATION_ASKED


def test_a_firm_without_a_name_is_told_by_its_code() -> None:
    assert said(ASKED, "firm", name="") == "91370000MA00000001"


def test_the_basis_names_each_document_with_its_number() -> None:
    assert said(ASKED, "basis") == "《示例办法》（示例〔2026〕1号）、《示例通知》"
    assert said(ASKED, "basis", "en") == "《示例办法》 (示例〔2026〕1号), 《示例通知》"


def test_the_title_is_in_the_language_of_the_notice() -> None:
    assert (said(ASKED, "title"), said(ASKED, "title", "en")) == ("示例政策", "Invented policy")


def test_the_day_is_the_one_in_china() -> None:
    assert said(ASKED, "day") == "2026年6月30日"
    assert said(ASKED, "deadline") == "2026年7月8日"


def test_a_benefit_without_money_has_no_amount() -> None:
    assert said(ASKED, "amount", amount_fen=0) == ""


def test_an_amendment_tells_the_amount_that_it_set_even_if_less_was_granted_since() -> None:
    assert said(NoticeKind.AMENDED, "amount", step_fen=90_000, amount_fen=80_000) == "900.00元"


def test_a_claim_tells_what_is_claimed_and_not_what_was_paid() -> None:
    assert said(NoticeKind.CLAIMED_BACK, "amount", claimed_fen=5_000) == "50.00元"


def test_instalments_are_told_where_there_are_several() -> None:
    assert said(ASKED, "part") == ""
    assert said(ASKED, "part", instalment=2, instalments=3) == "第2期（共3期）"


@pytest.mark.parametrize(
    ("route", "silence", "zh"),
    [
        (Route.CONFIRM, Silence.WAIVED, "逾期未答复的，视为放弃"),
        (Route.CONFIRM, Silence.ACCEPTED, "逾期未答复的，视为接受"),
        (Route.CONTRACT, Silence.ACCEPTED, "逾期未答复的，视为放弃"),
    ],
)
def test_a_notice_says_what_silence_means_on_its_route(route: Route, silence: Silence, zh: str) -> None:
    assert said(ASKED, "silence", route=route, silence=silence) == zh


@pytest.mark.parametrize(
    ("payee", "tail", "zh"),
    [
        (PayeeKind.FIRM, "9999", "您单位尾号9999的账户"),
        (PayeeKind.FIRM, "", "您单位账户"),
        (PayeeKind.BANK, "9999", "贷款银行，用于抵减您单位的利息"),
        (PayeeKind.UTILITY, "9999", "公用事业单位，用于抵减您单位的费用"),
    ],
)
def test_a_payment_names_whose_account_it_went_to(payee: PayeeKind, tail: str, zh: str) -> None:
    assert said(NoticeKind.PAID, "paid_to", payee=payee, tail=tail) == zh


@pytest.mark.parametrize(
    ("code", "payee", "corrects"),
    [
        ("AC04", PayeeKind.FIRM, True),
        ("AC04", PayeeKind.BANK, False),
        ("AM04", PayeeKind.FIRM, False),
        ("XX99", PayeeKind.FIRM, False),
    ],
)
def test_only_the_firms_own_wrong_account_is_to_be_corrected(code: str, payee: PayeeKind, corrects: bool) -> None:
    kind = NoticeKind.ACCOUNT_CORRECTION_ASKED
    found = said(kind, "to_correct", event=Event.BOUNCE, reason=code, payee=payee)
    assert (found != "") == corrects


def test_a_returned_payment_is_explained_in_words_and_not_by_a_code() -> None:
    kind = NoticeKind.ACCOUNT_CORRECTION_ASKED
    assert said(kind, "reason", event=Event.BOUNCE, reason="AC04") == "账户已销户"
    assert said(kind, "reason", "en", event=Event.BOUNCE, reason="AC04") == "the account is closed"


def test_a_reminder_of_an_account_says_what_the_end_of_the_year_means() -> None:
    assert said(NoticeKind.REMINDER, "to_correct", event=Event.BOUNCE, reason="AC04") != ""
    assert "预算年度" in said(NoticeKind.REMINDER, "silence", event=Event.BOUNCE, reason="AC04")
    assert said(NoticeKind.REMINDER, "to_correct") == ""


@pytest.mark.parametrize(
    ("benefit", "delivery", "zh"),
    [
        (Benefit.REMINDER, Delivery.NONE, "办理延期"),
        (Benefit.TAX_RELIEF, Delivery.SELF_DECLARE, "自行填报"),
        (Benefit.GRANT, Delivery.APPLY, "向主管部门申请"),
        (Benefit.GRANT, Delivery.CONFIRM, "向主管部门咨询"),
    ],
)
def test_information_says_what_to_do(benefit: Benefit, delivery: Delivery, zh: str) -> None:
    assert zh in policy_texts(a_policy(benefit, delivery), VERSION, "zh").what_to_do


def test_working_days_left_are_said_in_words() -> None:
    assert [working_days_left(days, "zh") for days in (0, 1, 3)] == ["今天是最后一天", "还剩1个工作日", "还剩3个工作日"]
    assert [working_days_left(days, "en") for days in (0, 1, 3)] == [
        "today is the last day",
        "1 working day is left",
        "3 working days are left",
    ]


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2026, 7, 10), "还有7天", "in 7 days"),
        (date(2026, 7, 3), "就在今天", "today"),
        (date(2026, 7, 1), "已过2天", "2 days ago"),
    ],
)
def test_days_to_a_date_are_said_in_words(day: date, zh: str, en: str) -> None:
    today = date(2026, 7, 3)
    assert (days_left_until(day, today, "zh"), days_left_until(day, today, "en")) == (zh, en)


@pytest.mark.parametrize("on", ["2026-02-30", "soon", 5, None])
def test_kept_fields_that_are_wrong_are_named(on: object) -> None:
    words = {"zh": "到期", "en": "expiry"}
    fields = {"policy_id": "p", "title": words, "what": words, "on": on}
    with pytest.raises(WrongNoticeFields, match="policy_date: field `on`"):
        given_values(NoticeKind.POLICY_DATE, "wang.fang", fields, "zh", today=date(2026, 7, 3))
