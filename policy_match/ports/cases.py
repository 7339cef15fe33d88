"""Openings, cases and what happens to them, as services need them.

Guarantees that services know no adapter, and that every page has a limit. Implementations are in `storage`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from policy_match.cases.approval import Act
from policy_match.cases.history import CaseFile, CaseFilter, CaseLine, ObjectionLine
from policy_match.cases.model import Case, CaseEvent, Event, Status
from policy_match.cases.objection import Objection, ObjectionDecision
from policy_match.cases.opening import EligibleRow, FirmOpening, OpenedPolicy
from policy_match.cases.rechecking import RecheckCandidate, Rechecked, RecheckOutcome, RecheckPurpose
from policy_match.entitlements.model import History
from policy_match.ports.deadlines import WindowKey
from policy_match.sweep.kept import RowKey, Standing
from policy_match.values import Digest, PolicyId, SweepId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class SweptVersion:
    """One policy version of a sweep: its place, its canonical text, and how many decisions are eligible."""

    place: int
    version: Digest
    text: str
    eligible: int


class OpeningStore(Protocol):
    """What turns the decisions of a sweep into cases."""

    def claim(self) -> None:
        """Wait for the right to open cases until the transaction ends; one opening runs at a time."""

    def versions(self, sweep_id: SweepId) -> Sequence[SweptVersion]:
        """Return the versions of a kept sweep with at least one eligible decision, by place."""

    def catalogue_text(self, sweep_id: SweepId) -> str:
        """Return the canonical text of the facts by which a kept sweep was decided."""

    def begin(self, sweep_id: SweepId, policies: Sequence[OpenedPolicy], *, at: datetime, by: str) -> int:
        """Write a new opening with its policies and return its number."""

    def eligible(self, opening: int, most: int) -> Iterator[Sequence[EligibleRow]]:
        """Yield the eligible decisions by firm, place and record, at most so many at a time.

        A row is open when a live case stands for it, or a case from this sweep or a newer one, live or not.
        """

    def history(self, usccs: Sequence[Uscc]) -> Mapping[Uscc, History]:
        """Return what counts for the limits of these firms: imported aid, and live cases that are or will be paid."""

    def policy_texts(self, policies: Collection[PolicyId]) -> Sequence[str]:
        """Return the canonical text of the latest version of each policy with a case."""

    def add(self, opening: int, firms: Sequence[FirmOpening]) -> int:
        """Write entitlements, alternatives and cases, and return how many cases there are."""

    def add_names(self, sweep_id: SweepId, names: Iterable[tuple[Uscc, str]]) -> None:
        """Keep the registered names of firms; those that the sweep has already stay."""

    def says_nothing_new(self, opening: int) -> bool:
        """Return whether the opening made no case and found no outcome that was not found before for its sweep."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceEnded:
    """What silence did in a page of windows, and the last of them; `None` when there was none."""

    lapsed: int
    accepted: int
    last: WindowKey | None


