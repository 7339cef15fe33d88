"""Lets tries to sign in through, or makes them wait.

Guarantees that each try is written before it is judged, so that many at once, on many hosts, are counted as many; and
that one that was right by itself clears the way. How long one waits is `identity.throttle`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy_match.errors import InputError
from policy_match.identity.throttle import network_of
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.identity_desk import IdentityDesk

KNOWN_FOR = timedelta(days=30)
"""So long after a sign-in an address is one from which others' failures do not count."""

KEPT_FOR = timedelta(days=31)
MOST_FORGOTTEN = 100
"""Each try forgets so many that are too old: more than it adds."""


class TooHasty(InputError):
    """Too many tries failed; the next one must wait."""

    code = "sign-in.wait"
    exit_code = 4
    http_status = 429
    retry_helps = True
    english = "too many tries failed; try again in {seconds} seconds"
    chinese = "失败次数过多；请在 {seconds} 秒后重试"

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)


@dataclass(slots=True)
class Attempt:
    """A try that is being judged; it failed unless `right` says otherwise."""

    number: int
    is_right: bool = False

    def right(self) -> None:
        """Say that the try was right."""
        self.is_right = True


@contextmanager
def attempt(
    database: Database, clock: Clock, desk: IdentityDesk, *, what: str, name: str, address: str
) -> Iterator[Attempt]:
    """Write a try before it is judged. `what` separates passwords from codes. Raises `TooHasty`.

    `database` must keep what is committed even when the request is refused afterwards.
    """
    account_mark = desk.sealer.mark(f"{what} {name.casefold()}")
    address_mark = desk.sealer.mark(f"address {network_of(address)}")
    with database.unit_of_work() as work:
        at = clock.now()
        work.sessions.lock_attempts(account_mark, address_mark)
        _check(work, desk, account_mark, address_mark, at)
        work.sessions.forget_attempts(at - KEPT_FOR, MOST_FORGOTTEN)
        made = Attempt(work.sessions.add_attempt(account_mark, address_mark, at))
        work.commit()
    yield made
    if made.is_right:
        with database.unit_of_work() as work:
            work.sessions.succeed(made.number, clock.now())
            work.commit()


def _check(work: UnitOfWork, desk: IdentityDesk, account_mark: str, address_mark: str, at: datetime) -> None:
    rules = desk.rules
    of_account = work.sessions.failures_of_account(
        account_mark, address_mark, since=at - rules.per_account.window, known_since=at - KNOWN_FOR
    )
    of_address = work.sessions.failures_of_address(address_mark, since=at - rules.per_address.window)
    held = [
        until
        for until in (rules.per_account.held_until(of_account), rules.per_address.held_until(of_address))
        if until is not None and until > at
    ]
    if held:
        raise TooHasty(seconds=-(-(max(held) - at) // timedelta(seconds=1)))
