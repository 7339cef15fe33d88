"""What a choice of ways rests on, and the deliveries that were chosen.

Guarantees that a page is read and written by a fixed number of statements. Which way is chosen is
`notices.channel_choice`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from policy_match.notices.channel_choice import KeptAddress, Suppressed, Tried
from policy_match.notices.deliveries import Circumstances, NewDelivery, WaitingDelivery, WaylessNotice
from policy_match.notices.health import Demotion
from policy_match.notices.model import Channel, DeliveryId, DeliveryStatus, NoticeId
from policy_match.storage.session import Row, Session

PLANNING_LOCK = 0x706D_6E70
DELIVERY_COLUMNS = ("notice_id", "number", "channel", "provider", "contact_id", "due_at", "at")


class PlanningStore:
    """Choosing ways."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Wait for the right to choose ways, until the transaction ends."""
        self._session.run("lock_planning", purpose=PLANNING_LOCK)

    def wayless(self, after: NoticeId, most: int) -> Sequence[WaylessNotice]:
        """Return a page of open notices of which nothing is on its way, after a notice."""
        return [_notice(row) for row in self._session.all("notices_without_way", after=after, most=most)]

    def unreached(self, after: NoticeId, most: int) -> Sequence[WaylessNotice]:
        """Return a page of notices that reached nobody, after a notice."""
        return [_notice(row) for row in self._session.all("unreached_notices_to_look_at", after=after, most=most)]

    def circumstances(self, notices: Mapping[NoticeId, str]) -> Circumstances:
        """Return what the choice of ways rests on for notices and their recipients."""
        recipients = sorted(set(notices.values()))
        addresses = self._addresses(recipients)
        fingerprints = sorted({each.fingerprint for found in addresses.values() for each in found})
        rows = self._session.all("suppressions_in_force", recipients=recipients, fingerprints=fingerprints)
        orders = self._session.all("orders_of_recipients", recipients=recipients)
        tried: dict[NoticeId, list[Tried]] = {}
        for row in self._session.all("ways_tried", notice_ids=list(notices)):
            tried.setdefault(NoticeId(row["notice_id"]), []).append(
                Tried(
                    provider=row["provider"],
                    channel=Channel(row["channel"]),
                    fingerprint=row["fingerprint"],
                    status=DeliveryStatus(row["status"]),
                    provider_at_fault=row["at_fault"],
                )
            )
        return Circumstances(
            addresses=addresses,
            suppressed=_suppressed(recipients, addresses, rows),
            orders={row["recipient"]: tuple(map(Channel, row["channels"])) for row in orders},
            tried=tried,
        )

    def _addresses(self, recipients: Sequence[str]) -> Mapping[str, Sequence[KeptAddress]]:
        found: dict[str, list[KeptAddress]] = {}
        seen: set[tuple[str, str, str]] = set()
        for row in self._session.all("addresses_of_recipients", recipients=list(recipients)):
            place = (row["recipient"], row["channel"], row["fingerprint"])
            if place not in seen:  # two sources may name the same address
                seen.add(place)
                found.setdefault(row["recipient"], []).append(
                    KeptAddress(
                        contact_id=row["contact_id"], channel=Channel(row["channel"]), fingerprint=row["fingerprint"]
                    )
                )
        return found

    def add(self, deliveries: Sequence[NewDelivery], at: datetime) -> None:
        """Write deliveries; they wait."""
        self._session.copy_rows(
            "delivery",
            DELIVERY_COLUMNS,
            (
                (each.notice_id, each.number, each.channel, each.provider, each.contact_id, each.due_at, at)
                for each in deliveries
            ),
        )

    def hold(self, notices: Collection[NoticeId]) -> None:
        """Lock notices until the transaction ends."""
        self._session.run("hold_notices", notice_ids=list(notices))

    def at_strangers(self, providers: Collection[str], after: DeliveryId, most: int) -> Sequence[DeliveryId]:
        """Return a page of deliveries that wait at a provider other than these."""
        rows = self._session.all("deliveries_at_strangers", providers=list(providers), after=after, most=most)
        return [DeliveryId(row["delivery_id"]) for row in rows]

    def before_demotion(self, demotion: Demotion, after: DeliveryId, most: int) -> Sequence[WaitingDelivery]:
        """Return a page of deliveries that wait at a demoted provider since before that, none sent perhaps."""
        rows = self._session.all(
            "deliveries_before_demotion",
            provider=demotion.provider,
            demoted_at=demotion.at,
            after=after,
            most=most,
        )
        return [
            WaitingDelivery(
                delivery_id=DeliveryId(row["delivery_id"]),
                notice_id=NoticeId(row["notice_id"]),
                recipient=row["recipient"],
            )
            for row in rows
        ]


def _suppressed(
    recipients: Iterable[str], addresses: Mapping[str, Sequence[KeptAddress]], rows: Sequence[Row]
) -> Mapping[str, Suppressed]:
    of_recipients: dict[str, set[Channel | None]] = {}
    of_addresses: dict[str, set[Channel | None]] = {}
    for row in rows:
        channel = None if row["channel"] is None else Channel(row["channel"])
        if row["recipient"] is not None:
            of_recipients.setdefault(row["recipient"], set()).add(channel)
        else:
            of_addresses.setdefault(row["fingerprint"], set()).add(channel)
    return {
        recipient: Suppressed(
            channels=frozenset(of_recipients.get(recipient, ())),
            addresses=frozenset(
                (each.fingerprint, channel)
                for each in addresses.get(recipient, ())
                for channel in of_addresses.get(each.fingerprint, ())
            ),
        )
        for recipient in recipients
    }


def _notice(row: Row) -> WaylessNotice:
    return WaylessNotice(notice_id=NoticeId(row["notice_id"]), recipient=row["recipient"], deliveries=row["deliveries"])
