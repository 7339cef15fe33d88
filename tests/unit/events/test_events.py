"""What events look like, what they are signed with, and what follows from each try."""

import base64
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as OfficialEvent
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Verifier

from policy_match.cases.model import Event
from policy_match.events.address import AddressUnfit, AllowedPlaces, HostNotAllowed, read_address
from policy_match.events.cloud_event import EventRow, cloud_event, ping_event
from policy_match.events.delivery import BACKOFF, MOST_TRIES, PostCode, code_of, verdict
from policy_match.events.signature import PREFIX, SECRET_BYTES, secret_text, signed_headers
from policy_match.events.sql_rules import insert_webhook_transitions
from policy_match.events.types import CASE_TYPES, KIND_OF, KINDS, EventKind, What
from policy_match.events.webhooks import (
    AFTER,
    OLD_SECRET_LASTS,
    KeptSecret,
    WebhookId,
    WebhookStatus,
    WebhookStep,
    signing_secrets,
)
from policy_match.identity.sealing import SealedSecret

STORAGE = Path(__file__).parents[3] / "policy_match" / "storage"
AT = datetime(2025, 7, 1, 9, 30, 0, 123, tzinfo=timezone(timedelta(hours=8)))
FORBIDDEN = ("name", "uscc", "account", "person", "by", "reason", "address", "phone")
"""What no field of an event may be called, or end in."""


def row(kind: EventKind, number: int = 42) -> EventRow:
    found = {name: f"{name}-1" for name in kind.fields}
    return EventRow(number=number, event_id="0b4ce7a4-0000-4000-8000-000000000001", what=kind.what, at=AT, found=found)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_the_official_library_reads_every_kind_of_event(kind: EventKind) -> None:
    event = cloud_event(row(kind), "https://benefits.example.cn")
    read = from_http_event(
        HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=event.as_json()),
        JSONFormat(),
    )
    assert (read.get_id(), read.get_source(), read.get_type()) == (event.id, event.source, kind.type.value)
    assert (read.get_subject(), read.get_specversion()) == (event.subject, "1.0")
    assert read.get_time() == AT
    assert read.get_datacontenttype() == "application/json"
    assert read.get_extension("sequence") == "0000000000000000042"
    assert read.get_data() == dict(event.data)


def test_a_test_message_is_an_event_too_and_the_same_each_time() -> None:
    event = ping_event(7, 3, AT, "policy-match")
    assert JSONFormat().read(OfficialEvent, event.as_json()).get_id() == "ping-7-3"
    assert event.as_json() == ping_event(7, 3, AT.astimezone(UTC), "policy-match").as_json()


def test_the_same_event_is_the_same_bytes() -> None:
    kind = KINDS[0]
    assert cloud_event(row(kind), "x").as_json() == cloud_event(row(kind), "x").as_json()


def test_sequences_compare_like_numbers() -> None:
    kind = KINDS[0]
    texts = [cloud_event(row(kind, number), "x").sequence for number in (2, 10, 9_999, 10**18)]
    assert texts == sorted(texts)


def test_more_than_the_fields_of_a_kind_is_not_told() -> None:
    kind = KIND_OF[What("case.confirm")]
    made = EventRow(number=1, event_id="1", what=kind.what, at=AT, found={**row(kind).found, "uscc": "91370000MA1"})
    assert "uscc" not in cloud_event(made, "x").data


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_no_kind_of_event_has_a_field_that_could_name_somebody(kind: EventKind) -> None:
    assert not [name for name in kind.fields if name.endswith(FORBIDDEN)]
    assert kind.id_field in kind.fields


def test_every_step_of_a_case_is_told() -> None:
    assert list(CASE_TYPES) == list(Event)


@pytest.mark.parametrize("file", ["schema.sql", "migrations/0014_outbox.sql"])
def test_the_schema_has_the_steps_of_webhooks(file: str) -> None:
    assert insert_webhook_transitions() in (STORAGE / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", ["schema.sql", "migrations/0014_outbox.sql"])
def test_what_the_triggers_write_are_the_kinds_of_the_table(file: str) -> None:
    text = (STORAGE / file).read_text(encoding="utf-8")
    others = [kind.what for kind in KINDS if not kind.what.startswith("case.")]
    assert "'case.' || a.event" in text
    assert [what for what in others if f"'{what}'" not in text] == []


def test_a_removed_webhook_can_do_nothing() -> None:
    assert not [step for status, step in AFTER if status is WebhookStatus.REMOVED]


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=200), st.integers(0, 2**40))
def test_the_official_library_makes_the_same_signature(secret: bytes, content: bytes, micro: int) -> None:
    body = base64.b64encode(content)
    at = datetime.fromtimestamp(micro / 1000, UTC)
    headers = signed_headers([secret], "evt_1", at, body)
    assert headers["webhook-signature"] == Verifier(secret_text(secret)).sign("evt_1", at, body.decode())


