"""Events reach a receiver in order, signed, each until it was taken; who cannot take them is paused for a person."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import psycopg
import pytest
from standardwebhooks import Webhook as Verifier

from policy_match.events.delivery import BACKOFF, MOST_TRIES
from policy_match.events.types import PING_TYPE, EventType
from policy_match.events.webhooks import OLD_SECRET_LASTS, Webhook, WebhookStatus, WebhookStep
from policy_match.services.send_webhooks import WINDOW, Office, Sent, publish_events, send_webhooks
from policy_match.services.webhooks import (
    NotSentYet,
    ToldSecret,
    WebhookNotSo,
    create_webhook,
    list_events,
    pause_webhook,
    ping_webhook,
    remove_webhook,
    resume_webhook,
    rewind_webhook,
    rotate_secret,
    show_webhook,
    subscribe_webhook,
    webhook_log,
)
from policy_match.storage.account_sealer import AccountSealer
from policy_match.wiring.parts import SystemClock
from tests.support.cases import World, answer, notify_world
from tests.support.webhook_receiver import HANG_UP, SILENCE, SOURCE, WebhookReceiver

BY = "li.admin"
DAY_SECONDS = 24 * 60 * 60


def make(
    world: World, receiver: WebhookReceiver, *types: EventType, after: int | None = 0, office: Office | None = None
) -> ToldSecret:
    """Make a webhook for the receiver, which learns the secret."""
    office = office or receiver.office()
    told = create_webhook(
        world.database,
        world.clock,
        office.sealer,
        office.allowed,
        url=receiver.url,
        types=types or None,
        after=after,
        by=BY,
    )
    receiver.secrets.add(told.secret)
    return told


def send(world: World, receiver: WebhookReceiver, office: Office | None = None) -> Sent:
    return send_webhooks(world.database, office or receiver.office(), world.clock)


def all_ids(world: World) -> list[str]:
    publish_events(world.database)
    return [each.id for each in list_events(world.database, SOURCE, after=0, types=None, most=500)]


def steps(world: World, webhook: Webhook) -> Sequence[WebhookStep]:
    return [row.event for row in webhook_log(world.database, webhook.webhook_id, before=None, most=500)][::-1]


def state(world: World, told: ToldSecret) -> Webhook:
    return show_webhook(world.database, told.webhook.webhook_id)


def test_every_event_arrives_once_in_order_and_signed(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver)
    sent = send(told_world, receiver)
    assert receiver.taken == all_ids(told_world)
    assert sent.steps == {WebhookStep.DELIVER: len(receiver.taken)}
    assert {each.signed_by for each in receiver.received} == {frozenset({told.secret})}
    assert {each.content_type for each in receiver.received} == {"application/cloudevents+json"}
    assert send(told_world, receiver).steps == {}


def test_the_official_library_verifies_a_message(told_world: World, receiver: WebhookReceiver) -> None:
    """With the machine's clock, as it takes messages of the last five minutes alone."""
    told = make(told_world, receiver)
    send_webhooks(told_world.database, receiver.office(), SystemClock())
    message = receiver.received[0]
    signed = Verifier(told.secret).sign(message.id, datetime.fromtimestamp(message.at, UTC), "{}")
    headers = {"webhook-id": message.id, "webhook-timestamp": str(message.at), "webhook-signature": signed}
    assert Verifier(told.secret).verify("{}", headers) == {}
    assert message.signed_by == {told.secret}


def test_a_webhook_without_a_place_begins_with_what_happens_next(world: World, receiver: WebhookReceiver) -> None:
    publish_events(world.database)
    make(world, receiver, after=None)
    notify_world(world)
    send(world, receiver)
    assert {each.event["type"] for each in receiver.received} == {EventType.CASE_NOTIFIED}


@pytest.mark.parametrize("status", [500, 503, 404, 400, 307, HANG_UP])
def test_what_was_not_taken_comes_again_with_the_same_id_before_anything_else(
    told_world: World, receiver: WebhookReceiver, status: int
) -> None:
    told = make(told_world, receiver)
    receiver.next_answers(status)
    send(told_world, receiver)
    assert len(receiver.tried) == 1
    assert state(told_world, told).due_at == told_world.clock.now() + BACKOFF[0]
    send(told_world, receiver)
    assert len(receiver.tried) == 1, "the next try is not due yet"
    told_world.clock.move(BACKOFF[0].total_seconds() / DAY_SECONDS)
    send(told_world, receiver)
    assert receiver.taken == all_ids(told_world)
    assert receiver.tried[0] == receiver.tried[1]


