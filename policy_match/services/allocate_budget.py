"""Shares a budget that may be too small among the reviewed cases of a policy; who gets nothing waits, visibly.

Guarantees that what is granted, reserved and paid of a line never exceeds its appropriation, that nobody overtakes,
and that who was granted keeps it. How a line is shared is `entitlements.budget`; paying is `order_payments`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from policy_match.cases.working_days import china_day
from policy_match.entitlements.budget import Request, allocate
from policy_match.entitlements.cost_share import split_cost
from policy_match.entitlements.errors import NoBudgetLine
from policy_match.errors import InputError, QuestionError
from policy_match.ledger.accounts import LineId
from policy_match.policy.model import Allocation, CostShare
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.approvals import AllocationTerms, CaseGrant, WaitingCases
from policy_match.services.roles import named
from policy_match.values import PolicyId, Uscc

MOST_WAITING = 1_000_000
"""The most cases of one policy that may wait at once."""

MOST_LINES = 1_000


class YearIsOver(InputError):
    """Nothing can be paid from a budget of the past."""

    code = "budget.year-over"
    english = "the budget year {year} is over; allocate from {this_year} or later"
    chinese = "预算年度 {year} 已结束；请使用 {this_year} 年或以后年度的预算"


class TooManyWait(QuestionError):
    """More cases wait than one run can share a budget among."""

    code = "budget.too-many"
    english = "more than {most} cases of {policy_id} wait for budget; ask how the policy's budget is to be divided"
    chinese = "{policy_id} 等待预算的事项超过 {most} 个；请先明确预算如何切分"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineShared:
    """What a run did to one line, in fen. `free_fen` is what was free before; a line that is not there has nothing."""

    line: LineId
    free_fen: int
    asked_fen: int
    granted_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetShared:
    """One run. `number` is `None` when nobody could be granted anything and nobody was new, so nothing was kept."""

    number: int | None
    policy_id: PolicyId
    year: int
    asked: int
    asked_fen: int
    granted: int
    granted_fen: int
    lines: Sequence[LineShared]

    @property
    def waiting(self) -> int:
        """How many cases wait now."""
        return self.asked - self.granted


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueEntry:
    """One case that waits. `line` is short by `short_fen` for it and all before it; `None` when none is short now."""

    place: int
    case_id: int
    uscc: Uscc
    record_id: str
    asked_fen: int
    since: datetime
    line: LineId | None
    short_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """A page of the cases of one policy that wait for the budget of a year, and how many wait in all."""

    policy_id: PolicyId
    year: int
    waiting: int
    asked_fen: int
    entries: Sequence[QueueEntry]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """All waiting cases, in the order in which they came, with what each asks of each line."""

    cases: WaitingCases
    how: Allocation
    terms: Mapping[int, AllocationTerms]
    parts: Sequence[tuple[tuple[LineId, int], ...]]
    free: Mapping[LineId, int]


def allocate_budget(
    database: Database, clock: Clock, *, policy_id: PolicyId, by: str, year: int | None = None
) -> BudgetShared:
    """Grant the waiting cases of a policy what the lines of a budget year (this one, if not said) can carry.

    First come, first served goes by the step that brought the case here; the rule is that of the newest opening. What
    one line cannot carry is not granted of the others either. Running it again grants only those that wait. Raises
    `YearIsOver`, `NoBudgetLine`, `TooManyWait`, `NobodyNamed`.
    """
    by, at = named(by), clock.now()
    today = china_day(at)
    year = _budget_year(year, today)
    with database.unit_of_work() as work:
        work.budget.lock_policy(policy_id)
        asked = _asked(work, policy_id, year, today, lock=True)
        grants = _grants(asked)
        number = None
        if asked.cases.new or any(grant.granted_fen for grant in grants):
            number = work.budget.add_allocation(policy_id, year, asked.how, grants, at=at, by=by)
            work.commit()
    return _summary(asked, grants, number, policy_id, year)


def budget_queue(
    database: Database, clock: Clock, *, policy_id: PolicyId, year: int | None = None, after: int = 0, most: int = 1_000
) -> Queue:
    """Return a page of who waits, after a place: asked amount, since when, and which line is short and by how much.

    Places are those that the next run would use. Raises `YearIsOver`, `NoBudgetLine`, `TooManyWait`.
    """
    today = china_day(clock.now())
    year = _budget_year(year, today)
    with database.unit_of_work() as work:
        asked = _asked(work, policy_id, year, today, lock=False)
        page = _short(asked)[after : after + most]
        found = work.budget.waiting_cases([asked.cases.case_ids[row] for _, row, _, _ in page])
    entries = []
    for place, row, line, short_fen in page:
        who = found[asked.cases.case_ids[row]]
        entries.append(
            QueueEntry(
                place=place,
                case_id=who.case_id,
                uscc=who.uscc,
                record_id=who.record_id,
                asked_fen=asked.cases.asked_fen[row],
                since=who.since,
                line=line,
                short_fen=short_fen,
            )
        )
    return Queue(
        policy_id=policy_id,
        year=year,
        waiting=len(asked.cases.case_ids),
        asked_fen=sum(asked.cases.asked_fen),
        entries=entries,
    )


def _budget_year(year: int | None, today: date) -> int:
    if year is None:
        return today.year
    if year < today.year:
        raise YearIsOver(year=year, this_year=today.year)
    return year


def _asked(work: UnitOfWork, policy_id: PolicyId, year: int, today: date, *, lock: bool) -> Asked:
    cases = work.budget.waiting(policy_id, year=year, this_year=today.year, most=MOST_WAITING + 1)
    if len(cases.case_ids) > MOST_WAITING:
        raise TooManyWait(most=MOST_WAITING, policy_id=policy_id)
    terms = work.budget.terms(policy_id)
    openings = set(cases.openings)
    if any(not terms[opening].shares for opening in openings):
        raise NoBudgetLine(policy_id=policy_id)
    parts = [
        _parts(fen, terms[opening].shares, year) for fen, opening in zip(cases.asked_fen, cases.openings, strict=True)
    ]
    lines = sorted({LineId(f"{share.line}-{year}") for opening in openings for share in terms[opening].shares})
    if lock:
        # Only now is it read what is free: others that grant of these lines have ended, and what they did is seen.
        work.budget.lock_lines(lines)
    found = work.budget.lines(today=today, lines=lines, most=MOST_LINES) if lines else ()
    free = dict.fromkeys(lines, 0) | {line.line: line.free_fen for line in found}
    how = terms[max(openings)].how if openings else Allocation.FIRST_COME
    return Asked(cases=cases, how=how, terms=terms, parts=parts, free=free)


def _parts(fen: int, shares: Sequence[CostShare], year: int) -> tuple[tuple[LineId, int], ...]:
    if len(shares) == 1:
        return ((LineId(f"{shares[0].line}-{year}"), fen),)
    return tuple((LineId(part.line), part.fen) for part in split_cost(fen, shares, year))


def _grants(asked: Asked) -> list[CaseGrant]:
    """Return what each case gets, by place in the queue."""
    places = _places(asked)
    by_line = _shared_by_line(asked)
    if asked.how is Allocation.PRO_RATA:
        granted = [_proportion(asked, row, by_line) for row in range(len(places))]
    else:
        # From the first on that one of its lines cannot carry whole, all wait: a later one would take what it needs.
        full = [all(by_line[line].get(row, 0) == fen for line, fen in parts) for row, parts in enumerate(asked.parts)]
        first = min((place for row, place in enumerate(places) if not full[row]), default=len(places) + 1)
        granted = [fen if places[row] < first else 0 for row, fen in enumerate(asked.cases.asked_fen)]
    cases = asked.cases
    grants = [
        CaseGrant(
            case_id=case_id,
            seq=cases.seqs[row],
            place=places[row],
            asked_fen=cases.asked_fen[row],
            granted_fen=granted[row],
            shares=_carried(asked, row, granted[row]),
        )
        for row, case_id in enumerate(cases.case_ids)
    ]
    return sorted(grants, key=lambda grant: grant.place)


def _places(asked: Asked) -> list[int]:
    """Return each case's place in the queue, from 1."""
    fen = asked.cases.asked_fen
    served = sorted(range(len(fen)), key=lambda row: -fen[row]) if asked.how is Allocation.RANK else range(len(fen))
    places = [0] * len(fen)
    for place, row in enumerate(served, start=1):
        places[row] = place
    return places


