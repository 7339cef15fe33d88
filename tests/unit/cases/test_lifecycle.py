"""The lifecycle as a state machine: whatever is tried, in any order and at any time, the laws of a case hold."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from policy_match.cases.apply import apply
from policy_match.cases.defects import CaseRefused, EventIncomplete, WrongStep
from policy_match.cases.model import DEAD, Case, CaseEvent, Event, Route, Status
from policy_match.cases.transitions import possible
from policy_match.policy.model import Silence
from tests.unit.cases.examples import a_case, an_event, at
from tests.unit.cases.expected_paths import EXPECTED

OPENED = date(2025, 1, 6)
LAST = date(2026, 10, 1)
"""The calendar knows the days from `OPENED` until some weeks after `LAST`."""

MONEY = {Status.ORDERED, Status.PAID, Status.RETURNED, Status.RECOVERING, Status.RECOVERED}

WITHIN_THE_WINDOW = (Event.CONFIRM, Event.DECLINE, Event.RECONSIDER, Event.OBJECT)

STEPS: dict[tuple[str, str], list[tuple[Event, str]]] = {}
for (_route, _before, _event), _after in EXPECTED.items():
    STEPS.setdefault((_route, _before), []).append((Event(_event), _after))


def way_to(case: Case, status: str) -> tuple[Event, ...] | None:
    """Return a shortest way from where the case is to a status, by the expected steps that its policy leaves open."""
    shut = {Event.LAPSE if case.silence is Silence.ACCEPTED and case.route is Route.CONFIRM else Event.ACCEPT_SILENCE}
    skips = {Event.ORDER, Event.NOTIFY, Event.CONTRACT} if case.publicity_days > 0 else set()
    ways: dict[str, tuple[Event, ...]] = {case.status.value: ()}
    queue = [case.status.value]
    for here in queue:
        for event, after in STEPS.get((case.route.value, here), []):
            if after not in ways and event not in shut and not (here == Status.APPROVED and event in skips):
                ways[after] = (*ways[here], event)
                queue.append(after)
    return ways.get(status)


class Lifecycle(RuleBasedStateMachine):
    """One case after another and a calendar that only goes forward. What is remembered is remembered here."""

    case: Case
    today: date

    @initialize(
        route=st.sampled_from(Route),
        silence=st.sampled_from(Silence),
        publicity_days=st.sampled_from([0, 0, 1, 5]),
        confirm_days=st.integers(0, 15),
    )
    def open(self, route: Route, silence: Silence, publicity_days: int, confirm_days: int) -> None:
        self.case = a_case(route, seq=0, silence=silence, publicity_days=publicity_days, confirm_days=confirm_days)
        self.today = OPENED
        self.history: list[tuple[Status, CaseEvent, Status]] = []
        self.firm_has_money = False
        self.reviewed = self.approved = self.published = False
        self.last_day: date | None = None

    @rule(
        goal=st.sampled_from(sorted(EXPECTED)),
        silence=st.sampled_from(Silence),
        publicity_days=st.sampled_from([0, 5]),
        hurry=st.booleans(),
    )
    def go_to_some_step(self, goal: tuple[str, str, str], silence: Silence, publicity_days: int, hurry: bool) -> None:
        route, status, event = goal
        way = way_to(self.case, status)
        if self.case.route.value != route or way is None or self.today == LAST:
            self.open(Route(route), silence, publicity_days, 5)
            way = way_to(self.case, status) or ()
        for step in way:
            self.take(step, hurry)
        if self.case.status.value == status:
            self.take(Event(event), hurry)

    def take(self, event: Event, hurry: bool) -> None:
        if not hurry and event not in WITHIN_THE_WINDOW:
            self.let_the_window_pass()
        self.attempt(an_event(self.case, event, self.today))

    def let_the_window_pass(self) -> None:
        if self.case.deadline is not None:
            self.today = max(self.today, self.case.deadline + timedelta(days=1))

    @rule(days=st.integers(1, 10))
    def wait(self, days: int) -> None:
        self.today = min(self.today + timedelta(days=days), LAST)

    @precondition(lambda self: bool(possible(self.case.route, self.case.status)))
    @rule(data=st.data(), hurry=st.booleans())
    def try_what_the_table_allows(self, data: st.DataObject, hurry: bool) -> None:
        event = data.draw(st.sampled_from(possible(self.case.route, self.case.status)))
        if not hurry:
            self.let_the_window_pass()
        self.attempt(an_event(self.case, event, self.today))

    @rule(
        event=st.sampled_from(Event),
        reason=st.sampled_from(["", "invented"]),
        amount_fen=st.sampled_from([None, 0, 1, 50_000]),
        days=st.none() | st.integers(-3, 30),
    )
    def try_anything(self, event: Event, reason: str, amount_fen: int | None, days: int | None) -> None:
        # The calendar ends soon after `LAST`: a window that is extended again and again must not run past it.
        deadline = None if days is None else min(self.today, LAST) + timedelta(days=days)
        self.attempt(
            CaseEvent(
                event=event, at=at(self.today), by="li.ming", reason=reason, amount_fen=amount_fen, deadline=deadline
            )
        )

    def attempt(self, event: CaseEvent) -> None:
        before = self.case
        expected = EXPECTED.get((before.route.value, before.status.value, event.event.value))
        try:
            self.case, _ = apply(before, event)
        except (CaseRefused, EventIncomplete) as refused:
            # Nothing changed, and a step that the table knows is refused for another reason than the table.
            assert self.case is before
            assert isinstance(refused, WrongStep) == (expected is None)  # noqa: PT017
            return
        assert self.case.status == expected
        self.history.append((before.status, event, self.case.status))
        self.laws_of_order(before, event)
        self.laws_of_time(before, event)

    def laws_of_order(self, before: Case, event: CaseEvent) -> None:
        if before.status in DEAD:
            assert event.event is Event.RECONSIDER
        match event.event:
            case Event.REVIEW:
                self.reviewed = True
            case Event.APPROVE:
                assert self.reviewed
                self.approved = True
            case Event.PUBLISH:
                assert self.approved
                self.published = True
            case Event.AMEND | Event.REQUEUE:
                assert not self.firm_has_money
                self.reviewed = self.approved = self.published = False
            case Event.ORDER | Event.CORRECT:
                assert self.approved and not self.firm_has_money
                assert self.published or before.publicity_days == 0
            case Event.SETTLE:
                assert not self.firm_has_money
                self.firm_has_money = True
            case Event.BOUNCE:
                assert self.firm_has_money == (before.status is not Status.ORDERED)
                self.firm_has_money = False
            case Event.CLAIM_BACK:
                assert self.firm_has_money
            case Event.CONTRACT:
                assert self.approved and (self.published or before.publicity_days == 0)

    def laws_of_time(self, before: Case, event: CaseEvent) -> None:
        if event.event in WITHIN_THE_WINDOW:
            assert self.last_day is not None and self.today <= self.last_day
        if event.event in (Event.LAPSE, Event.ACCEPT_SILENCE):
            assert self.last_day is not None and self.today > self.last_day
            accepts = before.silence is Silence.ACCEPTED and before.route is Route.CONFIRM
            assert (event.event is Event.ACCEPT_SILENCE) == accepts
        if before.status is Status.PUBLISHED and event.event in (Event.ORDER, Event.NOTIFY, Event.CONTRACT):
            assert self.last_day is not None and self.today > self.last_day
        if event.event is Event.EXTEND:
            assert self.last_day is not None and event.deadline is not None
            assert event.deadline > self.last_day and event.deadline >= self.today
            self.last_day = event.deadline
        if event.event in (Event.NOTIFY, Event.PUBLISH):
            self.last_day = event.deadline
            days = before.confirm_days if event.event is Event.NOTIFY else before.publicity_days
            assert before.route is Route.INFORM or (event.deadline or self.today) - self.today >= timedelta(days=days)

    @invariant()
    def a_route_without_money_never_reaches_it(self) -> None:
        if self.case.route in (Route.INFORM, Route.CONTRACT):
            assert self.case.status not in MONEY

    @invariant()
    def the_count_of_events_is_the_history(self) -> None:
        assert self.case.seq == len(self.history)

    @invariant()
    def the_amount_is_money_and_zero_only_when_given_up(self) -> None:
        assert self.case.amount_fen > 0 or self.case.status is Status.CLOSED

    @invariant()
    def a_dead_case_is_dead(self) -> None:
        assert self.case.is_dead == (self.case.status in DEAD)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(settings.get_profile(settings.get_current_profile_name()), stateful_step_count=40)


@pytest.mark.parametrize("goal", sorted(EXPECTED), ids=" ".join)
def test_every_step_is_reached_from_the_opening_by_lawful_steps(goal: tuple[str, str, str]) -> None:
    machine = Lifecycle()
    taken = set()
    for silence, publicity_days in product(Silence, (0, 5)):
        machine.open(route=Route(goal[0]), silence=silence, publicity_days=publicity_days, confirm_days=5)
        machine.go_to_some_step(goal=goal, silence=silence, publicity_days=publicity_days, hurry=False)
        taken |= {(goal[0], before.value, event.event.value) for before, event, _ in machine.history}
    assert goal in taken
