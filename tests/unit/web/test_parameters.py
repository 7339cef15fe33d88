"""Parameters are read only as they are written in the document: nothing is taken for something else."""

from datetime import date

import pytest
from pydantic import ValidationError

from policy_match.web.models import CreditCode, Input, Name, Query


class Sample(Query):
    day: date | None = None
    number: int | None = None
    flag: bool = False


class Named(Input):
    name: Name
    firm: CreditCode | None = None


@pytest.mark.parametrize(
    "given",
    [
        *({"day": text} for text in ("0", "1751328000", "2025-7-1", "2025-07-01T00:00:00", "20250701", "2025-07-1x")),
        *({"number": text} for text in ("+5", " 5", "5.0", "1_000", "0x1", "\uff15", "9" * 5000)),
        *({"flag": text} for text in ("1", "yes", "on", "True", "")),
    ],
)
def test_another_way_of_writing_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate(given)


def test_what_is_written_as_the_document_says_is_read() -> None:
    found = Sample.model_validate({"day": "2025-07-01", "number": "-5", "flag": "true"})
    assert (found.day, found.number, found.flag) == (date(2025, 7, 1), -5, True)


@pytest.mark.parametrize("blank", ["\x00", "\t", "\n", " ", "\x1c", "\x85", "\xa0", "\u2028", "\u3000", "\ufeff"])
def test_no_name_holds_what_any_language_calls_a_space(blank: str) -> None:
    with pytest.raises(ValidationError):
        Named(name=f"a{blank}b")