def test_the_log_has_every_try_and_nothing_of_the_answer(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver, EventType.SWEEP_KEPT)
    receiver.next_answers(500)
    send(told_world, receiver)
    told_world.clock.move(1)
    send(told_world, receiver)
    delivered, failed = webhook_log(told_world.database, told.webhook.webhook_id, before=None, most=10)
    assert (failed.status, failed.code, failed.event) == (500, "refused", WebhookStep.FAIL)
    assert (delivered.status, delivered.code, delivered.event) == (200, "taken", WebhookStep.DELIVER)
    assert failed.milliseconds is not None
    assert failed.event_id == delivered.event_id == receiver.taken[0]


def test_who_never_takes_an_event_is_paused_after_a_stated_number_of_tries(
    told_world: World, receiver: WebhookReceiver
) -> None:
    told = make(told_world, receiver)
    receiver.next_answers(*[500] * MOST_TRIES)
    for _ in range(MOST_TRIES + 3):
        send(told_world, receiver)
        told_world.clock.move(2)
    assert receiver.tried == all_ids(told_world)[:1] * MOST_TRIES
    assert state(told_world, told).status is WebhookStatus.PAUSED
    times = [each.at for each in receiver.received]
    assert all(later > earlier for earlier, later in pairwise(times))


def test_who_is_resumed_gets_the_event_that_he_did_not_take_and_everything_since(
    told_world: World, receiver: WebhookReceiver
) -> None:
    told = make(told_world, receiver)
    receiver.next_answers(410)
    send(told_world, receiver)
    assert state(told_world, told).status is WebhookStatus.PAUSED, "410 pauses at once, and removes nothing"
    assert send(told_world, receiver).steps == {}
    resume_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, by=BY, reason="又部署好了")
    send(told_world, receiver)
    assert receiver.taken == all_ids(told_world)


def test_a_receiver_that_says_nothing_is_left_in_time(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver)
    receiver.next_answers(SILENCE)
    send(told_world, receiver, receiver.office(timeout_seconds=1))
    assert state(told_world, told).code == "no_answer"


def test_only_the_types_that_were_asked_for_arrive(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver, EventType.CASES_OPENED)
    send(told_world, receiver)
    assert [each.event["type"] for each in receiver.received] == [EventType.CASES_OPENED]
    webhook_id = told.webhook.webhook_id
    subscribe_webhook(told_world.database, told_world.clock, webhook_id, types=[EventType.CASE_CONFIRMED], by=BY)
    answer(told_world, 1)
    send(told_world, receiver)
    assert [each.event["type"] for each in receiver.received[1:]] == [EventType.CASE_CONFIRMED]


def test_what_nobody_wants_is_passed_in_stated_steps(
    told_world: World, receiver: WebhookReceiver, database_url: str
) -> None:
    told = make(told_world, receiver, EventType.CASE_CONFIRMED)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO policy_match.outbox (what, subject_id) SELECT 'sweep.keep', 1 FROM generate_series(1, %s)",
            [2 * WINDOW],
        )
    answer(told_world, 1)
    send(told_world, receiver)
    assert [each.event["type"] for each in receiver.received] == [EventType.CASE_CONFIRMED]
    assert steps(told_world, told.webhook) == [WebhookStep.PASS, WebhookStep.PASS, WebhookStep.DELIVER]


def test_after_a_rewind_everything_behind_a_place_comes_again_with_the_same_ids(
    told_world: World, receiver: WebhookReceiver
) -> None:
    told = make(told_world, receiver)
    send(told_world, receiver)
    first = list(receiver.taken)
    rewind_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, after=1, by=BY)
    send(told_world, receiver)
    assert receiver.taken == [*first, *first[1:]]


def test_nobody_is_sent_ahead(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver)
    publish_events(told_world.database)
    with pytest.raises(NotSentYet):
        rewind_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, after=1, by=BY)


def test_a_paused_webhook_gets_nothing_but_the_test_message_that_was_asked_for(
    told_world: World, receiver: WebhookReceiver
) -> None:
    told = make(told_world, receiver)
    pause_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, by=BY, reason="系统升级")
    ping_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, by=BY)
    send(told_world, receiver)
    (ping,) = receiver.received
    assert ping.event["type"] == PING_TYPE
    assert ping.signed_by == {told.secret}
    assert state(told_world, told).ping is None
    assert send(told_world, receiver).steps == {}


