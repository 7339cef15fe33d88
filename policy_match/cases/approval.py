"""Who may take part in deciding a case, and which stage of approval is next.

Guarantees that nobody takes two stages of one case, whatever roles the person holds, and that a stage is done only
when enough different people did it. Which roles a person holds is data, and reading it is `services`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_match.cases.defects import NotAPerson, TwoStages
from policy_match.policy.model import ApprovalStage

SYSTEM = "system"
FIRM_PREFIX = "firm:"


class Task(StrEnum):
    """The kinds of work on one case that different people must do."""

    REVIEW = "review"
    APPROVAL = "approval"
    OBJECTION = "objection"
    ORDER = "order"
    RECOVERY = "recovery"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Stage:
    """One stage of a case: a task, and for approvals which of the policy's stages, counted from 1 (else 0)."""

    task: Task
    number: int = 0

    def __str__(self) -> str:
        return f"{self.task} {self.number}" if self.number else str(self.task)


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """A person took a stage of a case."""

    stage: Stage
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StageDue:
    """What is still missing: `missing` more people with `role`, at approval stage `number`, counted from 1."""

    number: int
    role: str
    missing: int


def conflicting_stage(person: str, stage: Stage, acts: Iterable[Act]) -> Stage | None:
    """Return another stage of the same case that the person has taken, if any.

    `acts` are all acts ever done on that case, also on lists that were voided. The same stage once more, on a new
    list, is no conflict; that one person counts once within a stage is `stages_due`.
    """
    return min((act.stage for act in acts if act.person == person and act.stage != stage), default=None)


def check_may_take(person: str, stage: Stage, acts: Iterable[Act]) -> None:
    """Check that the person may take this stage of the case. Raises `NotAPerson` or `TwoStages`."""
    if person == SYSTEM or person.startswith(FIRM_PREFIX):
        raise NotAPerson(person=person, wanted=stage)
    taken = conflicting_stage(person, stage, acts)
    if taken is not None:
        raise TwoStages(person=person, taken=taken, wanted=stage)


def stages_due(stages: Sequence[ApprovalStage], amounts: Iterable[int], given: Collection[Act]) -> tuple[StageDue, ...]:
    """Return the stages that are still to be done on a list, in order; the first is next; none means approved.

    `amounts` are those of the list's cases in fen: a stage with `from_fen` applies when one of them is at least so
    much. `given` are the approvals of this very list. A person counts once, for the first stage that he took.
    """
    largest_fen = max(amounts, default=0)
    counted: dict[str, int] = {}
    for act in sorted(given, key=lambda act: act.stage):
        if act.stage.task is Task.APPROVAL:
            counted.setdefault(act.person, act.stage.number)
    due = []
    for number, stage in enumerate(stages, start=1):
        if largest_fen < stage.from_fen:
            continue
        missing = stage.count - sum(taken == number for taken in counted.values())
        if missing > 0:
            due.append(StageDue(number=number, role=stage.role, missing=missing))
    return tuple(due)
