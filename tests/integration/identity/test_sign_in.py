"""Signing in with a password, a second factor and a firm, over the web."""

from datetime import timedelta

import pyotp
import pytest

from policy_match.identity.accounts import AccountKind
from policy_match.identity.rules import IdentityRules
from policy_match.services.accounts import close_account
from policy_match.storage.unit_of_work import Database
from tests.support.signed_in import PASSWORD, PERSONNEL, Entrance, open_entrance

FIRM, OTHER = "91370212MA3C4E5F6X", "91370212MA3C4E5F7X"


def test_a_right_password_opens_a_session_that_says_who_one_is(entrance: Entrance) -> None:
    browser = entrance.staff("clerk", department="人社局")
    answer = browser.get("/session")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["name"] == "wang.fang"
    assert answer.json["waits_for"] is None
    assert answer.json["roles"] == [{"role": "clerk", "department": "人社局", "jurisdiction": ""}]


def test_the_session_cookie_is_for_this_host_over_tls_and_out_of_reach_of_scripts(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    answer = entrance.browser().post("/sign-in", {"name": "wang.fang", "password": PASSWORD})
    (sent,) = answer.headers.getlist("Set-Cookie")
    name, _, rest = sent.partition("=")
    assert name == "__Host-session"
    assert set(rest.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.parametrize("name", ["wang.fang", "nobody", "closed", "without.password"])
def test_all_that_is_wrong_with_a_sign_in_gets_the_same_answer(entrance: Entrance, name: str) -> None:
    entrance.account("wang.fang")
    entrance.account("closed")
    close_account(entrance.desk.database, entrance.clock, entrance.desk.identity, name="closed", by=PERSONNEL)
    password = PASSWORD if name == "closed" else "something else 1"
    answer = entrance.browser().post("/sign-in", {"name": name, "password": password})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (401, "sign-in.wrong")
    assert "Set-Cookie" not in answer.headers
    assert name not in answer.text


def test_without_the_second_factor_a_session_opens_nothing(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    entrance.with_second_factor("wang.fang")
    browser = entrance.signed_in("wang.fang")
    assert browser.get("/session").json["waits_for"] == "second_factor"  # type: ignore[index]
    assert browser.get("/sessions").status_code == 401
    before = browser.cookie()
    assert browser.post("/sign-in/code", {"code": entrance.code("wang.fang")}).status_code == 200
    assert browser.get("/sessions").status_code == 200
    assert browser.cookie() != before


def test_a_code_is_good_once(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    entrance.with_second_factor("wang.fang")
    code = entrance.code("wang.fang")
    assert entrance.signed_in("wang.fang").post("/sign-in/code", {"code": code}).status_code == 200
    assert entrance.signed_in("wang.fang").post("/sign-in/code", {"code": code}).status_code == 401


def test_staff_without_a_second_factor_must_set_one_up_first(database: Database) -> None:
    entrance = open_entrance(database, identity=IdentityRules())
    entrance.account("wang.fang")
    browser = entrance.signed_in("wang.fang")
    assert browser.get("/session").json["waits_for"] == "enrolment"  # type: ignore[index]
    made = browser.post("/sign-in/enrolment").json
    assert made is not None
    answer = browser.post("/sign-in/enrolment/code", {"code": pyotp.TOTP(made["secret"]).at(entrance.clock.now())})
    assert answer.json is not None
    assert answer.json["session"]["waits_for"] is None
    codes = answer.json["recovery_codes"]
    assert len(set(codes)) == 10
    entrance.wait(timedelta(minutes=1))
    again = entrance.signed_in("wang.fang")
    assert again.post("/sign-in/code", {"code": codes[0].upper()}).status_code == 200
    assert entrance.signed_in("wang.fang").post("/sign-in/code", {"code": codes[0]}).status_code == 401


def test_a_user_of_several_firms_chooses_one(entrance: Entrance) -> None:
    browser = entrance.firm_user(FIRM, OTHER)
    who = browser.get("/session").json
    assert who is not None
    assert (who["firm"], [each["uscc"] for each in who["firms"]]) == (FIRM, [FIRM, OTHER])
    assert browser.post("/sign-in/firm", {"firm": "91370212MA3C4E5F8X"}).status_code == 403


def test_a_user_whom_no_firm_delegated_does_not_get_in(entrance: Entrance) -> None:
    entrance.account("user", AccountKind.FIRM)
    answer = entrance.browser().post("/sign-in", {"name": "user", "password": PASSWORD})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (403, "sign-in.no-firm")
