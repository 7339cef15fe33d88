"""The truth of every policy and condition for every row of a sweep, as compressed bitmaps beside the snapshots.

One directory per sweep: an Arrow IPC file per grain with a nullable boolean column each, and a manifest. Guarantees
that a directory appears whole and that what is read is what was written. Which sweep counts is said by the database.

Arrow IPC was chosen because its validity and value bitmaps are the two bitmaps that three truths need, and any
Arrow tool reads it. Measured on 1,000,000 rows and 581 columns: 77 MB written in 0.4 s, against 100 MB in 9 s as
Parquet with the same zstd; one column of all rows is read in 2 ms.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import pyarrow as pa

from policy_match.errors import StorageError
from policy_match.sweep.decision import SweepBatch
from policy_match.sweep.plan import SweepPlan
from policy_match.sweep.truth import CONDITION, ConditionTruth, GrainTruths, PolicyTruth, meaning_of, truths_of
from policy_match.values import Digest, FactName, PolicyId, SweepId

MANIFEST = "manifest.json"
FORMAT = 1
OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")
BLOCK = 1 << 20


class TruthNotWritten(StorageError):
    """The disk refused; nothing is left under the final name."""

    code = "storage-truth-not-written"
    english = "cannot write the truth files in {path}: {detail}; free space or correct the permissions, then run again"
    chinese = "无法写入真值文件（{path}）：{detail}；请释放空间或修正权限后重试"


class TruthDamaged(StorageError):
    """The files are not those that the sweep wrote."""

    code = "storage-truth-damaged"
    retry_helps = False
    english = "the truth files in {path} are not those of the sweep: {detail}; restore them from a backup"
    chinese = "真值文件（{path}）与该批次不符：{detail}；请从备份恢复"


@dataclass(frozen=True, kw_only=True, slots=True)
class GrainFile:
    """One grain's file. `rows` may be 0, and then there is no file."""

    rows: int
    size_bytes: int
    sha256: Digest
    truths: GrainTruths


class TruthFiles:
    """All truth files of a data directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, sweep_id: SweepId, plan: SweepPlan) -> "TruthWriter":
        """Begin the files of one sweep, to be used in a `with` block.

        What earlier runs left unfinished is removed, so the caller must hold the right to keep a sweep.
        """
        return TruthWriter(self._root, sweep_id, plan)

    def open(self, sweep_id: SweepId, manifest: Digest) -> "TruthReader":
        """Open the files of a kept sweep. Raises `TruthDamaged` when they are missing or changed."""
        return TruthReader(self._root / sweep_id, manifest)


class TruthWriter:
    """Writes one sweep's truth batch by batch; memory holds one batch."""

    def __init__(self, root: Path, sweep_id: SweepId, plan: SweepPlan) -> None:
        self._final = root / sweep_id
        self._draft = root / f".{sweep_id}.draft"
        self._truths = {grain: truths_of(plan, grain) for grain in plan.grains}
        self._columns = {
            grain: [f"{CONDITION}{meaning_of(condition)}" for condition in plan.conditions_of(grain)]
            for grain in plan.grains
        }
        self._open: dict[str, _GrainWriter] = {}

    def __enter__(self) -> Self:
        with self._reported():
            self._draft.parent.mkdir(parents=True, exist_ok=True)
            for unfinished in self._draft.parent.glob(".*.draft"):
                shutil.rmtree(unfinished)
            self._draft.mkdir()
        return self

    def add(self, batch: SweepBatch) -> None:
        """Write the truths of consecutive rows; the rows of a grain come in order."""
        truths = self._truths[batch.grain]
        columns = dict(zip(batch.keys.schema.names, batch.keys.columns, strict=True))
        columns.update(zip(self._columns[batch.grain], batch.conditions, strict=True))
        for result in batch.results:
            columns[truths.policies[result.policy.policy_id].column] = result.truth
        record_batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
        with self._reported():
            if batch.grain not in self._open:
                self._open[batch.grain] = _GrainWriter(self._draft / f"{batch.grain}.arrow", record_batch.schema)
            self._open[batch.grain].add(batch.first_row, record_batch)

    def finish(self) -> Digest:
        """Put the files under their final name, in place of any that a crashed run left. Return their digest."""
        with self._reported():
            grains = {grain: self._finished(grain) for grain in self._truths}
            content = json.dumps({"format": FORMAT, "grains": grains}, ensure_ascii=False, indent=1).encode()
            with (self._draft / MANIFEST).open("wb") as file:
                file.write(content)
                _flush(file)
            if self._final.exists():
                shutil.rmtree(self._final)
            self._draft.rename(self._final)
            _flush_directory(self._final.parent)
        return Digest(hashlib.sha256(content).hexdigest())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.abandon()
        shutil.rmtree(self._draft, ignore_errors=True)

    def _finished(self, grain: str) -> dict[str, Any]:
        truths = self._truths[grain]
        written = self._open[grain].finish() if grain in self._open else {"rows": 0}
        return {
            **written,
            "conditions": [
                {"meaning": each.meaning, "text": each.text, "facts": each.facts} for each in truths.conditions.values()
            ],
            "policies": [
                {"policy_id": each.policy_id, "version": each.version, "conditions": each.conditions}
                for each in truths.policies.values()
            ],
        }

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TruthNotWritten(path=self._final, detail=error) from error


