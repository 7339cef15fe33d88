"""What a notice has to say: the values of its fields in one language, from the case or from what its writer gave.

Guarantees a value for exactly the fields of the kind, each on one line, so that what others wrote cannot change the
text around it. Reading the case is `storage`, the sentences are the templates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from policy_match.cases.model import Event, NoticeKind, Route
from policy_match.cases.routes import event_of_silence
from policy_match.cases.words import Words
from policy_match.cases.working_days import china_day
from policy_match.errors import Language
from policy_match.notices.fields import COUNT_LIMIT, GIVEN, OF_SOME_CASES, FieldType, is_of_staff, wrong_field
from policy_match.notices.model import NoticeId, NoticeStatus
from policy_match.notices.subscriptions import Subscription
from policy_match.notices.wording import clause, one_line, write_day, write_list, write_money, write_period
from policy_match.payments.returns import FollowUp, reason_of
from policy_match.policy.model import Benefit, Delivery, PayeeKind, Policy, PolicyVersion, Silence
from policy_match.values import MONEY_LIMIT_FEN, Digest, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseMatter:
    """What a case notice tells of: the step, the case as it stands now, and what the step rests on.

    `name` is empty where the snapshot has none. `step_fen` is the amount that the step set, `claimed_fen` what a
    recovery asks back. `missed` is the last day as it was before the step, `deadline` the one that counts now. `tail`
    are the last digits of the account. `later` are the steps since.
    """

    case_id: int
    uscc: Uscc
    name: str = field(repr=False)
    version: Digest
    record_id: str
    period: str
    instalment: int
    instalments: int
    route: Route
    silence: Silence
    payee: PayeeKind
    event: Event
    at: datetime
    reason: str = field(repr=False)
    step_fen: int | None
    claimed_fen: int | None
    amount_fen: int
    missed: date | None
    deadline: date | None
    tail: str
    later: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingNotice:
    """A notice that is to be written. It has either a case or fields. `language` is `None` when none was asked for.

    `unwanted` is what the recipient does not want to hear of.
    """

    notice_id: NoticeId
    recipient: str
    kind: NoticeKind
    status: NoticeStatus
    language: Language | None
    matter: CaseMatter | None
    fields: Mapping[str, object] | None = field(repr=False)
    unwanted: frozenset[Subscription] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyTexts:
    """What a notice says of a policy version, in one language."""

    title: str
    department: str
    basis: str
    articles: str
    benefit: str
    conditions: str
    what_to_do: str


BENEFIT_WORDS: Mapping[Benefit, Words] = MappingProxyType(
    {
        Benefit.GRANT: Words("奖补资金", "grant"),
        Benefit.INTEREST_SUBSIDY: Words("贷款贴息", "interest subsidy"),
        Benefit.TAX_RELIEF: Words("税收优惠", "tax relief"),
        Benefit.FEE_WAIVER: Words("费用减免", "fee waiver"),
        Benefit.DEFERRAL: Words("缓缴", "deferral"),
        Benefit.IN_KIND: Words("实物或服务", "goods or services"),
        Benefit.EQUITY: Words("股权投资", "equity investment"),
        Benefit.TITLE: Words("资格认定", "title"),
        Benefit.REMINDER: Words("到期提醒", "reminder"),
    }
)

PAID_TO_OTHERS: Mapping[PayeeKind, Words] = MappingProxyType(
    {
        PayeeKind.BANK: Words("贷款银行，用于抵减您单位的利息", "the bank of your loan, which lowers your interest"),
        PayeeKind.UTILITY: Words("公用事业单位，用于抵减您单位的费用", "your utility, which lowers your bill"),
    }
)

TO_DO: Mapping[Delivery, Words] = MappingProxyType(
    {
        Delivery.SELF_DECLARE: Words(
            "无须申请，请在申报时自行填报享受，并留存有关资料备查",
            "no application is needed: claim it in your own declaration and keep the documents",
        ),
        Delivery.APPLY: Words("请向主管部门申请办理", "apply for it at the department"),
        Delivery.NONE: Words("无须办理，特此告知", "nothing; this is for your information"),
    }
)
"""What the firm does about what it is only told of, by how the benefit is delivered."""

TO_RENEW = Words(
    "请按上述规定在有效期届满前办理延期；已经办理的，无须理会本通知",
    "renew it in time as the rule says; if you have done so, there is nothing to do",
)
NOT_SURE = Words(
    "本项政策的原文尚在核对，是否兑现以主管部门的答复为准，请向主管部门咨询",
    "the source of this policy is still being checked: ask the department whether it pays",
)

SILENCE_WORDS: Mapping[Event, Words] = MappingProxyType(
    {
        Event.LAPSE: Words("逾期未答复的，视为放弃", "no answer by then counts as no"),
        Event.ACCEPT_SILENCE: Words("逾期未答复的，视为接受", "no answer by then counts as yes"),
    }
)


NEXT_YEAR = Words("逾期的，须转入下一预算年度重新审批", "later it needs a new approval in the next budget year")


ENDS_A_SENTENCE = frozenset({"subject", "reason", "claim", "said"})
"""What others wrote and the text around it ends."""


def waits_for_account(matter: CaseMatter) -> bool:
    """Return whether the notice is of a payment that came back, which the year's last day of orders ends."""
    return matter.event is Event.BOUNCE


