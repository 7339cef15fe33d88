"""`policy-match deadlines`, and the commands on cases that have to do with time: extend, withdraw, remind."""

import json

import pytest

from policy_match.values import Uscc
from tests.functional.region import Command, Region
from tests.support.cases import amended, budget, head, process, tables, uscc

FIRST, SECOND, THIRD = uscc(1), uscc(2), uscc(3)
DEPARTMENT = "人社局"


@pytest.fixture
def asked(region: Region) -> Region:
    """Three firms that were asked on 1 July 2025, until 8 July; the first two were told."""
    region.write_rules("confirm")
    region.sweep([1, 2, 3])
    region("cases", "open")
    region("cases", "notify")
    region.tell(*(region.cases()["confirm", firm]["case"] for firm in (FIRST, SECOND)))
    return region


def case_of(region: Region, firm: Uscc) -> int:
    """Return the number of a firm's case."""
    return int(region.cases()["confirm", firm]["case"])


def test_who_was_not_told_is_listed_extended_and_told(asked: Region) -> None:
    asked.clock.move(8)
    closed = asked.json("cases", "close-windows")
    assert (closed["lapsed"], closed["not_reached"], closed["not_reached_amount"]) == (2, 1, "1001.00")
    assert "deadlines list not-reached" in asked("cases", "close-windows", "--lang", "zh")
    (line,) = asked.json("deadlines", "list", "not-reached")
    assert (line["uscc"], line["due"], line["notice"], line["department"], line["people"]) == (
        THIRD,
        "2025-07-08",
        "due",
        DEPARTMENT,
        [],
    )
    shown = asked("deadlines", "list", "not-reached", "--lang", "zh")
    assert "待生成" in shown
    assert "（无人）" in shown
    asked("approvals", "grant", "li.ming", f"policy:{DEPARTMENT}", "--by", "admin")
    assert asked.json("deadlines", "list", "not-reached")[0]["people"] == ["li.ming"]
    words = ("cases", "extend", line["case"], "--until", "2025-07-16", "--reason", "未收到通知", "--by", "li.ming")
    assert asked.json(*words) == {"taken": 1, "refused": []}
    assert asked.json("deadlines", "list", "not-reached") == []
    assert asked.cases()["confirm", THIRD]["deadline"] == "2025-07-16"
    asked("cases", "confirm", line["case"], "--by", f"firm:{THIRD}")


def test_what_cannot_be_extended_or_withdrawn_is_refused_with_the_reason(asked: Region) -> None:
    first, second, third = (case_of(asked, firm) for firm in (FIRST, SECOND, THIRD))
    asked("cases", "confirm", second, "--by", f"firm:{SECOND}")
    words = ("cases", "extend", first, second, 999, "--until", "2025-07-18", "--reason", "停电", "--by", "li.ming")
    ended = asked.command(*words, "--json")
    assert ended.code == 2
    told = json.loads(ended.out)
    assert (told["taken"], [each["code"] for each in told["refused"]]) == (1, ["case.step", "case.unknown"])
    until = ("--until", "2025-07-19", "--reason", "停电", "--by", "li.ming")
    assert asked.refused("cases", "extend", third, *until) == "case.not-a-working-day"
    taken = asked.json("cases", "withdraw", third, "--reason", "已迁出", "--by", "li.ming")
    assert taken == {"taken": 1, "refused": []}
    assert asked.cases()["confirm", THIRD]["status"] == "withdrawn"
    by_firm = ("cases", "withdraw", first, "--reason", "x", "--by", f"firm:{FIRST}")
    assert asked.refused(*by_firm) == "approval.not-a-person"


def test_firms_are_reminded_before_their_window_ends(asked: Region) -> None:
    asked.clock.move(6)
    assert asked.json("cases", "remind") == {"windows": 2, "accounts": 0}
    assert "提醒答复 0 项" in asked("cases", "remind", "--lang", "zh")


def test_what_is_due_is_counted_by_department(asked: Region) -> None:
    (group,) = asked.json("deadlines", "due")
    assert (group["what"], group["department"], group["first"], group["late"], group["soon"], group["soon_amount"]) == (
        "answer",
        DEPARTMENT,
        "2025-07-08",
        0,
        3,
        "3001.50",
    )
    assert asked.json("deadlines", "due", "--within", 4) == []
    assert "待企业答复" in asked("deadlines", "due", "--lang", "zh")
    assert len(asked.json("deadlines", "list", "answer", "--department", DEPARTMENT)) == 3
    assert asked.json("deadlines", "list", "answer", "--department", "财政局") == []
    assert len(asked.json("deadlines", "list", "answer", "--policy", "confirm", "--most", 2)) == 2
    assert "Deadlines: none" in asked("deadlines", "due", "--within", 0)


