"""Staff who signed in with a password and a one-time code sign approvals in that session, and with less nothing."""

from pathlib import Path

import pyotp
import pytest

from policy_match.identity.rules import IdentityRules
from policy_match.storage.unit_of_work import Database
from tests.support.api import WorldDesk
from tests.support.reviewed_cases import Office, open_office
from tests.support.signed_in import PASSWORD, ROOT, Browser, Entrance, open_entrance

REVIEWER, APPROVER = "wang.fang", "li.ming"
DEMANDED = IdentityRules(staff_second_factor=True, address=ROOT)
NOT_DEMANDED = IdentityRules(staff_second_factor=False, address=ROOT)


@pytest.fixture
def office(database_url: str, database: Database, tmp_path: Path) -> Office:
    opened = open_office(database_url, database, tmp_path)
    opened.roles(**{REVIEWER: "reviewer", APPROVER: "approver"})
    return opened


@pytest.fixture
def number(office: Office) -> int:
    made, _ = office.list()
    return made.kept.list_id


def entrance(office: Office, tmp_path: Path, identity: IdentityRules = DEMANDED) -> Entrance:
    return open_entrance(office.database, desk=WorldDesk(office.world, tmp_path), identity=identity)


def with_code(door: Entrance, name: str) -> Browser:
    """Return the browser of somebody who gave the password and then the code of the app."""
    browser = door.signed_in(name)
    answer = browser.post("/sign-in/code", {"code": door.code(name)})
    assert (answer.status_code, answer.get_json()["waits_for"]) == (200, None)
    return browser


def digest_of(office: Office, number: int) -> str:
    with office.connection() as connection:
        row = connection.execute("SELECT digest FROM approval_list WHERE list_id = %s", (number,)).fetchone()
    assert row is not None
    return str(row[0])


def signed_by(office: Office) -> list[str]:
    with office.connection() as connection:
        rows = connection.execute("SELECT person FROM approval ORDER BY stage").fetchall()
    return [str(person) for (person,) in rows]


def test_two_people_sign_in_with_password_and_code_and_approve_a_list(
    office: Office, number: int, tmp_path: Path
) -> None:
    door = entrance(office, tmp_path)
    for name in (REVIEWER, APPROVER):
        door.account(name)
        door.with_second_factor(name)
    for name in (REVIEWER, APPROVER):
        browser = with_code(door, name)
        shown = browser.get(f"/approval-lists/{number}").get_json()
        answer = browser.post(f"/approval-lists/{number}/signatures", {"digest": shown["kept"]["digest"]})
        assert answer.status_code == 200, answer.text
    assert signed_by(office) == [REVIEWER, APPROVER]
    assert office.statuses() == {"approved": 3}


@pytest.mark.parametrize("identity", [DEMANDED, NOT_DEMANDED], ids=["demanded", "not demanded"])
def test_who_has_a_second_factor_signs_nothing_before_the_code(
    office: Office, number: int, tmp_path: Path, identity: IdentityRules
) -> None:
    door = entrance(office, tmp_path, identity)
    door.account(REVIEWER)
    door.with_second_factor(REVIEWER)
    browser = door.browser()
    answer = browser.post("/sign-in", {"name": REVIEWER, "password": PASSWORD})
    assert answer.get_json()["waits_for"] == "second_factor"
    before = browser.cookie()
    body = {"digest": digest_of(office, number)}
    assert browser.get(f"/approval-lists/{number}").status_code == 401
    assert browser.post(f"/approval-lists/{number}/signatures", body).status_code == 401
    wrong = browser.post("/sign-in/code", {"code": pyotp.TOTP(pyotp.random_base32()).at(door.clock.now())})
    assert (wrong.status_code, wrong.get_json()["code"]) == (401, "sign-in.code")
    assert browser.post(f"/approval-lists/{number}/signatures", body).status_code == 401
    assert signed_by(office) == []
    assert browser.post("/sign-in/code", {"code": door.code(REVIEWER)}).status_code == 200
    assert browser.cookie() != before
    assert browser.post(f"/approval-lists/{number}/signatures", body).status_code == 200
    assert signed_by(office) == [REVIEWER]


def test_who_has_none_where_one_is_demanded_sets_it_up_before_anything_else(
    office: Office, number: int, tmp_path: Path
) -> None:
    door = entrance(office, tmp_path)
    door.account(REVIEWER)
    browser = door.browser()
    answer = browser.post("/sign-in", {"name": REVIEWER, "password": PASSWORD})
    assert answer.get_json()["waits_for"] == "enrolment"
    body = {"digest": digest_of(office, number)}
    assert browser.post(f"/approval-lists/{number}/signatures", body).status_code == 401
    secret = browser.post("/sign-in/enrolment").get_json()["secret"]
    assert browser.post(f"/approval-lists/{number}/signatures", body).status_code == 401
    assert signed_by(office) == []
    code = pyotp.TOTP(secret).at(door.clock.now())
    enrolled = browser.post("/sign-in/enrolment/code", {"code": code}).get_json()
    assert (enrolled["session"]["waits_for"], len(enrolled["recovery_codes"])) == (None, 10)
    assert browser.post(f"/approval-lists/{number}/signatures", body).status_code == 200
    assert signed_by(office) == [REVIEWER]


def test_a_code_that_was_used_signs_nobody_in_again(office: Office, number: int, tmp_path: Path) -> None:
    door = entrance(office, tmp_path)
    door.account(REVIEWER)
    door.with_second_factor(REVIEWER)
    with_code(door, REVIEWER)
    again = door.signed_in(REVIEWER)
    assert again.post("/sign-in/code", {"code": door.code(REVIEWER)}).status_code == 401
    answer = again.post(f"/approval-lists/{number}/signatures", {"digest": digest_of(office, number)})
    assert answer.status_code == 401
    assert signed_by(office) == []
