"""What all models of the API have in common, and the kinds of values that they are made of.

Guarantees that a body with an unknown field, a wrong type or a NUL is refused, and that a number of fen fits where
JSON is read into doubles.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from policy_match.values import MONEY_LIMIT_FEN

MOST_PER_PAGE = 500

BLANK = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""Control characters and spaces of every kind, for patterns: languages do not agree on what `\\s` is."""

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=2000)]
"""Words of a person. PostgreSQL keeps no NUL."""

Name = Annotated[str, StringConstraints(pattern=rf"^[^{BLANK}]+$", max_length=100)]
"""A word that names something, without spaces."""

CreditCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
"""统一社会信用代码 of GB 32100, 18 digits and letters."""

LOCAL = re.compile(r"/([^/\\\x00-\x1f][^\\\x00-\x1f]*)?")
"""An address of ours, as a path; what browsers would take for another site's is none."""

LocalPath = Annotated[str, StringConstraints(pattern=rf"^{LOCAL.pattern}$", max_length=500)]

Fen = Annotated[int, Field(ge=-MONEY_LIMIT_FEN, le=MONEY_LIMIT_FEN, description="money in fen (0.01 yuan)")]

Number = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""The number of something that is kept."""

Moment = Annotated[datetime, AwareDatetime]


class Input(BaseModel):
    """A body. Types are those of JSON, nothing is converted, nothing unknown is taken."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def is_of_input(error: ValidationError) -> bool:
    """Return whether it was an input that did not fit, and no answer of ours."""
    kinds = [Input]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return error.title in {kind.__name__ for kind in kinds}


AS_WRITTEN: Mapping[type, tuple[re.Pattern[str], str]] = {
    bool: (re.compile("true|false"), "write true or false"),
    int: (re.compile("-?[0-9]{1,16}"), "write a whole number in digits"),
    date: (re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"), "write a day as 2025-06-30"),
}
"""How parameters of these types are written; pydantic alone would take `0` for a day and `yes` for true."""


class Query(BaseModel):
    """The parameters behind `?`, or in the path; texts are read as what they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _only_as_written(cls, value: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[info.field_name or ""].annotation
        for kind in (annotation, *get_args(annotation)):
            pattern, told = AS_WRITTEN.get(kind, (None, "")) if isinstance(kind, type) else (None, "")
            if pattern is not None and isinstance(value, str) and pattern.fullmatch(value) is None:
                raise ValueError(told)
        return value


class PageQuery(Query):
    """Which page of a list."""

    cursor: Annotated[
        str | None, Field(max_length=500, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST_PER_PAGE, description="how many at most")] = 100


class Output(BaseModel):
    """An answer, made from the record of the same field names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


Item = TypeVar("Item")


class Page(Output, Generic[Item]):
    """One page of a list; `next` is the cursor of the page behind it, none at the end."""

    items: list[Item]
    next: str | None = None
