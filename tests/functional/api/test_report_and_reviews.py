"""The report and the review list over the API, on a world that has lived a year."""

from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.reports.model import Cut
from policy_match.services.firm_groups import FirmFacts
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, WorldDesk, client_of, machine, staff
from tests.support.report_world import Worked, firm_facts, make_report_world, work

YEAR = {"first": "2025-01-01", "last": "2025-12-31"}
CHIEF = staff("supervisor", person="chief")
OWNER = staff("clerk", person="wang.fang")


class ReportDesk(WorldDesk):
    """A world with facts of its firms, and a folder for the published report."""

    def __init__(self, worked: Worked) -> None:
        super().__init__(worked.world, worked.folder)
        self.rules_folder = worked.folder
        self._worked = worked

    def firm_facts(self, rules_folder: Path) -> FirmFacts:
        """Return where the facts of firms are."""
        return firm_facts(self._worked.world, self._worked.folder)


@pytest.fixture
def worked(database: Database, database_url: str, tmp_path: Path) -> Worked:
    world = make_report_world(database, tmp_path, 60)
    work(database_url, world)
    return Worked(world, tmp_path, database_url)


def client(worked: Worked, principal: Principal | None = CHIEF) -> ApiClient:
    return client_of(ReportDesk(worked), principal)


def test_figures_for_publication_hide_what_few_firms_stand_behind(worked: Worked) -> None:
    chief = client(worked)
    public = chief.get("/report/figures", by="policy", **YEAR).get_json()
    internal = chief.get("/report/figures", by="policy", internal="true", **YEAR).get_json()
    assert any(each["hidden"] for each in public["groups"])
    assert not any(each["hidden"] for each in internal["groups"])
    assert {each["group"] for each in public["groups"]} == {each["group"] for each in internal["groups"]}
    assert public["total"]["figures"]["paid"] == internal["total"]["figures"]["paid"]
    csv = chief.get("/report/figures.csv", by="size", **YEAR)
    assert (csv.status_code, csv.mimetype) == (200, "text/csv")
    assert csv.get_data(as_text=True).startswith("\ufeffgroup,")


def test_firms_paid_of_firms_eligible_are_a_figure_of_every_cut(worked: Worked) -> None:
    chief = client(worked)
    for cut in Cut:
        answer = chief.get("/report/figures", by=cut.value, internal="true", **YEAR).get_json()
        figures = answer["total"]["figures"]
        assert 0 < figures["paid_firms"] < figures["firms"] == 60
        assert figures["firm_coverage"] == round(figures["paid_firms"] / figures["firms"], 4)
        assert all(each["figures"]["paid_firms"] <= each["figures"]["firms"] for each in answer["groups"])


def test_figures_by_month_add_up_and_are_called_by_their_month(worked: Worked) -> None:
    answer = client(worked).get("/report/figures", by="month", internal="true", **YEAR).get_json()
    assert [(each["group"], each["zh"]) for each in answer["groups"]] == [("2025-07", "2025年7月")]
    assert sum(each["figures"]["eligible"] for each in answer["groups"]) == answer["total"]["figures"]["eligible"]


def test_days_in_each_stage_and_notices_are_figures_too(worked: Worked) -> None:
    chief = client(worked)
    stages = chief.get("/report/stages", **YEAR).get_json()["stages"]
    assert {each["policy"] is None for each in stages} == {True, False}
    assert chief.get("/report/stages.csv", **YEAR).get_data(as_text=True).startswith("\ufeffpolicy,")
    notices = chief.get("/report/notices", internal="true", **YEAR).get_json()
    assert {"kind", "figures", "hidden"} == set(notices["notices"][0])
    assert chief.get("/report/notices.csv", **YEAR).status_code == 200


def test_a_report_leaves_nothing_behind_and_has_a_tag(worked: Worked) -> None:
    chief = client(worked)
    tag = chief.get("/report/stages", **YEAR).headers["ETag"]
    assert chief.get("/report/stages", headers={"If-None-Match": tag}, **YEAR).status_code == 304


def test_figures_are_kept_for_ten_minutes_and_say_as_of_when(worked: Worked) -> None:
    chief, clock = client(worked), worked.world.clock
    first = chief.get("/report/figures", by="size", internal="true", **YEAR).get_json()
    assert datetime.fromisoformat(first["counted_at"]) == clock.now()
    with psycopg.connect(worked.url, options="-c search_path=policy_match") as connection:
        connection.execute(
            "INSERT INTO case_event (case_id, seq, event, before, after, at, by, reason)"
            " SELECT case_id, seq + 1, 'withdraw', status, 'withdrawn', %s, 'wang.fang', 'x' FROM case_state"
            " WHERE status = 'reviewed'",
            (clock.now(),),
        )
    clock.move(9 / 24 / 60)
    other = client(worked, staff("auditor", person="li.na"))
    assert other.get("/report/figures", by="size", internal="true", **YEAR).get_json() == first
    clock.move(1 / 24 / 60)
    later = chief.get("/report/figures", by="size", internal="true", **YEAR).get_json()
    assert datetime.fromisoformat(later["counted_at"]) == clock.now()
    assert later["total"]["figures"]["withdrawn"] != first["total"]["figures"]["withdrawn"]


