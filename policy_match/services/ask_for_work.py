"""Takes requests for work in the background, shows how far they are, and cancels those that wait.

Guarantees that what is asked for is checked before it is kept, and that nothing is begun here: `requested_work` does
it. Who may ask for what is left to the entry points.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date, datetime

from policy_match.cases.rechecking import RecheckPurpose
from policy_match.errors import InputError, QuestionError
from policy_match.expressions.defects import nearest
from policy_match.ports import Clock, Database
from policy_match.ports.requested_work import Parameters, UploadedFile, WorkId, WorkKind, WorkRow, WorkStatus
from policy_match.services.kept_sweeps import show_sweep
from policy_match.services.staff_steps import MOST_CASES, TooManyCases
from policy_match.values import PolicyId, SnapshotId

MOST_SOURCES = 50
"""How many files one import reads."""

MOST_LISTED = 10_000
"""The largest page."""

MOST_NAME_LETTERS = 200

_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Kinds of signs that have no shape of their own, or turn the writing round (Unicode general categories)."""


class NoSuchRequest(InputError):
    """There is no request of that number."""

    code = "work.unknown"
    http_status = 404
    english = "there is no request {request_id}; list the requests to see those that there are"
    chinese = "没有工作请求 {request_id}；请先列出已有的请求"


class RequestBegun(QuestionError):
    """A request that does not wait any more cannot be cancelled."""

    code = "work.begun"
    english = "request {request_id} is {status}; only one that waits can be cancelled"
    chinese = "工作请求 {request_id} 状态为 {status}；仅等待中的请求可以取消"


class NoSuchUpload(InputError):
    """No file of that content was sent."""

    code = "upload.unknown"
    http_status = 404
    english = "no file {digest} was sent; send it first, then ask again"
    chinese = "没有上传文件 {digest}；请先上传再申请"


class UploadNameUnfit(InputError):
    """What a file was called cannot be shown. The name is not repeated."""

    code = "upload.name"
    english = "the name of the file is longer than {most} letters or has signs that cannot be seen; rename it"
    chinese = "文件名超过 {most} 字或含有不可见字符；请改名后重新上传"


class NoSuchMappingName(InputError):
    """There is no mapping of that name."""

    code = "work.no-mapping"
    http_status = 404
    english = "there is no mapping `{name}`{hint}; list the mappings to see those that there are"
    chinese = "没有映射“{name}”{hint_zh}；请先列出已有的映射"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = nearest(name, known)
        hint, hint_zh = (f" (did you mean `{near}`?)", f"（是否想写“{near}”？）") if near else ("", "")
        super().__init__(name=name, hint=hint, hint_zh=hint_zh)


def ask_for_import(
    database: Database,
    clock: Clock,
    sources: Sequence[tuple[str, str]],
    *,
    mappings: Collection[str],
    as_of: date,
    by: str,
) -> WorkRow:
    """Ask for a snapshot of files that were sent, each as name of its mapping and digest; the earlier one decides.

    `mappings` are the names that there are. Raises `NoSuchMappingName` or `NoSuchUpload`.
    """
    assert 0 < len(sources) <= MOST_SOURCES, f"an import reads 1 to {MOST_SOURCES} files"
    for mapping, _ in sources:
        if mapping not in mappings:
            raise NoSuchMappingName(mapping, sorted(mappings))
    with database.unit_of_work() as work:
        for _, digest in sources:
            if work.requested_work.file(digest) is None:
                raise NoSuchUpload(digest=digest)
    parameters = {
        "sources": [{"mapping": mapping, "upload": digest} for mapping, digest in sources],
        "as_of": as_of.isoformat(),
    }
    return _ask(database, clock, WorkKind.IMPORT, parameters, None, by)


def ask_for_prior_aid(database: Database, clock: Clock, digest: str, *, by: str) -> WorkRow:
    """Ask for aid that others paid to be taken in from a file that was sent. Raises `NoSuchUpload`."""
    show_upload(database, digest)
    return _ask(database, clock, WorkKind.PRIOR_AID, {"upload": digest}, None, by)


def ask_for_sweep(database: Database, clock: Clock, snapshot: SnapshotId, *, as_of: date, by: str) -> WorkRow:
    """Ask for a kept sweep of a snapshot, which the caller found, as of a day."""
    return _ask(database, clock, WorkKind.SWEEP, {"snapshot_id": snapshot, "as_of": as_of.isoformat()}, None, by)


def ask_for_opening(database: Database, clock: Clock, sweep: str, *, by: str) -> WorkRow:
    """Ask for the cases of a kept sweep, or of the latest. Raises `NoSuchSweepName`."""
    sweep_id = show_sweep(database, sweep).sweep_id
    return _ask(database, clock, WorkKind.OPEN_CASES, {"sweep_id": sweep_id}, None, by)


def ask_for_recheck(
    database: Database, clock: Clock, purpose: RecheckPurpose, policy: PolicyId | None, *, by: str
) -> WorkRow:
    """Ask for eligibility to be read again, for the cases of one policy or of all."""
    return _ask(database, clock, WorkKind.RECHECK, {"purpose": purpose.value}, policy, by)


