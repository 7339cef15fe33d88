"""What a firm does not get yet: which conditions fail and by how much, which facts nobody knows, and what that costs.

Guarantees that the newest released sweep is looked at, with its facts and its rules, so that the answer is the one on
which cases were opened; that a fact which is not known is said to be missing, never to be nothing; and that the amount
is what the rule would give if all conditions held, `None` where that cannot be known: also where it is computed from a
fact that must change first. Nothing is promised by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.expressions.nodes import facts_read
from policy_match.expressions.semantics import Row, Unknown
from policy_match.facts.reading import Readings
from policy_match.policy.model import RuleBook
from policy_match.ports import Database, FactTables
from policy_match.services.kept_rules import Versions, rules_of_sweep
from policy_match.services.replay_decision import OpenSnapshot
from policy_match.sweep.decide import award
from policy_match.sweep.record import DecisionRecord, FactUsed, record_decision
from policy_match.values import FactName, Outcome, SweepId, Truth, Uscc

MOST_RECORDS = 1_000
"""The most records of a firm, such as loans, that one policy is looked at for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotYet:
    """A policy that does not find the firm, or cannot say. `possible_fen` is what it would give on the facts of now."""

    record: DecisionRecord
    possible_fen: int | None

    @property
    def unlocked_by(self) -> tuple[FactName, ...]:
        """The facts that nobody knows and that alone keep the policy open; none when a condition is false."""
        return self.record.missing if self.record.outcome is Outcome.UNDETERMINED else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Unlock:
    """A fact that nobody knows, and what is open for want of it: how many decisions, and what they could give."""

    fact: FactUsed
    decisions: int
    possible_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NotYetView:
    """All of it for one firm, the largest possible amounts first; `is_known` is whether the sweep knew the firm."""

    sweep_id: SweepId | None
    as_of: date | None
    is_known: bool
    found: tuple[NotYet, ...]
    unlocks: tuple[Unlock, ...]


NOTHING = NotYetView(sweep_id=None, as_of=None, is_known=False, found=(), unlocks=())
"""Before the first release."""


def not_yet(database: Database, open_snapshot: OpenSnapshot, uscc: Uscc, in_use: RuleBook) -> NotYetView:
    """Return every policy of the newest released sweep that the firm does not get, and what is missing.

    `in_use` are the rules in memory; versions that are not among them are read from their kept texts.
    """
    with database.unit_of_work() as work:
        sweep = work.firm.newest_sweep()
        if sweep is None:
            return NOTHING
        rules, versions = rules_of_sweep(work, sweep, in_use)
    tables = open_snapshot(sweep.identity.snapshot_id, rules.catalogue)
    as_of = sweep.identity.as_of
    firm = tables.firm(uscc, as_of)
    if firm is None:
        return NotYetView(sweep_id=sweep.sweep_id, as_of=as_of, is_known=False, found=(), unlocks=())
    found = sorted(_not_eligible(rules, versions, tables, firm, uscc, as_of), key=_rank)
    return NotYetView(
        sweep_id=sweep.sweep_id, as_of=as_of, is_known=True, found=tuple(found), unlocks=tuple(_unlocks(found))
    )


def _not_eligible(
    rules: RuleBook, versions: Versions, tables: FactTables, firm: Readings, uscc: Uscc, as_of: date
) -> Iterator[NotYet]:
    records: dict[str, Mapping[str, Readings]] = {}
    for policy, version in versions.values():
        rows: Mapping[str | None, Readings] = {None: firm}
        if not policy.per_firm:
            if policy.grain not in records:
                there = policy.grain in tables.grains
                records[policy.grain] = tables.records(policy.grain, uscc, as_of) if there else {}
            rows = dict(list(records[policy.grain].items())[:MOST_RECORDS])
        for record_id, own in rows.items():
            readings = own if policy.per_firm else {**firm, **own}
            record = record_decision(
                rules,
                policy,
                version,
                readings,
                uscc=uscc,
                record_id=record_id,
                as_of=as_of,
                facts_digest=tables.digest,
            )
            if record.outcome is not Outcome.ELIGIBLE:
                yield NotYet(record=record, possible_fen=_possible(record, readings))


def _possible(record: DecisionRecord, readings: Readings) -> int | None:
    version = record.version
    cap = None if version.cap is None else version.cap.node
    feeding = facts_read(version.amount.node) | (frozenset() if cap is None else facts_read(cap))
    failing = {name for each in record.conditions if each.truth is Truth.FALSE for name in each.facts}
    if feeding & failing:
        return None
    row = Row({name: reading.usable for name, reading in readings.items()}, record.as_of)
    steps = award(version.amount.node, cap, version.minimum, row)
    return None if isinstance(steps, Unknown) else steps.paid.fen


def _rank(each: NotYet) -> tuple[bool, int, str, str]:
    """Known amounts before unknown ones, the largest first."""
    return (
        each.possible_fen is None,
        -(each.possible_fen or 0),
        each.record.policy.id,
        each.record.record_id or "",
    )


def _unlocks(found: Sequence[NotYet]) -> Sequence[Unlock]:
    """Return the facts that keep decisions open, those with the most money behind them first."""
    facts: dict[FactName, list[NotYet]] = {}
    used: dict[FactName, FactUsed] = {}
    for each in found:
        for name in each.unlocked_by:
            facts.setdefault(name, []).append(each)
        used.update({one.fact.name: one for one in each.record.facts})
    unlocks = [
        Unlock(fact=used[name], decisions=len(open_), possible_fen=sum(one.possible_fen or 0 for one in open_))
        for name, open_ in facts.items()
        if name in used
    ]
    return sorted(unlocks, key=lambda each: (-each.possible_fen, -each.decisions, each.fact.fact.name))