def policy_texts(policy: Policy, version: PolicyVersion, language: Language) -> PolicyTexts:
    """Return what is said of a policy version. A text that has no English is left in Chinese."""
    zh = language == "zh"
    told = [each.text if zh else each.text_en or each.text for each in version.conditions]
    return PolicyTexts(
        title=one_line(policy.title if zh else policy.title_en or policy.title),
        department=one_line(policy.department),
        basis=write_list([_document(each.document, each.number, language) for each in policy.basis], language),
        articles=write_list(list(dict.fromkeys(one_line(each.article) for each in version.conditions)), language),
        benefit=_said(BENEFIT_WORDS[policy.benefit], language),
        conditions=("；" if zh else "; ").join(map(clause, told)),
        what_to_do=_said(_to_do(policy), language),
    )


def _document(document: str, number: str, language: Language) -> str:
    name = one_line(document)
    name = name if name.startswith("《") else f"《{name}》"
    if not number:
        return name
    return f"{name}（{one_line(number)}）" if language == "zh" else f"{name} ({one_line(number)})"


def _to_do(policy: Policy) -> Words:
    if policy.benefit is Benefit.REMINDER:
        return TO_RENEW
    return TO_DO.get(policy.delivery, NOT_SURE)


def case_values(
    kind: NoticeKind,
    matter: CaseMatter,
    policy: PolicyTexts,
    language: Language,
    *,
    today: date,
    deadline: date | None,
    days_left: int | None,
) -> dict[str, str]:
    """Return the values of a notice of a case. `deadline` is the last day, where there is one, to which so many working
    days are left.
    """
    zh = language == "zh"
    name = one_line(matter.name) or matter.uscc
    amount_fen = _amount_fen(kind, matter)
    parts = (
        f"第{matter.instalment}期（共{matter.instalments}期）",
        f"part {matter.instalment} of {matter.instalments}",
    )
    values = {
        "firm": name,
        "uscc": matter.uscc,
        "case": str(matter.case_id),
        "title": policy.title,
        "department": policy.department,
        "basis": policy.basis,
        "articles": policy.articles,
        "period": write_period(matter.period, language),
        "record": one_line(matter.record_id),
        "part": "" if matter.instalments == 1 else parts[0 if zh else 1],
        "benefit": policy.benefit,
        "amount": write_money(amount_fen, language) if amount_fen else "",
        "day": write_day(china_day(matter.at), language),
        "today": write_day(today, language),
    }
    for extra in OF_SOME_CASES.get(kind, ()):
        values[extra] = _extra(extra, kind, matter, policy, language, deadline, days_left)
    return values


def _amount_fen(kind: NoticeKind, matter: CaseMatter) -> int:
    """Return the amount that the notice tells of: what the step set, what is claimed back, or what the case is for."""
    if kind is NoticeKind.AMENDED and matter.step_fen is not None:
        return matter.step_fen
    if kind is NoticeKind.CLAIMED_BACK and matter.claimed_fen is not None:
        return matter.claimed_fen
    return matter.amount_fen


def _extra(
    name: str,
    kind: NoticeKind,
    matter: CaseMatter,
    policy: PolicyTexts,
    language: Language,
    deadline: date | None,
    days_left: int | None,
) -> str:
    match name:
        case "deadline":
            assert deadline is not None, "what asks for an answer has a last day, or is not said"
            return write_day(deadline, language)
        case "missed":
            return "" if matter.missed is None else write_day(matter.missed, language)
        case "days_left":
            assert days_left is not None, "the caller counted them"
            return working_days_left(days_left, language)
        case "silence" if waits_for_account(matter):
            return _said(NEXT_YEAR, language)
        case "silence":
            return _said(SILENCE_WORDS[event_of_silence(matter.route, matter.silence)], language)
        case "reason" if waits_for_account(matter):
            known = reason_of(matter.reason)
            return one_line(known.chinese if language == "zh" else known.english)
        case "reason":
            return clause(matter.reason)
        case "paid_to":
            return _paid_to(matter, language)
        case "to_correct" if kind is NoticeKind.REMINDER:
            return "yes" if waits_for_account(matter) else ""
        case "to_correct":
            wrong = reason_of(matter.reason).follow_up is FollowUp.FIRM_CORRECTS_ACCOUNT
            return "yes" if wrong and matter.payee is PayeeKind.FIRM else ""
        case "conditions":
            return policy.conditions
        case "what_to_do":
            return policy.what_to_do
        case _:
            raise AssertionError(f"{name} is no field of a case")


