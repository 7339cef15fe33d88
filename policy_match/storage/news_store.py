"""What somebody is to hear of that is no step of a case, in the database.

Guarantees that what was told is given no more. The rows are written by triggers of the schema.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from policy_match.cases.model import NoticeKind
from policy_match.notices.news import News
from policy_match.storage.session import Row, Session
from policy_match.values import FactName, PolicyId, Uscc


class NewsStore:
    """What is to be told, and what was told of it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def waiting(self, after: int, most: int) -> Sequence[News]:
        """Return a page of what nobody was told of yet, by number after a given one."""
        return [_news(row) for row in self._session.all("waiting_news", after=after, most=most)]

    def clerks(self, department: str, most: int) -> Sequence[tuple[str, str]]:
        """Return who is a clerk of a department now, by name, each with the jurisdiction; empty is all."""
        rows = self._session.all("clerks_of_department", department=department, most=most)
        return [(row["person"], row["jurisdiction"]) for row in rows]

    def told(self, notices: Mapping[int, int], at: datetime) -> None:
        """Keep that these were told, each with so many notices; what was told before stays as it is."""
        self._session.run("add_news_told", news_ids=list(notices), notices=list(notices.values()), at=at)


def _news(row: Row) -> News:
    return News(
        news_id=row["news_id"],
        kind=NoticeKind(row["kind"]),
        number=row["number"],
        step=row["step"],
        uscc=None if row["uscc"] is None else Uscc(row["uscc"]),
        name=row["name"],
        is_over=row["is_over"],
        asked_at=row["asked_at"],
        due=row["due"],
        policy_id=None if row["policy_id"] is None else PolicyId(row["policy_id"]),
        departments=tuple(row["departments"]),
        fact=None if row["fact"] is None else FactName(row["fact"]),
        outcome=row["outcome"],
        said=row["said"],
        subject=row["subject"],
        taken_into=PolicyId(row["taken_into"]) if row["taken_into"] else None,
    )
