"""The board, orders to act, duties and promises over the API."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy_match.cases.model import Route, Status
from policy_match.identity.principal import Principal, Scope
from policy_match.services.duties import grant_duty
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, TestDesk, client_of, machine, staff
from tests.support.cases import MovableClock, chosen, write_policies
from tests.support.waiting_cases import Hall, Waiting

NOW = datetime(2025, 3, 14, 1, tzinfo=UTC)
LONG_AGO = datetime(2025, 2, 10, 1, tzinfo=UTC)
CHIEF = staff("supervisor", person="chief")
HERE, ELSEWHERE = "人社局", "科技局"


class Office:
    """A database with waiting cases, and clients of the API over it."""

    def __init__(self, database: Database, url: str, folder: Path) -> None:
        self.database, self.clock, self.folder = database, MovableClock(NOW), folder
        self.rules = write_policies(folder / "rules", chosen("direct"))
        hall = Hall(url)
        hall.add(*(Waiting(route=Route.DIRECT, status=Status.MATCHED, since=LONG_AGO, firm=firm) for firm in (1, 2)))
        hall.add(Waiting(route=Route.CONFIRM, status=Status.APPROVED, since=LONG_AGO, firm=3))
        grant_role(database, self.clock, person="wang.fang", role="clerk", by="chief")
        grant_duty(database, self.clock, unit=HERE, level=1, person="wang.fang", by="chief")

    def client(self, principal: Principal = CHIEF) -> ApiClient:
        """Return a client for somebody."""
        return client_of(TestDesk(self.database, self.rules, self.clock, self.folder), principal)


@pytest.fixture
def office(database: Database, database_url: str, tmp_path: Path) -> Office:
    return Office(database, database_url, tmp_path)


def test_the_board_counts_cases_by_department_stage_and_colour(office: Office) -> None:
    board = office.client().get("/supervision/board").get_json()
    lines = {(each["unit"], each["stage"]): each["colours"]["red"]["cases"] for each in board["lines"]}
    assert lines[HERE, "review"] == 2
    assert board["day"] == "2025-03-14"
    assert HERE in board["nobody"]


def test_the_cases_behind_the_board_come_in_pages(office: Office) -> None:
    chief = office.client()
    found = chief.pages("/supervision/cases", limit=1, colour="red")
    assert len(found) == 3
    assert {each["limit_days"] is None for each in found} == {False}
    assert len(chief.pages("/supervision/cases", department=HERE, stage="review")) == 2
    assert chief.get("/supervision/cases", colour="green").status_code == 422


def test_who_is_limited_sees_no_other_department(office: Office) -> None:
    stranger = office.client(staff("supervisor", person="chief", department="统计局"))
    assert stranger.get("/supervision/board").get_json()["lines"] == []
    assert stranger.pages("/supervision/cases") == []
    assert stranger.get("/cases/1/supervision").status_code == 403
    assert stranger.get("/supervision/marks", first="2025-01-01", last="2025-12-31").status_code == 403
    assert stranger.pages("/promises/unpaid-firms") == []
    assert stranger.pages("/duties") == []
    assert stranger.pages("/orders-to-act") == []
    order = {"department": HERE, "ground": "逾期", "days": 3, "stage": "review"}
    assert stranger.post("/orders-to-act", order).status_code == 403
    assert stranger.post("/duties/grants", {"department": HERE, "level": 1, "person": "li.ming"}).status_code == 403


def test_an_order_is_answered_by_the_department_and_accepted_by_its_issuer(office: Office) -> None:
    chief, clerk = office.client(), office.client(staff("clerk"))
    made = chief.post("/orders-to-act", {"department": HERE, "ground": "审核逾期", "days": 3, "case_ids": [1, 2]})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/orders-to-act/1")
    answered = clerk.post("/orders-to-act/1/answers", {"text": "本周内办结"})
    assert answered.get_json()["status"] == "answered"
    back = chief.post("/orders-to-act/1/return", {"text": "请写明日期", "days": 2})
    assert back.get_json()["status"] == "sent_back"
    clerk.post("/orders-to-act/1/answers", {"text": "3 月 18 日"})
    wrong = office.client(staff("supervisor", person="other")).post("/orders-to-act/1/acceptance", {"text": "同意"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (409, "order-to-act.not-the-issuer")
    assert chief.post("/orders-to-act/1/acceptance", {"text": "同意"}).get_json()["status"] == "accepted"
    shown = chief.get("/orders-to-act/1").get_json()
    assert shown["case_ids"] == [1, 2]
    assert [each["step"] for each in shown["steps"]] == ["answer", "send_back", "answer", "accept"]
    assert chief.pages("/orders-to-act", open="true") == []


def test_an_order_that_reaches_nobody_is_refused(office: Office) -> None:
    chief = office.client()
    answer = chief.post("/orders-to-act", {"department": ELSEWHERE, "ground": "逾期", "days": 3, "stage": "review"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "order-to-act.nobody")
    assert chief.post("/orders-to-act", {"department": HERE, "ground": "", "days": 3}).status_code == 422
    assert chief.get("/orders-to-act/7").status_code == 404


def test_who_does_not_answer_for_the_department_answers_no_order(office: Office) -> None:
    office.client().post("/orders-to-act", {"department": HERE, "ground": "逾期", "days": 3, "stage": "review"})
    answer = office.client(staff("clerk", person="li.ming")).post("/orders-to-act/1/answers", {"text": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "order-to-act.not-of-the-unit")
    assert office.client(machine(*Scope)).post("/orders-to-act/1/answers", {"text": "x"}).status_code == 403


def test_duties_are_given_by_somebody_else_and_listed_in_pages(office: Office) -> None:
    chief = office.client()
    given = {"department": HERE, "level": 2, "person": "li.ming"}
    assert chief.post("/duties/grants", given).get_json() == {"changed": True}
    assert chief.post("/duties/grants", given).get_json() == {"changed": False}
    assert chief.post("/duties/grants", {**given, "person": "chief"}).status_code == 409
    assert [(each["level"], each["person"]) for each in chief.pages("/duties", limit=1)] == [
        (1, "wang.fang"),
        (2, "li.ming"),
    ]
    assert chief.post("/duties/withdrawals", given).get_json() == {"changed": True}
    assert office.client(staff("clerk")).post("/duties/grants", given).status_code == 403


def test_promises_that_were_not_kept_are_shown_with_their_age(office: Office) -> None:
    chief = office.client()
    lines = chief.get("/promises").get_json()["lines"]
    assert lines[-1]["groups"]["promised"]["cases"] == 1
    firms = chief.pages("/promises/unpaid-firms", limit=1)
    assert [(each["cases"], each["units"]) for each in firms] == [(1, [ELSEWHERE])]


def test_a_board_that_is_known_is_not_sent_again(office: Office) -> None:
    chief = office.client()
    tag = chief.get("/supervision/board").headers["ETag"]
    assert chief.get("/supervision/board", headers={"If-None-Match": tag}).status_code == 304


def test_what_turned_and_who_was_told_is_listed(office: Office) -> None:
    chief = office.client()
    assert chief.get("/supervision/marks", first="2025-01-01", last="2025-12-31").get_json() == {"counts": []}
    assert chief.pages("/supervision/escalations") == []
    assert chief.get("/cases/1/supervision").get_json() == {"marks": [], "escalations": []}
