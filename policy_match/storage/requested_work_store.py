"""Requests for work in the background, their steps, and the files that they read.

Guarantees, with the schema, that a request moves only by steps that there are, and that two never take the same one.
What the work is, and when a request is lost, is `services.requested_work`.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from policy_match.ports.requested_work import (
    AFTER,
    Parameters,
    UploadedFile,
    WorkHappening,
    WorkId,
    WorkKind,
    WorkRow,
    WorkStatus,
    WorkStep,
)
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId


class RequestedWorkStore:
    """Requests and their steps."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, kind: WorkKind, parameters: Parameters, policy_id: PolicyId | None, *, at: datetime, by: str
    ) -> WorkId:
        """Keep what is asked for and return its number."""
        row = self._session.one(
            "add_work_request", kind=kind.value, parameters=json.dumps(parameters), policy_id=policy_id, at=at, by=by
        )
        assert row is not None, "it gives the number"
        return WorkId(row["request_id"])

    def take(self, but: Collection[WorkId], *, at: datetime, by: str) -> WorkRow | None:
        """Begin with the next request that waits and nobody else is taking, but some; `None` when there is none."""
        row = self._session.one("take_work_request", but=list(but))
        if row is None or row["request_id"] is None:
            return None
        self.step([row["request_id"]], WorkHappening(step=WorkStep.TAKE, at=at, by=by))
        return self.request(row["request_id"])

    def any_new(self) -> bool:
        """Return whether a request waits that nobody ever began."""
        row = self._session.one("new_work")
        return row is not None and bool(row["any_new"])

    def in_hand(self) -> Sequence[tuple[WorkId, int]]:
        """Return the requests that somebody began, and how often each was taken."""
        return [(row["request_id"], row["tries"]) for row in self._session.all("work_in_hand")]

    def step(self, request_ids: Sequence[WorkId], happening: WorkHappening) -> None:
        """Write one step of each of these requests."""
        self._session.run(
            "add_work_steps",
            request_ids=list(request_ids),
            event=happening.step.value,
            after=AFTER[happening.step].value,
            at=happening.at,
            by=happening.by,
            done=happening.done,
            total=happening.total,
            code=happening.code,
            detail=happening.detail,
            detail_zh=happening.detail_zh,
            result=json.dumps(happening.result or {}),
        )

    def cancel(self, request_id: WorkId, *, at: datetime, by: str) -> bool:
        """Cancel a request that waits; return whether it did."""
        row = self._session.one("lock_waiting_request", request_id=request_id)
        if row is None or not row["waits"]:
            return False
        self.step([request_id], WorkHappening(step=WorkStep.CANCEL, at=at, by=by))
        return True

    def request(self, request_id: WorkId) -> WorkRow | None:
        """Return one request."""
        found = self._requests(request_id=request_id, most=1)
        return found[0] if found else None

    def requests(
        self,
        *,
        kind: WorkKind | None,
        status: WorkStatus | None,
        policies: Collection[PolicyId] | None,
        before: int | None,
        most: int,
    ) -> Sequence[WorkRow]:
        """Return requests, the latest first, before a given one; with `policies` only those for one of them."""
        return self._requests(kind=kind, status=status, policies=policies, before=before, most=most)

    def _requests(
        self,
        *,
        request_id: WorkId | None = None,
        kind: WorkKind | None = None,
        status: WorkStatus | None = None,
        policies: Collection[PolicyId] | None = None,
        before: int | None = None,
        most: int,
    ) -> Sequence[WorkRow]:
        rows = self._session.all(
            "work_requests",
            request_id=request_id,
            kind=None if kind is None else kind.value,
            status=None if status is None else status.value,
            policies=None if policies is None else sorted(policies),
            before=before,
            most=most,
        )
        return [_row(row) for row in rows]

    def add_file(self, file: UploadedFile) -> None:
        """Keep that a file was sent; the first word on its content stays."""
        self._session.run(
            "add_uploaded_file",
            digest=file.digest,
            kind=file.kind,
            size_bytes=file.size_bytes,
            at=file.at,
            by=file.by,
            name=file.name,
        )

    def file(self, digest: str) -> UploadedFile | None:
        """Return a file that was sent."""
        found = self._session.all("uploaded_files", digest=digest, after="", most=1)
        return UploadedFile(**found[0]) if found else None

    def files(self, *, after: str, most: int) -> Sequence[UploadedFile]:
        """Return a page of the files by digest, after a given one."""
        return [UploadedFile(**row) for row in self._session.all("uploaded_files", digest=None, after=after, most=most)]

    def latest_files(self, *, before: tuple[datetime, str] | None, most: int) -> Sequence[UploadedFile]:
        """Return a page of the files, the latest first, before one of a moment and digest."""
        at, digest = before or (None, "")
        rows = self._session.all("latest_files", before_at=at, before_digest=digest, most=most)
        return [UploadedFile(**row) for row in rows]


def _row(row: Row) -> WorkRow:
    return WorkRow(**{**row, "kind": WorkKind(row["kind"]), "status": WorkStatus(row["status"])})
