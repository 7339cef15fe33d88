"""Seeded lives of webhooks: changes in transactions that overlap, receivers that fail, people who pause and resume.

Each life ends with good receivers. Then every change that was committed was told to whom it concerns, in the one order,
and nothing else; HYPOTHESIS_PROFILE=nightly plays hundreds more.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from policy_match.events.address import AllowedPlaces, WebhookAddress
from policy_match.events.delivery import PostCode, PostResult
from policy_match.events.types import WHAT_OF, EventType
from policy_match.ports.events import WebhookWay
from policy_match.services.send_webhooks import Office, publish_events, send_webhooks
from policy_match.services.webhooks import (
    WebhookNotSo,
    create_webhook,
    list_webhooks,
    pause_webhook,
    ping_webhook,
    resume_webhook,
    rotate_secret,
)
from policy_match.storage.unit_of_work import Database
from tests.support.cases import World, make_world
from tests.support.payment_flow import rows
from tests.support.webhook_receiver import office

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SEEDS = range(300 if NIGHTLY else 6)
STEPS = 120
WRITERS = 3
HOSTS: Mapping[str, tuple[EventType, ...]] = {
    "all.example.cn": (),
    "sweeps.example.cn": (EventType.SWEEP_KEPT,),
    "lists.example.cn": (EventType.LIST_VOIDED, EventType.SWEEP_KEPT),
}
BY = "li.admin"

LAW = """
SELECT s.webhook_id FROM webhook_state AS s JOIN webhook AS w USING (webhook_id)
 WHERE s.seq <> (SELECT count(*) FROM webhook_event AS e WHERE e.webhook_id = s.webhook_id)
    OR s.sent_to <> coalesce((SELECT e.number FROM webhook_event AS e
                               WHERE e.webhook_id = s.webhook_id AND e.event IN ('deliver', 'pass', 'rewind')
                               ORDER BY e.seq DESC LIMIT 1), w.begins_after)
    OR s.status <> coalesce((SELECT e.after FROM webhook_event AS e WHERE e.webhook_id = s.webhook_id
                              ORDER BY e.seq DESC LIMIT 1), 'active')
"""


class Crowd:
    """Receivers in memory, by host, that fail by chance until they are told to be good."""

    def __init__(self, chance: Random) -> None:
        self.chance: Random | None = chance
        self.taken: dict[str, list[dict[str, Any]]] = {host: [] for host in HOSTS}

    @contextmanager
    def open(self, address: WebhookAddress) -> Iterator[WebhookWay]:
        """Give a way to one of them."""
        yield _Way(self, address.host)


class _Way:
    def __init__(self, crowd: Crowd, host: str) -> None:
        self._crowd = crowd
        self._taken = crowd.taken[host]

    def post(self, headers: Mapping[str, str], body: bytes) -> PostResult:
        """Take the message, refuse it, or take it and let nobody know."""
        event = json.loads(body)
        assert headers["webhook-id"] == event["id"]
        drawn = 0.0 if self._crowd.chance is None else self._crowd.chance.random()
        if drawn < 0.6:
            self._taken.append(event)
            return PostResult(code=PostCode.TAKEN, status=200)
        if drawn < 0.7:
            self._taken.append(event)
            return PostResult(code=PostCode.NO_ANSWER)
        if drawn < 0.75:
            return PostResult(code=PostCode.GONE, status=410)
        return PostResult(code=PostCode.REFUSED, status=503)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """A kept sweep, of which events can speak."""
    return make_world(database, tmp_path, ("direct",), 1)


class Life:
    """What happens in one life."""

    def __init__(self, world: World, url: str, seed: int, stack: ExitStack) -> None:
        self._world = world
        self._url = url
        self._chance = Random(seed)
        self.crowd = Crowd(Random(seed + 1))
        self.office: Office = office(self.crowd, AllowedPlaces(hosts=frozenset(HOSTS)))
        self._writers = [
            stack.enter_context(psycopg.connect(url, options="-c search_path=policy_match")) for _ in range(WRITERS)
        ]
        for host, types in HOSTS.items():
            create_webhook(
                world.database,
                world.clock,
                self.office.sealer,
                self.office.allowed,
                url=f"https://{host}/",
                types=types or None,
                after=0,
                by=BY,
            )

    def step(self) -> None:
        """Let something happen."""
        writer = self._chance.choice(self._writers)
        webhook_id = self._chance.randint(1, len(HOSTS))
        database, clock = self._world.database, self._world.clock
        match self._chance.randint(0, 9):
            case 0 | 1 | 2:
                what = self._chance.choice(["sweep.keep", "cases.open"])
                writer.execute("INSERT INTO outbox (what, subject_id) VALUES (%s, 1)", [what])
            case 3 | 4:
                writer.commit()
            case 5:
                writer.rollback()
            case 6:
                publish_events(database)
            case 7:
                send_webhooks(database, self.office, clock)
            case 8:
                clock.move(self._chance.random())
            case 9:
                with suppress(WebhookNotSo):
                    self._decide(webhook_id)

    def _decide(self, webhook_id: int) -> None:
        database, clock = self._world.database, self._world.clock
        match self._chance.randint(0, 3):
            case 0:
                pause_webhook(database, clock, webhook_id, by=BY, reason="维护")
            case 1:
                resume_webhook(database, clock, webhook_id, by=BY, reason="恢复")
            case 2:
                rotate_secret(database, clock, self.office.sealer, webhook_id, by=BY)
            case 3:
                ping_webhook(database, clock, webhook_id, by=BY)

    def end(self) -> None:
        """Commit what is open, let every receiver be good, and send everything."""
        for writer in self._writers:
            writer.commit()
        self.crowd.chance = None
        database, clock = self._world.database, self._world.clock
        for webhook in list_webhooks(database, after=0, most=10):
            with suppress(WebhookNotSo):
                resume_webhook(database, clock, webhook.webhook_id, by=BY, reason="终")
        clock.move(2)
        send_webhooks(database, self.office, clock)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_that_was_committed_arrives_in_order_whatever_fails(
    world: World, database_url: str, seed: int
) -> None:
    with psycopg.connect(database_url, options="-c search_path=policy_match") as owner:
        owner.execute("INSERT INTO opening (number, sweep_number, at, by) VALUES (1, 1, now(), 'system')")
    with ExitStack() as stack:
        life = Life(world, database_url, seed, stack)
        for _ in range(STEPS):
            life.step()
            assert rows(database_url, LAW) == []
        life.end()
    assert rows(database_url, LAW) == []
    assert rows(database_url, "SELECT place FROM outbox") == []
    published = rows(database_url, "SELECT number, event_id::text, what FROM published_event ORDER BY number")
    assert [row["number"] for row in published] == list(range(1, len(published) + 1))
    for host, types in HOSTS.items():
        whats = {WHAT_OF[each] for each in types}
        wanted = [row["event_id"] for row in published if not whats or row["what"] in whats]
        told = [each["id"] for each in life.crowd.taken[host] if not each["id"].startswith("ping-")]
        assert [event_id for event_id, _ in groupby(told)] == wanted, f"{host}, seed {seed}"
    assert len(published) > 5
