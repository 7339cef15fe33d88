"""A database and providers that kill their process at one of the points where a process can die with consequences.

The points are counted over all of them: before and after each commit, before and after each call to a provider.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from policy_match.notices.messages import DeliveryReceipt, OutgoingMessage, SendResult
from policy_match.notices.model import Channel
from policy_match.ports.notices import NotificationChannel, Sender
from policy_match.storage.unit_of_work import Database
from tests.fault.payments.killing import Fuse, KillingDatabase
from tests.support.notice_errand import Providers, errand


class KillingSender:
    """An open way to a provider that burns the fuse around each message."""

    def __init__(self, sender: Sender, fuse: Fuse) -> None:
        self._sender = sender
        self._fuse = fuse

    def send(self, message: OutgoingMessage) -> SendResult:
        """Hand over, if nobody dies."""
        self._fuse.burn()
        result = self._sender.send(message)
        self._fuse.burn()
        return result


class KillingChannel:
    """A channel that burns the fuse around each call to its provider."""

    def __init__(self, channel: NotificationChannel, fuse: Fuse) -> None:
        self._channel = channel
        self._fuse = fuse

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._channel.name

    @property
    def channel(self) -> Channel:
        """What kind of channel it is."""
        return self._channel.channel

    @property
    def promises_once(self) -> bool:
        """What the provider promises."""
        return self._channel.promises_once

    @property
    def gives_receipts(self) -> bool:
        """Whether receipts come."""
        return self._channel.gives_receipts

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Give the provider's own way, with a fuse."""
        with self._channel.open() as sender:
            yield KillingSender(sender, self._fuse)

    def read_receipts(self, content: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Read; nobody is called."""
        return self._channel.read_receipts(content, headers)

    def fetch_receipts(self) -> Sequence[bytes]:
        """Fetch, if nobody dies."""
        self._fuse.burn()
        found = self._channel.fetch_receipts()
        self._fuse.burn()
        return found

    def confirm_receipts(self, contents: Sequence[bytes]) -> None:
        """Confirm, if nobody dies."""
        self._fuse.burn()
        self._channel.confirm_receipts(contents)
        self._fuse.burn()


def tell_until_killed(url: str, providers: Providers, point: int) -> None:
    """Run the errand of notices in this process, which dies at the point."""
    fuse = Fuse(point)
    with KillingDatabase(url, fuse) as database:
        errand(database, [KillingChannel(each, fuse) for each in providers.channels()], providers.clock)


def tell_until_taken(url: str, providers: Providers, provider: str) -> None:
    """Run the errand of notices in this process, which dies when one provider has taken its first message."""
    fuse, never = Fuse(2), Fuse(0)
    with Database(url) as database:
        channels = [KillingChannel(each, fuse if each.name == provider else never) for each in providers.channels()]
        errand(database, channels, providers.clock)


def tell(url: str, providers: Providers) -> None:
    """Run the errand of notices, unharmed."""
    with Database(url) as database:
        errand(database, providers.channels(), providers.clock)
