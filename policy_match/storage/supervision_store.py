"""Stages and their colours, duties, orders to act, promises: one store for each part, on the same transaction.

Guarantees nothing of its own; each part says what it guarantees.
"""

from policy_match.storage.duty_store import DutyStore
from policy_match.storage.order_to_act_store import OrderToActStore
from policy_match.storage.promise_store import PromiseStore
from policy_match.storage.session import Session
from policy_match.storage.stage_store import StageStore


class SupervisionStore:
    """Colours of stages, escalations, orders to act, promises."""

    stages: StageStore
    duties: DutyStore
    orders: OrderToActStore
    promises: PromiseStore

    def __init__(self, session: Session) -> None:
        self.stages = StageStore(session)
        self.duties = DutyStore(session)
        self.orders = OrderToActStore(session)
        self.promises = PromiseStore(session)
