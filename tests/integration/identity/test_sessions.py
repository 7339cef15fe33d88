"""Sessions and tokens over the web: when they end, what they must bring, and that they are nobody else's."""

from datetime import timedelta

import psycopg
import pytest
from argon2 import PasswordHasher

from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import Scope
from policy_match.services.accounts import close_account, set_password
from policy_match.services.delegations import end_delegation
from policy_match.services.passwords import Passwords
from policy_match.services.roles import revoke_role
from policy_match.values import Uscc
from policy_match.web.identity.cookies import CSRF_HEADER
from tests.support.signed_in import PASSWORD, PERSONNEL, ROOT, Entrance

FIRM, OTHER = "91370212MA3C4E5F6X", "91370212MA3C4E5F7X"


def test_a_session_that_nobody_uses_ends(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    entrance.wait(timedelta(minutes=29))
    assert browser.get("/sessions").status_code == 200
    entrance.wait(timedelta(minutes=29))
    assert browser.get("/sessions").status_code == 200
    entrance.wait(timedelta(minutes=32))
    assert browser.get("/sessions").status_code == 401


def test_a_session_ends_after_its_longest_time_however_it_is_used_and_renewed(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    for _ in range(24):
        entrance.wait(timedelta(minutes=24))
        assert browser.post("/session/renew").status_code == 200
    entrance.wait(timedelta(minutes=25))
    assert browser.get("/sessions").status_code == 401


def test_a_session_id_that_was_there_before_sign_in_is_not_used_on(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    planted = "attacker-knows-this-session-id-of-43-signs-xx"
    browser = entrance.browser()
    browser.client.set_cookie("__Host-session", planted, domain="policy-match.test", secure=True)
    assert browser.post("/sign-in", {"name": "wang.fang", "password": PASSWORD}).status_code == 200
    assert browser.cookie() not in ("", planted)


def test_signing_in_anew_ends_the_session_that_the_browser_had(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    before, other = browser.cookie(), entrance.browser()
    assert browser.post("/sign-in", {"name": "wang.fang", "password": PASSWORD}).status_code == 200
    other.client.set_cookie("__Host-session", before, domain="policy-match.test", secure=True)
    assert other.get("/session").status_code == 401


def test_signing_out_ends_the_session_on_the_server_too(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    before = browser.cookie()
    assert browser.post("/sign-out").status_code == 200
    assert browser.cookie() == ""
    browser.client.set_cookie("__Host-session", before, domain="policy-match.test", secure=True)
    assert browser.get("/session").status_code == 401


@pytest.mark.parametrize("token", ["", "wrong", "ÿ"])
@pytest.mark.parametrize("path", ["/session/renew", "/sign-out", "/sign-in/firm", "/account/password"])
def test_a_write_by_cookie_without_its_token_is_refused(entrance: Entrance, path: str, token: str) -> None:
    browser = entrance.firm_user(FIRM, OTHER)
    body = {
        "/sign-in/firm": {"firm": OTHER},
        "/account/password": {"old": PASSWORD, "new": "another one 2026"},
    }.get(path)
    answer = browser.post(path, body, headers={CSRF_HEADER: token})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (403, "access.forged")
    assert browser.get("/session").json["firm"] == FIRM  # type: ignore[index]


def test_the_token_of_one_session_is_of_no_use_in_another(entrance: Entrance) -> None:
    one, other = entrance.staff("clerk"), entrance.staff("clerk", name="li.ming")
    answer = one.post("/session/renew", headers={CSRF_HEADER: other.csrf_token})
    assert answer.status_code == 403


def test_a_cookie_and_a_token_at_once_are_refused(entrance: Entrance) -> None:
    browser, machine = entrance.staff("clerk"), entrance.machine(Scope.CASES_READ)
    answer = browser.get("/cases", headers={"Authorization": machine.client.environ_base["HTTP_AUTHORIZATION"]})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (400, "access.two-proofs")


def test_a_token_opens_what_its_scopes_say_and_nothing_else(entrance: Entrance) -> None:
    assert entrance.machine(Scope.CASES_READ).get("/cases").status_code == 200
    assert entrance.machine(Scope.REPORTS_READ).get("/cases").status_code == 403
    assert entrance.machine(*Scope).get("/accounts").status_code == 403


def test_a_token_ends_on_its_day_and_when_somebody_ends_it(entrance: Entrance) -> None:
    machine, admin = entrance.machine(Scope.CASES_READ), entrance.staff("administrator")
    listed = admin.get("/tokens").json
    assert listed is not None
    assert admin.delete(f"/tokens/{listed['items'][0]['token_id']}").status_code == 204
    assert machine.get("/cases").status_code == 401
    lasting = entrance.machine(Scope.CASES_READ)
    entrance.wait(timedelta(days=31))
    assert lasting.get("/cases").status_code == 401


def test_a_token_is_said_once_and_known_by_its_beginning(entrance: Entrance) -> None:
    admin = entrance.staff("administrator")
    ends_on = (entrance.clock.now() + timedelta(days=10)).date().isoformat()
    made = admin.post("/tokens", {"name": "finance", "scopes": ["cases:read"], "ends_on": ends_on})
    assert made.status_code == 201, made.text
    assert made.json is not None
    secret = made.json["secret"]
    listed = admin.get("/tokens")
    assert secret not in listed.text
    assert secret.startswith(listed.json["items"][0]["prefix"])  # type: ignore[index]


def test_a_role_that_is_taken_back_is_gone_at_once(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    assert browser.get("/cases").status_code == 200
    revoke_role(entrance.desk.database, entrance.clock, person="wang.fang", role="clerk", by=PERSONNEL)
    assert browser.get("/cases").status_code == 403


def test_a_user_whose_delegation_ends_is_out_at_once(entrance: Entrance) -> None:
    browser = entrance.firm_user(FIRM)
    end_delegation(entrance.desk.database, entrance.clock, uscc=Uscc(FIRM), user="firm.user", by=PERSONNEL)
    assert browser.get("/session").status_code == 401


def test_closing_an_account_ends_its_sessions(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    close_account(entrance.desk.database, entrance.clock, entrance.desk.identity, name="wang.fang", by=PERSONNEL)
    assert browser.get("/session").status_code == 401


def test_a_new_password_ends_all_other_sessions(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    other = entrance.signed_in("wang.fang")
    body = {"old": PASSWORD, "new": "another one 2026"}
    assert browser.post("/account/password", body).status_code == 204
    assert (browser.get("/session").status_code, other.get("/session").status_code) == (200, 401)


def test_another_persons_session_cannot_be_ended(entrance: Entrance) -> None:
    one, other = entrance.staff("clerk"), entrance.staff("clerk", name="li.ming")
    number = other.get("/session").json["session_id"]  # type: ignore[index]
    assert one.delete(f"/sessions/{number}").status_code == 404
    assert other.delete(f"/sessions/{number}").status_code == 204
    assert other.get("/session").status_code == 401


def test_an_owner_delegates_users_of_his_own_firm_alone(entrance: Entrance) -> None:
    owner = entrance.firm_user(FIRM)
    entrance.account("colleague", AccountKind.FIRM)
    assert owner.put(f"/firms/{FIRM}/users/colleague", {"is_owner": False}).status_code == 200
    assert owner.put(f"/firms/{OTHER}/users/colleague", {"is_owner": False}).status_code == 403
    colleague = entrance.signed_in("colleague")
    assert colleague.get(f"/firms/{FIRM}/users").status_code == 200
    assert colleague.put(f"/firms/{FIRM}/users/colleague", {"is_owner": True}).status_code == 403
    assert owner.delete(f"/firms/{FIRM}/users/firm.user").status_code == 409
    assert owner.delete(f"/firms/{FIRM}/users/colleague").status_code == 204
    assert colleague.get("/session").status_code == 401


def test_an_administrator_gives_roles_to_others_but_not_to_himself(entrance: Entrance) -> None:
    admin = entrance.staff("administrator")
    body = {"person": "li.ming", "role": "clerk", "department": "人社局"}
    assert admin.post("/roles/grant", body).json == {"changed": True}
    assert admin.post("/roles/grant", {**body, "person": "wang.fang"}).json["code"] == "role.own"  # type: ignore[index]
    other = {"person": "li.ming", "role": "administrator"}
    assert admin.post("/roles/grant", other).json["code"] == "role.mixed"  # type: ignore[index]


def test_only_an_administrator_keeps_accounts(entrance: Entrance) -> None:
    body = {"name": "new.person", "kind": "staff"}
    assert entrance.staff("clerk").post("/accounts", body).status_code == 403
    admin = entrance.staff("administrator", name="admin.one")
    made = admin.post("/accounts", body)
    assert made.status_code == 201, made.text
    assert admin.post("/accounts", body).json["code"] == "account.taken"  # type: ignore[index]
    password = admin.post("/accounts/new.person/password").json["password"]  # type: ignore[index]
    answer = entrance.browser().post("/sign-in", {"name": "new.person", "password": password})
    assert answer.status_code == 200
    assert admin.post("/accounts/admin.one/password").json["code"] == "account.own"  # type: ignore[index]


def test_no_secret_is_kept_as_it_is(entrance: Entrance, database_url: str) -> None:
    browser, machine = entrance.staff("clerk"), entrance.machine(Scope.CASES_READ)
    made = entrance.with_second_factor("wang.fang")
    secrets = [browser.cookie(), machine.client.environ_base["HTTP_AUTHORIZATION"].split()[1], made.secret, PASSWORD]
    with psycopg.connect(database_url, options="-c search_path=policy_match") as connection:
        for table in ("web_session", "machine_token", "account_state", "recovery_code", "account_event"):
            kept = str(connection.execute(f"SELECT t::text AS row FROM {table} AS t".encode()).fetchall())
            assert not [each for each in secrets if each in kept], table


def test_a_password_is_hashed_anew_when_the_parameters_change(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    desk = entrance.desk.identity
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    entrance.desk.identity = type(desk)(rules=desk.rules, sealer=desk.sealer, passwords=stronger)
    entrance.signed_in("wang.fang")
    with entrance.desk.database.unit_of_work() as work:
        found = work.accounts.credentials("wang.fang")
    assert found is not None and found.password_hash is not None
    assert "m=16,t=2" in found.password_hash


def test_a_password_may_be_typed_in_another_spelling_of_unicode(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    set_password(
        entrance.desk.database,
        entrance.clock,
        entrance.desk.identity,
        name="wang.fang",
        password="caf\u00e9 am Markt 12",
        by=PERSONNEL,
    )
    answer = entrance.browser().post("/sign-in", {"name": "wang.fang", "password": "cafe\u0301 am Markt 12"})
    assert answer.status_code == 200


def test_the_cookie_is_not_said_to_other_hosts(entrance: Entrance) -> None:
    browser = entrance.staff("clerk")
    answer = browser.client.get("/api/v1/session", base_url=ROOT.replace("policy-match", "other"))
    assert answer.status_code == 401
