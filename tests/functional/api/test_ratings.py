"""Firms rate what they were paid, once; bad grades wait for an answer; averages of few firms are not given."""

from pathlib import Path

import pytest

from policy_match.identity.principal import Principal
from policy_match.storage.unit_of_work import Database
from tests.support.answered import RATINGS_DUE, paid_desk
from tests.support.api import ApiClient, client_of, firm_user, staff
from tests.support.cases import uscc
from tests.support.money_api import ELSEWHERE, HERE, PayingDesk

CLERK = staff("clerk", person="li.na", department=HERE)


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> PayingDesk:
    return paid_desk(database, database_url, tmp_path, 70_000, 30_000, 20_000, 10_000)


def client(desk: PayingDesk, who: int | Principal) -> ApiClient:
    return client_of(desk, firm_user(uscc(who)) if isinstance(who, int) else who)


def test_a_paid_case_is_rated_once_and_for_good(desk: PayingDesk) -> None:
    firm = client(desk, 1)
    assert firm.get("/firm/cases/1/rating").json == {"rating": None}
    rated = firm.post("/firm/cases/1/rating", {"grade": "very_good", "text": "到账很快"})
    assert (rated.status_code, rated.json["due"]) == (201, None)
    again = firm.post("/firm/cases/1/rating", {"grade": "very_bad"})
    assert (again.status_code, again.json["code"]) == (409, "rating.given")
    assert firm.get("/firm/cases/1/rating").json["rating"]["grade"] == "very_good"
    assert [each["case_id"] for each in firm.pages("/firm/ratings")] == [1]


def test_what_was_not_paid_is_not_rated_nor_what_is_anothers(desk: PayingDesk) -> None:
    unpaid = client(desk, 4).post("/firm/cases/4/rating", {"grade": "good"})
    assert (unpaid.status_code, unpaid.json["code"]) == (404, "firm.no-receipt")
    other = client(desk, 2).post("/firm/cases/1/rating", {"grade": "very_bad"})
    assert (other.status_code, other.json["code"]) == (404, "case.unknown")
    assert client(desk, 2).get("/firm/cases/1/rating").status_code == 404
    assert client(desk, CLERK).pages("/ratings") == []


def test_a_bad_grade_waits_for_an_answer_that_the_firm_reads(desk: PayingDesk) -> None:
    firm, department = client(desk, 1), client(desk, CLERK)
    rated = firm.post("/firm/cases/1/rating", {"grade": "bad", "text": "等了三个月"})
    assert rated.json["due"] == RATINGS_DUE.isoformat()
    client(desk, 2).post("/firm/cases/2/rating", {"grade": "good"})
    assert [each["case_id"] for each in department.pages("/ratings")] == [1, 2]
    assert [each["case_id"] for each in department.pages("/ratings", waiting="true")] == [1]
    assert department.pages("/ratings", overdue="true") == []
    desk.clock.move(10)  # type: ignore[attr-defined]
    assert [each["case_id"] for each in department.pages("/ratings", overdue="true")] == [1]
    answered = department.post("/ratings/1/answer", {"text": "已回访,缩短复核环节"})
    assert (answered.status_code, answered.json["answered_by"]) == (200, "li.na")
    again = department.post("/ratings/1/answer", {"text": "再答"})
    assert (again.status_code, again.json["code"]) == (409, "rating.answered")
    assert department.pages("/ratings", waiting="true") == []
    seen = firm.get("/firm/cases/1/rating")
    assert seen.json["rating"]["answer"] == "已回访,缩短复核环节"
    assert "li.na" not in seen.text


def test_another_department_sees_and_answers_nothing(desk: PayingDesk) -> None:
    client(desk, 1).post("/firm/cases/1/rating", {"grade": "bad"})
    other = client(desk, staff("clerk", department=ELSEWHERE))
    assert other.pages("/ratings") == []
    assert other.get("/ratings/1").status_code == 403
    assert other.post("/ratings/1/answer", {"text": "x"}).status_code == 403
    assert other.get("/ratings/averages").json == {"items": []}


def test_an_average_needs_three_firms(desk: PayingDesk) -> None:
    reader = client(desk, staff("supervisor"))
    for number, grade in ((1, "very_good"), (2, "very_good")):
        client(desk, number).post(f"/firm/cases/{number}/rating", {"grade": grade})
    policy = reader.pages("/ratings")[0]["policy_id"]
    hidden = {"policy_id": policy, "ratings": None, "average_hundredths": None}
    assert hidden in reader.get("/ratings/averages").json["items"]
    client(desk, 3).post("/firm/cases/3/rating", {"grade": "bad"})
    shown = {"policy_id": policy, "ratings": 3, "average_hundredths": 400}
    assert shown in reader.get("/ratings/averages").json["items"]
