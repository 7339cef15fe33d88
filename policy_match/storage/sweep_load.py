"""One sweep on its way into the database: decisions by COPY batch by batch, then counts, indexes and constraints.

Guarantees, with the schema, that nobody sees a part of it and that the counts are those of the decisions. Ending
the transaction is left to the caller.
"""

import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from policy_match.facts.canonical import record_column
from policy_match.facts.catalogue import FIRM, KEY
from policy_match.storage.session import Session
from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.sweep.kept import SweepIdentity
from policy_match.sweep.totals import PolicyTotals
from policy_match.values import Digest, Outcome, SweepId

COLUMNS = ("amount_fen", "sweep_number", "place", "missing", "outcome", "uscc", "record_id")
CSV = pacsv.WriteOptions(include_header=False)


class SweepLoad:
    """The decisions of one sweep on their way in. Nobody sees them before the commit."""

    def __init__(self, session: Session, identity: SweepIdentity) -> None:
        row = session.one("next_sweep_number")
        assert row is not None
        self._session = session
        self._identity = identity
        self._number: int = row["number"]
        self._missing: dict[tuple[str, ...], int] = {}
        session.run("open_decisions", number=self._number)

    def add(self, batch: SweepBatch) -> None:
        """Load the eligible and undetermined rows of one batch."""
        self._session.copy_csv(f"decision_{self._number}", COLUMNS, self._chunks(batch))

    def finish(
        self, totals: Sequence[PolicyTotals], versions: Sequence[Digest], *, engine: str, truth: Digest
    ) -> SweepId:
        """Write the sweep with its counts, then check, index and attach its decisions.

        `totals` and the fingerprints `versions` are in the order of the plan. Raises `InvariantRefused` when the
        counts are not those of the decisions, or a match of all or none is not confirmed.
        """
        identity = self._identity
        self._session.run(
            "add_sweep",
            number=self._number,
            sweep_id=identity.sweep_id,
            snapshot_id=identity.snapshot_id,
            rules=identity.rules,
            as_of=identity.as_of,
            engine=engine,
            truth=truth,
        )
        self._session.run_many(
            "add_sweep_policy",
            (
                {
                    "sweep_number": self._number,
                    "place": counted.policy.index,
                    "version": version,
                    "total": counted.rows,
                    "eligible": counted.eligible,
                    "ineligible": counted.ineligible,
                    "undetermined": counted.undetermined,
                    "amount_fen": counted.amount_fen,
                }
                for counted, version in zip(totals, versions, strict=True)
            ),
        )
        self._session.run_many(
            "add_missing_facts",
            (
                {"sweep_number": self._number, "number": number, "facts": list(facts)}
                for facts, number in self._missing.items()
            ),
        )
        self._session.run("close_decisions", number=self._number)
        return identity.sweep_id

    def _chunks(self, batch: SweepBatch) -> Iterator[memoryview]:
        """Yield CSV, at most one policy's rows of the batch at a time."""
        for result in batch.results:
            for rows in (self._eligible(batch, result), self._undetermined(batch, result)):
                if rows.num_rows:
                    buffer = io.BytesIO()
                    pacsv.write_csv(rows, buffer, CSV)
                    yield buffer.getbuffer()

    def _eligible(self, batch: SweepBatch, result: PolicyResult) -> pa.RecordBatch:
        return self._rows(batch, result, pc.fill_null(result.truth, False), Outcome.ELIGIBLE, amount=result.amount_fen)

    def _undetermined(self, batch: SweepBatch, result: PolicyResult) -> pa.RecordBatch:
        patterns = [tuple(facts) for facts in result.missing.dictionary.to_pylist()]
        numbers = [self._missing.setdefault(facts, len(self._missing)) for facts in patterns]
        missing = pa.array(numbers, pa.int32()).take(result.missing.indices)
        return self._rows(batch, result, result.truth.is_null(), Outcome.UNDETERMINED, missing=missing)

    def _rows(
        self,
        batch: SweepBatch,
        result: PolicyResult,
        chosen: pa.BooleanArray,
        outcome: Outcome,
        amount: pa.Array | None = None,
        missing: pa.Array | None = None,
    ) -> pa.RecordBatch:
        keys = batch.keys.filter(chosen)
        count = keys.num_rows
        record = pa.nulls(count, pa.string()) if batch.grain == FIRM else keys.column(record_column(batch.grain))
        return pa.RecordBatch.from_arrays(
            [
                pa.nulls(count, pa.int64()) if amount is None else amount,
                pa.repeat(pa.scalar(self._number, pa.int32()), count),
                pa.repeat(pa.scalar(result.policy.index, pa.int32()), count),
                pa.nulls(count, pa.int32()) if missing is None else missing,
                pa.repeat(outcome.value, count),
                keys.column(KEY),
                record,
            ],
            names=list(COLUMNS),
        )
