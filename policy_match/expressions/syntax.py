"""The form of an expression, before anything is known of names and types.

Guarantees that nothing of the library that parsed the text goes further than `parser`. What a form means is said by
`lowering`.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or with `builtin` a name of rule-engine's own, written `$name`."""

    name: str
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class NumberText:
    """A number as written."""

    text: str


@dataclass(frozen=True, slots=True)
class DayText:
    """A date as written between the quotes of `d'…'`."""

    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A string, or a truth."""

    value: str | bool


@dataclass(frozen=True, slots=True)
class Null:
    """`null`."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """`not x` or `-x`."""

    operator: str
    operand: "Syntax"


@dataclass(frozen=True, slots=True)
class Infix:
    """Two operands with an operator, written as in the text."""

    operator: str
    left: "Syntax"
    right: "Syntax"


@dataclass(frozen=True, slots=True)
class Membership:
    """`item in container`."""

    item: "Syntax"
    container: "Syntax"


@dataclass(frozen=True, slots=True)
class Ternary:
    """`c ? a : b`."""

    condition: "Syntax"
    when_true: "Syntax"
    when_false: "Syntax"


@dataclass(frozen=True, slots=True)
class SliceOf:
    """`text[start:stop]`."""

    text: "Syntax"
    start: "Syntax | None"
    stop: "Syntax | None"


@dataclass(frozen=True, slots=True)
class CallOf:
    """`function(arguments)`."""

    function: "Syntax"
    arguments: "tuple[Syntax, ...]"


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    members: "tuple[Syntax, ...]"


class Unsupported(StrEnum):
    """A part of rule-engine's grammar that this language does not have."""

    REGULAR_EXPRESSION = "regular expression"
    COALESCE = "??"
    COMPREHENSION = "comprehension"
    ATTRIBUTE = "attribute"
    ITEM = "item"
    BITWISE = "bitwise"
    SHIFT = "shift"
    BYTES = "bytes"
    DURATION = "duration"
    SET = "set"
    MAPPING = "mapping"


Syntax = (
    Name
    | NumberText
    | DayText
    | Constant
    | Null
    | Prefix
    | Infix
    | Membership
    | Ternary
    | SliceOf
    | CallOf
    | ListOf
    | Unsupported
)