class StepStore(Protocol):
    """Steps of cases: one by one, or of many cases in one statement. Raises `StepNotPossible`, `AlreadyLive`."""

    def claim(self) -> None:
        """Wait for the right to take steps of many cases until the transaction ends."""

    def cases(self, case_ids: Sequence[int]) -> Sequence[Case]:
        """Return the cases of these numbers that there are, as they stand, by number."""

    def recheck_days(self, case_id: int) -> int:
        """Return within how many working days an objection to the case is answered."""

    def with_live_twin(self, case_ids: Sequence[int]) -> frozenset[int]:
        """Return those of the cases beside which another live case of the same benefit stands."""

    def add(self, steps: Sequence[tuple[Case, CaseEvent]], about: str = "") -> frozenset[int]:
        """Write events that `apply` allowed on these cases; return the cases taken.

        A case that somebody else moved meanwhile is left out.
        """

    def windows(self) -> frozenset[int]:
        """Return every number of working days that policies with cases give for answers and publicity."""

    def notify(
        self, deadlines: Mapping[int, date], *, today: date, at: datetime, by: str, policy: PolicyId | None, most: int
    ) -> int:
        """Notify a page of the firms whose turn it is, with the deadline by number of days; return how many."""

    def publish(
        self, deadlines: Mapping[int, date], *, at: datetime, by: str, policy: PolicyId | None, most: int
    ) -> int:
        """Publish a page of approved cases whose policy asks for publicity; return how many."""

    def end_silence(self, *, today: date, after: WindowKey, at: datetime, by: str, most: int) -> SilenceEnded:
        """Let silence do what the policy says in a page of cases whose deadline is over, in the order of windows.

        Nothing is given up by a firm that was not told of the window until its last day.
        """

    def close_informed(self, *, before: datetime, at: datetime, by: str, most: int) -> int:
        """Close a page of cases whose firm was informed before then; return how many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecheckGroup:
    """Cases of one version and as-of date, with the newest kept sweep of that version and day. `place` is there."""

    policy_id: PolicyId
    version: Digest
    version_text: str
    as_of: date
    sweep: SweepId
    place: int


class RecheckStore(Protocol):
    """Rechecks of cases against newer sweeps, and exclusions."""

    def groups(self, policy: PolicyId | None) -> Sequence[RecheckGroup]:
        """Return the groups that may have cases which wait for a recheck, of one policy or of all."""

    def newest_sweep(self) -> SweepId | None:
        """Return the kept sweep with the latest as-of date, the newest of that day."""

    def candidates(
        self, group: RecheckGroup, purpose: RecheckPurpose, *, today: date, after: int, most: int
    ) -> Sequence[RecheckCandidate]:
        """Return a page of a group's cases by number, after a given one."""

    def add(
        self, group: RecheckGroup, purpose: RecheckPurpose, found: Sequence[Rechecked], *, at: datetime, by: str
    ) -> int:
        """Write what one recheck found and return its number."""

    def take_steps(self, recheck: int, event: Event, outcomes: Collection[RecheckOutcome], *, today: date) -> int:
        """Take a step with the cases for which a recheck found one of these outcomes; return how many."""

    def withdraw_later_instalments(self, recheck: int) -> int:
        """Withdraw what was still to fall due of the entitlements whose case the recheck withdrew; return how many."""

    def exclude(
        self,
        uscc: Uscc,
        policy: PolicyId | None,
        *,
        since: date,
        until: date | None,
        reason: str,
        at: datetime,
        by: str,
    ) -> int:
        """Exclude a firm, from one policy or from all, and return the number of the exclusion."""

    def lift(self, exclusion: int, *, reason: str, at: datetime, by: str) -> bool:
        """End an exclusion; return whether there was one that was not ended before."""

    def exclusions(
        self, *, uscc: Uscc | None, policies: Collection[PolicyId] | None, after: int, most: int
    ) -> Sequence["ExclusionRow"]:
        """Return a page of exclusions by number, after a given one; of these policies, and those from every policy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExclusionRow:
    """A firm excluded from one policy (`None`: from all) for a time; `lifted` is the reason why it ended early."""

    exclusion_id: int
    uscc: Uscc
    policy_id: PolicyId | None
    since: date
    until: date | None
    reason: str
    by: str
    lifted: str | None


class ObjectionStore(Protocol):
    """Objections. Raises a `StorageError` where the database knows that who answers approved the case."""

    def lodge(self, objection: Objection) -> int:
        """Keep an objection and return its number."""

    def open_on(self, case_id: int) -> Mapping[int, Objection]:
        """Return the objections to a case that are not answered, by number."""

    def acts(self, case_id: int) -> Sequence[Act]:
        """Return who reviewed, approved and ordered the case, people only."""

    def entitled_fen(self, case_id: int) -> int:
        """Return the amount with which the case was opened."""

    def answer(self, objections: Collection[int], decision: ObjectionDecision) -> None:
        """Keep one answer to all these objections."""

    def unanswered(
        self, *, due_before: date | None, policies: Collection[PolicyId] | None, after: int, most: int
    ) -> Sequence[ObjectionLine]:
        """Return a page of objections without an answer by number, of cases of these policies that wait for it."""

    def objection(self, objection_id: int) -> ObjectionLine | None:
        """Return one objection."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Appeal:
    """A firm says that a decision was wrong, and what the facts were: fact -> value, source and day."""

    appeal_id: int
    sweep_id: SweepId
    policy_id: PolicyId
    row: RowKey
    lodged_by: str
    ground: str
    corrected: Mapping[str, Mapping[str, str | None]]
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AppealReplay:
    """The decision made again, as JSON texts; `corrected` is there when the appeal corrects facts."""

    appeal_id: int
    old: str
    corrected: str | None
    same_as_kept: bool
    digest: Digest
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionTexts:
    """The texts by which one policy of a kept sweep was decided."""

    rules: str
    catalogue: str
    version: str


