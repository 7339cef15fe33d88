"""Imports a file in a process of its own and stops when all rows were read, to be killed there or to go on.

Run as `python -m tests.fault.import_child FOLDER FILE`. It prints `reached`, waits for a line and then finishes. The
stop is put around the real source, which is unchanged.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from connectors.registry_sources import open_source
from policy_match.facts.mapping import Parse
from policy_match.facts.source_rows import SourceChunk, SourceInput
from policy_match.ports import RegistrySource
from policy_match.services.import_registry import MappedSource, import_registry
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from tests.support.registry import AS_OF, CATALOGUE, column, mapping

EMPLOYEES = mapping(column("employees", Parse.INTEGER))


class StoppingSource:
    """A source with a stop behind its last row."""

    def __init__(self, source: RegistrySource) -> None:
        self._source = source
        self.name = source.name

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the source."""
        return self._source.columns()

    def expected_rows(self) -> int:
        """Return the expected rows of the source."""
        return self._source.expected_rows()

    def chunks(self, max_rows: int) -> Iterator[SourceChunk]:
        """Yield the rows of the source, then stop."""
        yield from self._source.chunks(max_rows)
        sys.stdout.write("reached\n")
        sys.stdout.flush()
        sys.stdin.readline()

    def evidence(self) -> SourceInput:
        """Return the evidence of the source."""
        return self._source.evidence()


if __name__ == "__main__":
    source = StoppingSource(open_source(EMPLOYEES, sys.argv[2]))
    draft = SnapshotFolderDraft(Path(sys.argv[1]))
    import_registry([MappedSource(mapping=EMPLOYEES, source=source)], CATALOGUE, draft, as_of=AS_OF)
