"""`policy-match scheduler` on a small invented region: how jobs stand, running one by hand, pausing, and each error."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policy_match.scheduler.timetable import JOBS
from tests.functional.region import MAPPING, SETTINGS, Region
from tests.support.cases import PolicyText, head, process
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
NAMES = [str(job.name) for job in JOBS]
WITHOUT_SETTINGS = {"send-notices", "fetch-receipts", "repair-notices", "take-bank-files"}


def run_job(region: Region, name: str) -> dict[str, Any]:
    """Run a job by hand and return what it did."""
    rules = ("--rules", region.folder / "rules")
    done = region.json("scheduler", "run", name, "--by", "wang.fang", *rules)
    assert done["ending"] == "done"
    return dict(done["figures"])


def import_firms(region: Region, *numbers: int) -> None:
    """Import a snapshot that nobody swept."""
    outsider = {**region.row(99), "uscc": "91370000MB00000000", "参保人数": 0, "缴费": 0}
    table = region.write_table("firms.csv", [*(region.row(number) for number in numbers), outsider])
    mapping = region.folder / "firms.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    region("import", "--source", f"{mapping}={table}", "--rules", region.folder / "rules", "--as-of", "2025-06-30")


def job_json(region: Region, name: str) -> dict[str, Any]:
    """Return how a job stands."""
    found = json.loads(region.command("scheduler", "status", "--json").out)
    return next(dict(each) for each in found["jobs"] if each["job"] == name)


def test_before_any_scheduler_ran_nothing_is_planned_or_late(region: Region) -> None:
    found = region.json("scheduler", "status")
    assert found["runners"] == []
    assert [each["job"] for each in found["jobs"]] == NAMES
    assert {each["state"] for each in found["jobs"]} == {"not planned", "off"}
    assert {each["job"] for each in found["jobs"] if not each["on"]} == WITHOUT_SETTINGS
    assert "no scheduler is running" in region("scheduler", "status")


def test_all_jobs_and_their_times_are_listed_in_both_languages(region: Region) -> None:
    assert [each["job"] for each in region.json("scheduler", "jobs")] == NAMES
    assert "5 12" not in region("scheduler", "jobs", "--lang", "en")
    assert "判定最新快照并发起事项" in region("scheduler", "jobs", "--lang", "zh")
    assert "the newest snapshot is swept" in region("scheduler", "jobs", "--lang", "en")


def test_a_new_snapshot_is_swept_once_and_its_cases_are_opened(region: Region) -> None:
    region.write_rules("direct", "confirm")
    assert run_job(region, "sweep") == {"snapshots": 0}
    import_firms(region, 1, 2)
    assert run_job(region, "sweep") == {"sweeps": 1, "cases": 4}
    assert run_job(region, "sweep") == {"sweeps": 0, "cases": 0}
    region.clock.move(1)
    assert run_job(region, "sweep") == {"new_snapshots": 0}
    import_firms(region, 1, 2, 3)
    assert run_job(region, "sweep") == {"sweeps": 1, "cases": 2}


def test_a_snapshot_that_a_person_swept_is_left_to_him(region: Region) -> None:
    region.write_rules("direct")
    region.sweep((1, 2))
    assert run_job(region, "sweep") == {"new_snapshots": 0}
    assert region.cases() == {}


def test_a_sweep_that_asks_a_question_fails_and_says_so(region: Region) -> None:
    region.write_rules("direct", everybody=PolicyText(head=head("direct"), tables=process(), when="headcount >= 0"))
    import_firms(region, 1, 2)
    assert region.refused("scheduler", "run", "sweep", "--by", "wang.fang", "--rules", region.folder / "rules", code=4)
    standing = job_json(region, "sweep")
    assert (standing["failed"], standing["state"]) == (True, "failed")
    ended = region.command("scheduler", "status")
    assert ended.code == 4
    assert "everybody" in ended.out
    (run, *_) = region.json("scheduler", "runs", "sweep")
    assert (run["status"], run["tries"], run["by"]) == ("failed", 1, "wang.fang")
    assert "everybody" in region("scheduler", "runs", "sweep")


def test_from_the_match_to_the_closed_payment_by_jobs_alone(region: Region) -> None:
    region.write_payment_settings(SETTINGS.replace("[settings]", 'inbox = "inbox"\n[settings]'))
    region.write_rules("direct", "relief")
    region.grant_roles()
    region.fund("jobs", 100_000)
    region.state_accounts(1, 2)
    import_firms(region, 1, 2)
    assert run_job(region, "sweep")["cases"] == 4
    assert run_job(region, "notify") == {"notified": 2}
    assert run_job(region, "prepare-notices") == {"written": 2, "held": 0, "overtaken": 0}
    assert run_job(region, "recheck-approval") == {"eligible": 2, "review": 2}
    assert run_job(region, "share-budgets") == {"policies": 1, "granted": 2, "waiting": 0, "without_line": 0}
    region.approve("direct")
    assert run_job(region, "publish") == {"published": 0}
    assert run_job(region, "recheck-payment") == {"eligible": 2}
    assert run_job(region, "order-payments") == {"orders": 2}
    assert run_job(region, "order-again") == {"attempts": 0, "requeued": 0, "waiting": 0}
    assert run_job(region, "send-payments") == {"batches": 1, "payments": 2, "without_reply": 0}
    assert run_job(region, "lose-replies") == {"unknown": 0}
    (batch,) = region.received()
    inbox = region.folder / "inbox"
    inbox.mkdir()
    statement = region.statement(*map(region.booking, batch.payments))
    statement.rename(inbox / statement.name)
    (inbox / "half.part").write_text("not yet")
    (inbox / "letter.xml").write_text("this is no file of a bank")
    assert run_job(region, "take-bank-files") == {"taken": 1, "repeated": 0, "refused": 1}
    assert run_job(region, "take-bank-files") == {"taken": 0, "repeated": 0, "refused": 0}
    assert sorted(path.relative_to(inbox).as_posix() for path in inbox.rglob("*.*")) == [
        "half.part",
        "refused/letter.xml",
        f"taken/{statement.name}",
    ]
    assert run_job(region, "reconcile") == {"closed": 2}
    region.clock.move(1)
    assert run_job(region, "close-windows")["closed"] == 2
    assert region.statuses() == {"closed": 4}
    assert run_job(region, "supervise")["told"] == 0
    assert run_job(region, "remind") == {"windows": 0, "accounts": 0}
    assert run_job(region, "check-dates")["policies"] == 0
    assert run_job(region, "report")["files"] > 0
    assert run_job(region, "requested-work") == {}
    assert run_job(region, "send-webhooks")["events"] > 0
    assert run_job(region, "forget-answers") == {"answers": 0, "runs": 0}
    found = json.loads(region.command("scheduler", "status", "--json").out)["jobs"]
    assert {each["last_run"]["status"] for each in found if each["on"]} == {"done"}


def test_nothing_is_ordered_or_sent_on_a_holiday_or_after_the_cut_off(region: Region) -> None:
    region.approved(1)
    region.clock.move(4)  # a Saturday
    assert run_job(region, "order-payments") == {"working_day": 0}
    assert run_job(region, "send-payments") == {"working_day": 0}
    region.clock.move(173)  # 25 December, a Thursday; the year closed on the 20th
    assert run_job(region, "order-payments") == {"year_open": 0}
    assert run_job(region, "order-again") == {"year_open": 0}


def test_a_policy_without_a_budget_line_keeps_no_other_from_its_share(region: Region) -> None:
    region.write_rules("direct", poor=PolicyText(head=head("direct"), tables=process()))
    region.fund("jobs", 100_000)
    import_firms(region, 1, 2)
    run_job(region, "sweep")
    run_job(region, "recheck-approval")
    assert run_job(region, "share-budgets") == {"policies": 2, "granted": 2, "waiting": 0, "without_line": 1}


def test_a_paused_job_says_by_whom_and_why_and_runs_by_hand_all_the_same(region: Region) -> None:
    region.write_rules("direct")
    words = ("--by", "wang.fang", "--reason", "国库系统升级")
    assert region.refused("scheduler", "pause", "notify", *words) == "jobs.not-planned"
    run_job(region, "notify")
    assert region.json("scheduler", "pause", "notify", *words)["changed"]
    assert not region.json("scheduler", "pause", "notify", *words)["changed"]
    standing = job_json(region, "notify")
    assert (standing["state"], standing["next_due"]) == ("paused", None)
    assert (standing["paused"]["by"], standing["paused"]["reason"]) == ("wang.fang", "国库系统升级")
    assert "paused by wang.fang" in region("scheduler", "status")
    assert "国库系统升级" in region("scheduler", "status", "--lang", "zh")
    assert run_job(region, "notify") == {"notified": 0}
    region.clock.move(2)
    late = region.command("scheduler", "status", "--json")
    assert late.code == 4
    assert job_json(region, "notify")["late"]
    assert region.json("scheduler", "resume", "notify", *words)["changed"]
    assert "was not paused" in region("scheduler", "resume", "notify", *words)
    assert region.refused("scheduler", "replan", "notify", *words) == "jobs.not-ahead"


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("run", "sweeep", "--by", "wang.fang"), 2, "jobs.unknown"),
        (("runs", "nothing"), 2, "jobs.unknown"),
        (("run", "take-bank-files", "--by", "wang.fang"), 4, "jobs.off"),
        (("run", "notify", "--by", "system"), 2, "approval.not-a-person"),
        (("pause", "notify", "--by", "wang.fang", "--reason", " "), 2, "jobs.reason"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_one_line(region: Region, words: tuple[str, ...], code: int, error: str) -> None:
    region.write_rules("direct")
    rules = ("--rules", region.folder / "rules") if words[0] == "run" else ()
    assert region.refused("scheduler", *words, *rules, code=code) == error


def test_the_schedule_file_moves_a_job_and_a_wrong_one_stops_everything(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = region.folder / "schedule.toml"
    file.write_text("[notify]\nhour = 10\n[report]\noff = true\n", encoding="utf-8")
    monkeypatch.setenv("POLICY_MATCH_SCHEDULE", str(file))
    jobs = {each["job"]: each for each in region.json("scheduler", "jobs")}
    assert jobs["notify"]["cron"] == "0 10 * * *"
    assert set(NAMES) - set(jobs) == {"report"}
    file.write_text("[notify]\nhours = 10\n", encoding="utf-8")
    assert region.refused("scheduler", "status") == "config-schedule"


@pytest.mark.slow
def test_the_scheduler_keeps_the_clock_until_it_is_told_to_end(fresh_database: str, data_dir: Path) -> None:
    command = [sys.executable, "-m", "policy_match", "run", "scheduler", "--json"]
    environment = {**os.environ, "POLICY_MATCH_PAYMENTS": ""}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            lines = []
            until(
                lambda: lines.append(json.loads(process.stderr.readline())) or lines[-1]["event"] == "lead", "it leads"
            )
            process.send_signal(signal.SIGTERM)
            rest = [json.loads(line) for line in process.stderr]
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert [line["event"] for line in lines + rest] == ["start", "runner", "lead", "stop", "end"]