class AppealStore(Protocol):
    """Appeals against decisions, and what the replay of each showed."""

    def texts(self, sweep_id: SweepId, policy_id: PolicyId) -> DecisionTexts | None:
        """Return the rules by which a kept sweep decided one policy; `None` when it did not."""

    def standing(self, sweep_id: SweepId, policy_id: PolicyId, row: RowKey) -> Standing | None:
        """Return what the sweep kept of one row; `None` is ineligible, or not there."""

    def lodge(self, appeal: Appeal) -> int:
        """Keep an appeal (its number is not looked at) and return its number."""

    def appeal(self, appeal_id: int) -> Appeal | None:
        """Return one appeal."""

    def appeals(
        self, *, unanswered: bool, policies: Collection[PolicyId] | None, after: int, most: int
    ) -> Sequence[Appeal]:
        """Return a page of appeals by number, of all policies or of these."""

    def keep_replay(self, replay: AppealReplay) -> bool:
        """Keep the replay of an appeal; return whether it is the first, which stays."""

    def replay(self, appeal_id: int) -> AppealReplay | None:
        """Return the replay of an appeal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorAidRow:
    """Aid that others paid; `amount_fen` is `None` when nobody knows how much. Source and reference name it."""

    source: str
    reference: str
    uscc: Uscc
    matter: str
    paid_on: date
    amount_fen: int | None


class PriorAidStore(Protocol):
    """Imported aid."""

    def add(self, rows: Sequence[PriorAidRow], *, at: datetime, by: str) -> int:
        """Keep rows whose source and reference are new, and return how many were."""

    def kept(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], PriorAidRow]:
        """Return what is kept under these sources and references."""


class HistoryStore(Protocol):
    """Cases as people read them."""

    def lines(self, wanted: CaseFilter, *, after: int, most: int) -> Sequence[CaseLine]:
        """Return a page of cases by number, after a given one."""

    def counts(self, wanted: CaseFilter) -> Sequence[tuple[PolicyId, Status, int, int]]:
        """Return policy, status, number of cases and fen in all, for what the filter lets through."""

    def policies_of(self, case_ids: Sequence[int]) -> frozenset[PolicyId]:
        """Return the policies of those of the cases that there are."""

    def file(self, case_id: int) -> CaseFile | None:
        """Return everything about one case."""


class CaseStore(Protocol):
    """Openings, cases and their events, rechecks, objections, appeals; each part has its own store."""

    @property
    def openings(self) -> OpeningStore:
        """Opening cases."""

    @property
    def steps(self) -> StepStore:
        """Steps of cases."""

    @property
    def rechecks(self) -> RecheckStore:
        """Rechecks and exclusions."""

    @property
    def objections(self) -> ObjectionStore:
        """Objections."""

    @property
    def appeals(self) -> AppealStore:
        """Appeals."""

    @property
    def prior_aid(self) -> PriorAidStore:
        """Imported aid."""

    @property
    def history(self) -> HistoryStore:
        """Lists and files of cases."""

    def refresh_statistics(self) -> None:
        """Let the planner know of a large step at once."""
