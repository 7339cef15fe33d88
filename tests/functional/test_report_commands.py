"""`policy-match report`: figures on the screen and as files, reviews, suggestions."""

import csv
import io
import json
from pathlib import Path

import pytest

from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.services.job_desk import RunningJob
from policy_match.services.standing_jobs import publish_figures
from tests.functional.region import Region
from tests.support.cases import uscc

NUMBERS = range(1, 13)


@pytest.fixture
def asked(region: Region) -> Region:
    """Twelve firms that were asked: most confirmed, two declined, one is silent."""
    region.write_rules("confirm", "direct")
    region.sweep(list(NUMBERS))
    region("cases", "open")
    region("cases", "notify")
    cases = {code: each["case"] for (policy, code), each in region.cases().items() if policy == "confirm"}
    for number in NUMBERS:
        by = ("--by", f"firm:{uscc(number)}")
        case = cases[uscc(number)]
        if number <= 9:
            region("cases", "confirm", case, *by)
        elif number <= 11:
            region("cases", "decline", case, "--reason", "示例", "--because", "too_small", *by)
    return region


def rules(region: Region) -> tuple[str, Path]:
    return "--rules", region.folder / "rules"


def test_figures_as_a_table_hide_few_firms_and_say_so(asked: Region) -> None:
    ended = asked.command("report", "show", *rules(asked))
    assert ended.code == 0, ended.err
    assert "confirm" in ended.out
    assert "*" in ended.out
    assert "fewer than 3 firms" in ended.err


def test_internal_figures_hide_nothing_and_say_so(asked: Region) -> None:
    ended = asked.command("report", "show", "--by", "policy", "--internal", *rules(asked))
    assert "81.8%" in ended.out
    assert "not for publication" in ended.err


@pytest.mark.parametrize("cut", ["policy", "district", "industry", "size", "channel"])
def test_every_cut_counts_every_case(asked: Region, cut: str) -> None:
    found = asked.json("report", "show", "--by", cut, "--internal", *rules(asked))
    assert found["internal"] is True
    assert found["by"] == cut
    assert found["total"]["figures"]["eligible"] == 24
    assert sum(group["figures"]["eligible"] for group in found["groups"]) == 24


def test_csv_is_the_table_for_programs(asked: Region) -> None:
    text = asked("report", "show", "--format", "csv", "--internal", *rules(asked))
    lines = {line["group"]: line for line in csv.DictReader(io.StringIO(text))}
    assert lines["confirm"]["declined"] == "2"
    assert lines["confirm"]["reason_too_small"] == "2"
    assert lines[""]["eligible"] == "24"
    assert asked("report", "stages", "--format", "csv", "--internal", *rules(asked)).startswith("policy,")
    assert "channel,provider" in asked("report", "notices", "--format", "csv", *rules(asked))


def test_json_may_be_asked_for_in_either_way(asked: Region) -> None:
    one = json.loads(asked("report", "show", "--format", "json", *rules(asked)))
    assert one == asked.json("report", "show", *rules(asked))
    assert "declined" in next(group for group in one["groups"] if group["group"] == "confirm")["hidden"]


def test_stages_and_notices_are_shown(asked: Region) -> None:
    assert "the firm was asked" in asked("report", "stages", *rules(asked))
    found = asked.json("report", "notices", *rules(asked))
    assert found["notices"]["total"]["figures"]["notices"] == 12
    assert "Notices" in asked("report", "notices", *rules(asked))


def test_the_year_is_written_as_a_page_with_its_tables(asked: Region, tmp_path: Path) -> None:
    said = asked.json("report", "year", "--out", tmp_path / "public", *rules(asked))
    names = {Path(file).name for file in said["files"]}
    assert {"report.html", "report.json", "by-policy.csv", "reach.svg", "definitions.csv"} <= names
    assert all(Path(file).is_file() for file in said["files"])
    assert "internal" not in json.loads((tmp_path / "public" / "report.json").read_text())["tables"]
    assert "written" in asked("report", "year", "--year", "2025", "--out", tmp_path / "again", *rules(asked))


def test_a_year_to_come_is_refused(asked: Region, tmp_path: Path) -> None:
    assert asked.refused("report", "year", "--year", "2031", "--out", tmp_path, *rules(asked)) == "report.days"


def test_a_suggestion_becomes_a_review_that_somebody_decides(asked: Region) -> None:
    by = ("--by", f"firm:{uscc(1)}")
    assert asked.json("report", "suggest", "confirm", "--text", "希望简化", *by)["suggestion"] == 1
    assert asked.json("report", "suggestions")[0]["text"] == "希望简化"
    (line,) = asked.json("report", "reviews")
    assert [each["sign"] for each in line["findings"]] == ["suggestions"]
    assert "there are new suggestions" in asked("report", "reviews")
    asked.clock.move(1)
    opened = asked.json("report", "review", "confirm", "--owner", "sun.li", "--by", "wang.fang")
    assert (opened["review"], opened["owner"], opened["answer"]) == (1, "sun.li", None)
    assert (
        asked.refused("report", "review", "confirm", "--owner", "sun.li", "--by", "wang.fang", code=4) == "review.open"
    )
    assert asked.refused("report", "answer", "1", "--text", "好", "--by", "zhao.lei", code=4) == "review.person"
    asked("report", "answer", "1", "--text", "可以简化", "--by", "sun.li")
    said = asked("report", "decide", "1", "change", "--reason", "下一版本", "--by", "zhao.lei")
    assert "change the policy" in said
    assert asked.json("report", "reviews") == []


def test_what_there_is_not_is_refused(asked: Region) -> None:
    by = ("--by", "wang.fang")
    assert asked.refused("report", "suggest", "nowhere", "--text", "示例", *by) == "report.policy"
    assert asked.refused("report", "suggest", "confirm", "--text", "  ", *by) == "report.text"
    assert asked.refused("report", "suggest", "--text", "示例", *by) == "suggestion.subject"
    asked("report", "suggest", "--subject", "夜间用电补贴", "--department", "发改局", "--text", "示例", *by)
    *_, last = asked.json("report", "suggestions")
    assert (last["policy"], last["subject"], last["department"]) == (None, "夜间用电补贴", "发改局")
    assert asked.refused("report", "answer", "7", "--text", "示例", *by) == "review.unknown"


def test_the_standing_job_publishes_this_year(asked: Region) -> None:
    with Application(Config.from_environment(), asked.clock) as application:
        figures = publish_figures(
            RunningJob(
                desk=application,
                database=application.database,
                rules_folder=asked.folder / "rules",
                due_at=asked.clock.now(),
                stopping=lambda: False,
            )
        )
        assert figures["files"] == len(list(application.report_folder.iterdir()))
        assert (application.report_folder / "report.html").is_file()
