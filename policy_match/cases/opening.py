"""From the eligible decisions on one firm to its entitlements and the cases that are opened for them.

Guarantees that what is only informed neither uses up a limit nor displaces what is paid, that an undetermined claim
opens nothing, and that what is open already is not opened again. Reading decisions and keeping cases is `services`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.cases.model import Route
from policy_match.cases.period import period_of
from policy_match.cases.routes import route_of
from policy_match.entitlements.entitle import entitle
from policy_match.entitlements.instalments import DueInstalment, instalments
from policy_match.entitlements.model import Claim, FirmEntitlements, History, Step, Terms, terms_of
from policy_match.policy.model import Benefit, Policy
from policy_match.values import Digest, FactName, PolicyId, Uscc

WITHOUT_MONEY = frozenset({Benefit.TITLE, Benefit.REMINDER, Benefit.DEFERRAL, Benefit.IN_KIND})
"""Benefits whose case is opened although the amount is 0."""

MOST_ALTERNATIVES = 10
"""How many combinations that were not chosen are kept per firm, the best of them."""


class EntitlementOutcome(StrEnum):
    """What came of one eligible decision."""

    OWED = "owed"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    ALREADY_OPEN = "already_open"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedPolicy:
    """One policy of a sweep, as its cases are opened. `place` is its place in the sweep."""

    place: int
    policy: Policy
    version: Digest
    route: Route
    period: str

    @property
    def is_paid(self) -> bool:
        """Whether its amounts count for limits and stacking: not when the firm is only informed."""
        return self.route is not Route.INFORM


@dataclass(frozen=True, kw_only=True, slots=True)
class EligibleRow:
    """One eligible decision; `record_id` is empty per firm. `is_open`: there is a case for it already."""

    place: int
    uscc: Uscc
    record_id: str
    amount_fen: int
    is_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EntitledRow:
    """What came of one eligible decision, and each step that changed its amount."""

    place: int
    uscc: Uscc
    record_id: str
    decided_fen: int
    entitled_fen: int
    outcome: EntitlementOutcome
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCase:
    """A case that is to be opened; `instalments` is how many instalments the whole has."""

    opened: OpenedPolicy
    uscc: Uscc
    record_id: str
    instalments: int
    due: DueInstalment


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """A lawful combination that was not chosen; `chosen` are policy, record and fen."""

    uscc: Uscc
    number: int
    total_fen: int
    chosen: tuple[tuple[PolicyId, str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmOpening:
    """All that an opening does for one firm."""

    entitled: tuple[EntitledRow, ...]
    cases: tuple[NewCase, ...]
    alternatives: tuple[Alternative, ...]


def opened_policy(place: int, policy: Policy, version: Digest, as_of: date) -> OpenedPolicy:
    """Return how the cases of a policy are opened for a sweep of this day."""
    return OpenedPolicy(
        place=place,
        policy=policy,
        version=version,
        route=route_of(policy),
        period=period_of(policy.rhythm, policy.benefit, as_of),
    )


class FirmOpener:
    """Opens firm after firm of one sweep."""

    def __init__(self, policies: Sequence[OpenedPolicy], as_of: date) -> None:
        self._policies = {opened.place: opened for opened in policies}
        self._terms: dict[PolicyId, Terms] = {opened.policy.id: terms_of(opened.policy) for opened in policies}
        self._as_of = as_of

    @property
    def knows(self) -> frozenset[PolicyId]:
        """The policies whose terms are known."""
        return frozenset(self._terms)

    @property
    def retained_facts(self) -> tuple[FactName, ...]:
        """The facts that limit an amount to a share of the tax retained, in order of name."""
        limits = [opened.policy.limits.retained_tax for opened in self._policies.values()]
        return tuple(sorted({limit.fact for limit in limits if limit is not None}))

    def learn(self, policy: Policy) -> None:
        """Take in the terms of a policy that only the history has."""
        self._terms.setdefault(policy.id, terms_of(policy))

    def open(self, rows: Sequence[EligibleRow], history: History, facts: Mapping[FactName, int | None]) -> FirmOpening:
        """Return what is opened for one firm; `rows` are all its eligible decisions, in order of place and record.

        `facts` are the firm's values of `retained_facts` in fen. Raises `NotAPeriod`.
        """
        found = self._entitle(rows, history, facts)
        standing = dict(
            zip((entitlement.claim.key for entitlement in found.entitlements), found.entitlements, strict=True)
        )
        entitled: list[EntitledRow] = []
        cases: list[NewCase] = []
        for place, row in enumerate(rows):
            opened = self._policies[row.place]
            entitlement = standing.get(place)
            steps: tuple[Step, ...] = ()
            if row.is_open:
                outcome, fen = EntitlementOutcome.ALREADY_OPEN, 0
            elif entitlement is not None:
                outcome = EntitlementOutcome(entitlement.standing)
                fen, steps = entitlement.entitled_fen, entitlement.steps
            else:
                owed = row.amount_fen > 0 or opened.policy.benefit in WITHOUT_MONEY
                outcome = EntitlementOutcome.OWED if owed else EntitlementOutcome.NOTHING
                fen = row.amount_fen
            entitled.append(
                EntitledRow(
                    place=row.place,
                    uscc=row.uscc,
                    record_id=row.record_id,
                    decided_fen=row.amount_fen,
                    entitled_fen=fen,
                    outcome=outcome,
                    steps=steps,
                )
            )
            if outcome is EntitlementOutcome.OWED:
                cases += self._cases(opened, row, fen)
        return FirmOpening(entitled=tuple(entitled), cases=tuple(cases), alternatives=self._alternatives(rows, found))

    def _entitle(
        self, rows: Sequence[EligibleRow], history: History, facts: Mapping[FactName, int | None]
    ) -> FirmEntitlements:
        """Return what the claims give that are paid and not open yet; the key of a claim is its place in `rows`."""
        claims = []
        for place, row in enumerate(rows):
            opened = self._policies[row.place]
            if row.is_open or not opened.is_paid or row.amount_fen == 0:
                continue
            limit = opened.policy.limits.retained_tax
            claims.append(
                Claim(
                    key=place,
                    policy_id=opened.policy.id,
                    uscc=row.uscc,
                    record_id=row.record_id,
                    period=opened.period,
                    amount_fen=row.amount_fen,
                    retained_tax_fen=None if limit is None else facts.get(limit.fact),
                )
            )
        return entitle(claims, self._terms, history, year=self._as_of.year)

    def _cases(self, opened: OpenedPolicy, row: EligibleRow, fen: int) -> list[NewCase]:
        plan = opened.policy.instalments if opened.is_paid and fen else ()
        return [
            NewCase(opened=opened, uscc=row.uscc, record_id=row.record_id, instalments=max(len(plan), 1), due=due)
            for due in instalments(fen, plan, self._as_of)
        ]

    def _alternatives(self, rows: Sequence[EligibleRow], found: FirmEntitlements) -> tuple[Alternative, ...]:
        return tuple(
            Alternative(
                uscc=rows[0].uscc,
                number=number,
                total_fen=combination.total_fen,
                chosen=tuple(
                    (self._policies[rows[key].place].policy.id, rows[key].record_id, fen)
                    for key, fen in combination.entitled
                    if isinstance(key, int)
                ),
            )
            for number, combination in enumerate(found.alternatives[:MOST_ALTERNATIVES], start=1)
        )