class _GrainWriter:
    """One open Arrow file, hashed as it is written."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = path.open("wb")
        self._sink = _HashedSink(self._file)
        self._writer = pa.ipc.new_file(pa.PythonFile(self._sink, mode="w"), schema, options=OPTIONS)
        self._rows = 0

    def add(self, first_row: int, batch: pa.RecordBatch) -> None:
        assert first_row == self._rows, f"row {first_row} came after {self._rows} rows"
        self._writer.write_batch(batch)
        self._rows += batch.num_rows

    def finish(self) -> dict[str, Any]:
        self._writer.close()
        size = self._file.tell()
        _flush(self._file)
        self._file.close()
        return {"rows": self._rows, "size_bytes": size, "sha256": self._sink.sha256.hexdigest()}

    def abandon(self) -> None:
        with suppress(OSError):  # a full disk refuses what is still to be written, but the file is closed all the same
            self._file.close()


class _HashedSink:
    """What Arrow writes to. It is not a file of its own, so that closing it leaves the file open."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.sha256 = hashlib.sha256()
        self._file = file

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self.closed = True


class TruthReader:
    """The truths of one kept sweep. Columns are read one by one; nothing is held."""

    def __init__(self, folder: Path, manifest: Digest) -> None:
        self._folder = folder
        try:
            content = (folder / MANIFEST).read_bytes()
            if hashlib.sha256(content).hexdigest() != manifest:
                raise TruthDamaged(path=folder, detail=f"{MANIFEST} was changed")
            self._grains: Mapping[str, GrainFile] = {
                grain: _grain_file(data) for grain, data in json.loads(content)["grains"].items()
            }
            for grain, file in self._grains.items():
                if file.rows and _sha256(self._path(grain)) != file.sha256:
                    raise TruthDamaged(path=folder, detail=f"{grain}.arrow was changed")
        except OSError as error:
            raise TruthDamaged(path=folder, detail=error) from error

    def rows(self, grain: str) -> int:
        """Return how many rows were decided; 0 for a grain that was not swept."""
        return self._grains[grain].rows if grain in self._grains else 0

    def truths(self, grain: str) -> GrainTruths:
        """Return the conditions and policies whose truth is there."""
        return self._grains[grain].truths if grain in self._grains else GrainTruths(conditions={}, policies={})

    def columns(self, grain: str, names: Sequence[str], first_row: int = 0, rows: int | None = None) -> pa.Table:
        """Return the named columns of a range of rows in the order of the snapshot.

        Keys are strings; truths are booleans, null for unknown.
        """
        if self.rows(grain) == 0:
            return pa.table({name: pa.array([], pa.bool_() if ":" in name else pa.string()) for name in names})
        last_row = self.rows(grain) if rows is None else min(first_row + rows, self.rows(grain))
        batches, start = [], 0
        with pa.memory_map(str(self._path(grain))) as source:
            schema = pa.ipc.open_file(source).schema
            fields = [schema.get_field_index(name) for name in names]
            reader = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=fields))
            for place in range(reader.num_record_batches):
                if start >= last_row:
                    break
                batch = reader.get_batch(place)
                skipped = max(first_row - start, 0)
                batches.append(batch.slice(skipped, max(last_row - start - skipped, 0)))
                start += batch.num_rows
        return pa.Table.from_batches(batches, reader.schema).select(list(names))

    def _path(self, grain: str) -> Path:
        return self._folder / f"{grain}.arrow"


def _grain_file(data: Mapping[str, Any]) -> GrainFile:
    conditions = [
        ConditionTruth(meaning=each["meaning"], text=each["text"], facts=tuple(map(FactName, each["facts"])))
        for each in data["conditions"]
    ]
    policies = [
        PolicyTruth(
            policy_id=PolicyId(each["policy_id"]), version=each["version"], conditions=tuple(each["conditions"])
        )
        for each in data["policies"]
    ]
    return GrainFile(
        rows=data["rows"],
        size_bytes=data.get("size_bytes", 0),
        sha256=Digest(data.get("sha256", "")),
        truths=GrainTruths(
            conditions={each.meaning: each for each in conditions},
            policies={each.policy_id: each for each in policies},
        ),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
