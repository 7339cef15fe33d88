"""Which way a notice goes next: through which channel and provider, and to which address.

Guarantees that the answer depends on the arguments alone, that nothing suppressed is used, and that no way is named
which failed before. When the way may be used is `timing`; how well providers do is `health`; rows are `storage`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_match.notices.model import Channel, DeliveryStatus

MOST_WAYS = 20
"""So many deliveries a notice may have beside that of the inbox; then a person acts."""


class NoWay(StrEnum):
    """Why no way is left: the first of these that holds. A named person must act.

    *Uncertain*: a message may or may not have arrived, and sending another could be a second one. *Not wanted*: there
    are addresses, and the recipient asked for none of their channels.
    """

    UNCERTAIN = "uncertain"
    ALL_FAILED = "all_failed"
    SUPPRESSED = "suppressed"
    NO_PROVIDER = "no_provider"
    NOT_WANTED = "not_wanted"
    NO_CONTACT = "no_contact"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAddress:
    """One place where somebody is told. `fingerprint` is the same for the same address, and tells nothing of it."""

    contact_id: int
    channel: Channel
    fingerprint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """One provider of the settings; `demoted` when it failed too often and others come first for a while."""

    name: str
    channel: Channel
    demoted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A delivery that a notice had before, outside the portal."""

    provider: str
    channel: Channel
    fingerprint: str
    status: DeliveryStatus
    provider_at_fault: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppressed:
    """What is suppressed for one recipient: its channels, and addresses by fingerprint. `None` is every channel."""

    channels: frozenset[Channel | None] = frozenset()
    addresses: frozenset[tuple[str, Channel | None]] = frozenset()

    def hides(self, address: KeptAddress) -> bool:
        """Return whether nothing may be sent to the address."""
        return any(
            channel in self.channels or (address.fingerprint, channel) in self.addresses
            for channel in (address.channel, None)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """The next way."""

    channel: Channel
    provider: str
    contact_id: int


NOT_SPENT = frozenset({DeliveryStatus.WAITING, DeliveryStatus.CANCELLED})
"""Deliveries that say nothing against their way: the one that waits may be taken back for a better one."""

Providers = Mapping[Channel, Sequence[Provider]]
"""The providers of each channel, in the order in which they are asked."""


def arranged(providers: Sequence[Provider]) -> Providers:
    """Return the providers by channel: in the order given, the demoted ones last."""
    found: dict[Channel, list[Provider]] = {}
    for provider in sorted(providers, key=lambda each: each.demoted):
        found.setdefault(provider.channel, []).append(provider)
    return found


def next_way(
    order: Sequence[Channel],
    addresses: Sequence[KeptAddress],
    providers: Providers,
    suppressed: Suppressed,
    tried: Sequence[Tried],
) -> Way | NoWay:
    """Return the next way of a notice, or why there is none.

    `order` is the recipient's, `addresses` the newest first. A channel all of whose providers are demoted comes after
    those that have a sound one.
    """
    if any(each.status is DeliveryStatus.UNKNOWN for each in tried):
        return NoWay.UNCERTAIN
    if len(tried) >= MOST_WAYS:
        return NoWay.ALL_FAILED
    spent = _Spent(tried)
    for address in _in_order(order, addresses, providers):
        if suppressed.hides(address) or address in spent:
            continue
        for provider in providers.get(address.channel, ()):
            if (provider.name, address.fingerprint) not in spent.at_provider:
                return Way(channel=address.channel, provider=provider.name, contact_id=address.contact_id)
    return _why(order, addresses, providers, suppressed, tried)


class _Spent:
    """What was tried in vain: an address in its channel, or only one provider's way to it."""

    def __init__(self, tried: Sequence[Tried]) -> None:
        failed = [each for each in tried if each.status not in NOT_SPENT]
        self.at_provider = {(each.provider, each.fingerprint) for each in failed if each.provider_at_fault}
        self._in_channel = {(each.channel, each.fingerprint) for each in failed if not each.provider_at_fault}

    def __contains__(self, address: KeptAddress) -> bool:
        return (address.channel, address.fingerprint) in self._in_channel


def _in_order(
    order: Sequence[Channel], addresses: Sequence[KeptAddress], providers: Providers
) -> Iterator[KeptAddress]:
    sound = [channel for channel in order if any(not each.demoted for each in providers.get(channel, ()))]
    for channel in (*sound, *(channel for channel in order if channel not in sound)):
        yield from (address for address in addresses if address.channel is channel)


def _why(
    order: Sequence[Channel],
    addresses: Sequence[KeptAddress],
    providers: Providers,
    suppressed: Suppressed,
    tried: Sequence[Tried],
) -> NoWay:
    wanted = [address for address in addresses if address.channel in order]
    if any(each.status not in NOT_SPENT for each in tried):
        return NoWay.ALL_FAILED
    if not wanted:
        return NoWay.NOT_WANTED if addresses else NoWay.NO_CONTACT
    if any(suppressed.hides(address) for address in wanted):
        return NoWay.SUPPRESSED
    assert not any(providers.get(address.channel) for address in wanted), "a way was left"
    return NoWay.NO_PROVIDER
