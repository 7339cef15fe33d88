"""What firms ask for reaches the department's inbox, and the answer theirs: once, and only where they want it."""

from pathlib import Path
from typing import Any

import pytest

from policy_match.identity.principal import Principal
from policy_match.services.duties import grant_duty
from policy_match.services.prepare_notices import prepare_notices
from policy_match.services.roles import grant_role
from policy_match.services.tell_news import NewsTold, tell_news
from policy_match.storage.unit_of_work import Database
from tests.support.answered import PDF, digest_of, paid_desk
from tests.support.api import ApiClient, client_of, firm_user, staff
from tests.support.cases import uscc
from tests.support.money_api import HERE, PayingDesk
from tests.support.prepared import wording

CLERK = staff("clerk", person="li.na", department=HERE)
EVERYWHERE = staff("clerk", person="wang.fang")
LONG = "一" * 1_900


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> PayingDesk:
    return paid_desk(database, database_url, tmp_path, 70_000, 30_000)


@pytest.fixture
def clerk(desk: PayingDesk) -> ApiClient:
    """Somebody who is a clerk of the department, and nobody else has a duty there."""
    grant_role(desk.database, desk.clock, person="li.na", role="clerk", department=HERE, by="admin.wu")
    return client(desk, CLERK)


def client(desk: PayingDesk, who: int | Principal) -> ApiClient:
    return client_of(desk, firm_user(uscc(who)) if isinstance(who, int) else who)


def tell(desk: PayingDesk) -> NewsTold:
    """Do what the standing job of notices does."""
    told = tell_news(desk.database, lambda: desk.rules, clock=desk.clock)
    prepare_notices(desk.database, wording(), clock=desk.clock)
    return told


def of_firm(firm: ApiClient, kind: str) -> list[dict[str, Any]]:
    return [each for each in firm.pages("/firm/inbox") if each["kind"] == kind]


def of_staff(reader: ApiClient, kind: str) -> list[dict[str, Any]]:
    return [each for each in reader.pages("/inbox") if each["kind"] == kind]


def ask(firm: ApiClient, **changed: object) -> int:
    assert firm.upload("PUT", f"/firm/evidence/{digest_of(PDF)}", PDF, "application/pdf").status_code == 200
    body = {"fact": "headcount", "claim": "13 人", "reason": "6 月新增 3 人", "evidence": digest_of(PDF), **changed}
    made = firm.post("/firm/corrections", body)
    assert made.status_code == 201, made.text
    return int(made.get_json()["correction_id"])


def test_a_request_reaches_the_department_and_its_answer_the_firm_once(desk: PayingDesk, clerk: ApiClient) -> None:
    firm = client(desk, 1)
    number = ask(firm)
    assert tell(desk) == NewsTold(notices=1, waiting=0)
    assert tell(desk) == NewsTold(notices=0, waiting=0)
    (asked,) = of_staff(clerk, "correction_asked")
    assert asked["subject"] == f"收到数据更正申请{number}：参保人数"
    for said in ("13 人", "2025年7月10日", HERE):
        assert said in asked["body"]
    assert clerk.post(f"/corrections/{number}/answer", {"answer": "accepted", "reason": LONG}).status_code == 200
    assert of_firm(firm, "correction_answered") == []
    assert tell(desk) == NewsTold(notices=1, waiting=0)
    assert tell(desk) == NewsTold(notices=0, waiting=0)
    (answered,) = of_firm(firm, "correction_answered")
    assert answered["subject"] == "更正申请已采纳：参保人数"
    assert (answered["case_id"], answered["is_over"]) == (None, False)
    for said in ("一一一…", "12345", "通知设置", HERE):
        assert said in answered["body"]
    assert "li.na" not in answered["body"]
    assert of_firm(client(desk, 2), "correction_answered") == []


def test_who_answers_for_the_department_is_told_before_its_clerks(desk: PayingDesk, clerk: ApiClient) -> None:
    grant_duty(desk.database, desk.clock, unit=HERE, level=1, person="sun.qi", by="admin.wu")
    grant_duty(desk.database, desk.clock, unit=HERE, level=2, person="chief.he", by="admin.wu")
    ask(client(desk, 1))
    assert tell(desk).notices == 1
    assert len(of_staff(client(desk, staff("clerk", person="sun.qi")), "correction_asked")) == 1
    assert of_staff(clerk, "correction_asked") == []