def test_displays_and_objections_are_listed_by_their_last_day(region: Region) -> None:
    shown = amended("direct", tables=tables(budget(), process(publicity_days=5, recheck_days=3)))
    region.write_rules(shown=shown)
    region.sweep([1, 2])
    region("cases", "open")
    region("cases", "recheck", "approval")
    region.fund("jobs", 100_000)
    region("budget", "allocate", "shown", "--by", "treasury")
    region.grant_roles()
    region.approve("shown")
    region("cases", "publish")
    first, second = (region.cases()["shown", firm]["case"] for firm in (FIRST, SECOND))
    number = region.json("objections", "lodge", first, "--ground", "已停产", "--by", "张三")["objection"]
    (display,) = region.json("deadlines", "list", "publicity")
    assert (display["case"], display["due"], display["objection"]) == (second, "2025-07-08", None)
    (objection,) = region.json("deadlines", "list", "objection", "--within", 3)
    assert (objection["case"], objection["due"], objection["objection"]) == (first, "2025-07-04", number)
    assert region.json("deadlines", "list", "objection", "--within", 2) == []
    region.clock.move(6)
    assert "late" in region("deadlines", "list", "objection")
    assert {(each["what"], each["late"], each["soon"]) for each in region.json("deadlines", "due")} == {
        ("objection", 1, 0),
        ("publicity", 0, 1),
    }
    assert region.json("deadlines", "cut-off")["cases"][0]["status"] == "published"


def test_the_end_of_the_year_shows_what_is_too_late(region: Region) -> None:
    region.approved(1, 2)
    outlook = region.json("deadlines", "cut-off")
    assert outlook["cut_off"] == "2025-12-20"
    assert outlook["cases"] == [
        {
            "policy_id": "direct",
            "department": DEPARTMENT,
            "status": "approved",
            "cases": 2,
            "amount": "2000.50",
            "too_late": 0,
            "too_late_amount": "0.00",
        }
    ]
    assert outlook["lines"][0]["line"] == "jobs-2025"
    shown = region("deadlines", "cut-off", "--lang", "zh")
    assert "2025-12-20" in shown
    assert "已批准" in shown
    region.clock.move(180)
    assert region.json("deadlines", "cut-off")["cases"][0]["too_late"] == 2


def test_policies_that_end_are_listed_and_told_to_whoever_has_the_role(region: Region) -> None:
    reviewed = amended("direct", head=f"{head('direct')}\nreview_on = 2025-07-10")
    rules = region.write_rules(dated=reviewed)
    words = ("--rules", rules)
    (found,) = region.json("deadlines", "policies", *words)
    assert (found["policy_id"], found["what"], found["on"], found["days_left"]) == ("dated", "review", "2025-07-10", 9)
    checked = region.json("deadlines", "check", *words)
    assert (checked["policies"], [each["role"] for each in checked["untold"]]) == (0, [f"policy:{DEPARTMENT}"])
    assert "请授予角色" in region("deadlines", "check", *words, "--lang", "zh")
    region("approvals", "grant", "li.ming", f"policy:{DEPARTMENT}", "--by", "admin")
    assert region.json("deadlines", "check", *words) == {"policies": 1, "cut_offs": 0, "untold": []}
    assert region.json("deadlines", "check", *words)["policies"] == 0
    assert "li.ming" in region("deadlines", "policies", *words, "--lang", "zh")


@pytest.mark.parametrize(
    "words",
    [
        ("cases", "extend", "1", "--reason", "x", "--by", "y"),
        ("cases", "extend", "1", "--until", "soon", "--reason", "x", "--by", "y"),
        ("cases", "withdraw", "1", "--by", "y"),
        ("cases", "withdraw", "--reason", "x", "--by", "y"),
        ("deadlines", "list", "lunch"),
        ("deadlines", "due", "--within", "-1"),
    ],
)
def test_what_is_missing_or_wrong_is_a_usage_error(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == 2
