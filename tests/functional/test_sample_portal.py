"""What the sample portal shows of jobs is what its scheduler does: work that is asked for, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from policy_match.cli.run_portal import settle
from policy_match.services.requested_work import REQUESTED_WORK
from policy_match.storage.unit_of_work import Database
from tests.support.api import TestDesk
from tests.support.cases import MovableClock, chosen, write_policies
from tests.support.signed_in import ROOT, Browser, open_entrance

ELSEWHERE = "[report]\noff = true\n[requested-work]\noff = true\n"


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> TestDesk:
    return TestDesk(database, write_policies(tmp_path / "rules", chosen("direct")), MovableClock(), tmp_path)


@pytest.fixture
def admin(database: Database, desk: TestDesk) -> Browser:
    settle(desk, 8000)
    return open_entrance(database, desk=desk).staff("administrator", name="admin")


def test_the_page_lists_the_job_that_runs_and_no_other(admin: Browser) -> None:
    shown = admin.client.get("/bureau/jobs", base_url=ROOT)
    assert shown.status_code == 200
    links = html.document_fromstring(shown.get_data(as_text=True)).xpath("//main//a/@href")
    assert [link for link in links if link.startswith("/bureau/jobs/")] == [f"/bureau/jobs/{REQUESTED_WORK}"]


def test_a_run_of_a_job_that_the_schedule_switches_off_is_refused(admin: Browser) -> None:
    assert admin.client.get("/bureau/jobs/report", base_url=ROOT).status_code == 404
    refused = admin.post("/jobs/report/runs")
    assert (refused.status_code, refused.get_json()["code"]) == (404, "jobs.unknown")
    assert admin.get("/jobs/runs").get_json()["items"] == []


def test_the_sample_has_its_own_schedule_whatever_else_is_set(desk: TestDesk, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(ELSEWHERE, encoding="utf-8")
    desk.config = replace(desk.config, schedule_file=other)
    settle(desk, 8000)
    assert [job.name for job in desk.jobs] == [REQUESTED_WORK]
    assert desk.config.web.server.bind == "127.0.0.1:8000"
