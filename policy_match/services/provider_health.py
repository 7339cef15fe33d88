"""How well each provider does: demotes the one that fails too often, and says how all of them stand.

Guarantees that a provider is demoted once at a time, and that every provider that ever had a delivery is listed, also
one that is in the settings no more. Taking waiting messages elsewhere is `plan_deliveries`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy_match.notices.deliveries import ProviderCount
from policy_match.notices.health import Demotion, DemotionRule, demotion
from policy_match.notices.model import Channel, DeliveryStatus
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.notices import NotificationChannel


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderStanding:
    """One provider now. `channel` is null for one that is in the settings no more.

    `repeats` counts messages that were sent again although they may have arrived: possible duplicates, unless it
    promises that there are none. `first_due` is when the first of those that wait may be sent.
    """

    name: str
    channel: Channel | None
    promises_once: bool
    gives_receipts: bool
    demoted: Demotion | None
    deliveries: Mapping[DeliveryStatus, int]
    repeats: int
    first_due: datetime | None
    last_moved: datetime | None


def demote_if_failing(work: UnitOfWork, provider: str, rule: DemotionRule, now: datetime) -> Demotion | None:
    """Demote a provider that failed too often lately; return the demotion that is new."""
    sending = work.deliveries.sending
    if provider in sending.demotions(now):
        return None
    made = demotion(provider, sending.outcomes(provider, now, rule.within), rule, now)
    if made is not None:
        sending.demote(made)
    return made


def provider_standings(
    database: Database, channels: Iterable[NotificationChannel], clock: Clock
) -> Sequence[ProviderStanding]:
    """Return how every provider stands: those of the settings in their order, then the others by name."""
    with database.unit_of_work() as work:
        demotions = work.deliveries.sending.demotions(clock.now())
        counts: dict[str, list[ProviderCount]] = {}
        for count in work.deliveries.sending.counts():
            counts.setdefault(count.provider, []).append(count)
    known = {each.name: each for each in channels}
    return [
        _standing(name, known.get(name), demotions.get(name), counts.get(name, ()))
        for name in (*known, *sorted(counts.keys() - known.keys()))
    ]


def _standing(
    name: str, channel: NotificationChannel | None, demoted: Demotion | None, counts: Sequence[ProviderCount]
) -> ProviderStanding:
    return ProviderStanding(
        name=name,
        channel=None if channel is None else channel.channel,
        promises_once=channel is not None and channel.promises_once,
        gives_receipts=channel is not None and channel.gives_receipts,
        demoted=demoted,
        deliveries={each.status: each.deliveries for each in counts},
        repeats=sum(each.repeats for each in counts),
        first_due=min((each.first_due for each in counts if each.first_due is not None), default=None),
        last_moved=max((each.last_moved for each in counts), default=None),
    )
