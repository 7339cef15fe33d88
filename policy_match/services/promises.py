"""Promised against fulfilled: per department and policy with the age of what was not paid, and the firms that wait.

Guarantees that the figures of one report are of one moment, and that its files appear whole or not at all. What
counts as a promise is `supervision.promises`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.cases.working_days import china_day
from policy_match.ports import Clock, Database, FileWriter, UnitOfWork
from policy_match.ports.supervision import UnpaidFirmRow
from policy_match.services.supervise_cases import versions_of
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.promises import CountedPromises, PromiseLine, UnpaidFirm, promise_lines
from policy_match.values import Digest, PolicyId, Uscc

MOST_LISTED = 10_000
MOST_FIRMS = 1_000_000
"""The most firms that the file of unpaid firms names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Promises:
    """The lines, the sum of all as the last, and the terms of each policy, for its title."""

    day: date
    lines: Sequence[PromiseLine]
    terms: Mapping[PolicyId, VersionTerms]


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseFiles:
    """Makes the content of the two files."""

    lines: Callable[[Sequence[PromiseLine], Mapping[PolicyId, VersionTerms]], bytes]
    firms: Callable[[Iterable[UnpaidFirm], date], bytes]


def promises(
    database: Database,
    clock: Clock,
    *,
    unit: str | None = None,
    policy: PolicyId | None = None,
    policies: Collection[PolicyId] | None = None,
) -> Promises:
    """Return what became of everything that is owed by today, of one department, of one policy, of some, or of all."""
    with database.unit_of_work() as work:
        return _promises(work, china_day(clock.now()), unit, policy, policies)


def unpaid_firms(
    database: Database,
    clock: Clock,
    *,
    unit: str | None = None,
    policy: PolicyId | None = None,
    policies: Collection[PolicyId] | None = None,
    after: tuple[date, Uscc] | None = None,
    most: int = 100,
) -> Sequence[UnpaidFirm]:
    """Return a page of firms that were promised money which they do not have, the oldest promise first.

    `after` are the oldest promise and the code of the last firm of the page before.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} firms"
    with database.unit_of_work() as work:
        terms = _terms(work, policies)
        rows = work.supervision.promises.unpaid_firms(
            china_day(clock.now()), policy=policy, versions=_versions(terms, unit, policies), after=after, most=most
        )
    return [_firm(row, terms) for row in rows]


def write_promises(
    database: Database,
    clock: Clock,
    files: PromiseFiles,
    write: FileWriter,
    *,
    out: Path,
    unit: str | None = None,
    policy: PolicyId | None = None,
) -> Sequence[Path]:
    """Write `promises.csv` and `unpaid_firms.csv` into a folder and return their paths."""
    today = china_day(clock.now())
    with database.unit_of_work() as work:
        found = _promises(work, today, unit, policy)
        terms = _terms(work)
        pages = work.supervision.promises.all_unpaid_firms(
            today, policy=policy, versions=_versions(terms, unit), most=MOST_FIRMS
        )
        firms = files.firms((_firm(row, terms) for rows in pages for row in rows), today)
    paths = (out / "promises.csv", out / "unpaid_firms.csv")
    for path, content in zip(paths, (files.lines(found.lines, found.terms), firms), strict=True):
        write(path, content)
    return paths


def _promises(
    work: UnitOfWork,
    today: date,
    unit: str | None,
    policy: PolicyId | None,
    policies: Collection[PolicyId] | None = None,
) -> Promises:
    terms = _terms(work, policies)
    counted = [
        CountedPromises(
            unit=terms[row.version].department,
            policy_id=row.policy_id,
            group=row.group,
            bucket=row.bucket,
            cases=row.cases,
            fen=row.fen,
            opened_fen=row.opened_fen,
        )
        for row in work.supervision.promises.count(today, policy=policy)
        if row.version in terms and unit in (None, terms[row.version].department)
    ]
    by_policy = {each.policy_id: each for each in terms.values()}
    return Promises(day=today, lines=promise_lines(counted), terms=by_policy)


def _terms(work: UnitOfWork, policies: Collection[PolicyId] | None = None) -> Mapping[Digest, VersionTerms]:
    return {terms.version: terms for terms in versions_of(work, policies)}


def _versions(
    terms: Mapping[Digest, VersionTerms], unit: str | None, policies: Collection[PolicyId] | None = None
) -> Sequence[Digest] | None:
    """Return the versions that a list is limited to, if it is."""
    if unit is None and policies is None:
        return None
    return [version for version, each in terms.items() if unit in (None, each.department)]


def _firm(row: UnpaidFirmRow, terms: Mapping[Digest, VersionTerms]) -> UnpaidFirm:
    found = [terms[version] for version in row.versions if version in terms]
    return UnpaidFirm(
        uscc=row.uscc,
        name=row.name,
        oldest_on=row.oldest_on,
        cases=row.cases,
        fen=row.fen,
        units=tuple(sorted({each.department for each in found})),
        policies=tuple(sorted({each.policy_id for each in found})),
    )
