"""Guessing is slowed down, for every process and every address, and nobody is locked out for ever."""

import threading
from datetime import timedelta

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.signed_in import PASSWORD, Browser, Entrance, open_entrance


def guess(browser: Browser, name: str = "wang.fang", password: str = "wrong", address: str = "192.0.2.1") -> int:
    answer = browser.client.post(
        "/api/v1/sign-in",
        json={"name": name, "password": password},
        base_url="https://policy-match.test",
        environ_base={"REMOTE_ADDR": address},
    )
    return answer.status_code


def test_after_five_failures_the_next_try_waits(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    browser = entrance.browser()
    assert [guess(browser) for _ in range(6)] == [401] * 5 + [429]
    assert guess(browser, password=PASSWORD) == 429
    entrance.wait(timedelta(seconds=2))
    assert guess(browser, password=PASSWORD) == 200


def test_an_account_that_is_not_there_waits_as_one_that_is(entrance: Entrance) -> None:
    browser = entrance.browser()
    assert [guess(browser, name="nobody") for _ in range(6)] == [401] * 5 + [429]


def test_the_longest_pause_is_over_after_five_minutes(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    browser = entrance.browser()
    for number in range(40):
        assert guess(browser, address=f"192.0.2.{number + 1}") == 401
        entrance.wait(timedelta(minutes=5, seconds=1))
    assert guess(browser, password=PASSWORD, address="198.51.100.1") == 200


def test_who_signed_in_from_an_address_is_not_held_up_by_others_elsewhere(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    owner, attacker = entrance.browser(), entrance.browser()
    assert guess(owner, password=PASSWORD, address="198.51.100.7") == 200
    assert [guess(attacker) for _ in range(6)][-1] == 429
    assert guess(owner, password=PASSWORD, address="198.51.100.7") == 200


def test_one_address_that_tries_many_accounts_waits(entrance: Entrance) -> None:
    browser = entrance.browser()
    answers = [guess(browser, name=f"person.{number}") for number in range(31)]
    assert answers == [401] * 30 + [429]
    assert guess(browser, name="person.99", address="198.51.100.1") == 401


def test_an_ipv6_network_counts_as_one_address(entrance: Entrance) -> None:
    browser = entrance.browser()
    answers = [guess(browser, name=f"person.{each}", address=f"2001:db8::{each + 1:x}") for each in range(31)]
    assert answers[-1] == 429


def test_two_processes_on_one_database_count_together(database_url: str) -> None:
    with Database(database_url) as first, Database(database_url) as second:
        one, other = open_entrance(first), open_entrance(second)
        one.account("wang.fang")
        browsers = (one.browser(), other.browser())
        assert [guess(browsers[number % 2]) for number in range(6)] == [401] * 5 + [429]


def test_tries_at_the_same_moment_are_counted_as_many(database_url: str) -> None:
    answers: list[int] = []
    with Database(database_url) as first, Database(database_url) as second:
        doors = (open_entrance(first), open_entrance(second))
        doors[0].account("wang.fang")
        together = threading.Barrier(12)

        def run(number: int) -> None:
            browser = doors[number % 2].browser()
            together.wait()
            answers.append(guess(browser))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [401] * 5 + [429] * 7


@pytest.mark.parametrize("code", ["000000", "abcd-efgh-jkmn-pqrs"])
def test_guessing_codes_is_slowed_down_too(entrance: Entrance, code: str) -> None:
    entrance.account("wang.fang")
    entrance.with_second_factor("wang.fang")
    browser = entrance.signed_in("wang.fang")
    answers = [browser.post("/sign-in/code", {"code": code}).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