def _shared_by_line(asked: Asked) -> dict[LineId, dict[int, int]]:
    """Return what each line alone could give each case, by row."""
    requests: dict[LineId, list[Request]] = {line: [] for line in asked.free}
    for row, parts in enumerate(asked.parts):
        for line, fen in parts:
            requests[line].append(Request(key=row, fen=fen, score=asked.cases.asked_fen[row]))
    return {
        line: {int(grant.key): grant.granted_fen for grant in allocate(of_line, asked.free[line], asked.how).grants}
        for line, of_line in requests.items()
    }


def _proportion(asked: Asked, row: int, by_line: Mapping[LineId, Mapping[int, int]]) -> int:
    """Return the most that a case can get so that no line carries more than it could give the case alone.

    Of T the part of a line with share s is T·s, or that rounded up where it is no whole number: with T = ⌊given/s⌋
    never more than what is given.
    """
    parts = asked.parts[row]
    given = {line: by_line[line][row] for line, _ in parts}
    if all(given[line] == fen for line, fen in parts):
        return asked.cases.asked_fen[row]
    shares = asked.terms[asked.cases.openings[row]].shares
    return min(
        int(Fraction(given[line]) / Fraction(share.share)) for share, (line, _) in zip(shares, parts, strict=True)
    )


def _carried(asked: Asked, row: int, granted_fen: int) -> tuple[tuple[LineId, int], ...]:
    """Return which line carries how much of what is granted."""
    if granted_fen == asked.cases.asked_fen[row] or granted_fen == 0:
        return asked.parts[row] if granted_fen else ()
    shares = asked.terms[asked.cases.openings[row]].shares
    fens = [part.fen for part in split_cost(granted_fen, shares, 0)]
    return tuple((line, fen) for (line, _), fen in zip(asked.parts[row], fens, strict=True))


