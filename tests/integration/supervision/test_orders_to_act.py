"""Orders to act: issued, told, answered by the department, accepted or sent back; and what the database refuses."""

import threading
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from policy_match.cases.defects import NotAPerson
from policy_match.cases.model import Route, Status
from policy_match.errors import InputError
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.duties import grant_duty, revoke_duty
from policy_match.services.orders_to_act import (
    accept_answer,
    answer_order,
    issue_order,
    list_orders,
    send_back,
    show_order,
)
from policy_match.storage.driver_errors import RoleNotHeld, StepNotPossible, TwoStagesRefused
from policy_match.storage.unit_of_work import Database
from policy_match.supervision.defects import (
    NobodyOnDuty,
    NoSuchOrder,
    NotOfTheUnit,
    NotTheIssuer,
    OrderSaysNothing,
    OwnOrder,
    WrongOrderStep,
)
from policy_match.supervision.orders import ORDER_AFTER, OrderEvent, OrderStatus, OrderStep, OrderToAct
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId
from tests.support.cases import CALENDAR, MovableClock
from tests.support.payment_flow import app_connection
from tests.support.waiting_cases import Hall, Waiting, policy_of

FRIDAY = datetime(2025, 7, 4, 1, tzinfo=UTC)
UNIT = "财政部门"
PEOPLE = ("mayor", "zhao.lei", "sun.li", "qian.wu")
ON_DUTY = ("zhao.lei", "sun.li")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(FRIDAY)


@pytest.fixture
def staffed(database: Database, clock: MovableClock) -> Database:
    """A database in which two people answer for the finance department."""
    for level, person in enumerate(ON_DUTY, start=1):
        grant_duty(database, clock, unit=UNIT, level=level, person=person, by="admin")
    return database


def issue(database: Database, clock: MovableClock, by: str = "mayor", **changes: Any) -> OrderToAct:
    given: dict[str, Any] = {"unit": UNIT, "stage": Stage.ORDER, "ground": "红榜 12 项", "days": 3}
    return issue_order(database, CALENDAR, clock, by=by, **{**given, **changes})


def notices(url: str) -> list[tuple[str, str, Any]]:
    with app_connection(url) as connection:
        rows = connection.execute(
            "SELECT recipient, about, fields FROM notice JOIN notice_fields USING (notice_id)"
            " WHERE kind = 'order_to_act' ORDER BY notice_id"
        ).fetchall()
    return [(row["recipient"], row["about"], row["fields"]) for row in rows]


def test_everybody_who_answers_for_the_department_is_told_but_not_the_issuer(
    staffed: Database, database_url: str, clock: MovableClock
) -> None:
    issued = issue(staffed, clock, by="sun.li")
    assert (issued.status, issued.due) == (OrderStatus.ISSUED, date(2025, 7, 9))
    ((recipient, about, fields),) = notices(database_url)
    assert (recipient, about) == ("zhao.lei", f"order:{issued.order_id}")
    assert fields == {
        "order": issued.order_id,
        "department": UNIT,
        "subject": "下达支付令 order:红榜 12 项",
        "given_by": "sun.li",
        "given_on": "2025-07-04",
        "due": "2025-07-09",
    }


def test_an_order_is_answered_sent_back_answered_again_and_accepted(
    staffed: Database, database_url: str, clock: MovableClock
) -> None:
    number = issue(staffed, clock).order_id
    clock.move(3)
    answered = answer_order(staffed, clock, number, text="已办 9 项", by="zhao.lei")
    assert (answered.status, answered.is_overdue(date(2025, 8, 1))) == (OrderStatus.ANSWERED, False)
    back = send_back(staffed, CALENDAR, clock, number, text="仍有\n3 项", days=2, by="mayor")
    assert (back.status, back.due) == (OrderStatus.SENT_BACK, date(2025, 7, 9))
    told = [(who, about, fields["subject"]) for who, about, fields in notices(database_url)][2:]
    assert told == [(who, f"order:{number}:2", "下达支付令 order:仍有 3 项") for who in sorted(ON_DUTY)]
    answer_order(staffed, clock, number, text="全部办结", by="sun.li")
    done = accept_answer(staffed, clock, number, text="认可", by="mayor")
    assert done.status is OrderStatus.ACCEPTED
    steps = [(kept.seq, kept.event.step, kept.event.by, kept.event.text) for kept in show_order(staffed, number).events]
    assert steps == [
        (1, OrderStep.ANSWER, "zhao.lei", "已办 9 项"),
        (2, OrderStep.SEND_BACK, "mayor", "仍有 3 项"),
        (3, OrderStep.ANSWER, "sun.li", "全部办结"),
        (4, OrderStep.ACCEPT, "mayor", "认可"),
    ]
    assert len(notices(database_url)) == 4


