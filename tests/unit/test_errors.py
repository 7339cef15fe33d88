"""Errors that come from another process."""

import pickle
from pathlib import Path

import pytest

from policy_match.errors import PolicyMatchError
from policy_match.facts.defects import SourceUnreadable, UnknownColumn, WrongValue

ERRORS = (
    SourceUnreadable(file=Path("firms.parquet"), detail="gone"),
    UnknownColumn("firms.parquet", "employes", "firm", ["employees"]),
    WrongValue(file=Path("f"), row=3, column="c", value=-1, problem="below", problem_zh="过小", count=2),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_an_error_is_the_same_in_another_process(error: PolicyMatchError) -> None:
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is type(error)
    assert found.fields == error.fields
    assert str(found) == str(error)
    assert found.message("zh") == error.message("zh")
