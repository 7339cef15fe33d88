"""What somebody is to hear of that is no step of a case: requests, ratings, suggestions, and the answers to them.

Guarantees that a notice of each says who is spoken to, what it is about and what came of it, in both languages. Whom a
department's people are, and that each is told once, is `services.tell_news`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from policy_match.cases.corrections import OUTCOME_WORDS, CorrectionOutcome
from policy_match.cases.model import NoticeKind
from policy_match.cases.ratings import GRADE_WORDS, Grade
from policy_match.cases.words import Words
from policy_match.cases.working_days import china_day
from policy_match.notices.fields import MOST_LETTERS, NewNotice
from policy_match.notices.model import FIRM_PREFIX
from policy_match.notices.wording import cut
from policy_match.policy.model import RuleBook
from policy_match.reports.reviews import SUGGESTION_WORDS, SuggestionStatus
from policy_match.values import FactName, PolicyId, Uscc

NOTHING_SAID = Words("未填写意见", "nothing was written")
NO_REASON = Words("暂无补充说明", "no more was said")
IN_CHARGE = Words("主管部门", "the department in charge")

TO_STAFF = frozenset({NoticeKind.CORRECTION_ASKED, NoticeKind.BAD_RATING})
"""What departments hear; the rest is for the firm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """One thing that somebody is to hear of.

    `number` is that of the request, of the case that was rated, or of the suggestion, and `step` that of the
    suggestion's step. `uscc` is none where no firm asked, `name` its registered name or empty. `asked_at` is when the
    firm asked, rated or suggested, and `due` the last day for an answer. `outcome` is the word of the answer, of the
    grade or of the status; `said` what is said of it. `subject` stands where no policy does. What `is_over` was
    answered, taken back or decided otherwise before anybody was told.
    """

    news_id: int
    kind: NoticeKind
    number: int
    step: int
    uscc: Uscc | None
    name: str = field(repr=False)
    is_over: bool
    asked_at: datetime
    due: date | None
    policy_id: PolicyId | None
    departments: tuple[str, ...]
    fact: FactName | None
    outcome: str
    said: str = field(repr=False)
    subject: str = field(repr=False)
    taken_into: PolicyId | None


def departments_of(news: News, rules: RuleBook) -> tuple[str, ...]:
    """Return the departments that a thing concerns: the sources of the fact, or that of the policy; maybe none."""
    if news.departments or news.policy_id is None:
        return news.departments
    found = rules.policies.get(news.policy_id)
    return () if found is None else (found.department,)


def notice_to_firm(news: News, rules: RuleBook) -> NewNotice | None:
    """Return what the firm hears; `None` when no firm asked."""
    if news.uscc is None:
        return None
    departments = "、".join(departments_of(news, rules))
    fields: dict[str, object] = {
        "firm": news.name or news.uscc,
        "department": _both(Words(departments, departments) if departments else IN_CHARGE),
        "number": str(news.number),
        "reason": _said(news.said, NO_REASON),
        "asked_on": china_day(news.asked_at),
    }
    match news.kind:
        case NoticeKind.CORRECTION_ANSWERED:
            fields |= {"fact": _fact(news, rules), "outcome": _both(OUTCOME_WORDS[CorrectionOutcome(news.outcome)])}
        case NoticeKind.RATING_ANSWERED:
            fields |= {"title": _title(news, rules), "grade": _both(GRADE_WORDS[Grade(news.outcome)])}
        case _:
            fields |= {"title": _title(news, rules), "outcome": _both(_decided(news, rules))}
    return NewNotice(recipient=f"{FIRM_PREFIX}{news.uscc}", kind=news.kind, about=_about(news), fields=fields)


def notice_to_staff(news: News, rules: RuleBook, person: str) -> NewNotice:
    """Return what a member of a department's staff hears."""
    assert news.uscc is not None, "firms ask for corrections, and firms rate"
    assert news.due is not None, "what staff hear of is to be answered"
    departments = "、".join(departments_of(news, rules))
    fields: dict[str, object] = {
        "number": str(news.number),
        "department": departments,
        "firm": news.name or news.uscc,
        "due": news.due,
    }
    if news.kind is NoticeKind.CORRECTION_ASKED:
        fields |= {"fact": _fact(news, rules), "claim": news.said}
    else:
        grade = GRADE_WORDS[Grade(news.outcome)]
        fields |= {"title": _title(news, rules), "grade": _both(grade), "said": _said(news.said, NOTHING_SAID)}
    return NewNotice(recipient=person, kind=news.kind, about=_about(news), fields=fields)


def _about(news: News) -> str:
    match news.kind:
        case NoticeKind.CORRECTION_ASKED | NoticeKind.CORRECTION_ANSWERED:
            return f"correction:{news.number}"
        case NoticeKind.BAD_RATING | NoticeKind.RATING_ANSWERED:
            return f"rating:{news.number}"
        case _:
            return f"suggestion:{news.number}:{news.step}"


def _decided(news: News, rules: RuleBook) -> Words:
    words = SUGGESTION_WORDS[SuggestionStatus(news.outcome)]
    if news.taken_into is None:
        return words
    into = _policy(news.taken_into, rules)
    return Words(f"{words.zh}，纳入“{into.zh}”", f'{words.en} into "{into.en}"')


def _title(news: News, rules: RuleBook) -> Mapping[str, str]:
    if news.policy_id is None:
        return _both(Words(news.subject, news.subject))
    return _both(_policy(news.policy_id, rules))


def _policy(policy_id: PolicyId, rules: RuleBook) -> Words:
    """Return what a policy is called; its id when the rules in use have it no more."""
    found = rules.policies.get(policy_id)
    return Words(policy_id, policy_id) if found is None else Words(found.title, found.title_en or found.title)


def _fact(news: News, rules: RuleBook) -> Mapping[str, str]:
    assert news.fact is not None, "a correction is of a fact"
    found = rules.catalogue.get(news.fact)
    return _both(Words(news.fact, news.fact) if found is None else Words(found.label, found.label_en or found.label))


def _said(text: str, otherwise: Words) -> Mapping[str, str]:
    said = cut(text.strip(), MOST_LETTERS)
    return _both(Words(said, said) if said else otherwise)


def _both(words: Words) -> Mapping[str, str]:
    return {"zh": words.zh, "en": words.en}
