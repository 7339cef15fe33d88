"""Every try to reach somebody: one store for each part of the work, on the same transaction.

Guarantees nothing of its own; each part says what it guarantees.
"""

from policy_match.storage.delivery_planning import PlanningStore
from policy_match.storage.delivery_repairs import RepairStore
from policy_match.storage.delivery_sending import SendingStore
from policy_match.storage.notice_receipt_store import NoticeReceiptStore
from policy_match.storage.session import Session


class DeliveryStore:
    """Choosing ways, sending, receipts, repair."""

    planning: PlanningStore
    sending: SendingStore
    receipts: NoticeReceiptStore
    repairs: RepairStore

    def __init__(self, session: Session) -> None:
        self.planning = PlanningStore(session)
        self.sending = SendingStore(session)
        self.receipts = NoticeReceiptStore(session)
        self.repairs = RepairStore(session)