def test_a_moment_is_signed_the_same_in_every_zone() -> None:
    secret = b"\x01" * SECRET_BYTES
    assert signed_headers([secret], "1", AT, b"{}") == signed_headers([secret], "1", AT.astimezone(UTC), b"{}")


def test_the_official_library_verifies_what_two_secrets_sign() -> None:
    old, new = b"\x01" * SECRET_BYTES, b"\x02" * SECRET_BYTES
    headers = dict(signed_headers([new, old], "evt_1", datetime.now(UTC), b'{"a":1}'))
    for secret in (old, new):
        assert Verifier(secret_text(secret)).verify(b'{"a":1}', headers) == {"a": 1}


def test_a_secret_is_told_as_the_specification_writes_it() -> None:
    text = secret_text(b"\x01" * SECRET_BYTES)
    assert text.startswith(PREFIX)
    assert base64.b64decode(text.removeprefix(PREFIX)) == b"\x01" * SECRET_BYTES


def kept(number: int, at: datetime) -> KeptSecret:
    return KeptSecret(webhook_id=WebhookId(1), number=number, sealed=SealedSecret(key_id="k", sealed=b"s"), at=at)


def test_the_secret_before_the_newest_signs_for_a_stated_time() -> None:
    secrets = [kept(2, AT), kept(1, AT - timedelta(days=9))]
    assert signing_secrets(secrets, AT) == secrets
    assert signing_secrets(secrets, AT + OLD_SECRET_LASTS) == secrets[:1]
    assert signing_secrets(secrets[1:], AT) == secrets[1:]


def test_a_message_is_tried_a_stated_number_of_times() -> None:
    tries = [verdict(PostCode.REFUSED, failures, AT) for failures in range(MOST_TRIES)]
    assert [each.event for each in tries] == [WebhookStep.FAIL] * len(BACKOFF) + [WebhookStep.GIVE_UP]
    assert [each.due_at for each in tries[:-1]] == [AT + wait for wait in BACKOFF]


def test_a_receiver_that_is_gone_is_left_to_a_person_at_once() -> None:
    assert verdict(PostCode.GONE, 0, AT).event is WebhookStep.GIVE_UP


@pytest.mark.parametrize("failures", [0, 5, MOST_TRIES])
def test_what_was_taken_is_delivered_however_often_it_was_tried(failures: int) -> None:
    assert verdict(PostCode.TAKEN, failures, AT).event is WebhookStep.DELIVER


@given(st.integers(100, 999))
def test_only_two_hundreds_are_taken(status: int) -> None:
    assert (code_of(status) is PostCode.TAKEN) == (200 <= status < 300)


ALLOWED = AllowedPlaces(hosts=frozenset({"hooks.example.cn", "other.example.cn:8443", "127.0.0.1:9000"}))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.cn",
        "https://hooks.example.cn/",
        "https://hooks.example.cn:443/a/b",
        "https://other.example.cn:8443/a%20b",
        "http://127.0.0.1:9000/hooks",
    ],
)
def test_an_address_that_the_settings_name_is_read(url: str) -> None:
    assert read_address(url, ALLOWED).path.startswith("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.cn/",
        "ftp://hooks.example.cn/",
        "https://user:secret@hooks.example.cn/",
        "https://hooks.example.cn/?token=secret",
        "https://hooks.example.cn/#part",
        "https://hooks.example.cn/a b",
        "https://hooks.example.cn/\r\nX-Evil: 1",
        "https://HOOKS.example.cn/",
        "https://hooks..example.cn/",
        "https://[::1]/",
        "https://hooks.example.cn:99999/",
        "https://hooks.example.cn:0/",
        "https://hooks.example.cn\\@evil.example/",
        "https:///path",
        "https://hooks.example.cn/" + "x" * 500,
        "",
    ],
)
def test_what_is_no_address_for_a_webhook_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(AddressUnfit) as refused:
        read_address(url, ALLOWED)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.cn/",
        "https://hooks.example.cn.evil.example/",
        "https://hooks.example.cn:8443/",
        "https://other.example.cn/",
        "http://127.0.0.1:9001/",
        "http://localhost:9000/",
        "https://127.0.0.1/",
    ],
)
def test_a_host_or_port_that_the_settings_do_not_name_is_refused(url: str) -> None:
    with pytest.raises(HostNotAllowed):
        read_address(url, ALLOWED)


def test_an_event_as_json_has_only_what_the_specification_knows() -> None:
    said = json.loads(cloud_event(row(KINDS[0]), "x").as_json())
    assert set(said) == {
        *("specversion", "id", "source", "type", "subject", "time", "sequence", "datacontenttype", "data")
    }
    assert said["time"] == "2025-07-01T01:30:00.000123Z"


def test_no_repr_of_a_kept_secret_shows_it() -> None:
    assert "sealed=b" not in repr(kept(1, AT))
    assert {each.name for each in fields(KeptSecret)} == {"webhook_id", "number", "sealed", "at"}
