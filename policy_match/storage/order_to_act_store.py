"""Orders to act and their steps.

Guarantees, with the schema, that an order and its steps stay as they were written, that the table of steps is kept,
and that nobody answers his own order. Whether a step may be taken is `supervision.orders`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from policy_match.storage.session import Row, Session
from policy_match.supervision.orders import KeptOrderEvent, NewOrder, OrderEvent, OrderStatus, OrderStep, OrderToAct
from policy_match.supervision.stages import Stage

ORDER_LOCK = 0x706D_6F61


class OrderToActStore:
    """Orders to act."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def issue(self, order: NewOrder) -> tuple[int, int]:
        """Keep an order to act; return its number, and how many of the cases that it names there are."""
        row = self._session.one(
            "add_order_to_act",
            unit=order.unit,
            stage=None if order.stage is None else order.stage.value,
            policy_id=order.policy_id,
            cases=list(order.cases),
            ground=order.ground,
            due=order.due,
            at=order.at,
            by=order.by,
        )
        assert row is not None
        return row["order_id"], row["cases"]

    def claim(self, order_id: int) -> None:
        """Wait for the right to take a step of one order until the transaction ends."""
        self._session.run("lock_order_to_act", purpose=ORDER_LOCK, order_id=order_id)

    def order(self, order_id: int) -> OrderToAct | None:
        """Return one order as it stands."""
        row = self._session.one("orders_to_act", **_which(order_id=order_id))
        return None if row is None else _order(row)

    def orders(
        self,
        *,
        unit: str | None,
        units: Collection[str] | None = None,
        only_open: bool,
        due_before: date | None,
        after: int,
        most: int,
    ) -> Sequence[OrderToAct]:
        """Return a page of orders by number; with `due_before` those that wait for an answer due earlier."""
        wanted = _which(unit=unit, units=units, only_open=only_open, due_before=due_before, after=after, most=most)
        return [_order(row) for row in self._session.all("orders_to_act", **wanted)]

    def cases_of(self, order_id: int) -> Sequence[int]:
        """Return the cases that an order names."""
        return [row["case_id"] for row in self._session.all("cases_of_order_to_act", order_id=order_id)]

    def events_of(self, order_id: int) -> Sequence[KeptOrderEvent]:
        """Return every step of an order."""
        return [
            KeptOrderEvent(
                seq=row["seq"],
                event=OrderEvent(
                    step=OrderStep(row["event"]), text=row["text"], due=row["due"], at=row["at"], by=row["by"]
                ),
                after=OrderStatus(row["after"]),
            )
            for row in self._session.all("events_of_order_to_act", order_id=order_id)
        ]

    def take_step(self, order: OrderToAct, event: OrderEvent, after: OrderStatus) -> None:
        """Keep one step of an order. Raises `StepNotPossible` when it was taken further meanwhile."""
        self._session.run(
            "add_order_to_act_event",
            order_id=order.order_id,
            seq=order.seq + 1,
            event=event.step.value,
            before=order.status.value,
            after=after.value,
            due=event.due,
            text=event.text,
            at=event.at,
            by=event.by,
        )


def _which(
    *,
    order_id: int | None = None,
    unit: str | None = None,
    units: Collection[str] | None = None,
    only_open: bool = False,
    due_before: date | None = None,
    after: int = 0,
    most: int = 1,
) -> Mapping[str, object]:
    return {
        "order_id": order_id,
        "unit": unit,
        "units": None if units is None else list(units),
        "only_open": only_open,
        "due_before": due_before,
        "after": after,
        "most": most,
    }


def _order(row: Row) -> OrderToAct:
    return OrderToAct(
        order_id=row["order_id"],
        unit=row["unit"],
        stage=None if row["stage"] is None else Stage(row["stage"]),
        policy_id=row["policy_id"],
        cases=row["cases"],
        ground=row["ground"],
        issued_at=row["issued_at"],
        issued_by=row["issued_by"],
        status=OrderStatus(row["status"]),
        seq=row["seq"],
        due=row["due"],
        since=row["since"],
    )
