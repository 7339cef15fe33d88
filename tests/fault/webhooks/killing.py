"""A database and a courier that kill their process at one of the points where a process can die with consequences.

The points are counted over both: before and after each commit, before and after each call to a receiver.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network

from connectors.webhooks.courier import make_courier
from policy_match.events.address import AllowedPlaces, WebhookAddress
from policy_match.events.delivery import PostResult
from policy_match.ports.events import WebhookCourier, WebhookWay
from policy_match.services.send_webhooks import Office, send_webhooks
from policy_match.storage.unit_of_work import Database
from tests.fault.payments.killing import Fuse, KillingDatabase
from tests.support.cases import MovableClock
from tests.support.webhook_receiver import office

TIMEOUT_SECONDS = 5


class KillingWay:
    """An open way to a receiver that burns the fuse around each message."""

    def __init__(self, way: WebhookWay, fuse: Fuse) -> None:
        self._way = way
        self._fuse = fuse

    def post(self, headers: Mapping[str, str], body: bytes) -> PostResult:
        """Send, if nobody dies."""
        self._fuse.burn()
        result = self._way.post(headers, body)
        self._fuse.burn()
        return result


class KillingCourier:
    """A courier that burns the fuse around each message."""

    def __init__(self, courier: WebhookCourier, fuse: Fuse) -> None:
        self._courier = courier
        self._fuse = fuse

    @contextmanager
    def open(self, address: WebhookAddress) -> Iterator[WebhookWay]:
        """Give the courier's own way, with a fuse."""
        with self._courier.open(address) as way:
            yield KillingWay(way, self._fuse)


def office_for(hosts: frozenset[str]) -> Office:
    """Return with what events are sent to hosts on this machine."""
    allowed = AllowedPlaces(hosts=hosts, networks=(ip_network("127.0.0.0/8"),))
    return office(make_courier(allowed, ca_file=None, timeout_seconds=TIMEOUT_SECONDS), allowed)


def send_until_killed(url: str, hosts: frozenset[str], now: datetime, point: int) -> None:
    """Publish and send in this process, which dies at the point."""
    fuse = Fuse(point)
    ready = office_for(hosts)
    with KillingDatabase(url, fuse) as database:
        send_webhooks(database, replace(ready, courier=KillingCourier(ready.courier, fuse)), MovableClock(now))


def send(url: str, hosts: frozenset[str], now: datetime) -> None:
    """Publish and send in this process, unharmed."""
    with Database(url) as database:
        send_webhooks(database, office_for(hosts), MovableClock(now))
