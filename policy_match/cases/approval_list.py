"""What an approval signs: the exact list of cases, amounts, policy versions and the snapshot, and its digest.

Guarantees one digest for one list: SHA-256 over RFC 8785 JSON lines, a header and then the cases by number. Any other
case, amount, version, step or snapshot gives another digest, so an approval of the old one no longer counts.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring as quoted

import rfc8785

from policy_match.cases.defects import ListInvalid
from policy_match.values import Digest, PolicyId, SnapshotId, SweepId, Uscc

FORMAT = "policy-match approval list 1"
MOST_EXACT = 2**53 - 1
"""The largest integer that RFC 8785 JSON keeps exactly; as fen, ninety trillion yuan."""

LINES_AT_ONCE = 4_096


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedCase:
    """One case as it is approved: its amount in fen, the version that decided it, and `seq`, its last event."""

    case_id: int
    policy_id: PolicyId
    version: Digest
    uscc: Uscc
    record_id: str
    period: str
    instalment: int
    amount_fen: int
    seq: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ListHeader:
    """What a list rests on, how many cases it has and what they add up to."""

    snapshot: SnapshotId
    sweep: SweepId
    count: int
    total_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalList:
    """A whole list in memory, in any order."""

    snapshot: SnapshotId
    sweep: SweepId
    cases: Sequence[ListedCase]

    @property
    def header(self) -> ListHeader:
        """The first line of its canonical content."""
        return ListHeader(
            snapshot=self.snapshot,
            sweep=self.sweep,
            count=len(self.cases),
            total_fen=sum(case.amount_fen for case in self.cases),
        )

    @property
    def digest(self) -> Digest:
        """The digest that an approval signs. Raises `ListInvalid`."""
        return list_digest(self.header, sorted(self.cases, key=lambda case: case.case_id))


def list_digest(header: ListHeader, cases: Iterable[ListedCase]) -> Digest:
    """Return the digest of a list whose cases come one by one, in order of their number; memory does not grow.

    Raises `ListInvalid` when they come in another order or twice, or are not what the header says.
    """
    signed = hashlib.sha256()
    lines = canonical_lines(header, cases)
    while block := b"".join(islice(lines, LINES_AT_ONCE)):
        signed.update(block)
    return Digest(signed.hexdigest())


def canonical_lines(header: ListHeader, cases: Iterable[ListedCase]) -> Iterator[bytes]:
    """Yield the canonical content: one line of RFC 8785 JSON, ended by a line feed, for the header and for each case.

    Raises `ListInvalid` as `list_digest` does.
    """
    if not 0 <= header.total_fen <= MOST_EXACT:
        raise ListInvalid(detail=f"its total is {header.total_fen} fen", detail_zh=f"总额为 {header.total_fen} 分")
    head: dict[str, str | int] = {
        "count": header.count,
        "format": FORMAT,
        "snapshot": header.snapshot,
        "sweep": header.sweep,
        "total_fen": header.total_fen,
    }
    yield rfc8785.dumps(head) + b"\n"
    last = count = total = 0
    for case in cases:
        if case.case_id <= last or case.amount_fen < 0:
            raise ListInvalid(
                detail=f"case {case.case_id} of {case.amount_fen} fen comes after case {last}",
                detail_zh=f"事项 {case.case_id}（{case.amount_fen} 分）排在事项 {last} 之后",
            )
        last, count, total = case.case_id, count + 1, total + case.amount_fen
        yield _line(case)
    if (count, total) != (header.count, header.total_fen) or last > MOST_EXACT:
        raise ListInvalid(
            detail=f"its header says {header.count} cases and {header.total_fen} fen; there are {count} and {total}",
            detail_zh=f"表头为 {header.count} 项、{header.total_fen} 分，实际为 {count} 项、{total} 分",
        )


def _line(case: ListedCase) -> bytes:
    # RFC 8785 written out for these nine keys, ten times faster than the general encoder; a test compares the two.
    return (
        f'{{"amount_fen":{case.amount_fen:d},"case_id":{case.case_id:d},"instalment":{case.instalment:d},'
        f'"period":{quoted(case.period)},"policy_id":{quoted(case.policy_id)},"record_id":{quoted(case.record_id)},'
        f'"seq":{case.seq:d},"uscc":{quoted(case.uscc)},"version":{quoted(case.version)}}}\n'
    ).encode()
