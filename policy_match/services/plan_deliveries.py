"""Chooses the next way of every notice of which nothing is on its way, the first like every later one.

Guarantees one way at a time, that what no way is left for waits for a named person with the reason, and that running
again changes nothing. Writing the text comes before (`prepare_notices`), sending after (`send_notices`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy_match.notices.channel_choice import NoWay, Provider, Providers, Suppressed, Way, arranged, next_way
from policy_match.notices.deliveries import Circumstances, NewDelivery, WaylessNotice
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.model import Channel, DeliveryEvent, DeliveryId, NoticeEvent, NoticeId
from policy_match.notices.outcomes import DeliveryStep
from policy_match.notices.timing import after_quiet
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.notices import NotificationChannel

PAGE = 5_000
"""How many notices are looked at in one transaction."""

MOST_PAGES = 10_000
"""How many transactions one run has at most."""

WAY_AGAIN = "又有送达途径 / there is a way again"
NOTHING_SUPPRESSED = Suppressed()
START = NoticeId(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """How many notices got a way, by channel, and how many have none left, by reason.

    `moved` counts deliveries that were taken back first: their provider is demoted, or in the settings no more.
    """

    ways: Mapping[Channel, int]
    none_left: Mapping[NoWay, int]
    moved: int


class Planner:
    """Chooses ways by the rules, the providers that there are, and how well these do now."""

    def __init__(self, channels: Iterable[NotificationChannel], rules: DeliveryRules) -> None:
        self._channels = tuple(channels)
        self._rules = rules

    @property
    def names(self) -> frozenset[str]:
        """The providers of the settings."""
        return frozenset(each.name for each in self._channels)

    def providers(self, work: UnitOfWork, now: datetime) -> Providers:
        """Return the providers in the order in which they are asked now."""
        demoted = work.deliveries.sending.demotions(now)
        return arranged(
            [Provider(name=each.name, channel=each.channel, demoted=each.name in demoted) for each in self._channels]
        )

    def way(self, notice_id: NoticeId, recipient: str, found: Circumstances, providers: Providers) -> Way | NoWay:
        """Return the next way of one notice of the page that `found` is about."""
        return next_way(
            found.orders.get(recipient, self._rules.order),
            found.addresses.get(recipient, ()),
            providers,
            found.suppressed.get(recipient, NOTHING_SUPPRESSED),
            found.tried.get(notice_id, ()),
        )

    def delivery(self, notice: WaylessNotice, way: Way, now: datetime) -> NewDelivery:
        """Return the delivery that goes this way, as soon as it may."""
        return NewDelivery(
            notice_id=notice.notice_id,
            number=notice.deliveries + 1,
            channel=way.channel,
            provider=way.provider,
            contact_id=way.contact_id,
            due_at=after_quiet(now, self._rules.quiet.get(way.channel)),
        )


def plan_deliveries(database: Database, planner: Planner, clock: Clock) -> Planned:
    """Choose a way for every open notice that needs one."""
    moved = _take_back_from_strangers(database, planner, clock) + _take_back_from_demoted(database, planner, clock)
    ways, none_left = Counter[Channel](), Counter[NoWay]()
    after = START
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            work.deliveries.planning.lock()
            notices = work.deliveries.planning.wayless(after, PAGE)
            if not notices:
                break
            now = clock.now()
            chosen, hopeless = _choose(work, planner, notices, now)
            work.deliveries.planning.add(chosen, now)
            _step(work, hopeless, NoticeEvent.FAIL, now)
            work.commit()
        ways.update(each.channel for each in chosen)
        none_left.update(hopeless.values())
        after = notices[-1].notice_id
    return Planned(ways=dict(ways), none_left=dict(none_left), moved=moved)


def reopen_where_possible(database: Database, planner: Planner, clock: Clock) -> int:
    """Reopen every unreached notice that still holds and has a way now, such as a new address; return how many."""
    reopened, after = 0, START
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            work.deliveries.planning.lock()
            notices = work.deliveries.planning.unreached(after, PAGE)
            if not notices:
                break
            now = clock.now()
            chosen, _hopeless = _choose(work, planner, notices, now)
            again = {each.notice_id: WAY_AGAIN for each in chosen}
            for notice_id in work.notices.overtaken(list(again)):
                del again[notice_id]  # it is no longer so: `prepare_notices` will say that
            if again:
                reopened += _step(work, again, NoticeEvent.REOPEN, now)
                work.commit()
        after = notices[-1].notice_id
    return reopened


def _step(work: UnitOfWork, reasons: Mapping[NoticeId, str], event: NoticeEvent, now: datetime) -> int:
    work.deliveries.planning.hold(reasons.keys())
    return len(work.notices.step(reasons, event, now, "system"))


def _choose(
    work: UnitOfWork, planner: Planner, notices: Sequence[WaylessNotice], now: datetime
) -> tuple[Sequence[NewDelivery], Mapping[NoticeId, NoWay]]:
    providers = planner.providers(work, now)
    found = work.deliveries.planning.circumstances({each.notice_id: each.recipient for each in notices})
    chosen: list[NewDelivery] = []
    hopeless: dict[NoticeId, NoWay] = {}
    for notice in notices:
        way = planner.way(notice.notice_id, notice.recipient, found, providers)
        if isinstance(way, NoWay):
            hopeless[notice.notice_id] = way
        else:
            chosen.append(planner.delivery(notice, way, now))
    return chosen, hopeless


def _take_back_from_strangers(database: Database, planner: Planner, clock: Clock) -> int:
    """Cancel what waits at providers that are in the settings no more."""
    moved, after = 0, DeliveryId(0)
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            work.deliveries.planning.lock()
            page = work.deliveries.planning.at_strangers(planner.names, after, PAGE)
            if not page:
                break
            moved += _cancel(work, page, "provider_removed", clock.now())
            work.commit()
        after = page[-1]
    return moved


def _take_back_from_demoted(database: Database, planner: Planner, clock: Clock) -> int:
    """Cancel what waits at a provider since before its demotion, where there is a better way now."""
    moved = 0
    with database.unit_of_work() as work:
        demotions = work.deliveries.sending.demotions(clock.now())
    for provider in sorted(demotions.keys() & planner.names):
        after = DeliveryId(0)
        for _ in range(MOST_PAGES):
            with database.unit_of_work() as work:
                work.deliveries.planning.lock()
                page = work.deliveries.planning.before_demotion(demotions[provider], after, PAGE)
                if not page:
                    break
                now = clock.now()
                providers = planner.providers(work, now)
                found = work.deliveries.planning.circumstances({each.notice_id: each.recipient for each in page})
                better = []
                for each in page:
                    way = planner.way(each.notice_id, each.recipient, found, providers)
                    if isinstance(way, Way) and way.provider != provider:
                        better.append(each.delivery_id)
                if better:
                    moved += _cancel(work, better, "provider_demoted", now)
                    work.commit()
            after = page[-1].delivery_id
    return moved


def _cancel(work: UnitOfWork, deliveries: Sequence[DeliveryId], code: str, now: datetime) -> int:
    steps = [DeliveryStep(delivery_id=each, event=DeliveryEvent.CANCEL, code=code) for each in deliveries]
    return len(work.deliveries.sending.add_steps(steps, now))
