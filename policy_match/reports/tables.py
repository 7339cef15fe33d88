"""Tables of figures, from the cases of each group to rows of numbers of which the small ones are hidden.

Guarantees that the counts add up, within a row and over the groups, before anything is hidden, and that an amount, a
share or a number of days is hidden with the counts that it rests on. Counting cases is a store's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from policy_match.reports.counts import COUNTS, PLACES, RELATIONS, WEIGHTS, vector_of
from policy_match.reports.figures import AMOUNTS, SHARES
from policy_match.reports.model import FEWEST_FIRMS, Answer, Bundle, Cut, GroupTimes, Profile
from policy_match.reports.suppression import TOTAL, Cell, Counted, Vector, hidden_cells

Number = int | Fraction
"""A count, fen or days as whole numbers; a share as a fraction."""


OF_ONE_GROUP = frozenset({Cut.DISTRICT, Cut.INDUSTRY, Cut.SIZE})
"""Cuts in which a firm is in one group, as long as its facts stay the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The figures of one group by name.

    `hidden` names those that may not be shown; they are `None`, and so is a share or a time of nothing.
    """

    group: str
    figures: Mapping[str, Number | None]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The figures of every group, by name of the group, and of all together."""

    rows: tuple[Row, ...]
    total: Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What a store counted of one cut: its cases, and firms and days of each group. The group '' is all together."""

    bundles: Sequence[Bundle]
    times: Sequence[GroupTimes]


def figure_tables(counts: Mapping[Cut, Counts], *, internal: bool) -> Mapping[Cut, Table]:
    """Return a table of each cut. Without `internal`, small figures are hidden as if all cuts were published together.

    So every cut must be there to publish one of them, or another publication would give back what this one hides.
    """
    assert internal or set(counts) == set(Cut), "every cut is needed to say what must be hidden"
    hidden = frozenset() if internal else _hidden(counts)
    return {cut: _table(cut, each, hidden, internal=internal) for cut, each in counts.items()}


@cache
def _vector(case: Profile) -> Vector:
    return vector_of(case)


@cache
def _kinds(case: Profile) -> tuple[str, ...]:
    """Return for each cut, in the order of their names, what a reader knows of a case by its group.

    A policy says whether it asks, pays, what silence means, and whether its cases are on display; a channel that it
    reached the firm.
    """
    silence = case.answer if case.answer in (Answer.WAIVED, Answer.ACCEPTED) else ""
    known = {
        Cut.POLICY: f"{case.route} {case.owed} {silence} {case.objected}",
        Cut.CHANNEL: case.reach.value,
    }
    return tuple(known.get(cut, "") for cut in sorted(Cut))


def _hidden(counts: Mapping[Cut, Counts]) -> frozenset[Cell]:
    cuts: dict[str, dict[str, list[Counted]]] = {}
    for cut, each in counts.items():
        groups = cuts.setdefault(cut, {})
        for bundle in each.bundles:
            counted = Counted(
                vector=_vector(bundle.profile),
                cases=bundle.cases,
                firms=bundle.firms,
                kinds=_kinds(bundle.profile),
            )
            groups.setdefault(bundle.group, []).append(counted)
    return hidden_cells(cuts, WEIGHTS)


def _table(cut: Cut, counts: Counts, hidden: frozenset[Cell], *, internal: bool) -> Table:
    groups: dict[str, list[Bundle]] = {}
    for bundle in counts.bundles:
        groups.setdefault(bundle.group, []).append(bundle)
    times = {each.group: each for each in counts.times}
    columns: dict[str, set[int]] = {}
    for cell in hidden:
        if cell.cut in (cut, TOTAL):
            columns.setdefault(cell.group, set()).add(cell.column)
    assert times.keys() - {TOTAL} == groups.keys(), "cases and times are of the same groups"
    few = frozenset() if internal else _few_paid(cut, times, columns)
    rows = [
        _row(
            name,
            bundles,
            times.get(name),
            columns.get(name, set()),
            internal=internal,
            few=name in few,
        )
        for name, bundles in [*sorted(groups.items()), (TOTAL, counts.bundles)]
    ]
    return Table(rows=tuple(rows[:-1]), total=rows[-1])


def _few_paid(cut: Cut, times: Mapping[str, GroupTimes], columns: Mapping[str, set[int]]) -> frozenset[str]:
    """Return the groups of which the number of firms paid is hidden: too few were, or too few were not.

    Where a firm is in one group alone, the only hidden number would be the rest of all; then another is hidden too.
    """
    few = {name for name, each in times.items() if _few_firms(each)}
    resting_on = {PLACES["paid"], PLACES["eligible"]}
    hidden = few | {name for name, found in columns.items() if found & resting_on}
    shown = [each for name, each in times.items() if name not in hidden | {TOTAL}]
    if cut in OF_ONE_GROUP and TOTAL not in hidden and len(hidden) == 1 and shown:
        few.add(min(shown, key=lambda each: (each.paid_firms == 0, each.paid_firms, each.group)).group)
    return frozenset(few)


def _few_firms(times: GroupTimes) -> bool:
    return 0 < times.paid_firms < FEWEST_FIRMS or 0 < times.firms - times.paid_firms < FEWEST_FIRMS


def _row(
    group: str,
    bundles: Sequence[Bundle],
    times: GroupTimes | None,
    columns: set[int],
    *,
    internal: bool,
    few: bool,
) -> Row:
    values = np.zeros(len(WEIGHTS), np.int64)
    for bundle in bundles:
        values += bundle.cases * np.array(_vector(bundle.profile), np.int64)
    figures: dict[str, Number | None] = {count.name: int(values[PLACES[count.name]]) for count in COUNTS}
    for whole, parts in RELATIONS.items():
        assert figures[whole] == sum(int(values[PLACES[part]]) for part in parts), f"{group}: {whole} is not its parts"
    hidden = {count.name for count in COUNTS if PLACES[count.name] in columns}
    for amount in AMOUNTS:
        place = PLACES[amount.beside]
        figures[amount.name] = sum(
            bundle.settled_fen if amount.settled else bundle.entitled_fen
            for bundle in bundles
            if _vector(bundle.profile)[place]
        )
        if place in columns:
            hidden.add(amount.name)
    figures["firms"] = times.firms if times is not None else 0
    figures["paid_firms"] = times.paid_firms if times is not None else 0
    figures["median_days"] = times.median_days if times is not None else None
    figures["slow_days"] = times.slow_days if times is not None else None
    if "eligible" in hidden:
        hidden.add("firms")
    if few or "paid" in hidden or "eligible" in hidden:
        hidden.add("paid_firms")
    if "paid" in hidden or (not internal and times is not None and 0 < times.paid_firms < FEWEST_FIRMS):
        hidden |= {"median_days", "slow_days"}
    for share in SHARES:
        figures[share.name] = _share(figures, share.numerator, share.denominator)
        if not hidden.isdisjoint((*share.numerator, *share.denominator)):
            hidden.add(share.name)
    return Row(
        group=group,
        figures={name: None if name in hidden else value for name, value in figures.items()},
        hidden=frozenset(hidden),
    )


def _share(figures: Mapping[str, Number | None], numerator: Sequence[str], denominator: Sequence[str]) -> Number | None:
    part, whole = (sum(figures[name] or 0 for name in names) for names in (numerator, denominator))
    return Fraction(part, whole) if whole else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Things counted alike: in which columns of their table each counts once, and firms behind them, a few named."""

    group: str
    columns: frozenset[str]
    number: int
    firms: frozenset[str]


def tally_table(tallies: Iterable[Tally], columns: Sequence[str], *, internal: bool) -> Table:
    """Return how many things of each group count in each column; small figures are hidden unless `internal`."""
    groups: dict[str, list[Counted]] = {}
    for tally in tallies:
        vector = tuple(int(column in tally.columns) for column in columns)
        groups.setdefault(tally.group, []).append(Counted(vector=vector, cases=tally.number, firms=tally.firms))
    weights = [1] * len(columns)
    hidden = frozenset() if internal or not groups else hidden_cells({"groups": groups}, weights)
    everything = [each for counted in groups.values() for each in counted]
    rows = [
        _tally_row(name, counted, columns, {cell.column for cell in hidden if cell.group == name})
        for name, counted in [*sorted(groups.items()), (TOTAL, everything)]
    ]
    return Table(rows=tuple(rows[:-1]), total=rows[-1])


def _tally_row(group: str, counted: Sequence[Counted], columns: Sequence[str], hidden: set[int]) -> Row:
    figures = {
        column: None if place in hidden else sum(each.cases * each.vector[place] for each in counted)
        for place, column in enumerate(columns)
    }
    return Row(group=group, figures=figures, hidden=frozenset(columns[place] for place in hidden))
