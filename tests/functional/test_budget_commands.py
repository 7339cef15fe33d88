"""`policy-match budget` on a small invented region: lines, appropriations, sharing, the queue, each refusal."""

import pytest

from tests.functional.region import Command, Region


def reviewed(region: Region, policy: str, *firms: int) -> None:
    """Review the direct cases of these firms."""
    region.write_rules(policy)
    region.sweep(firms)
    region("cases", "open")
    region("cases", "recheck", "approval")


def test_a_budget_that_is_too_small_leaves_the_others_in_a_queue(region: Region) -> None:
    reviewed(region, "direct", 1, 2, 3)
    region.fund("jobs", 1_500)
    shared = region.json("budget", "allocate", "direct", "--by", "treasury")
    assert (shared["granted"], shared["granted_amount"], shared["waiting"]) == (1, "1000.00", 2)
    queue = region.json("budget", "queue", "direct")
    assert (queue["waiting"], queue["asked"]) == (2, "2001.50")
    assert [(each["place"], each["short_line"], each["short"]) for each in queue["entries"]] == [
        (1, "jobs-2025", "500.50"),
        (2, "jobs-2025", "1501.50"),
    ]
    assert len(region.json("budget", "queue", "direct", "--after", 1)["entries"]) == 1
    chinese = region("budget", "queue", "direct", "--lang", "zh")
    assert "共 2 项排队，申请 2,001.50 元" in chinese
    region("budget", "appropriate", "jobs-2025", "2,000.00", "--about", "示例1号", "--by", "treasury")
    told = region("budget", "allocate", "direct", "--by", "treasury")
    assert "granted 2 cases, 2,001.50 yuan in all; 0 wait" in told
    (line,) = region.json("budget", "show", "--year", 2025)
    assert (line["held"], line["free"], line["balances"]["available"]) == ("3001.50", "498.50", "3500.00")


def test_costs_are_shared_between_lines(region: Region) -> None:
    reviewed(region, "shared", 1)
    region.fund("city-jobs", 10_000)
    region.fund("county-jobs", 10_000)
    lines = region.json("budget", "allocate", "shared", "--by", "treasury")["lines"]
    assert {each["line"]: each["granted"] for each in lines} == {
        "city-jobs-2025": "600.00",
        "county-jobs-2025": "400.00",
    }
    assert "可分配" in region("budget", "show", "--lang", "zh")


def test_a_line_is_added_once(region: Region) -> None:
    region.write_rules("direct")
    words = ("budget", "line", "jobs", 2025, "--by", "treasury", "--label")
    assert region.json(*words, "就业")["new"]
    assert "已存在" in region(*words, "就业", "--lang", "zh")
    assert region.refused(*words, "别的") == "budget.line-exists"
    assert region.refused("budget", "line", "Jobs", 2025, "--by", "treasury") == "budget.fund"


def test_money_that_cannot_be_booked_is_one_line(region: Region) -> None:
    region.write_rules("direct")
    book = ("budget", "appropriate")
    assert region.refused(*book, "jobs-2025", 1, "--by", "x") == "budget.no-line"
    assert region.refused(*book, "jobs", 1, "--by", "x") == "ledger.line"
    region("budget", "line", "jobs", 2024, "--by", "x")
    region("budget", "line", "jobs", 2025, "--by", "x")
    assert region.refused(*book, "jobs-2024", 1, "--by", "x") == "ledger.transfer"
    assert region.refused(*book, "jobs-2025", 0, "--by", "x") == "ledger.transfer"


def test_a_past_budget_year_is_not_shared(region: Region) -> None:
    region.write_rules("direct")
    assert region.refused("budget", "allocate", "direct", "--year", 2024, "--by", "x") == "budget.year-over"
    assert region.refused("budget", "queue", "direct", "--year", 2024) == "budget.year-over"


@pytest.mark.parametrize(
    "words",
    [
        ("budget", "appropriate", "jobs-2025", "1.234", "--by", "x"),
        ("budget", "appropriate", "jobs-2025", "lots", "--by", "x"),
        ("budget", "appropriate", "jobs-2025", "NaN", "--by", "x"),
        ("budget", "appropriate", "jobs-2025", "5"),
        ("budget", "line", "jobs", "soon", "--by", "x"),
        ("budget", "allocate", "direct"),
    ],
)
def test_what_is_missing_or_wrong_is_a_usage_error(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == 2
