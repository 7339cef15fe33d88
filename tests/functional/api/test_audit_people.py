"""An auditor sees what a person did to addresses, suppressions and tokens of other systems."""

from pathlib import Path

import pytest

from policy_match.cases.working_days import china_day
from policy_match.identity.principal import Scope
from policy_match.services.machine_tokens import end_token, make_token
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, WorldDesk, client_of, staff
from tests.support.cases import World, make_world, open_world, uscc
from tests.support.payment_flow import SEALER

CLERK, ADMINISTRATOR = "wang.fang", "admin.wu"
MINUTE = 1 / 1_440
"""In days."""

MOBILES = ("13800138000", "13800138001")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """A clerk keeps two addresses, suppresses one for a while and a firm for good; a token is given and ended."""
    made = make_world(database, tmp_path, ("confirm",))
    open_world(made)
    clerk = client(made, "clerk", CLERK)
    contacts = [
        {"recipient": f"firm:{uscc(number)}", "channel": "sms", "address": mobile, "source": "柜台"}
        for number, mobile in enumerate(MOBILES, start=1)
    ]
    assert clerk.post("/contacts", {"contacts": contacts}).get_json()["kept"] == 2
    made.clock.move(MINUTE)
    (number,) = clerk.post("/suppressions/contacts", {"contact_id": 1, "reason": "号码停用"}).get_json()[
        "suppression_ids"
    ]
    made.clock.move(MINUTE)
    clerk.post(f"/suppressions/{number}/end", {"reason": "号码恢复"})
    clerk.post("/suppressions/recipients", {"recipient": f"firm:{uscc(2)}", "reason": "本人要求"})
    token = make_token(
        database,
        made.clock,
        name="tax-office",
        scopes=[Scope.REPORTS_READ],
        ends_on=china_day(made.clock.now()),
        by=ADMINISTRATOR,
    )
    made.clock.move(MINUTE)
    end_token(database, made.clock, token_id=token.token.token_id, by=ADMINISTRATOR)
    return made


def client(world: World, role: str, person: str) -> ApiClient:
    desk = WorldDesk(world, Path("/nonexistent"))
    desk.account_sealer = SEALER
    return client_of(desk, staff(role, person=person))


def test_addresses_and_suppressions_are_among_what_a_person_did(world: World) -> None:
    listed = client(world, "auditor", "audit.zhao").pages(f"/audit/people/{CLERK}", limit=1)
    found = [(each["kind"], each["what"], each["count"]) for each in listed if each["kind"] != "action"]
    assert found[:3] == [
        ("suppression", "suppressed", 1),
        ("suppression", "lifted", 1),
        ("suppression", "suppressed", 1),
    ]
    assert found[3] == ("contact", "sms", 2)
    abouts = [each["about"] for each in listed if each["kind"] == "suppression"]
    assert abouts == [f"firm:{uscc(2)} 本人要求", "suppression:1 sms 号码恢复", "suppression:1 sms 号码停用"]
    assert not any(mobile in str(listed) for mobile in MOBILES)


def test_tokens_are_among_what_a_person_did_and_never_the_secret(world: World) -> None:
    listed = client(world, "auditor", "audit.zhao").pages(f"/audit/people/{ADMINISTRATOR}")
    found = [(each["kind"], each["what"], each["about"]) for each in listed]
    assert found == [
        ("machine_token", "token_ended", "tax-office"),
        ("machine_token", "token_given", f"tax-office {Scope.REPORTS_READ}"),
    ]
    rows = client(world, "auditor", "audit.zhao").get(f"/audit/people/{ADMINISTRATOR}/export")
    assert rows.status_code == 200
