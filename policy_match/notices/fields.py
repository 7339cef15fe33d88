"""The fields of each kind of notice: what a template may say, and what the writer of a notice must give for it.

Guarantees that a template and the writers of notices speak of the same fields, each of one type. What a case says is
read from the case; a notice of anything else brings its fields along as JSON (table `notice_fields`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from policy_match.cases.model import NoticeKind
from policy_match.errors import InputError
from policy_match.values import MONEY_LIMIT_FEN

MOST_LETTERS = 1_000
"""The longest text of a field."""

COUNT_LIMIT = 10**9
"""No count of cases or days is as large."""


class FieldType(StrEnum):
    """How a field is given, and so how it is written in each language.

    `text`: the same in both languages, on one line. `words`: an object with `zh` and `en`. `count`: a whole number from
    0. `money`: integer fen. `day`: an ISO date.
    """

    TEXT = "text"
    WORDS = "words"
    COUNT = "count"
    MONEY = "money"
    DAY = "day"


class WrongNoticeFields(InputError):
    """A notice lacks a field of its kind, or has one that is wrong or unknown."""

    code = "notice.fields"
    english = "a notice of kind {kind}: field `{field}` {problem}; give exactly the fields of notices/fields.py"
    chinese = "{kind} 类通知：字段“{field}”{problem_zh}；应恰好给出 notices/fields.py 所列字段"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNotice:
    """A notice of something that is no step of a case. A second one of the same recipient, kind and `about` is none.

    `about` names the matter in code, for example `order:7` or `policy:sd-grant:expiry:2026-12-31`. `fields` are those
    of `GIVEN` for the kind: `str`, `int` (counts, fen), `date`, or for words `{"zh": …, "en": …}`.
    """

    recipient: str
    kind: NoticeKind
    about: str
    fields: Mapping[str, object]


_TO_A_FIRM: Mapping[str, FieldType] = MappingProxyType(
    {
        "firm": FieldType.TEXT,  # its registered name, or its code where no name is known
        "department": FieldType.WORDS,  # that answers, and where to ask
    }
)

GIVEN: Mapping[NoticeKind, Mapping[str, FieldType]] = MappingProxyType(
    {
        NoticeKind.ESCALATION: {
            "matter": FieldType.WORDS,  # what is late: the policy, or what else
            "stage": FieldType.WORDS,  # the stage that is over its limit
            "colour": FieldType.WORDS,  # 黄 yellow, 红 red
            "department": FieldType.TEXT,  # who has it
            "cases": FieldType.COUNT,  # how many are late
            "days_over": FieldType.COUNT,  # working days over the limit, of the oldest
            "limit_days": FieldType.COUNT,  # the limit, in working days
            "level": FieldType.COUNT,  # 1 is the department itself, 2 the next above it
        },
        NoticeKind.ORDER_TO_ACT: {
            "order": FieldType.COUNT,  # its number
            "department": FieldType.TEXT,  # who must act
            "subject": FieldType.TEXT,  # what is to be done
            "given_by": FieldType.TEXT,
            "given_on": FieldType.DAY,
            "due": FieldType.DAY,  # the last day for the answer
        },
        NoticeKind.POLICY_DATE: {
            "policy_id": FieldType.TEXT,
            "title": FieldType.WORDS,
            "what": FieldType.WORDS,  # 到期 expiry, 评估 review
            "on": FieldType.DAY,
        },
        NoticeKind.BUDGET_CUT_OFF: {
            "line": FieldType.TEXT,
            "label": FieldType.TEXT,
            "year": FieldType.TEXT,
            "cut_off": FieldType.DAY,  # the last day on which orders are made
            "cases": FieldType.COUNT,  # approved or waiting, not ordered
            "amount": FieldType.MONEY,  # of those cases
            "available": FieldType.MONEY,  # what the line has left
        },
        NoticeKind.CORRECTION_ANSWERED: {
            **_TO_A_FIRM,
            "number": FieldType.TEXT,  # of the request
            "fact": FieldType.WORDS,
            "outcome": FieldType.WORDS,
            "reason": FieldType.WORDS,
            "asked_on": FieldType.DAY,
        },
        NoticeKind.RATING_ANSWERED: {
            **_TO_A_FIRM,
            "number": FieldType.TEXT,  # of the case that was rated
            "title": FieldType.WORDS,  # of its policy
            "grade": FieldType.WORDS,
            "reason": FieldType.WORDS,  # the answer
            "asked_on": FieldType.DAY,
        },
        NoticeKind.SUGGESTION_DECIDED: {
            **_TO_A_FIRM,
            "number": FieldType.TEXT,  # of the suggestion
            "title": FieldType.WORDS,  # of the policy, or what is asked for
            "outcome": FieldType.WORDS,  # with the policy into which it was taken up
            "reason": FieldType.WORDS,
            "asked_on": FieldType.DAY,
        },
        NoticeKind.CORRECTION_ASKED: {
            "number": FieldType.TEXT,
            "department": FieldType.TEXT,  # that the fact comes from
            "firm": FieldType.TEXT,
            "fact": FieldType.WORDS,
            "claim": FieldType.TEXT,  # what the firm says is right
            "due": FieldType.DAY,
        },
        NoticeKind.BAD_RATING: {
            "number": FieldType.TEXT,  # of the case
            "department": FieldType.TEXT,  # of its policy
            "firm": FieldType.TEXT,
            "title": FieldType.WORDS,
            "grade": FieldType.WORDS,
            "said": FieldType.WORDS,  # what the firm wrote, or that it wrote nothing
            "due": FieldType.DAY,
        },
    }
)
"""What the writer of a notice gives, for the kinds that are no step of a case: exactly these."""

NEWS_FOR_FIRMS = frozenset({NoticeKind.CORRECTION_ANSWERED, NoticeKind.RATING_ANSWERED, NoticeKind.SUGGESTION_DECIDED})
"""What firms hear of what they asked for or said themselves; all other kinds of `GIVEN` are for staff."""

ASKS = (NoticeKind.CONFIRMATION_ASKED, NoticeKind.ACCOUNT_ASKED, NoticeKind.CONSENT_ASKED, NoticeKind.REMINDER)

OF_EVERY_CASE = (
    "firm",  # its registered name, or its code where the snapshot has no name
    "uscc",
    "case",  # its number
    "title",  # of the policy
    "department",  # that is responsible, and where to ask
    "basis",  # documents with their numbers; may be empty
    "articles",
    "period",  # may be empty
    "record",  # the loan or what else it is for; may be empty
    "part",  # which instalment; may be empty
    "benefit",  # grant, relief, title…
    "amount",  # empty for a title or a reminder
    "day",  # of the step
)
OF_SOME_CASES: Mapping[NoticeKind, Sequence[str]] = MappingProxyType(
    {
        **dict.fromkeys(ASKS, ("deadline", "days_left", "silence")),
        NoticeKind.REMINDER: ("deadline", "days_left", "silence", "to_correct"),
        NoticeKind.WINDOW_EXTENDED: ("deadline", "days_left", "silence", "reason"),
        NoticeKind.INFORMATION: ("conditions", "what_to_do"),
        NoticeKind.SILENCE_ACCEPTED: ("missed",),
        NoticeKind.WAIVED: ("missed",),
        NoticeKind.REJECTED: ("reason",),
        NoticeKind.WITHDRAWN: ("reason",),
        NoticeKind.AMENDED: ("reason",),
        NoticeKind.OBJECTION_DISMISSED: ("reason",),
        NoticeKind.CLAIMED_BACK: ("reason",),
        NoticeKind.PAID: ("paid_to",),
        NoticeKind.ACCOUNT_CORRECTION_ASKED: ("reason", "paid_to", "to_correct"),
    }
)
"""Fields of single kinds. `missed` is the last day that is over; `silence` what follows when nothing is done.

