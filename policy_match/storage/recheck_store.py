"""Rechecks of cases against newer sweeps, and the exclusions that they read.

Guarantees that the sweep asked is the newest of the case's version and as-of date. What a recheck means is
`cases.rechecking`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from policy_match.cases.model import Event, Route, Status
from policy_match.cases.rechecking import (
    RECHECK_WORDS,
    RecheckCandidate,
    Rechecked,
    RecheckOutcome,
    RecheckPurpose,
)
from policy_match.policy.model import StillTest
from policy_match.ports.cases import ExclusionRow, RecheckGroup
from policy_match.storage.entitlement_steps import read_steps
from policy_match.storage.session import Row, Session
from policy_match.values import Outcome, PolicyId, SweepId, Uscc


class RecheckStore:
    """Rechecks and exclusions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def groups(self, policy: PolicyId | None) -> Sequence[RecheckGroup]:
        """Return the groups that may have cases which wait for a recheck, of one policy or of all."""
        return [
            RecheckGroup(
                policy_id=row["policy_id"],
                version=row["version"],
                version_text=row["canonical"],
                as_of=row["as_of"],
                sweep=row["sweep_id"],
                place=row["place"],
            )
            for row in self._session.all("recheck_groups", policy_id=policy)
        ]

    def newest_sweep(self) -> SweepId | None:
        """Return the kept sweep with the latest as-of date, the newest of that day."""
        row = self._session.one("newest_day_sweep")
        return None if row is None else row["sweep_id"]

    def candidates(
        self, group: RecheckGroup, purpose: RecheckPurpose, *, today: date, after: int, most: int
    ) -> Sequence[RecheckCandidate]:
        """Return a page of a group's cases by number, after a given one."""
        rows = self._session.all(
            "recheck_candidates",
            policy_id=group.policy_id,
            version=group.version,
            sweep_id=group.sweep,
            place=group.place,
            purpose=purpose.value,
            today=today,
            after=after,
            most=most,
        )
        return [_candidate(row) for row in rows]

    def add(
        self, group: RecheckGroup, purpose: RecheckPurpose, found: Sequence[Rechecked], *, at: datetime, by: str
    ) -> int:
        """Write what one recheck found and return its number."""
        row = self._session.one(
            "add_recheck", purpose=purpose.value, policy_id=group.policy_id, sweep_id=group.sweep, at=at, by=by
        )
        assert row is not None, "the group names a kept sweep"
        number: int = row["number"]
        self._session.copy_rows(
            "case_recheck",
            ("recheck", "case_id", "outcome", "amount_fen"),
            ((number, each.case_id, each.outcome, each.amount_fen) for each in found),
        )
        return number

    def take_steps(self, recheck: int, event: Event, outcomes: Collection[RecheckOutcome], *, today: date) -> int:
        """Take a step with the cases for which a recheck found one of these outcomes; return how many."""
        words = [RECHECK_WORDS[outcome] for outcome in outcomes]
        row = self._session.one(
            "step_rechecked",
            recheck=recheck,
            event=event.value,
            outcomes=[outcome.value for outcome in outcomes],
            reasons=[f"{chinese} / {english}" for english, chinese in words],
            today=today,
        )
        assert row is not None
        taken: int = row["taken"]
        return taken

    def withdraw_later_instalments(self, recheck: int) -> int:
        """Withdraw what was still to fall due of the entitlements whose case the recheck withdrew; return how many."""
        row = self._session.one("withdraw_later_instalments", recheck=recheck)
        assert row is not None
        taken: int = row["taken"]
        return taken

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
        row = self._session.one(
            "add_exclusion", uscc=uscc, policy_id=policy, since=since, until=until, reason=reason, at=at, by=by
        )
        assert row is not None
        number: int = row["exclusion_id"]
        return number

    def lift(self, exclusion: int, *, reason: str, at: datetime, by: str) -> bool:
        """End an exclusion; return whether there was one that was not ended before."""
        return self._session.one("lift_exclusion", exclusion_id=exclusion, reason=reason, at=at, by=by) is not None

    def exclusions(
        self, *, uscc: Uscc | None, policies: Collection[PolicyId] | None, after: int, most: int
    ) -> Sequence[ExclusionRow]:
        """Return a page of exclusions by number, after a given one; of these policies, and those from every policy."""
        within = None if policies is None else sorted(policies)
        return [
            ExclusionRow(
                exclusion_id=row["exclusion_id"],
                uscc=row["uscc"],
                policy_id=row["policy_id"],
                since=row["since"],
                until=row["until"],
                reason=row["reason"],
                by=row["by"],
                lifted=row["lifted"],
            )
            for row in self._session.all("exclusions", uscc=uscc, policies=within, after=after, most=most)
        ]


def _candidate(row: Row) -> RecheckCandidate:
    return RecheckCandidate(
        case_id=row["case_id"],
        uscc=row["uscc"],
        record_id=row["record_id"],
        route=Route(row["route"]),
        status=Status(row["status"]),
        amount_fen=row["amount_fen"],
        instalment=row["instalment"],
        due_from=row["due_from"],
        decided_fen=row["decided_fen"],
        steps=read_steps(row["steps"]),
        must_still=None if row["must_still"] is None else StillTest(row["must_still"]),
        now=None if row["now"] is None else Outcome(row["now"]),
        now_fen=row["now_fen"],
        excluded=row["excluded"],
        last=None if row["last_outcome"] is None else (RecheckOutcome(row["last_outcome"]), row["last_fen"]),
    )