def test_a_test_message_that_was_not_taken_is_not_sent_again(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver)
    ping_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, by=BY)
    receiver.next_answers(500)
    send(told_world, receiver)
    assert receiver.taken == all_ids(told_world)
    assert steps(told_world, told.webhook)[:2] == [WebhookStep.ASK, WebhookStep.PING]


def test_a_removed_webhook_gets_nothing_and_can_do_nothing(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver)
    remove_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, by=BY)
    assert send(told_world, receiver).steps == {}
    with pytest.raises(WebhookNotSo):
        resume_webhook(told_world.database, told_world.clock, told.webhook.webhook_id, by=BY, reason="")


def test_after_a_rotation_both_secrets_sign_for_the_stated_time(told_world: World, receiver: WebhookReceiver) -> None:
    office = receiver.office()
    told = make(told_world, receiver, EventType.SWEEP_KEPT, EventType.CASES_OPENED)
    later = rotate_secret(told_world.database, told_world.clock, office.sealer, told.webhook.webhook_id, by=BY)
    receiver.secrets.add(later.secret)
    assert later.old_until == told_world.clock.now() + OLD_SECRET_LASTS
    receiver.next_answers(200, 500)
    send(told_world, receiver)
    told_world.clock.move(1)
    send(told_world, receiver)
    assert [each.signed_by for each in receiver.received] == [
        {told.secret, later.secret},
        {told.secret, later.secret},
        {later.secret},
    ]


def test_a_secret_that_does_not_open_stops_nobody_else(told_world: World, receiver: WebhookReceiver) -> None:
    with WebhookReceiver() as other:
        office = receiver.office(other.host)
        broken = make(told_world, receiver, office=replace(office, sealer=AccountSealer([b"\x08" * 32])))
        make(told_world, other, office=office)
        send(told_world, receiver, office)
        assert other.taken == all_ids(told_world)
    assert receiver.received == []
    assert state(told_world, broken).code == "secret_unreadable"


def test_a_host_that_the_settings_name_no_more_gets_nothing(told_world: World, receiver: WebhookReceiver) -> None:
    told = make(told_world, receiver)
    with WebhookReceiver() as other:
        send(told_world, receiver, other.office())
    assert receiver.received == []
    assert state(told_world, told).code == "host_refused"


def test_who_pauses_while_a_message_is_on_its_way_finds_it_recorded_and_nothing_after_it(
    told_world: World,
) -> None:
    told: list[ToldSecret] = []

    def pause() -> None:
        if told:
            pause_webhook(told_world.database, told_world.clock, told.pop().webhook.webhook_id, by=BY, reason="停")

    with WebhookReceiver(before=pause) as receiver:
        made = make(told_world, receiver)
        told.append(made)
        send(told_world, receiver)
        assert len(receiver.taken) == 1
        assert state(told_world, made).sent_to == 1
        assert steps(told_world, made.webhook) == [WebhookStep.PAUSE, WebhookStep.DELIVER]


def test_who_rewinds_while_a_message_is_on_its_way_gets_it_again(told_world: World) -> None:
    told: list[ToldSecret] = []

    def rewind() -> None:
        if told and show_webhook(told_world.database, told[0].webhook.webhook_id).sent_to == 2:
            rewind_webhook(told_world.database, told_world.clock, told.pop().webhook.webhook_id, after=0, by=BY)

    with WebhookReceiver(before=rewind) as receiver:
        told.append(make(told_world, receiver))
        send(told_world, receiver)
        ids = all_ids(told_world)
        assert receiver.taken == [*ids[:3], *ids]


def test_two_that_send_at_once_never_send_to_one_webhook_at_once(told_world: World) -> None:
    inside = threading.Semaphore(1)
    clashes: list[str] = []

    def enter() -> None:
        if not inside.acquire(blocking=False):
            clashes.append("two at once")
            return
        threading.Event().wait(0.01)
        inside.release()

    with WebhookReceiver(before=enter) as receiver:
        make(told_world, receiver)
        threads = [threading.Thread(target=send, args=(told_world, receiver)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert clashes == []
        send(told_world, receiver)
        assert receiver.taken == all_ids(told_world)


def test_a_process_that_shall_end_ends_between_two_messages(told_world: World, receiver: WebhookReceiver) -> None:
    make(told_world, receiver)
    send_webhooks(told_world.database, receiver.office(), told_world.clock, stopping=lambda: len(receiver.taken) >= 2)
    assert len(receiver.taken) == 2
