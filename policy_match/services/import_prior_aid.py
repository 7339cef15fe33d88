"""Takes in aid that others paid before, from a CSV file, so that it is deducted and not paid twice.

Guarantees that every line is kept, or comes back with its reason; that an amount nobody knows stays unknown; and that
the same file again changes nothing. A line that contradicts what is kept is refused, never overwritten.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import islice

from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.ports.cases import PriorAidRow
from policy_match.values import MONEY_LIMIT_FEN, Money, Uscc

COLUMNS = ("source", "reference", "uscc", "matter", "paid_on", "amount_yuan")
"""The header; `amount_yuan` is empty when it is known that something was paid but not how much."""

MOST_LINES = 20_000
"""How many lines are kept in one transaction."""

LONGEST_FIELD = 1_000


class RefusedBecause(StrEnum):
    """Why a line was not kept."""

    COLUMNS = "columns"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    DAY = "day"
    AMOUNT = "amount"
    REPEATED = "repeated"
    CONTRADICTS = "contradicts"


REASONS: Mapping[RefusedBecause, tuple[str, str]] = {
    RefusedBecause.COLUMNS: ("it has not as many fields as the header", "字段数与表头不符"),
    RefusedBecause.EMPTY: ("source, reference, code or matter is empty", "来源、凭证号、信用代码或事项为空"),
    RefusedBecause.TOO_LONG: ("a field is longer than 1000 characters", "字段超过 1000 个字符"),
    RefusedBecause.DAY: ("paid_on is not a date such as 2024-12-31", "paid_on 不是 2024-12-31 这样的日期"),
    RefusedBecause.AMOUNT: (
        "amount_yuan is not yuan with at most two decimals, 0 or more",
        "amount_yuan 不是至多两位小数且不小于 0 的元数",
    ),
    RefusedBecause.REPEATED: ("the same source and reference stands further up", "前文已有相同来源和凭证号"),
    RefusedBecause.CONTRADICTS: (
        "something else is kept under its source and reference",
        "已保存的同一来源和凭证号内容不同",
    ),
}
"""Each reason in English and Chinese."""


class WrongHeader(InputError):
    """The file is not one of prior aid."""

    code = "prior-aid.header"
    english = "{file}: the header is `{found}`; expected `{expected}`"
    chinese = "{file}：表头为“{found}”，应为“{expected}”"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedLine:
    """A line that was not kept, as it was found; `line` counts from 1, the header."""

    line: int
    fields: tuple[str, ...]
    because: RefusedBecause


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorAidImport:
    """How many lines are new, how many were there already, and every line that was refused."""

    added: int
    known: int
    refused: tuple[RefusedLine, ...]


def import_prior_aid(database: Database, file: str, lines: Iterable[str], *, clock: Clock, by: str) -> PriorAidImport:
    """Keep the aid in the lines of a CSV file; `file` is its name, for messages.

    Committed every `MOST_LINES` lines: a run that was killed is simply run again. Raises `WrongHeader` before any
    write, or a `StorageError`.
    """
    rows = enumerate(csv.reader(lines), start=1)
    _, header = next(rows, (1, []))
    if tuple(name.strip().lstrip("\ufeff") for name in header) != COLUMNS:
        raise WrongHeader(file=file, found=",".join(header), expected=",".join(COLUMNS))
    refused: list[RefusedLine] = []
    seen: set[tuple[str, str]] = set()
    added = known = 0
    parsed = _parsed(rows, seen, refused)
    while page := list(islice(parsed, MOST_LINES)):
        with database.unit_of_work() as work:
            kept = work.cases.prior_aid.kept([(row.source, row.reference) for _, _, row in page])
            fresh = []
            for line, fields, row in page:
                before = kept.get((row.source, row.reference))
                if before is None:
                    fresh.append(row)
                elif before == row:
                    known += 1
                else:
                    refused.append(RefusedLine(line=line, fields=fields, because=RefusedBecause.CONTRADICTS))
            added += work.cases.prior_aid.add(fresh, at=clock.now(), by=by)
            work.commit()
    return PriorAidImport(added=added, known=known, refused=tuple(sorted(refused, key=lambda each: each.line)))


def _parsed(
    rows: Iterable[tuple[int, Sequence[str]]], seen: set[tuple[str, str]], refused: list[RefusedLine]
) -> Iterator[tuple[int, tuple[str, ...], PriorAidRow]]:
    """Yield each line that can be kept; the others go to `refused`. Blank lines are passed over."""
    for line, raw in rows:
        fields = tuple(field.strip() for field in raw)
        if not any(fields):
            continue
        found = _parse(fields)
        if isinstance(found, PriorAidRow) and (found.source, found.reference) in seen:
            found = RefusedBecause.REPEATED
        if isinstance(found, RefusedBecause):
            refused.append(RefusedLine(line=line, fields=tuple(raw), because=found))
            continue
        seen.add((found.source, found.reference))
        yield line, tuple(raw), found


def _parse(fields: tuple[str, ...]) -> PriorAidRow | RefusedBecause:
    if len(fields) != len(COLUMNS):
        return RefusedBecause.COLUMNS
    if any(len(field) > LONGEST_FIELD for field in fields):
        return RefusedBecause.TOO_LONG
    source, reference, uscc, matter, paid_on, amount = fields
    if not (source and reference and uscc and matter):
        return RefusedBecause.EMPTY
    try:
        day = date.fromisoformat(paid_on)
    except ValueError:
        return RefusedBecause.DAY
    fen: int | None = None
    if amount:
        try:
            yuan = Decimal(amount)
            fen = Money.from_yuan(yuan).fen if yuan.is_finite() else -1
        except (InvalidOperation, ValueError):
            return RefusedBecause.AMOUNT
        if not 0 <= fen < MONEY_LIMIT_FEN:
            return RefusedBecause.AMOUNT
    return PriorAidRow(
        source=source, reference=reference, uscc=Uscc(uscc.upper()), matter=matter, paid_on=day, amount_fen=fen
    )