def ask_for_lists(database: Database, clock: Clock, policy: PolicyId, *, by: str) -> WorkRow:
    """Ask for the approval lists of a policy."""
    return _ask(database, clock, WorkKind.MAKE_LISTS, {}, policy, by)


def ask_for_step(database: Database, clock: Clock, kind: WorkKind, policy: PolicyId | None, *, by: str) -> WorkRow:
    """Ask for a step of every case whose turn it is, of one policy or of all."""
    return _ask(database, clock, kind, {}, policy, by)


def ask_for_extension(
    database: Database,
    clock: Clock,
    case_ids: Sequence[int],
    *,
    until: date,
    reason: str,
    policy: PolicyId | None,
    by: str,
) -> WorkRow:
    """Ask for more time for the firms of so many cases; `policy` when all are of one. Raises `TooManyCases`."""
    parameters = {"case_ids": _chosen(case_ids), "until": until.isoformat(), "reason": reason}
    return _ask(database, clock, WorkKind.EXTEND_CASES, parameters, policy, by)


def ask_for_withdrawal(
    database: Database, clock: Clock, case_ids: Sequence[int], *, reason: str, policy: PolicyId | None, by: str
) -> WorkRow:
    """Ask for so many cases to be taken back; `policy` when all are of one. Raises `TooManyCases`."""
    return _ask(database, clock, WorkKind.WITHDRAW_CASES, {"case_ids": _chosen(case_ids), "reason": reason}, policy, by)


def _chosen(case_ids: Sequence[int]) -> Sequence[int]:
    chosen = sorted(set(case_ids))
    if len(chosen) > MOST_CASES:
        raise TooManyCases(count=len(chosen), most=MOST_CASES)
    return chosen


def _ask(
    database: Database, clock: Clock, kind: WorkKind, parameters: Parameters, policy: PolicyId | None, by: str
) -> WorkRow:
    with database.unit_of_work() as work:
        number = work.requested_work.add(kind, parameters, policy, at=clock.now(), by=by)
        found = work.requested_work.request(number)
        work.commit()
    assert found is not None, "it was just written"
    return found


def show_request(database: Database, request_id: int) -> WorkRow:
    """Return one request with how far it is. Raises `NoSuchRequest`."""
    with database.unit_of_work() as work:
        found = work.requested_work.request(WorkId(request_id))
    if found is None:
        raise NoSuchRequest(request_id=request_id)
    return found


def list_requests(
    database: Database,
    *,
    kind: WorkKind | None = None,
    status: WorkStatus | None = None,
    policies: Collection[PolicyId] | None = None,
    before: int | None = None,
    most: int = 100,
) -> Sequence[WorkRow]:
    """Return requests, the latest first, before a given number; with `policies` only those for one of them."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} requests"
    with database.unit_of_work() as work:
        return work.requested_work.requests(kind=kind, status=status, policies=policies, before=before, most=most)


def cancel_request(database: Database, clock: Clock, request_id: int, *, by: str) -> WorkRow:
    """Cancel a request that nobody has begun. Raises `NoSuchRequest` or `RequestBegun`."""
    with database.unit_of_work() as work:
        cancelled = work.requested_work.cancel(WorkId(request_id), at=clock.now(), by=by)
        work.commit()
    found = show_request(database, request_id)
    if not cancelled:
        raise RequestBegun(request_id=request_id, status=found.status.value)
    return found


def show_upload(database: Database, digest: str) -> UploadedFile:
    """Return a file that was sent. Raises `NoSuchUpload`."""
    with database.unit_of_work() as work:
        found = work.requested_work.file(digest)
    if found is None:
        raise NoSuchUpload(digest=digest)
    return found


def list_uploads(database: Database, *, after: str = "", most: int = 100) -> Sequence[UploadedFile]:
    """Return a page of the files that were sent, by digest, after a given one."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} files"
    with database.unit_of_work() as work:
        return work.requested_work.files(after=after, most=most)


def latest_uploads(
    database: Database, *, before: tuple[datetime, str] | None = None, most: int = 100
) -> Sequence[UploadedFile]:
    """Return a page of the files that were sent, the latest first, before one of a moment and digest."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} files"
    with database.unit_of_work() as work:
        return work.requested_work.latest_files(before=before, most=most)


def upload_name(given: str) -> str:
    """Return what a file was called, without the folders that it lay in. Raises `UploadNameUnfit`."""
    name = _FOLDERS.sub("", given).strip()
    if len(name) > MOST_NAME_LETTERS or any(unicodedata.category(sign) in _UNSEEN for sign in name):
        raise UploadNameUnfit(most=MOST_NAME_LETTERS)
    return name


def keep_upload(
    database: Database, clock: Clock, *, digest: str, kind: str, size_bytes: int, by: str, name: str
) -> UploadedFile:
    """Keep that a file, which lies under its digest, was sent under a name, as `upload_name` gives it, or none.

    The first word on a content stays.
    """
    with database.unit_of_work() as work:
        work.requested_work.add_file(
            UploadedFile(digest=digest, kind=kind, size_bytes=size_bytes, at=clock.now(), by=by, name=name)
        )
        work.commit()
    return show_upload(database, digest)
