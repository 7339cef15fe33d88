"""`promises.csv` and `unpaid_firms.csv`: promised against fulfilled, and the firms that wait, for people's own tables.

Guarantees UTF-8 with a byte-order mark, so that Excel reads the Chinese, and that no cell is run as a formula. What the
figures mean is `supervision.promises`.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from policy_match.storage.refused_file import neutralised
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.promises import AGED, BUCKET_WORDS, Group, PromiseLine, UnpaidFirm
from policy_match.values import Money, PolicyId

FIRM_COLUMNS = ("uscc", "name", "oldest_promise", "days", "cases", "amount_yuan", "departments", "policies")


def promises_csv(lines: Sequence[PromiseLine], titles: Mapping[PolicyId, VersionTerms]) -> bytes:
    """Return one row for each department and policy, and the sum of all as the last; amounts in yuan."""
    groups = [part for group in Group for part in (f"{group}_cases", f"{group}_yuan")]
    ages = [
        f"{group}_{words.en.replace(' ', '_')}_{unit}"
        for group in Group
        if group in AGED
        for words in BUCKET_WORDS
        for unit in ("cases", "yuan")
    ]
    columns = ("department", "policy_id", "title", "title_en", "owed_cases", "owed_yuan", "cut_yuan", *groups, *ages)
    return _csv(columns, (_line(line, titles) for line in lines))


def unpaid_firms_csv(firms: Iterable[UnpaidFirm], today: date) -> bytes:
    """Return one row for each firm, the oldest promise first; amounts in yuan, ages in calendar days."""
    return _csv(
        FIRM_COLUMNS,
        (
            (
                firm.uscc,
                firm.name,
                firm.oldest_on.isoformat(),
                str((today - firm.oldest_on).days),
                str(firm.cases),
                str(Money(firm.fen).yuan),
                " ".join(firm.units),
                " ".join(firm.policies),
            )
            for firm in firms
        ),
    )


def _line(line: PromiseLine, titles: Mapping[PolicyId, VersionTerms]) -> list[str]:
    terms = titles.get(line.policy_id)
    sums = [line.owed, *(line.groups[group] for group in Group)]
    sums += [each for group in Group if group in AGED for each in line.ages[group]]
    numbers = [cell for each in sums for cell in (str(each.cases), str(Money(each.fen).yuan))]
    titled = ("", "") if terms is None else (terms.title, terms.title_en)
    return [line.unit, line.policy_id, *titled, *numbers[:2], str(Money(line.cut_fen).yuan), *numbers[2:]]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([neutralised(cell) for cell in row] for row in rows)
    return content.getvalue().encode("utf-8-sig")
