"""Chooses the cases on which somebody wants to act at once: named ones, or all that a filter finds.

Guarantees that what is acted on is what was counted and shown before: the choice has a digest, which is asked for
again. What is done with the cases is left to others.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.errors import InputError
from policy_match.ports import Database
from policy_match.services.case_history import count_cases, list_cases
from policy_match.services.staff_steps import MOST_CASES
from policy_match.values import Digest, PolicyId


class NothingPicked(InputError):
    """No case is meant."""

    code = "cases.none"
    english = "no case was chosen, or none that you may see; tick some, or change the filter"
    chinese = "没有选中任何事项，或所选事项不在您的范围内；请勾选事项或调整筛选条件"


class TooManyPicked(InputError):
    """More cases than one go takes."""

    code = "cases.too-many"
    english = "the filter finds {count} cases, and one go takes at most {most}; narrow the filter"
    chinese = "筛选结果有 {count} 项，一次最多办理 {most} 项；请缩小筛选范围"


class PickChanged(InputError):
    """The filter finds other cases than those that were shown."""

    code = "cases.changed"
    http_status = 409
    english = "the filter now finds {count} cases, not those that you were shown; nothing was done: look again"
    chinese = "筛选结果已变化（现为 {count} 项），与您确认的不一致；未作任何处理，请重新查看"


@dataclass(frozen=True, kw_only=True, slots=True)
class PickedCases:
    """The cases that are meant, by number."""

    cases: Sequence[CaseLine]

    @property
    def case_ids(self) -> list[int]:
        """Their numbers."""
        return [each.case_id for each in self.cases]

    @property
    def amount_fen(self) -> int:
        """What they amount to."""
        return sum(each.amount_fen for each in self.cases)

    @property
    def policies(self) -> Sequence[PolicyId]:
        """Their policies, each once."""
        return sorted({each.policy_id for each in self.cases})

    @property
    def digest(self) -> Digest:
        """The SHA-256 of which cases they are, where they stand and with how much."""
        text = "\n".join(f"{each.case_id} {each.status} {each.amount_fen}" for each in self.cases)
        return Digest(hashlib.sha256(text.encode()).hexdigest())


def pick_cases(database: Database, wanted: CaseFilter, *, seen: Digest | None = None) -> PickedCases:
    """Return the cases that the filter finds. Raises `NothingPicked`, `TooManyPicked`.

    With `seen` they must be the cases of that digest, or `PickChanged` is raised.
    """
    found = list_cases(database, wanted, most=MOST_CASES)
    if len(found) == MOST_CASES:
        count = sum(cases for _, _, cases, _ in count_cases(database, wanted))
        if count > MOST_CASES:
            raise TooManyPicked(count=count, most=MOST_CASES)
    picked = PickedCases(cases=found)
    if seen is not None and picked.digest != seen:
        raise PickChanged(count=len(found))
    if not found:
        raise NothingPicked
    return picked
