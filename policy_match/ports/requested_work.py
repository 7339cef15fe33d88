"""Work that is asked for and done in the background, and the files that it reads, as services need them.

Guarantees that services know no adapter. What each kind of work does is `services.requested_kinds`.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO, Any, NewType, Protocol, TextIO

from policy_match.values import PolicyId

WorkId = NewType("WorkId", int)

Parameters = Mapping[str, Any]
"""What a kind of work needs, as JSON data that was checked."""


class WorkKind(StrEnum):
    """What can be asked for."""

    IMPORT = "import"
    PRIOR_AID = "prior_aid"
    SWEEP = "sweep"
    OPEN_CASES = "open_cases"
    NOTIFY = "notify"
    CLOSE_WINDOWS = "close_windows"
    RECHECK = "recheck"
    PUBLISH = "publish"
    MAKE_LISTS = "make_lists"
    ORDER_PAYMENTS = "order_payments"
    ORDER_AGAIN = "order_again"
    SEND_PAYMENTS = "send_payments"
    EXTEND_CASES = "extend_cases"
    WITHDRAW_CASES = "withdraw_cases"


class WorkStatus(StrEnum):
    """How far a request got."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class WorkStep(StrEnum):
    """What happens to a request."""

    TAKE = "take"
    PROGRESS = "progress"
    FINISH = "finish"
    FAIL = "fail"
    RELEASE = "release"
    CANCEL = "cancel"


AFTER: Mapping[WorkStep, WorkStatus] = {
    WorkStep.TAKE: WorkStatus.WORKING,
    WorkStep.PROGRESS: WorkStatus.WORKING,
    WorkStep.FINISH: WorkStatus.DONE,
    WorkStep.FAIL: WorkStatus.FAILED,
    WorkStep.RELEASE: WorkStatus.WAITING,
    WorkStep.CANCEL: WorkStatus.CANCELLED,
}
"""Where each step leads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkHappening:
    """One step, and what it brings: how far, what went wrong, or what the work gave."""

    step: WorkStep
    at: datetime
    by: str
    done: int = 0
    total: int = 0
    code: str = ""
    detail: str = ""
    detail_zh: str = ""
    result: Parameters | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkRow:
    """One request as it stands. `policy_id` is the policy that alone is meant, where it is one.

    `done` and `total` are units of its kind, both 0 before anything is known. `code` and the details are of its last
    mishap; empty when it is done, or when there was none.
    """

    request_id: WorkId
    kind: WorkKind
    parameters: Parameters
    policy_id: PolicyId | None
    at: datetime
    by: str
    status: WorkStatus
    tries: int
    done: int
    total: int
    started_at: datetime | None
    ended_at: datetime | None
    result: Parameters
    code: str
    detail: str
    detail_zh: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadedFile:
    """A file that was sent; `digest` is the SHA-256 of its content, `kind` what the content is: its suffix.

    `name` is what it was called where it came from, for people alone; empty when that was not said.
    """

    digest: str
    kind: str
    size_bytes: int
    at: datetime
    by: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """What a file is that was stored."""

    kind: str
    size_bytes: int


class Uploads(Protocol):
    """Where files lie that were sent."""

    def keep(self, stream: IO[bytes], digest: str) -> StoredFile:
        """Keep what the stream gives under its SHA-256, which must be `digest`. Raises an `InputError`."""

    def lines(self, digest: str) -> AbstractContextManager[TextIO]:
        """Open a file of text that was sent, in its own encoding. Raises an `InputError`."""


class RequestedWorkStore(Protocol):
    """Requests and their steps. Raises `StepNotPossible` for a step from elsewhere."""

    def add(
        self, kind: WorkKind, parameters: Parameters, policy_id: PolicyId | None, *, at: datetime, by: str
    ) -> WorkId:
        """Keep what is asked for and return its number."""

    def take(self, but: Collection[WorkId], *, at: datetime, by: str) -> WorkRow | None:
        """Begin with the next request that waits and nobody else is taking, but some; `None` when there is none."""

    def any_new(self) -> bool:
        """Return whether a request waits that nobody ever began."""

    def in_hand(self) -> Sequence[tuple[WorkId, int]]:
        """Return the requests that somebody began, and how often each was taken."""

    def step(self, request_ids: Sequence[WorkId], happening: WorkHappening) -> None:
        """Write one step of each of these requests."""

    def cancel(self, request_id: WorkId, *, at: datetime, by: str) -> bool:
        """Cancel a request that waits; return whether it did."""

    def request(self, request_id: WorkId) -> WorkRow | None:
        """Return one request."""

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

    def add_file(self, file: UploadedFile) -> None:
        """Keep that a file was sent; the first word on its content stays."""

    def file(self, digest: str) -> UploadedFile | None:
        """Return a file that was sent."""

    def latest_files(self, *, before: tuple[datetime, str] | None, most: int) -> Sequence[UploadedFile]:
        """Return a page of the files, the latest first, before one of a moment and digest."""

    def files(self, *, after: str, most: int) -> Sequence[UploadedFile]:
        """Return a page of the files by digest, after a given one."""
