"""Writes the notices of what is no step of a case: to a department that it is asked, to a firm what it was answered.

Guarantees that each is told once however often a run begins again, that nobody is told what is no longer so, and that
what nobody of a department could be told waits until somebody answers for it. Texts are written by `prepare_notices`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policy_match.cases.corrections import district_of
from policy_match.notices.fields import NewNotice
from policy_match.notices.news import TO_STAFF, News, departments_of, notice_to_firm, notice_to_staff
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock, Database, UnitOfWork

PAGE = 500
"""How many are told in one transaction."""

MOST_PAGES = 1_000
"""How many transactions one run has at most; what is left is told by the next."""

MOST_PEOPLE = 1_000
"""The most duties or roles that are looked through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsTold:
    """How many notices were written; and how many things wait because nobody answers for their department."""

    notices: int
    waiting: int


def tell_news(database: Database, rules: Callable[[], RuleBook], *, clock: Clock) -> NewsTold:
    """Write the notices of everything that nobody was told of yet. `rules` is asked only when there is something.

    Who is told in a department: who answers for it (`duties`), at its lowest level; where nobody does, its clerks.
    """
    book: RuleBook | None = None
    notices = waiting = after = 0
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            page = work.news.waiting(after, PAGE)
            if not page:
                break
            book = book or rules()
            told: dict[int, Sequence[NewNotice]] = {}
            for each in page:
                found = _notices(work, each, book)
                if found is None:
                    waiting += 1
                else:
                    told[each.news_id] = found
            notices += work.notices.add([notice for each in told.values() for notice in each], clock.now())
            work.news.told({news_id: len(each) for news_id, each in told.items()}, clock.now())
            work.commit()
        after = page[-1].news_id
    return NewsTold(notices=notices, waiting=waiting)


def _notices(work: UnitOfWork, news: News, rules: RuleBook) -> Sequence[NewNotice] | None:
    """Return the notices of one thing; `None` when somebody is to be told and nobody is there."""
    if news.is_over:
        return ()
    if news.kind not in TO_STAFF:
        notice = notice_to_firm(news, rules)
        return () if notice is None else (notice,)
    people = {person for unit in departments_of(news, rules) for person in _people(work, unit, news, rules)}
    return [notice_to_staff(news, rules, person) for person in sorted(people)] or None


def _people(work: UnitOfWork, unit: str, news: News, rules: RuleBook) -> Sequence[str]:
    """Return who of a department is told."""
    duties = work.supervision.duties.held(unit=unit, most=MOST_PEOPLE)
    if duties:
        lowest = min(duty.level for duty in duties)
        return [duty.person for duty in duties if duty.level == lowest]
    return [person for person, within in work.news.clerks(unit, MOST_PEOPLE) if _is_within(within, news, rules)]


def _is_within(jurisdiction: str, news: News, rules: RuleBook) -> bool:
    """Return whether a clerk's jurisdiction has the policy; or, of a fact, the district in which the firm is."""
    if news.policy_id is not None:
        policy = rules.policies.get(news.policy_id)
        return policy is not None and policy.jurisdiction.startswith(jurisdiction)
    return news.uscc is not None and news.uscc[2:8].startswith(district_of(jurisdiction))
