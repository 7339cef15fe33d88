"""Aid that others paid is taken in line by line: kept once, or refused with its reason."""

import pytest

from policy_match.services.import_prior_aid import (
    REASONS,
    PriorAidImport,
    RefusedBecause,
    WrongHeader,
    import_prior_aid,
)
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock

HEADER = "source,reference,uscc,matter,paid_on,amount_yuan"


def _import(database: Database, *lines: str, header: str = HEADER) -> PriorAidImport:
    return import_prior_aid(database, "aid.csv", [header, *lines], clock=MovableClock(), by="li.ming")


def test_lines_are_kept_once(database: Database) -> None:
    lines = ("city,1,91a,equipment,2024-05-01,300.00", "", "city,2,91B,equipment,2024-05-01,")
    assert _import(database, *lines) == PriorAidImport(added=2, known=0, refused=())
    assert _import(database, *lines) == PriorAidImport(added=0, known=2, refused=())
    with database.unit_of_work() as work:
        kept = work.cases.prior_aid.kept([("city", "1"), ("city", "2")])
    assert [(row.uscc, row.amount_fen) for _, row in sorted(kept.items())] == [("91A", 30_000), ("91B", None)]


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ("city,1,91A,equipment,2024-05-01", RefusedBecause.COLUMNS),
        ("city,,91A,equipment,2024-05-01,1", RefusedBecause.EMPTY),
        (f"city,1,91A,{'x' * 1001},2024-05-01,1", RefusedBecause.TOO_LONG),
        ("city,1,91A,equipment,1 May,1", RefusedBecause.DAY),
        ("city,1,91A,equipment,2024-05-01,1.005", RefusedBecause.AMOUNT),
        ("city,1,91A,equipment,2024-05-01,-1", RefusedBecause.AMOUNT),
        ("city,1,91A,equipment,2024-05-01,much", RefusedBecause.AMOUNT),
        ("city,1,91A,equipment,2024-05-01,NaN", RefusedBecause.AMOUNT),
        ("city,1,91A,equipment,2024-05-01,1e30", RefusedBecause.AMOUNT),
    ],
)
def test_a_line_that_cannot_be_kept_comes_back_with_its_reason(
    database: Database, line: str, because: RefusedBecause
) -> None:
    found = _import(database, "city,9,91A,equipment,2024-05-01,1", line)
    assert found.added == 1
    assert [(each.line, each.because) for each in found.refused] == [(3, because)]


def test_a_line_that_says_something_else_than_before_is_refused(database: Database) -> None:
    _import(database, "city,1,91A,equipment,2024-05-01,1")
    found = _import(database, "city,1,91A,equipment,2024-05-01,2", "city,1,91A,equipment,2024-05-01,1")
    assert [each.because for each in found.refused] == [RefusedBecause.CONTRADICTS, RefusedBecause.REPEATED]


def test_another_header_is_refused(database: Database) -> None:
    with pytest.raises(WrongHeader, match=r"aid\.csv: the header is `a,b`"):
        _import(database, header="a,b")
    with pytest.raises(WrongHeader):
        import_prior_aid(database, "aid.csv", [], clock=MovableClock(), by="li.ming")


def test_a_byte_order_mark_is_no_part_of_the_header(database: Database) -> None:
    assert _import(database, header=f"\ufeff{HEADER}").added == 0


def test_every_reason_has_words() -> None:
    assert REASONS.keys() == set(RefusedBecause)
