"""The steps of an entitlement as JSON rows and back.

Guarantees that what was written is what is read; the words for people are in `entitlements.model`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policy_match.entitlements.model import Step, StepCode


def written_steps(steps: Sequence[Step]) -> list[dict[str, str | int]]:
    """Return the steps as JSON data."""
    return [
        {"code": step.code.value, "before": step.fen_before, "after": step.fen_after, "detail": step.detail}
        for step in steps
    ]


def read_steps(rows: Sequence[Mapping[str, Any]] | None) -> tuple[Step, ...]:
    """Return the steps of JSON data; none for null."""
    return tuple(
        Step(code=StepCode(row["code"]), fen_before=row["before"], fen_after=row["after"], detail=row["detail"])
        for row in rows or ()
    )
