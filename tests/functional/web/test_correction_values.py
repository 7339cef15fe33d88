"""Who answers a request to correct a fact sees the value that is questioned: of the case, or of the newest sweep."""

from io import BytesIO
from pathlib import Path

import pytest
from lxml import html

from policy_match.services.corrections import ask_correction, keep_evidence
from policy_match.storage.unit_of_work import Database
from policy_match.values import Digest, FactName
from tests.support.answered import PDF, digest_of, paid_desk
from tests.support.api import TestDesk, WorldDesk
from tests.support.cases import World, firm, make_world, open_world, uscc
from tests.support.signed_in import ROOT, Entrance, open_entrance

FIRST = f"firm:{uscc(1)}"
LOANS = [{"uscc": uscc(1), "loan_id": "L1", "loan_interest": 1000}]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """One firm with a loan, of whose retained taxes nobody knows."""
    made = make_world(database, tmp_path, ("direct", "bank"), [firm(1, tax_retained=None)], LOANS)
    open_world(made)
    return made


@pytest.fixture
def door(database: Database, world: World, tmp_path: Path) -> Entrance:
    return open_entrance(database, desk=WorldDesk(world, tmp_path))


def ask(desk: TestDesk, fact: str, *, case_id: int | None = None, record_id: str = "") -> int:
    digest = Digest(digest_of(PDF))
    keep_evidence(desk.database, desk.evidence, desk.clock, uscc(1), BytesIO(PDF), digest, by=FIRST)
    return ask_correction(
        desk.database,
        desk.working_days,
        desk.rules.catalogue,
        desk.clock,
        uscc(1),
        fact=FactName(fact),
        record_id=record_id,
        case_id=case_id,
        claim="13 人",
        reason="6 月新增 3 人参保",
        evidence=digest,
        by=FIRST,
    ).correction_id


def shown(door: Entrance, number: int, language: str = "zh") -> dict[str, str]:
    """Return what the clerk's page says of a request, by what it is called."""
    browser = door.staff("clerk", name="li.na")
    browser.client.set_cookie("language", language, domain="policy-match.test")
    answer = browser.client.get(f"/bureau/corrections/{number}", base_url=ROOT)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (facts,) = html.document_fromstring(answer.get_data(as_text=True)).xpath("//main//dl[@class='facts']")
    texts = [" ".join(each.text_content().split()) for each in facts]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def test_the_value_of_the_case_is_beside_what_the_firm_says(world: World, door: Entrance) -> None:
    with world.database.unit_of_work() as work:
        case = work.firm.cases(uscc(1), status=None, after=0, most=1)[0].case_id
    found = shown(door, ask(door.desk, "headcount", case_id=case))
    assert found["企业"] == f"示例1有限公司 {uscc(1)}"
    assert found["登记的值"].startswith("10")
    assert "人社局" in found["登记的值"]
    assert "相关事项所依据的判定 · 数据截至 2025年6月30日" in found["登记的值"]
    assert found["企业认为应为"].startswith("13 人")


def test_without_a_case_the_newest_sweep_is_looked_at(door: Entrance) -> None:
    found = shown(door, ask(door.desk, "headcount"), "en")
    assert found["Value on record"].startswith("10")
    assert "as the newest sweep read it · as of 30 June 2025" in found["Value on record"]


def test_a_value_that_nobody_knows_is_said_to_be_unknown(door: Entrance) -> None:
    assert shown(door, ask(door.desk, "tax_retained"))["登记的值"].startswith("尚无数据")


@pytest.mark.parametrize(("record_id", "says"), [("L1", "1,000"), ("L9", "数据中没有该企业或该记录")])
def test_a_fact_of_a_record_is_that_of_the_record_that_is_named(door: Entrance, record_id: str, says: str) -> None:
    assert says in shown(door, ask(door.desk, "loan_interest", record_id=record_id))["登记的值"]


def test_the_record_of_the_case_is_meant_where_none_is_named(world: World, door: Entrance) -> None:
    with world.database.unit_of_work() as work:
        cases = work.firm.cases(uscc(1), status=None, after=0, most=100)
    case = next(each.case_id for each in cases if each.policy_id == "bank")
    assert "1,000" in shown(door, ask(door.desk, "loan_interest", case_id=case))["登记的值"]


def test_a_request_is_shown_though_its_facts_cannot_be_read(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    desk = paid_desk(database, database_url, tmp_path, 70_000)
    door = open_entrance(database, desk=desk)
    found = shown(door, ask(desk, "headcount", case_id=1))
    assert found["企业"] == uscc(1)
    assert "无法读取判定所用的数据" in found["登记的值"]
