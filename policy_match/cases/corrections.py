"""A firm says that a fact about it is wrong: to whom that goes, until when it is answered, and what can come of it.

Guarantees that a request goes to every department that the catalogue names as the source of the fact, and to nobody
else. No fact changes by an answer: the department corrects its register, and the next import brings the value.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from policy_match.cases.evidence import EvidenceKind
from policy_match.cases.words import Words
from policy_match.values import Digest, FactName, Uscc

CORRECTION_DAYS = 7
"""Working days for the answer. A limit of the service: no law sets one for registers of every kind."""

MOST_OPEN = 50
"""So many requests of one firm may wait for an answer."""

IN_BRACKETS = re.compile(r"[(\uff08][^)\uff09]*[)\uff09]")


class CorrectionOutcome(StrEnum):
    """What came of a request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CorrectionAnswer(StrEnum):
    """What a department may say."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


OUTCOME_WORDS: dict[CorrectionOutcome, Words] = {
    CorrectionOutcome.ACCEPTED: Words("已采纳", "accepted"),
    CorrectionOutcome.REFUSED: Words("未采纳", "refused"),
    CorrectionOutcome.WITHDRAWN: Words("已撤回", "withdrawn"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCorrection:
    """What a firm asks. `claim` is what it says is right, `record_id` the record, such as a loan, or empty."""

    uscc: Uscc
    fact: FactName
    record_id: str
    case_id: int | None
    source: str
    claim: str
    reason: str
    evidence: Digest
    due: date
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionLine:
    """One request with its answer once there is one; `outcome` is none while it is open.

    `answered_by` is empty where the firm looks: staff are not named to firms.
    """

    correction_id: int
    uscc: Uscc
    fact: FactName
    record_id: str
    case_id: int | None
    source: str
    claim: str
    reason: str
    evidence: Digest
    evidence_kind: EvidenceKind
    evidence_bytes: int
    due: date
    at: datetime
    outcome: CorrectionOutcome | None
    answer: str
    answered_at: datetime | None
    answered_by: str


def source_departments(source: str) -> tuple[str, ...]:
    """Return the departments that a fact's source names: `统计局、税务局(发票库)` are 统计局 and 税务局."""
    return tuple(filter(None, (name.strip() for name in IN_BRACKETS.sub("", source).split("、"))))


def district_of(jurisdiction: str) -> str:
    """Return how the codes of all places in a jurisdiction begin (GB/T 2260): `370000` is `37`, `370200` is `3702`."""
    while jurisdiction.endswith("00") and len(jurisdiction) % 2 == 0:
        jurisdiction = jurisdiction[:-2]
    return jurisdiction
