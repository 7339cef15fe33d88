"""How many working days each stage of a policy's cases may take.

Guarantees that the policy's own word goes before the usual limit, and that a stage which ends by itself has none.
Where the usual limits come from is `stages`; what follows when one is over is `colours` and `escalation`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from policy_match.policy.model import Process, StageLimit
from policy_match.supervision.stages import STAGES, Stage
from policy_match.values import Digest, PolicyId


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionTerms:
    """What supervision reads of one policy version: whose it is, its titles, and the limits that it sets itself."""

    version: Digest
    policy_id: PolicyId
    department: str
    title: str
    title_en: str
    own_limits: tuple[tuple[Stage, int], ...]

    def days(self, stage: Stage) -> int | None:
        """Return the limit of a stage in working days; `None` where the stage ends by itself."""
        return dict(self.own_limits).get(stage, STAGES[stage].days)


def own_limits(process: Process) -> tuple[tuple[Stage, int], ...]:
    """Return the limits that a policy sets itself: those of its stages, and of the answer to an objection."""
    return (*_stages(process.limits), (Stage.OBJECTION, process.recheck_days))


def _stages(limits: Iterable[StageLimit]) -> Iterable[tuple[Stage, int]]:
    return ((Stage(each.stage.value), each.days) for each in limits)
