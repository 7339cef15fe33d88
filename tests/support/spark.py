"""What tests of the Spark engine need of it: whoever imports this module is skipped where Spark cannot run.

Also tables that misbehave in the processes that read them. They live here because those processes import them.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Never

import pyarrow as pa
import pytest

from policy_match.ports import RowReader, TableAddress
from policy_match.values import FactName
from tests.support.tables import MemoryTables

pytest.importorskip("pyspark", reason="pyspark is not installed: make test-spark")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Java 17 is not installed: install it, then make test-spark", allow_module_level=True)

from policy_match.engines.spark import SparkEngine
from policy_match.engines.spark.engine import UNDER_WAY
from policy_match.engines.spark.errand import Errand, RowRange, decide_ranges, read_answer

__all__ = [
    "UNDER_WAY",
    "BrokenTables",
    "CountedTables",
    "Errand",
    "RowRange",
    "SparkEngine",
    "decide_ranges",
    "read_answer",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedAddress:
    """Leaves a file in a folder for every range that is read."""

    address: TableAddress
    folder: Path

    def open(self) -> "CountedRows":
        """Open the table."""
        return CountedRows(self.address.open(), self.folder)


@dataclass(frozen=True, slots=True)
class CountedRows:
    """Rows that are counted."""

    reader: RowReader
    folder: Path

    def read(self, first_row: int, rows: int) -> pa.RecordBatch:
        """Return the rows."""
        (self.folder / f"{first_row}-{os.getpid()}").touch()
        return self.reader.read(first_row, rows)


class CountedTables(MemoryTables):
    """Tables that can say how many ranges of them were read."""

    folder: Path

    def address(self, grain: str, facts: Sequence[FactName], as_of: date) -> CountedAddress:  # type: ignore[override]
        """Return the address of counted rows."""
        return CountedAddress(address=super().address(grain, facts, as_of), folder=self.folder)


@dataclass(frozen=True, slots=True)
class BrokenAddress:
    """Cannot be opened: a library fails, or the process ends."""

    dies: bool

    def open(self) -> Never:
        """Fail."""
        if self.dies:
            os._exit(1)
        raise RuntimeError("the disk is on fire")


class BrokenTables(MemoryTables):
    """Tables whose tasks fail."""

    dies = False

    def address(self, grain: str, facts: Sequence[FactName], as_of: date) -> BrokenAddress:  # type: ignore[override]
        """Return an address that cannot be opened."""
        return BrokenAddress(self.dies)
