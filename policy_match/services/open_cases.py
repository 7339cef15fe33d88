"""Opens cases for the eligible decisions of a kept sweep: limits, stacking and prior aid first, then one case each.

Guarantees that an opening is there whole or not at all, that the rules are those by which the sweep decided, and that
opening a sweep again opens nothing twice. One transaction; memory holds a page of decisions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.cases.opening import (
    EligibleRow,
    EntitlementOutcome,
    FirmOpener,
    FirmOpening,
    OpenedPolicy,
    opened_policy,
)
from policy_match.entitlements.model import NO_HISTORY, History
from policy_match.facts.catalogue import FIRM, KEY, FactCatalogue
from policy_match.policy.decoding import decode_catalogue, decode_version
from policy_match.ports import Clock, Database, FactTables, Progress
from policy_match.ports.cases import OpeningStore
from policy_match.services.large_steps import after_step
from policy_match.services.replay_decision import OpenSnapshot
from policy_match.sweep.kept import KeptSweep
from policy_match.values import FactName, Uscc

NAME_FACT = FactName("ent_name")
"""The fact that holds a firm's registered name; a catalogue without it gives cases without names."""

MOST_ROWS = 50_000
"""How many decisions are read at a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningCount:
    """What an opening did for one policy: decisions by outcome, cases, and the fen of all cases."""

    opened: OpenedPolicy
    outcomes: Mapping[EntitlementOutcome, int]
    cases: int
    entitled_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """An opening; `number` is `None` when it had nothing new to say, and nothing was written."""

    number: int | None
    sweep: KeptSweep
    counts: tuple[OpeningCount, ...]

    @property
    def cases(self) -> int:
        """How many cases were opened."""
        return sum(count.cases for count in self.counts)

    @property
    def entitled_fen(self) -> int:
        """What all cases amount to."""
        return sum(count.entitled_fen for count in self.counts)


def open_cases(
    database: Database,
    open_snapshot: OpenSnapshot,
    sweep: KeptSweep,
    *,
    clock: Clock,
    by: str,
    progress: Progress | None = None,
) -> Opening:
    """Open the cases of a kept sweep, or find that there is nothing to open.

    Only a newer sweep opens a case again that ended without a payment (declined, waived, withdrawn, rejected). What
    cannot be said for want of a fact opens nothing; the entitlement names the fact, and opening again later, when the
    fact is there, opens it. `progress` counts eligible decisions. Raises an `InputError` when kept rules cannot be
    read, a `StorageError` when the database refuses; then nothing was written.
    """
    as_of = sweep.identity.as_of
    with database.unit_of_work() as work:
        openings = work.cases.openings
        openings.claim()
        versions = openings.versions(sweep.sweep_id)
        policies = [
            opened_policy(each.place, decode_version(each.text.encode())[0], each.version, as_of) for each in versions
        ]
        total = sum(each.eligible for each in versions)
        opener = FirmOpener(policies, as_of)
        catalogue = decode_catalogue(openings.catalogue_text(sweep.sweep_id).encode())
        facts = _FirmFacts(open_snapshot(sweep.identity.snapshot_id, catalogue), catalogue, opener, as_of)
        number = openings.begin(sweep.sweep_id, policies, at=clock.now(), by=by)
        tally = _Tally(policies)
        done = 0
        for firms in _whole_firms(openings.eligible(number, MOST_ROWS)):
            page = _open_page(openings, opener, facts, firms)
            openings.add(number, page)
            openings.add_names(sweep.sweep_id, _names_of_cases(page, facts))
            tally.add(page)
            done += sum(len(firm.entitled) for firm in page)
            if progress is not None:
                progress(done, total)
        if openings.says_nothing_new(number):
            return Opening(number=None, sweep=sweep, counts=tally.counts())
        work.commit()
    opening = Opening(number=number, sweep=sweep, counts=tally.counts())
    after_step(database, opening.cases)
    return opening


def _open_page(
    openings: OpeningStore, opener: FirmOpener, facts: "_FirmFacts", firms: Sequence[Sequence[EligibleRow]]
) -> list[FirmOpening]:
    usccs = [rows[0].uscc for rows in firms]
    history = openings.history(usccs)
    _learn_earlier(openings, opener, history)
    facts.advance(usccs)
    return [opener.open(rows, history.get(rows[0].uscc, NO_HISTORY), facts.of(rows[0].uscc)) for rows in firms]


def _learn_earlier(openings: OpeningStore, opener: FirmOpener, history: Mapping[Uscc, History]) -> None:
    """Take in the terms of policies that paid these firms before and are not in the sweep."""
    earlier = {paid.policy_id for of_firm in history.values() for paid in of_firm.earlier}
    unknown = sorted(earlier - opener.knows)
    if unknown:
        for text in openings.policy_texts(unknown):
            opener.learn(decode_version(text.encode())[0])


def _whole_firms(pages: Iterator[Sequence[EligibleRow]]) -> Iterator[list[list[EligibleRow]]]:
    """Yield the rows in lists by firm, page by page; a firm is never in two pages."""
    last: list[EligibleRow] = []
    for page in pages:
        firms = [list(rows) for _, rows in groupby([*last, *page], key=lambda row: row.uscc)]
        last = firms.pop()
        if firms:
            yield firms
    if last:
        yield [last]


def _names_of_cases(page: Sequence[FirmOpening], facts: "_FirmFacts") -> Iterator[tuple[Uscc, str]]:
    for firm in page:
        if firm.cases:
            uscc = firm.cases[0].uscc
            name = facts.name(uscc)
            if name:
                yield uscc, name


class _FirmFacts:
    """Names and retained taxes of firms, read once in the order of the snapshot beside the decisions.

    A snapshot is sorted by code and so are the decisions; what was passed is forgotten.
    """

    def __init__(self, tables: FactTables, catalogue: FactCatalogue, opener: FirmOpener, as_of: date) -> None:
        self._retained = opener.retained_facts
        self._named = NAME_FACT in catalogue
        wanted = [*self._retained, *([NAME_FACT] if self._named else [])]
        there = FIRM in tables.grains and bool(wanted)
        self._batches = tables.batches(FIRM, wanted, as_of) if there else iter(())
        self._batch: pa.RecordBatch | None = None
        self._rows: dict[Uscc, dict[str, str | int | None]] = {}

    def advance(self, usccs: Sequence[Uscc]) -> None:
        """Read on until the last of these firms, which come in order."""
        self._rows = {}
        wanted = pa.array(usccs, pa.string())
        while True:
            if self._batch is None:
                self._batch = next(self._batches, None)
                if self._batch is None:
                    return
            found = self._batch.filter(pc.is_in(self._batch[KEY], value_set=wanted))
            for row in found.to_pylist():
                self._rows[row.pop(KEY)] = row
            if self._batch.num_rows and self._batch[KEY][-1].as_py() > usccs[-1]:
                return  # the next page of firms may begin in this batch
            self._batch = None

    def of(self, uscc: Uscc) -> Mapping[FactName, int | None]:
        """Return the retained taxes of one firm in fen; unknown where the snapshot says nothing."""
        row = self._rows.get(uscc, {})
        found: dict[FactName, int | None] = {}
        for fact in self._retained:
            value = row.get(fact)
            found[fact] = value if isinstance(value, int) else None
        return found

    def name(self, uscc: Uscc) -> str:
        """Return the registered name of one firm, empty when the snapshot does not have it."""
        name = self._rows.get(uscc, {}).get(NAME_FACT)
        return name.strip() if isinstance(name, str) else ""


class _Tally:
    """Counts what an opening does, by policy."""

    def __init__(self, policies: Sequence[OpenedPolicy]) -> None:
        self._policies = policies
        self._outcomes = {opened.place: dict.fromkeys(EntitlementOutcome, 0) for opened in policies}
        self._cases = {opened.place: 0 for opened in policies}
        self._fen = {opened.place: 0 for opened in policies}

    def add(self, firms: Sequence[FirmOpening]) -> None:
        """Count a page."""
        for firm in firms:
            for row in firm.entitled:
                self._outcomes[row.place][row.outcome] += 1
            for case in firm.cases:
                self._cases[case.opened.place] += 1
                self._fen[case.opened.place] += case.due.fen

    def counts(self) -> tuple[OpeningCount, ...]:
        """Return the counts by place."""
        return tuple(
            OpeningCount(
                opened=opened,
                outcomes=self._outcomes[opened.place],
                cases=self._cases[opened.place],
                entitled_fen=self._fen[opened.place],
            )
            for opened in self._policies
        )