def test_an_order_names_its_cases(staffed: Database, database_url: str, clock: MovableClock) -> None:
    numbers = Hall(database_url).add(*[Waiting(route=Route.DIRECT, status=Status.APPROVED, since=FRIDAY)] * 3)
    policy = PolicyId(policy_of(Route.DIRECT))
    issued = issue(staffed, clock, stage=None, policy=policy, cases=[*numbers, numbers[0]])
    assert (issued.cases, show_order(staffed, issued.order_id).cases) == (3, numbers)
    assert notices(database_url)[0][2]["subject"] == f"{policy} · 3 个事项 / cases:红榜 12 项"
    with pytest.raises(NoSuchCase, match="999"):
        issue(staffed, clock, cases=[numbers[0], 999])
    assert len(list_orders(staffed, clock)) == 1


def test_what_waits_too_long_is_visible(staffed: Database, clock: MovableClock) -> None:
    first, second = issue(staffed, clock), issue(staffed, clock, days=30)
    answer_order(staffed, clock, issue(staffed, clock).order_id, text="已办", by="zhao.lei")
    clock.move(5)
    assert list_orders(staffed, clock, overdue=True) == []
    clock.move(1)
    assert [order.order_id for order in list_orders(staffed, clock, overdue=True)] == [first.order_id]
    assert [order.order_id for order in list_orders(staffed, clock, after=first.order_id, most=1)] == [second.order_id]
    assert list_orders(staffed, clock, unit="科技局") == []
    assert len(list_orders(staffed, clock, only_open=True)) == 3


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"stage": None}, OrderSaysNothing),
        ({"ground": " \n "}, OrderSaysNothing),
        ({"days": 0}, OrderSaysNothing),
        ({"days": 61}, OrderSaysNothing),
        ({"by": "system"}, NotAPerson),
        ({"by": "firm:91370000MA00000001"}, NotAPerson),
        ({"unit": "科技局"}, NobodyOnDuty),
    ],
)
def test_an_order_that_cannot_be_obeyed_is_refused(
    staffed: Database, database_url: str, clock: MovableClock, changes: dict[str, Any], refused: type[InputError]
) -> None:
    with pytest.raises(refused):
        issue(staffed, clock, **changes)
    assert list_orders(staffed, clock) == []
    assert notices(database_url) == []


def test_an_order_to_those_who_issued_it_alone_is_refused(database: Database, clock: MovableClock) -> None:
    grant_duty(database, clock, unit=UNIT, level=1, person="mayor", by="admin")
    with pytest.raises(NobodyOnDuty):
        issue(database, clock)


def test_an_order_that_is_not_there_cannot_be_answered(staffed: Database, clock: MovableClock) -> None:
    with pytest.raises(NoSuchOrder):
        answer_order(staffed, clock, 7, text="x", by="zhao.lei")
    with pytest.raises(NoSuchOrder):
        show_order(staffed, 7)


def test_who_no_longer_answers_for_the_department_does_not_answer(staffed: Database, clock: MovableClock) -> None:
    number = issue(staffed, clock).order_id
    revoke_duty(staffed, clock, unit=UNIT, level=1, person="zhao.lei", by="admin")
    with pytest.raises(NotOfTheUnit):
        answer_order(staffed, clock, number, text="x", by="zhao.lei")


def forced(database: Database, order: OrderToAct, step: OrderStep, by: str, before: OrderStatus) -> None:
    """Write a step past the services, as a program with a defect would."""
    after = ORDER_AFTER.get((before, step), OrderStatus.ACCEPTED)
    due = date(2025, 8, 1) if step is OrderStep.SEND_BACK else None
    event = OrderEvent(step=step, text="示例", due=due, at=FRIDAY, by=by)
    with database.unit_of_work() as work:
        work.supervision.orders.take_step(order, event, after)
        work.commit()


def test_the_database_refuses_every_pair_of_issuer_and_answerer_that_may_not_be(
    staffed: Database, clock: MovableClock
) -> None:
    for issuer, answerer in product(PEOPLE, PEOPLE):
        order = issue(staffed, clock, by=issuer)
        if answerer == issuer:
            with pytest.raises(TwoStagesRefused, match="does not answer it"):
                forced(staffed, order, OrderStep.ANSWER, answerer, order.status)
        elif answerer not in ON_DUTY:
            with pytest.raises(RoleNotHeld, match="does not answer for"):
                forced(staffed, order, OrderStep.ANSWER, answerer, order.status)
        else:
            forced(staffed, order, OrderStep.ANSWER, answerer, order.status)
            answered = show_order(staffed, order.order_id).order
            for step, decider in product((OrderStep.ACCEPT, OrderStep.SEND_BACK), PEOPLE):
                if decider != issuer:
                    with pytest.raises(TwoStagesRefused, match="nobody else decides"):
                        forced(staffed, answered, step, decider, answered.status)


