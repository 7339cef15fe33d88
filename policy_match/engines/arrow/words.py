"""The distinct strings of a column, and what was asked of them.

Guarantees that a question about the words of one column is answered once, however many conditions, chunks and
policies ask it. Rows refer to words by number.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import pyarrow as pa

T = TypeVar("T")


class Words:
    """Strings by number; the same string may be there twice."""

    def __init__(self, array: pa.StringArray) -> None:
        self.array = array
        self._answers: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return len(self.array)

    @cached_property
    def spelled(self) -> Sequence[str]:
        """The words as Python strings."""
        spelled: list[str] = self.array.to_pylist()
        return spelled

    def answer(self, question: Hashable, find: Callable[[], T]) -> T:
        """Return what `find` gives; it is called only when the question is new."""
        if question not in self._answers:
            self._answers[question] = find()
        found: T = self._answers[question]
        return found
