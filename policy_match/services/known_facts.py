"""What a kept sweep knew of one firm: its registered name, and a fact with its source and day.

Guarantees that all of it is read from the snapshot of one sweep, with the catalogue of that sweep, and that a sweep
whose snapshot cannot be read any more knows nothing. Nothing is decided and nothing is written.
"""

from dataclasses import dataclass
from datetime import date

from policy_match.cases.corrections import CorrectionLine
from policy_match.cases.firm_view import KeptBy
from policy_match.errors import InputError
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue
from policy_match.facts.reading import Reading, Readings
from policy_match.policy.model import RuleBook
from policy_match.ports import Database, FactTables, UnitOfWork
from policy_match.services.kept_rules import frame_of_sweep
from policy_match.services.open_cases import NAME_FACT
from policy_match.services.replay_decision import OpenSnapshot
from policy_match.values import Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class OnRecord:
    """What a sweep as of a day knew of a fact that a firm says is wrong, and of the firm's name, empty when unknown.

    `reading` is none where the sweep had no such firm or record.
    """

    firm_name: str
    fact: Fact
    reading: Reading | None
    as_of: date


@dataclass(frozen=True, kw_only=True, slots=True)
class _Opened:
    """The facts of a sweep, as of its day."""

    catalogue: FactCatalogue
    tables: FactTables
    as_of: date


def on_record(
    database: Database, open_snapshot: OpenSnapshot, line: CorrectionLine, in_use: RuleBook
) -> OnRecord | None:
    """Return what the sweep of the case that a request names knew of its fact, else what the newest sweep knows.

    `None` where there is no sweep, its facts cannot be read any more, or its catalogue has no such fact.
    """
    with database.unit_of_work() as work:
        case = line.case_id
        sweep = work.firm.newest_sweep() if case is None else work.firm.decided_by(line.uscc, case)
        record_id = line.record_id or _record_of_case(work, line)
        opened = _opened(work, open_snapshot, sweep, in_use)
    fact = None if opened is None else opened.catalogue.get(line.fact)
    if opened is None or fact is None:
        return None
    firm = opened.tables.firm(line.uscc, opened.as_of) or {}
    readings = firm if fact.grain == FIRM else _record(opened, fact.grain, line.uscc, record_id)
    return OnRecord(firm_name=_name(firm), fact=fact, reading=readings.get(fact.name), as_of=opened.as_of)


def registered_name(database: Database, open_snapshot: OpenSnapshot, uscc: Uscc, in_use: RuleBook) -> str:
    """Return the name of a firm in the newest sweep that the caller may see; empty when it is not known.

    Opening a case keeps the name from the same place, and an order compares the holder of an account with that.
    """
    with database.unit_of_work() as work:
        opened = _opened(work, open_snapshot, work.firm.newest_sweep(), in_use)
    return "" if opened is None else _name(opened.tables.firm(uscc, opened.as_of) or {})


def _opened(work: UnitOfWork, open_snapshot: OpenSnapshot, sweep: KeptBy | None, in_use: RuleBook) -> _Opened | None:
    if sweep is None:
        return None
    try:
        catalogue = frame_of_sweep(work, sweep, in_use).catalogue
        tables = open_snapshot(sweep.identity.snapshot_id, catalogue)
    except InputError:
        return None
    return _Opened(catalogue=catalogue, tables=tables, as_of=sweep.identity.as_of)


def _record_of_case(work: UnitOfWork, line: CorrectionLine) -> str:
    if line.case_id is None:
        return ""
    found = work.firm.cases(line.uscc, status=None, after=line.case_id - 1, most=1)
    return found[0].record_id if found and found[0].case_id == line.case_id else ""


def _record(opened: _Opened, grain: str, uscc: Uscc, record_id: str) -> Readings:
    if grain not in opened.tables.grains:
        return {}
    return opened.tables.records(grain, uscc, opened.as_of).get(record_id, {})


def _name(firm: Readings) -> str:
    reading = firm.get(NAME_FACT)
    return reading.value.strip() if reading is not None and isinstance(reading.value, str) else ""