def _short(asked: Asked) -> list[tuple[int, int, LineId | None, int]]:
    """Return place, row, the line that is most short and by how much, of every case by place."""
    needed = dict.fromkeys(asked.free, 0)
    order = sorted(enumerate(_places(asked)), key=lambda pair: pair[1])
    found: list[tuple[int, int, LineId | None, int]] = []
    for row, place in order:
        line, short_fen = None, 0
        for each, fen in asked.parts[row]:
            needed[each] += fen
            if needed[each] - asked.free[each] > short_fen:
                line, short_fen = each, needed[each] - asked.free[each]
        found.append((place, row, line, short_fen))
    return found


def _summary(
    asked: Asked, grants: Sequence[CaseGrant], number: int | None, policy_id: PolicyId, year: int
) -> BudgetShared:
    asked_of = dict.fromkeys(asked.free, 0)
    granted_of = dict.fromkeys(asked.free, 0)
    for parts in asked.parts:
        for line, fen in parts:
            asked_of[line] += fen
    for grant in grants:
        for line, fen in grant.shares:
            granted_of[line] += fen
    assert all(granted_of[line] <= free for line, free in asked.free.items()), "more was granted than was free"
    return BudgetShared(
        number=number,
        policy_id=policy_id,
        year=year,
        asked=len(grants),
        asked_fen=sum(asked.cases.asked_fen),
        granted=sum(grant.granted_fen > 0 for grant in grants),
        granted_fen=sum(grant.granted_fen for grant in grants),
        lines=[
            LineShared(line=line, free_fen=free, asked_fen=asked_of[line], granted_fen=granted_of[line])
            for line, free in asked.free.items()
        ],
    )
