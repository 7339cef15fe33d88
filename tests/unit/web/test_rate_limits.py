"""How often somebody may ask: what a bucket allows, who has which, and that counting holds across processes."""

import os
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from policy_match.identity.principal import FirmUser, Staff
from policy_match.values import Uscc
from policy_match.web.rate_limits import RateLimits, SharedBuckets, TooManyRequests, check, tell
from policy_match.web_settings import LimitSettings

PER_MINUTE = 6


class Watch:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def buckets() -> Iterator[SharedBuckets]:
    with SharedBuckets() as made:
        yield made


def limits(buckets: SharedBuckets, watch: Callable[[], float]) -> RateLimits:
    settings = LimitSettings(requests_per_address=PER_MINUTE, requests_per_principal=PER_MINUTE)
    return RateLimits(buckets=buckets, limits=settings, seconds=watch)


def test_so_many_may_come_at_once_and_the_next_waits(buckets: SharedBuckets) -> None:
    rates = limits(buckets, Watch())
    found = [rates.of_address("192.0.2.1") for _ in range(PER_MINUTE + 1)]
    assert [each.remaining for each in found] == [5, 4, 3, 2, 1, 0, 0]
    assert [each.refused for each in found] == [False] * PER_MINUTE + [True]
    assert found[-1].wait == pytest.approx(10)


def test_a_refused_request_costs_nothing_and_the_bucket_fills_with_time(buckets: SharedBuckets) -> None:
    watch = Watch()
    rates = limits(buckets, watch)
    for _ in range(3 * PER_MINUTE):
        rates.of_address("192.0.2.1")
    watch.now += 10
    assert not rates.of_address("192.0.2.1").refused
    assert rates.of_address("192.0.2.1").refused
    watch.now += 60
    assert rates.of_address("192.0.2.1").remaining == PER_MINUTE - 1


def test_each_address_has_its_own_and_a_network_of_ipv6_has_one(buckets: SharedBuckets) -> None:
    rates = limits(buckets, Watch())
    for number in range(PER_MINUTE):
        rates.of_address(f"2001:db8::{number}")
    assert rates.of_address("2001:db8::ffff").refused
    assert not rates.of_address("2001:db8:0:1::1").refused
    assert not rates.of_address("192.0.2.1").refused
    assert rates.of_address("::ffff:192.0.2.1").remaining == PER_MINUTE - 2


def test_users_of_one_firm_do_not_spend_each_others(buckets: SharedBuckets) -> None:
    rates = limits(buckets, Watch())
    firm = Uscc("91370000MA00000001")
    assert rates.of_principal(FirmUser(uscc=firm, user="a")).remaining == PER_MINUTE - 1
    assert rates.of_principal(FirmUser(uscc=firm, user="b")).remaining == PER_MINUTE - 1
    assert rates.of_principal(Staff(person="a")).remaining == PER_MINUTE - 1


def test_processes_share_the_buckets(buckets: SharedBuckets) -> None:
    watch = Watch()
    child = os.fork()
    if child == 0:
        for _ in range(PER_MINUTE - 1):
            limits(buckets, watch).of_address("192.0.2.1")
        os._exit(0)
    os.waitpid(child, 0)
    assert limits(buckets, watch).of_address("192.0.2.1").remaining == 0


def test_however_many_ask_the_memory_is_the_same_and_those_in_need_are_remembered(buckets: SharedBuckets) -> None:
    rates = limits(buckets, Watch())
    for _ in range(PER_MINUTE):
        rates.of_address("192.0.2.1")
    for number in range(20_000):
        rates.of_address(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert rates.of_address("192.0.2.1").refused


def told(buckets: SharedBuckets, asked: int) -> TestResponse:
    app, rates = Flask("told"), limits(buckets, Watch())
    app.before_request(lambda: check(rates.of_address("192.0.2.1")))

    @app.after_request
    def finish(response):  # type: ignore[no-untyped-def]
        tell(response)
        return response

    @app.errorhandler(TooManyRequests)
    def refuse(error: TooManyRequests) -> tuple[str, int]:
        return str(error.fields["seconds"]), 429

    app.add_url_rule("/", "root", lambda: "good")
    client = app.test_client()
    return [client.get("/") for _ in range(asked)][-1]


def test_answers_say_what_is_left_as_the_draft_writes_it(buckets: SharedBuckets) -> None:
    good, refused = told(buckets, 1), told(buckets, PER_MINUTE)
    assert good.headers["RateLimit-Policy"] == '"address";q=6;w=60'
    assert good.headers["RateLimit"] == '"address";r=5;t=10'
    assert refused.headers["RateLimit"] == '"address";r=0;t=10'
    assert refused.text == "10"
