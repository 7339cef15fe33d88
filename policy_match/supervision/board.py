"""The board: how many cases wait in each stage, by colour, with the money and the oldest.

Guarantees that every line is a sum of counted parts, so that departments and policies add up to the same. Counting is
a store's, and which cases they are is a page of their lines.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from policy_match.supervision.colours import Colour
from policy_match.supervision.escalation import Duty, Escalation, levels_without_anybody
from policy_match.supervision.stages import STAGES, Party, Stage
from policy_match.values import PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedStage:
    """What a store counted of one policy in one stage and colour. `oldest_on` is the earliest beginning."""

    unit: str
    policy_id: PolicyId
    stage: Stage
    colour: Colour
    cases: int
    fen: int
    oldest_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardLine:
    """One stage of one unit, or of one policy: cases and fen by colour, and the earliest beginning."""

    unit: str
    policy_id: PolicyId
    stage: Stage
    cases: Mapping[Colour, int]
    fen: Mapping[Colour, int]
    oldest_on: date

    @property
    def all_fen(self) -> int:
        """The money of all colours in fen."""
        return sum(self.fen.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """The board of one day: lines by unit and stage or by policy and stage, and the levels that nobody holds."""

    day: date
    lines: Sequence[BoardLine]
    nobody: Mapping[str, tuple[int, ...]]

    @property
    def cases(self) -> Mapping[Colour, int]:
        """The cases of all lines by colour."""
        return {colour: sum(line.cases[colour] for line in self.lines) for colour in Colour}


def board(day: date, counted: Sequence[CountedStage], held: Sequence[Duty], *, per_policy: bool) -> Board:
    """Return the board of what was counted, with a line for each unit and stage, or each policy and stage."""

    def key(each: CountedStage) -> tuple[str, PolicyId, Stage]:
        return each.unit, each.policy_id if per_policy else PolicyId(""), each.stage

    units = sorted({each.unit for each in counted if STAGES[each.stage].party is not Party.FIRM})
    return Board(day=day, lines=_lines(counted, key), nobody=levels_without_anybody(held, units))


def _lines(
    counted: Iterable[CountedStage], key: Callable[[CountedStage], tuple[str, PolicyId, Stage]]
) -> Sequence[BoardLine]:
    parts: dict[tuple[str, PolicyId, Stage], list[CountedStage]] = {}
    for each in counted:
        parts.setdefault(key(each), []).append(each)
    order = list(Stage)
    return [
        BoardLine(
            unit=unit,
            policy_id=policy_id,
            stage=stage,
            cases={colour: sum(each.cases for each in found if each.colour is colour) for colour in Colour},
            fen={colour: sum(each.fen for each in found if each.colour is colour) for colour in Colour},
            oldest_on=min(each.oldest_on for each in found),
        )
        for (unit, policy_id, stage), found in sorted(
            parts.items(), key=lambda part: (part[0][0], part[0][1], order.index(part[0][2]))
        )
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class SupervisedCase:
    """One case as it waits. `limit_days` is `None` where the stage ends by itself."""

    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    name: str
    amount_fen: int
    unit: str
    stage: Stage
    started_on: date
    limit_days: int | None
    colour: Colour


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """That a stage of a case turned yellow or red, on which day, and the limit that it had then."""

    case_id: int
    seq: int
    unit: str
    stage: Stage
    colour: Colour
    started_on: date
    limit_days: int
    turned_on: date
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkCount:
    """How many cases turned on one day, by unit and stage."""

    turned_on: date
    unit: str
    stage: Stage
    colour: Colour
    cases: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseSupervision:
    """All that supervision kept of one case."""

    marks: Sequence[Mark]
    escalations: Sequence[tuple[Escalation, int]]
