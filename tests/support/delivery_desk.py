"""The services of deliveries at one desk: one database, some channels, one clock.

Guarantees nothing of its own: every call is the service's. Providers are `mail_server`, `message_gateway` and folders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.notification_channels import open_channel
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.model import Channel, DeliveryStatus, NoticeStatus
from policy_match.ports.notices import NotificationChannel
from policy_match.services.plan_deliveries import Planned, Planner, plan_deliveries
from policy_match.services.repair_notices import FindingKind, NoticeRepair, repair_notices
from policy_match.services.send_notices import MOST_MESSAGES, ProviderRun, send_notices
from policy_match.services.take_receipts import (
    ReceiptContent,
    ReceiptsFetched,
    ReceiptsTaken,
    fetch_receipts,
    take_receipts,
)
from policy_match.storage.address_opener import AddressOpener
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock
from tests.support.payment_flow import SEALER, rows

OPENER = AddressOpener(SEALER)


def letter_channel(folder: Path, clock: MovableClock, provider: str = "post") -> NotificationChannel:
    """Return a print shop behind a folder."""
    folder.mkdir(exist_ok=True)
    return open_channel(
        "letter_file",
        channel=Channel.LETTER,
        provider=provider,
        values={"folder": str(folder), "sender": "虚构市财政局,虚构市示例路 1 号"},
        secret={}.__getitem__,
        clock=clock,
        folder=folder,
    )


def letters(folder: Path) -> Sequence[str]:
    """Return the names of all letters in a folder."""
    return sorted(path.stem for path in folder.rglob("*.html"))


@dataclass
class DeliveryDesk:
    """Calls the services with what they need."""

    database: Database
    url: str
    channels: Sequence[NotificationChannel]
    clock: MovableClock
    rules: DeliveryRules = field(default_factory=DeliveryRules)

    def plan(self) -> Planned:
        """Choose ways."""
        return plan_deliveries(self.database, Planner(self.channels, self.rules), self.clock)

    def send(self, provider: str | None = None, most: int = MOST_MESSAGES) -> Mapping[str, ProviderRun]:
        """Send what is due; return the runs by provider."""
        runs = send_notices(self.database, self.channels, OPENER, self.rules, self.clock, provider=provider, most=most)
        return {run.provider: run for run in runs}

    def go(self) -> Mapping[str, ProviderRun]:
        """Choose ways and send."""
        self.plan()
        return self.send()

    def channel(self, name: str) -> NotificationChannel:
        """Return the channel of a provider."""
        return next(each for each in self.channels if each.name == name)

    def take(self, provider: str, content: bytes, headers: Mapping[str, str] | None = None) -> ReceiptsTaken:
        """Take what a provider sent."""
        given = ReceiptContent(content=content, headers=headers or {})
        (taken,) = take_receipts(self.database, self.channel(provider), SEALER, self.clock, [given])
        return taken

    def fetch(self) -> Sequence[ReceiptsFetched]:
        """Fetch what providers keep."""
        return fetch_receipts(self.database, self.channels, SEALER, self.clock)

    def repair(self) -> NoticeRepair:
        """Look for what was lost."""
        return repair_notices(self.database, self.channels, self.rules, self.clock)

    def repaired(self) -> Mapping[FindingKind, tuple[int, int]]:
        """Repair, and return what was found and repaired of each kind that was found at all."""
        found: dict[FindingKind, tuple[int, int]] = {}
        for each in self.repair().findings:
            before = found.get(each.kind, (0, 0))
            found[each.kind] = (before[0] + each.found, before[1] + each.repaired)
        return {kind: counts for kind, counts in found.items() if counts != (0, 0)}

    def deliveries(self) -> Sequence[tuple[str, DeliveryStatus]]:
        """Return provider and status of every delivery outside the portal, in order."""
        found = rows(
            self.url, "SELECT provider, status FROM delivery_state WHERE provider <> 'inbox' ORDER BY delivery_id"
        )
        return [(row["provider"], DeliveryStatus(row["status"])) for row in found]

    def notices(self) -> Sequence[NoticeStatus]:
        """Return the status of every notice, in order."""
        return [
            NoticeStatus(row["status"]) for row in rows(self.url, "SELECT status FROM notice_state ORDER BY notice_id")
        ]

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """Return what a query gives."""
        return rows(self.url, query, *parameters)