def test_what_nobody_could_be_told_waits_until_somebody_is_there(desk: PayingDesk) -> None:
    grant_role(
        desk.database, desk.clock, person="zhou.wu", role="clerk", department=HERE, jurisdiction="370213", by="admin.wu"
    )
    ask(client(desk, 1))
    assert tell(desk) == NewsTold(notices=0, waiting=1)
    grant_duty(desk.database, desk.clock, unit=HERE, level=1, person="sun.qi", by="admin.wu")
    assert tell(desk) == NewsTold(notices=1, waiting=0)


def test_a_request_that_was_taken_back_is_told_to_nobody(desk: PayingDesk, clerk: ApiClient) -> None:
    firm = client(desk, 1)
    number = ask(firm)
    assert firm.post(f"/firm/corrections/{number}/withdrawal").status_code == 200
    assert tell(desk) == NewsTold(notices=0, waiting=0)


def test_a_bad_grade_is_told_to_the_department_and_a_good_one_is_not(desk: PayingDesk, clerk: ApiClient) -> None:
    firm = client(desk, 1)
    assert firm.post("/firm/cases/1/rating", {"grade": "bad"}).status_code == 201
    assert tell(desk) == NewsTold(notices=1, waiting=0)
    (bad,) = of_staff(clerk, "bad_rating")
    for said in ("不满意", "未填写意见", "2025年7月8日", "事项编号1"):
        assert said in bad["body"]
    assert clerk.post("/ratings/1/answer", {"text": "已回访，缩短复核环节"}).status_code == 200
    assert tell(desk) == NewsTold(notices=1, waiting=0)
    (answered,) = of_firm(firm, "rating_answered")
    assert "已回访，缩短复核环节" in answered["body"]


def test_each_step_of_a_suggestion_is_told_and_one_that_is_over_is_not(desk: PayingDesk) -> None:
    firm, bureau = client(desk, 1), client(desk, EVERYWHERE)
    first = firm.post("/firm/suggestions", {"policy_id": "flow-one", "text": "一次发放"}).get_json()["suggestion_id"]
    second = firm.post("/firm/suggestions", {"subject": "夜间用电补贴", "text": "夜班多"}).get_json()["suggestion_id"]
    decide(bureau, first, status="reserved")
    assert tell(desk).notices == 1
    (reserved,) = of_firm(firm, "suggestion_decided")
    assert "已列入储备" in reserved["subject"]
    assert "暂无补充说明" in reserved["body"]
    decide(bureau, first, status="taken_up", policy="flow-one", reason="明年起执行")
    decide(bureau, second, status="reserved")
    decide(bureau, second, status="not_taken_up", reason="电价由上级核定")
    assert tell(desk).notices == 2
    subjects = [each["subject"] for each in of_firm(firm, "suggestion_decided")]
    assert len(subjects) == 3
    assert subjects[0] == "建议未采纳：夜间用电补贴"
    assert subjects[1].startswith("建议已采纳，纳入“")


def decide(bureau: ApiClient, number: int, **decision: object) -> None:
    decided = bureau.post(f"/suggestions/{number}/decision", decision)
    assert decided.status_code == 200, decided.text


def test_a_firm_hears_of_nothing_that_it_does_not_want(desk: PayingDesk, clerk: ApiClient) -> None:
    firm = client(desk, 1)
    wish = firm.put("/firm/preferences", {"channels": [], "language": "en", "unwanted": ["corrections"]})
    assert (wish.status_code, wish.get_json()["unwanted"]) == (200, ["corrections"])
    kept = firm.put("/firm/preferences", {"channels": ["sms"], "language": "en"})
    assert kept.get_json()["unwanted"] == ["corrections"]
    number = ask(firm)
    assert firm.post("/firm/cases/1/rating", {"grade": "good"}).status_code == 201
    clerk.post(f"/corrections/{number}/answer", {"answer": "refused", "reason": "登记无误"})
    clerk.post("/ratings/1/answer", {"text": "Thank you."})
    tell(desk)
    assert of_firm(firm, "correction_answered") == []
    (told,) = of_firm(firm, "rating_answered")
    assert told["body"].startswith("To ")
    firm.put("/firm/preferences", {"channels": [], "unwanted": []})
    tell(desk)
    assert of_firm(firm, "correction_answered") == []


def test_what_has_a_last_day_cannot_be_left_out(desk: PayingDesk) -> None:
    firm = client(desk, 1)
    for kind in ("reminder", "confirmation_asked", "paid", "bad_rating"):
        refused = firm.put("/firm/preferences", {"channels": [], "unwanted": [kind]})
        assert refused.status_code == 422, kind
