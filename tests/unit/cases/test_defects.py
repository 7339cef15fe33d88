"""Messages of refusals: in both languages, about the same fields, with a code of their own."""

from string import Formatter

import pytest

from policy_match.cases import defects
from policy_match.errors import PolicyMatchError

CLASSES = [
    found
    for found in vars(defects).values()
    if isinstance(found, type) and issubclass(found, PolicyMatchError) and found.__module__ == defects.__name__
]
FAMILIES = (defects.CaseRefused, defects.EventIncomplete)


def fields(template: str) -> set[str]:
    return {name.removesuffix("_zh").removesuffix("_en") for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize(
    "defect", [found for found in CLASSES if found not in FAMILIES], ids=lambda found: found.__name__
)
def test_both_languages_name_the_same_fields(defect: type[PolicyMatchError]) -> None:
    assert fields(defect.english) == fields(defect.chinese)
    assert defect.english != PolicyMatchError.english != defect.chinese


def test_each_has_its_own_code() -> None:
    assert len({found.code for found in CLASSES}) == len(CLASSES)