`to_correct` is not empty when the firm's account is what the payment waits for.
"""

OF_SOME_STAFF: Mapping[NoticeKind, Sequence[str]] = MappingProxyType(
    {NoticeKind.POLICY_DATE: ("days_left",), NoticeKind.BUDGET_CUT_OFF: ("days_left",)}
)
"""What is worked out when the notice is written: calendar days, as budgets and policies end on any day."""

MAY_BE_EMPTY = frozenset({"basis", "period", "record", "part", "amount", "reason", "to_correct"})
"""A template says something else, or nothing, where one of these is empty."""

MAY_BE_LEFT_OUT = frozenset({"uscc", "benefit", "day"})
"""What a letter about a case need not say; everything else it must."""

FRAME_OF_FIRMS = frozenset({*OF_EVERY_CASE, "today"})
FRAME_OF_STAFF = frozenset({"person", "today"})
FRAME_OF_NEWS = frozenset({"firm", "department", "today"})
"""What stands before and after every text."""

SHORT_SAYS: Mapping[NoticeKind, Sequence[str]] = MappingProxyType(
    {
        **dict.fromkeys(ASKS, ("title", "deadline")),
        NoticeKind.REMINDER: ("title", "deadline", "days_left"),
        NoticeKind.WINDOW_EXTENDED: ("title", "deadline"),
        NoticeKind.PAID: ("title", "amount"),
        NoticeKind.AMENDED: ("title", "amount"),
        NoticeKind.CLAIMED_BACK: ("title", "amount"),
        NoticeKind.ESCALATION: ("matter", "stage", "cases"),
        NoticeKind.ORDER_TO_ACT: ("order", "due"),
        NoticeKind.POLICY_DATE: ("title", "what", "on"),
        NoticeKind.BUDGET_CUT_OFF: ("line", "cut_off", "cases"),
        NoticeKind.CORRECTION_ANSWERED: ("fact", "outcome"),
        NoticeKind.RATING_ANSWERED: ("title",),
        NoticeKind.SUGGESTION_DECIDED: ("title", "outcome"),
        NoticeKind.CORRECTION_ASKED: ("number", "fact", "due"),
        NoticeKind.BAD_RATING: ("number", "title", "due"),
    }
)
"""What the short text of a kind must say; of all others, the title."""


def is_of_staff(kind: NoticeKind) -> bool:
    """Return whether the kind is for staff; such a kind brings its own fields."""
    return kind in GIVEN and kind not in NEWS_FOR_FIRMS


def is_of_a_case(kind: NoticeKind) -> bool:
    """Return whether the kind tells a firm of a case of its own; all others bring their own fields."""
    return kind not in GIVEN


def fields_of(kind: NoticeKind) -> frozenset[str]:
    """Return every field that a template of the kind may use."""
    if not is_of_a_case(kind):
        frame = FRAME_OF_STAFF if is_of_staff(kind) else FRAME_OF_NEWS
        return frozenset({*GIVEN[kind], *OF_SOME_STAFF.get(kind, ()), *frame})
    return frozenset({*FRAME_OF_FIRMS, *OF_SOME_CASES.get(kind, ())})


def body_says(kind: NoticeKind) -> frozenset[str]:
    """Return every field that the letter of the kind, with its frame, must use."""
    if not is_of_a_case(kind):
        return fields_of(kind)
    return frozenset({*FRAME_OF_FIRMS, *OF_SOME_CASES.get(kind, ())}) - MAY_BE_LEFT_OUT


def short_says(kind: NoticeKind) -> frozenset[str]:
    """Return every field that the short text of the kind must use."""
    return frozenset(SHORT_SAYS.get(kind, ("title",)))


def fields_to_keep(notice: NewNotice) -> Mapping[str, object]:
    """Return the fields as the JSON that is kept with the notice. Raises `WrongNoticeFields`."""
    expected = GIVEN.get(notice.kind, {})
    for name in sorted(expected.keys() ^ notice.fields.keys()):
        missing = name in expected
        raise _wrong(notice.kind, name, *(("is missing", "缺失") if missing else ("is unknown", "不在该类字段中")))
    return {name: _kept(notice.kind, name, each, notice.fields[name]) for name, each in expected.items()}


def _kept(kind: NoticeKind, name: str, expected: FieldType, value: object) -> object:
    match expected:
        case FieldType.TEXT if isinstance(value, str) and _is_text(value):
            return value
        case FieldType.WORDS if isinstance(value, Mapping) and value.keys() == {"zh", "en"}:
            if all(isinstance(each, str) and _is_text(each) for each in value.values()):
                return dict(value)
        case FieldType.COUNT if type(value) is int and 0 <= value < COUNT_LIMIT:
            return value
        case FieldType.MONEY if type(value) is int and 0 <= value < MONEY_LIMIT_FEN:
            return value
        case FieldType.DAY if type(value) is date:
            return value.isoformat()
        case _:
            pass
    raise wrong_field(kind, name, expected)


def wrong_field(kind: NoticeKind, name: str, expected: FieldType) -> WrongNoticeFields:
    """Return the error of a field that is missing or not of its type."""
    return _wrong(kind, name, f"is no {expected}", f"不符合类型 {expected}")


def _is_text(value: str) -> bool:
    return value.strip() != "" and len(value) <= MOST_LETTERS


def _wrong(kind: NoticeKind, name: str, problem: str, problem_zh: str) -> WrongNoticeFields:
    return WrongNoticeFields(kind=kind, field=name, problem=problem, problem_zh=problem_zh)