def test_days_that_are_none_are_refused(worked: Worked) -> None:
    chief = client(worked)
    answer = chief.get("/report/stages", first="2025-05-02", last="2025-05-01")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "report.days")
    assert chief.get("/report/figures", by="colour").status_code == 422


def test_internal_figures_are_for_who_is_limited_to_no_department(worked: Worked) -> None:
    limited = client(worked, staff("auditor", department="科技局"))
    assert limited.get("/report/stages", **YEAR).status_code == 200
    assert limited.get("/report/stages", internal="true", **YEAR).status_code == 403
    assert client(worked, machine(Scope.REPORTS_READ)).get("/report/stages", **YEAR).status_code == 200
    assert client(worked, staff("administrator")).get("/report/stages", **YEAR).status_code == 403


def test_what_was_published_is_there_for_everybody(worked: Worked) -> None:
    nobody = client(worked, None)
    assert nobody.get("/report/published").get_json() == {"files": []}
    folder = ReportDesk(worked).report_folder
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>", encoding="utf-8")
    (folder / "secret.txt").write_text("x", encoding="utf-8")
    assert nobody.get("/report/published").get_json() == {"files": ["report.html"]}
    page = nobody.get("/report/published/report.html")
    assert (page.status_code, page.data) == (200, b"<p>")
    for name in ("secret.txt", "none.csv", "..%2fsecret.txt"):
        assert nobody.get(f"/report/published/{name}").status_code == 404, name


def test_a_review_is_answered_by_its_owner_and_decided_by_another(worked: Worked) -> None:
    chief, owner = client(worked), client(worked, OWNER)
    listed = chief.get("/reviews", **YEAR).get_json()["policies"]
    policy = listed[0]["policy_id"]
    made = chief.post("/reviews", {"policy": policy, "owner": "wang.fang", **YEAR})
    assert made.status_code == 201
    where = made.headers["Location"].removeprefix("/api/v1")
    assert chief.get(where).get_json() == made.get_json()
    again = chief.post("/reviews", {"policy": policy, "owner": "wang.fang", **YEAR})
    assert (again.status_code, again.get_json()["code"]) == (409, "review.open")
    assert chief.post(f"{where}/answer", {"text": "x"}).status_code == 403
    assert chief.post(f"{where}/decision", {"outcome": "keep", "reason": "x"}).status_code == 409
    assert owner.post(f"{where}/answer", {"text": "申报率偏低"}).get_json()["answer"]["by"] == "wang.fang"
    decided = chief.post(f"{where}/decision", {"outcome": "change", "reason": "修订"}).get_json()
    assert decided["decision"]["outcome"] == "change"
    assert chief.get("/reviews/99").status_code == 404


def test_another_department_sees_no_review_and_opens_none(worked: Worked) -> None:
    chief = client(worked)
    policy = chief.get("/reviews", **YEAR).get_json()["policies"][0]["policy_id"]
    chief.post("/reviews", {"policy": policy, "owner": "wang.fang", **YEAR})
    chief.post("/suggestions", {"policy": policy, "text": "简化"})
    stranger = client(worked, staff("supervisor", department="统计局"))
    assert stranger.get("/reviews", **YEAR).get_json() == {"policies": []}
    assert stranger.get("/reviews/1").status_code == 403
    assert stranger.post("/reviews", {"policy": policy, "owner": "li.ming"}).status_code == 403
    assert stranger.pages("/suggestions") == []


def test_suggestions_are_kept_and_come_in_pages(worked: Worked) -> None:
    clerk = client(worked, OWNER)
    for number in range(3):
        answer = clerk.post("/suggestions", {"policy": "confirm", "text": f"建议 {number}"})
        assert answer.get_json() == {"suggestion_id": number + 1}
    assert [each["text"] for each in clerk.pages("/suggestions", limit=2)] == ["建议 0", "建议 1", "建议 2"]
    assert clerk.post("/suggestions", {"policy": "nothing", "text": "x"}).status_code == 404
    assert clerk.post("/suggestions", {"policy": "confirm", "text": " "}).status_code == 422