def _paid_to(matter: CaseMatter, language: Language) -> str:
    if matter.payee is not PayeeKind.FIRM:
        return _said(PAID_TO_OTHERS[matter.payee], language)
    if not matter.tail:
        return _said(Words("您单位账户", "your account"), language)
    return _said(Words(f"您单位尾号{matter.tail}的账户", f"your account ending in {matter.tail}"), language)


def given_values(
    kind: NoticeKind, recipient: str, fields: Mapping[str, object], language: Language, *, today: date
) -> dict[str, str]:
    """Return the values of a notice that brought its fields along. Raises `WrongNoticeFields`."""
    values = {"today": write_day(today, language)}
    if is_of_staff(kind):
        values["person"] = one_line(recipient)
    for name, kind_of in GIVEN[kind].items():
        written = _given(kind_of, fields.get(name), language)
        if written is None:
            raise wrong_field(kind, name, kind_of)
        values[name] = clause(written) if name in ENDS_A_SENTENCE else written
    last = {NoticeKind.POLICY_DATE: "on", NoticeKind.BUDGET_CUT_OFF: "cut_off"}.get(kind)
    if last is not None:
        values["days_left"] = days_left_until(date.fromisoformat(str(fields[last])), today, language)
    return values


def _given(kind: FieldType, value: object, language: Language) -> str | None:
    match kind, value:
        case FieldType.WORDS, {"zh": str(zh), "en": str(en)}:
            return one_line(zh if language == "zh" else en)
        case FieldType.TEXT, str(text):
            return one_line(text)
        case FieldType.DAY, str(text):
            return _day(text, language)
        case FieldType.COUNT, int(number):
            return f"{number:,}"
        case FieldType.MONEY, int(fen):
            return write_money(fen, language)
        case _:
            return None


def _day(text: str, language: Language) -> str | None:
    try:
        return write_day(date.fromisoformat(text), language)
    except ValueError:
        return None


def working_days_left(days: int, language: Language) -> str:
    """Return how much time is left in working days; 0 is the last day."""
    if days == 0:
        return "今天是最后一天" if language == "zh" else "today is the last day"
    if language == "zh":
        return f"还剩{days}个工作日"
    return f"{days} working days are left" if days > 1 else "1 working day is left"


def days_left_until(day: date, today: date, language: Language) -> str:
    """Return how much time is left until a day, or how long it is over, in calendar days."""
    days = (day - today).days
    if days < 0:
        return f"已过{-days}天" if language == "zh" else f"{-days} days ago"
    if days == 0:
        return "就在今天" if language == "zh" else "today"
    return f"还有{days}天" if language == "zh" else f"in {days} days"


def longest_values(language: Language) -> Mapping[str, str]:
    """Return the longest texts of the fields whose values are not free; templates are tried with them."""
    day = write_day(date(2026, 12, 30) if language == "zh" else date(2026, 9, 30), language)
    days = ("day", "today", "deadline", "missed", "given_on", "due", "on", "cut_off")
    counts = ("cases", "days_over", "limit_days", "level", "order")
    money = write_money(MONEY_LIMIT_FEN - 1, language)
    return {
        **dict.fromkeys(days, day),
        **dict.fromkeys(counts, f"{COUNT_LIMIT - 1:,}"),
        "amount": money,
        "available": money,
        "days_left": max(working_days_left(999, language), days_left_until(date.max, date.min, language), key=len),
        "silence": max(_longest(SILENCE_WORDS, language), _said(NEXT_YEAR, language), key=len),
        "benefit": _longest(BENEFIT_WORDS, language),
        "paid_to": _longest(PAID_TO_OTHERS, language),
        "what_to_do": max(_longest(TO_DO, language), _said(TO_RENEW, language), _said(NOT_SURE, language), key=len),
    }


def _longest(words: Mapping[Any, Words], language: Language) -> str:
    return max((_said(each, language) for each in words.values()), key=len)


def _said(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en
