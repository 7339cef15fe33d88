"""The sender dies at any commit or call on the way of events; it is started again, and every event arrives in order.

The default suite takes a seeded sample of the points, HYPOTHESIS_PROFILE=nightly takes every one.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import count, groupby
from pathlib import Path
from random import Random

import psycopg
import pytest

from policy_match.events.cloud_event import SOURCE
from policy_match.services.send_webhooks import Office, publish_events, send_webhooks
from policy_match.services.webhooks import create_webhook, list_events, ping_webhook, remove_webhook
from policy_match.storage.unit_of_work import Database
from tests.fault.webhooks.killing import office_for, send, send_until_killed
from tests.support.cases import World, make_world, notify_world, open_world
from tests.support.payment_flow import rows
from tests.support.waiting import until
from tests.support.webhook_receiver import WebhookReceiver

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SAMPLE = 12
KNOWN_POINTS = 52
"""So many commits and messages, before and after, the sending has when nobody dies."""

SENDERS = 4
BY = "li.admin"


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.ForkServerContext:
    """Where children come from: a server that has everything imported and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.fault.webhooks.killing"])
    return context


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Six cases, half of them told, and nothing published yet."""
    made = make_world(database, tmp_path)
    open_world(made)
    notify_world(made)
    return made


def points() -> Iterator[int]:
    """Yield the points to die at; all of them by night, and then one more than there are."""
    if NIGHTLY:
        yield from count(1)
    else:
        yield from sorted(Random(11).sample(range(1, KNOWN_POINTS + 1), SAMPLE))


def begin_again(url: str) -> None:
    """Take every webhook and every number back, and owe all events again. No program could."""
    with psycopg.connect(url, options="-c search_path=policy_match") as connection:
        connection.execute("ALTER TABLE published_event DISABLE TRIGGER append_only")
        connection.execute(
            "WITH gone AS (DELETE FROM published_event RETURNING *)"
            " INSERT INTO outbox (what, subject_id, part) SELECT what, subject_id, part FROM gone ORDER BY number"
        )
        connection.execute("ALTER TABLE published_event ENABLE TRIGGER append_only")


def test_every_event_arrives_in_order_wherever_the_sender_dies(
    processes: multiprocessing.context.ForkServerContext, world: World, database_url: str
) -> None:
    killed = 0
    for point in points():
        begin_again(database_url)
        with ExitStack() as stack:
            receivers = [stack.enter_context(WebhookReceiver()) for _ in range(2)]
            hosts = frozenset(receiver.host for receiver in receivers)
            office = office_for(hosts)
            made = [make(world, receiver, office) for receiver in receivers]
            for webhook_id in made:
                ping_webhook(world.database, world.clock, webhook_id, by=BY)
            arguments = (database_url, hosts, world.clock.now(), point)
            child = processes.Process(target=send_until_killed, args=arguments)
            child.start()
            child.join(60)
            assert child.exitcode in (0, -signal.SIGKILL), f"point {point}: exit {child.exitcode}"
            died = child.exitcode != 0
            until(lambda: free(database_url), "the server knows that the sender is gone")
            send_webhooks(world.database, office, world.clock)
            wanted = [each.id for each in list_events(world.database, SOURCE, after=0, types=None, most=500)]
            assert len(wanted) == 5
            for receiver in receivers:
                check_arrived(receiver, wanted, f"killed at {point}", repeats=int(died))
            for webhook_id in made:
                remove_webhook(world.database, world.clock, webhook_id, by=BY)
        if not died:
            break
        killed += 1
    assert killed >= SAMPLE - 1


def make(world: World, receiver: WebhookReceiver, office: Office) -> int:
    """Make a webhook that begins with the first event, and return its number."""
    told = create_webhook(
        world.database,
        world.clock,
        office.sealer,
        office.allowed,
        url=receiver.url,
        types=None,
        after=0,
        by=BY,
    )
    receiver.secrets.add(told.secret)
    return told.webhook.webhook_id


def free(url: str) -> bool:
    """Return whether no sender holds anything."""
    return not rows(
        url,
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )


def check_arrived(receiver: WebhookReceiver, wanted: list[str], where: str, *, repeats: int) -> None:
    """Check that everything arrived in order, and at most so many messages twice in a row."""
    ping, *once = [message_id for message_id, _ in groupby(receiver.taken)]
    assert ping.startswith("ping-"), where
    assert once == wanted, where
    assert len(receiver.taken) - len(once) - 1 <= repeats, where
    assert all(len(each.signed_by) == 1 for each in receiver.received), where


def test_several_senders_at_once_send_everything_once(
    processes: multiprocessing.context.ForkServerContext, world: World, database_url: str
) -> None:
    with WebhookReceiver() as receiver:
        hosts = frozenset({receiver.host})
        office = office_for(hosts)
        make(world, receiver, office)
        arguments = (database_url, hosts, world.clock.now())
        senders = [processes.Process(target=send, args=arguments) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        assert [sender.exitcode for sender in senders] == [0] * SENDERS
        send_webhooks(world.database, office, world.clock)
        assert receiver.taken == [
            each.id for each in list_events(world.database, SOURCE, after=0, types=None, most=500)
        ]


def test_who_dies_again_and_again_still_sends_everything(
    processes: multiprocessing.context.ForkServerContext, world: World, database_url: str
) -> None:
    chosen = Random(7)
    with WebhookReceiver() as receiver:
        hosts = frozenset({receiver.host})
        office = office_for(hosts)
        make(world, receiver, office)
        for _ in range(6):
            arguments = (database_url, hosts, world.clock.now(), chosen.randint(1, 12))
            child = processes.Process(target=send_until_killed, args=arguments)
            child.start()
            child.join(60)
            assert child.exitcode in (0, -signal.SIGKILL)
            until(lambda: free(database_url), "the server knows that the sender is gone")
        world.clock.move(timedelta(hours=1) / timedelta(days=1))
        send_webhooks(world.database, office, world.clock)
        publish_events(world.database)
        wanted = [each.id for each in list_events(world.database, SOURCE, after=0, types=None, most=500)]
        assert [message_id for message_id, _ in groupby(receiver.taken)] == wanted
