"""A session ends when it is idle, and in any case; it never lasts longer by being renewed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from policy_match.identity.accounts import AccountKind
from policy_match.identity.sessions import Session, SessionRules, WaitsFor
from policy_match.values import Uscc

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = SessionRules()
minutes = st.integers(0, 3000).map(lambda number: timedelta(minutes=number))


def session(
    *,
    at: timedelta = timedelta(0),
    seen: timedelta = timedelta(0),
    checked: timedelta | None = None,
    waits_for: WaitsFor | None = None,
    is_open: bool = True,
    uscc: Uscc | None = None,
    may_act: bool = False,
    ended_at: datetime | None = None,
) -> Session:
    return Session(
        session_id=1,
        account_id=1,
        name="li.ming",
        label="",
        kind=AccountKind.STAFF,
        is_open=is_open,
        uscc=uscc,
        may_act=may_act,
        provider="",
        waits_for=waits_for,
        began_at=BEGAN,
        at=BEGAN + at,
        seen_at=BEGAN + seen,
        checked_at=None if checked is None else BEGAN + checked,
        ended_at=ended_at,
    )


@given(minutes, minutes, st.none() | minutes, st.none() | st.sampled_from(WaitsFor), minutes)
def test_no_session_is_live_after_its_longest_time(
    at: timedelta, seen: timedelta, checked: timedelta | None, waits_for: WaitsFor | None, now: timedelta
) -> None:
    found = session(at=at, seen=seen, checked=checked, waits_for=waits_for)
    if now >= RULES.absolute:
        assert not found.is_live(BEGAN + now, RULES)


@given(minutes, minutes)
def test_a_session_that_was_used_within_its_idle_time_is_live(seen: timedelta, now: timedelta) -> None:
    if seen <= now < min(seen + RULES.idle, RULES.absolute):
        assert session(seen=seen).is_live(BEGAN + now, RULES)


@given(minutes, minutes)
def test_a_session_that_was_long_idle_is_over(seen: timedelta, now: timedelta) -> None:
    if now >= seen + RULES.idle + RULES.seen_every:
        assert not session(seen=seen).is_live(BEGAN + now, RULES)


def test_a_session_that_waits_is_not_kept_alive_by_use() -> None:
    waiting = session(seen=timedelta(minutes=9), waits_for=WaitsFor.SECOND_FACTOR)
    assert waiting.is_live(BEGAN + timedelta(minutes=9), RULES)
    assert not waiting.is_live(BEGAN + timedelta(minutes=10), RULES)


def test_a_provider_must_vouch_again_in_time() -> None:
    found = session(seen=timedelta(minutes=59), checked=timedelta(0))
    assert found.is_live(BEGAN + timedelta(minutes=59), RULES)
    assert not found.is_live(BEGAN + timedelta(minutes=60), RULES)


def test_closed_accounts_ended_sessions_and_ended_delegations_open_nothing() -> None:
    firm = Uscc("91370212MA3C4E5F6X")
    assert session(uscc=firm, may_act=True).is_live(BEGAN, RULES)
    for dead in (session(is_open=False), session(ended_at=BEGAN), session(uscc=firm)):
        assert not dead.is_live(BEGAN, RULES)
