"""A case as people read it: one line of a list, and the whole file with its events and where its amount comes from.

Guarantees only the shapes; reading them from the database is `storage`, showing them the entry points.
"""

from dataclasses import dataclass
from datetime import date, datetime

from policy_match.cases.corrections import CorrectionLine
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.opening import Alternative, EntitledRow
from policy_match.cases.rechecking import RecheckOutcome, RecheckPurpose
from policy_match.values import Digest, PolicyId, SweepId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilter:
    """Which cases are meant; what is not given does not matter. `due_by` asks for deadlines on or before a day.

    `found` asks for what the last recheck of a case found: the undetermined wait for a person. `district` is the
    administrative division in the firm's credit code (GB/T 2260, its first two, four or six digits). `late` asks for
    those whose stage the supervision marked red. `case_ids` are chosen cases, `policies` those within somebody's reach.
    """

    policy_id: PolicyId | None = None
    uscc: Uscc | None = None
    status: Status | None = None
    route: Route | None = None
    period: str | None = None
    due_by: date | None = None
    found: RecheckOutcome | None = None
    district: str | None = None
    late: bool = False
    case_ids: tuple[int, ...] | None = None
    policies: frozenset[PolicyId] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """One case in a list. `name` is the firm's registered name, empty when the snapshot has none."""

    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    name: str
    record_id: str
    period: str
    instalment: int
    instalments: int
    route: Route
    status: Status
    amount_fen: int
    deadline: date | None
    due_from: date
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLine:
    """One step of a case as it is kept; `digest` is the hash of what was decided."""

    seq: int
    event: Event
    before: Status
    after: Status
    amount_fen: int | None
    deadline: date | None
    at: datetime
    by: str
    reason: str
    about: str
    digest: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class RecheckLine:
    """One recheck of a case; `amount_fen` is the lower amount, where it is one."""

    number: int
    purpose: RecheckPurpose
    sweep_id: SweepId
    outcome: RecheckOutcome
    amount_fen: int | None
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectionLine:
    """One objection to a case, and its answer once there is one."""

    objection_id: int
    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    lodged_by: str
    ground: str
    due: date
    at: datetime
    outcome: str | None
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """Everything about one case. `opened_by` names who ran the opening; `alternatives` are the firm's, best first."""

    case: CaseLine
    version: Digest
    sweep_id: SweepId
    opening: int
    opened_at: datetime
    opened_by: str
    entitlement: EntitledRow | None
    alternatives: tuple[Alternative, ...]
    events: tuple[EventLine, ...]
    rechecks: tuple[RecheckLine, ...]
    objections: tuple[ObjectionLine, ...]
    corrections: tuple[CorrectionLine, ...]