def test_the_database_refuses_every_step_that_the_table_does_not_have(staffed: Database, clock: MovableClock) -> None:
    order = issue(staffed, clock)
    for status in (OrderStatus.ISSUED, OrderStatus.ANSWERED, OrderStatus.SENT_BACK, OrderStatus.ACCEPTED):
        order = show_order(staffed, order.order_id).order
        assert order.status is status
        for step in OrderStep:
            if (status, step) not in ORDER_AFTER:
                with pytest.raises(StepNotPossible):
                    forced(staffed, order, step, "zhao.lei" if step is OrderStep.ANSWER else "mayor", status)
        following = {
            OrderStatus.ISSUED: (OrderStep.ANSWER, "zhao.lei"),
            OrderStatus.ANSWERED: (OrderStep.SEND_BACK, "mayor"),
        }.get(status)
        if following is not None:
            forced(staffed, order, *following, status)
        elif status is OrderStatus.SENT_BACK:
            answer_order(staffed, clock, order.order_id, text="x", by="sun.li")
            accept_answer(staffed, clock, order.order_id, text="x", by="mayor")


def test_two_answers_at_once_are_one(staffed: Database, clock: MovableClock) -> None:
    number = issue(staffed, clock).order_id
    both, found = threading.Barrier(2), []

    def run(person: str) -> None:
        both.wait()
        try:
            answer_order(staffed, clock, number, text="已办", by=person)
            found.append("kept")
        except WrongOrderStep:
            found.append("refused")

    threads = [threading.Thread(target=run, args=(person,)) for person in ON_DUTY]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["kept", "refused"]
    assert len(show_order(staffed, number).events) == 1


def test_an_order_goes_only_where_its_table_leads_whoever_tries_what(database: Database, clock: MovableClock) -> None:
    class Machine(RuleBasedStateMachine):
        """Many people try every step on one order; what is refused changes nothing."""

        @initialize(issuer=st.sampled_from(PEOPLE))
        def issued(self, issuer: str) -> None:
            for person in PEOPLE:
                revoke_duty(database, clock, unit=UNIT, level=1, person=person, by="admin")
            for person in ON_DUTY:
                grant_duty(database, clock, unit=UNIT, level=1, person=person, by="admin")
            self.issuer, self.on_duty = issuer, set(ON_DUTY)
            self.number = issue(database, clock, by=issuer).order_id
            self.expected, self.steps = OrderStatus.ISSUED, 0

        @rule(person=st.sampled_from(PEOPLE))
        def change_duty(self, person: str) -> None:
            if person in self.on_duty:
                revoke_duty(database, clock, unit=UNIT, level=1, person=person, by="admin")
            else:
                grant_duty(database, clock, unit=UNIT, level=1, person=person, by="admin")
            self.on_duty ^= {person}

        @rule(step=st.sampled_from(OrderStep), person=st.sampled_from(PEOPLE))
        def try_step(self, step: OrderStep, person: str) -> None:
            after = ORDER_AFTER.get((self.expected, step))
            if step is OrderStep.ANSWER:
                allowed = person != self.issuer and person in self.on_duty
            else:
                allowed = person == self.issuer
            try:
                self._take(step, person)
            except (WrongOrderStep, OwnOrder, NotOfTheUnit, NotTheIssuer):
                assert after is None or not allowed
            else:
                assert after is not None
                assert allowed
                self.expected, self.steps = after, self.steps + 1

        def _take(self, step: OrderStep, person: str) -> None:
            if step is OrderStep.ANSWER:
                answer_order(database, clock, self.number, text="示例", by=person)
            elif step is OrderStep.ACCEPT:
                accept_answer(database, clock, self.number, text="示例", by=person)
            else:
                send_back(database, CALENDAR, clock, self.number, text="示例", days=1, by=person)

        @invariant()
        def stands_where_it_should(self) -> None:
            found = show_order(database, self.number)
            assert (found.order.status, found.order.seq) == (self.expected, self.steps)
            assert [kept.seq for kept in found.events] == list(range(1, self.steps + 1))

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
