"""A policy that matches all or none of a registry: more often a mistake than the law, so a person is asked.

Guarantees that the same two cases are asked about everywhere. Storing the answer is `storage`.
"""

from collections.abc import Sequence
from enum import StrEnum

from policy_match.errors import QuestionError
from policy_match.sweep.totals import PolicyTotals


class Match(StrEnum):
    """A policy that makes no difference between the rows of a registry."""

    ALL = "all"
    NONE = "none"


def match_of(totals: PolicyTotals) -> Match | None:
    """Return whether every row is eligible or every row ineligible.

    An undetermined row is neither: what keeps a policy undetermined everywhere is missing data, which the report
    shows, and nobody is paid for it.
    """
    if totals.matches_all:
        return Match.ALL
    return Match.NONE if totals.matches_none else None


class UnconfirmedMatch(QuestionError):
    """Policies match all or none of the registry and nobody has said that this is right. `totals` lists them."""

    code = "sweep-unconfirmed-match"
    english = (
        "nothing was kept: {listed_en}; if that is right, a person confirms it on the page of sweeps or with "
        "`policy-match sweeps confirm`, else correct the policy; then run again"
    )
    chinese = (
        "本次未保存任何结果：{listed_zh}；如属实，请由责任人在“判定”页面或用 policy-match sweeps confirm 确认，"
        "否则请更正政策，然后重新运行"
    )

    def __init__(self, totals: Sequence[PolicyTotals]) -> None:
        super().__init__(
            totals=tuple(totals),
            listed_en=", ".join(_listed(each, "matches all", "matches none") for each in totals),
            listed_zh="、".join(_listed(each, "全部符合", "全部不符合") for each in totals),
        )


def _listed(totals: PolicyTotals, every: str, none: str) -> str:
    return f"{totals.policy.policy_id} {every if totals.matches_all else none} ({totals.rows:,})"
