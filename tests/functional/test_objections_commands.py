"""`policy-match objections` on a small invented region: lodged by name, listed, answered by somebody new."""

import pytest

from tests.functional.region import Command, Region
from tests.support.cases import amended, budget, process, tables

SHOWN = amended("direct", tables=tables(budget(), process(publicity_days=5, recheck_days=3)))


def published(region: Region, *firms: int) -> list[int]:
    """Put direct cases of these firms on public display and return their numbers."""
    region.write_rules(shown=SHOWN)
    region.sweep(firms)
    region("cases", "open")
    region("cases", "recheck", "approval")
    region.fund("jobs", 100_000)
    region("budget", "allocate", "shown", "--by", "treasury")
    region.grant_roles()
    region.approve("shown")
    region("cases", "publish")
    return [case["case"] for case in region.json("cases", "list")]


def lodge(region: Region, case: int) -> int:
    """Object to a case and return the number of the objection."""
    return int(region.json("objections", "lodge", case, "--ground", "该企业已停产", "--by", "张三")["objection"])


def test_an_objection_stops_the_case_until_it_is_answered(region: Region) -> None:
    first, second, third = published(region, 1, 2, 3)
    numbers = [lodge(region, case) for case in (first, second, third)]
    waiting = region.json("objections", "list")
    assert [(each["objection"], each["lodged_by"], each["due"]) for each in waiting] == [
        (number, "张三", "2025-07-04") for number in numbers
    ]
    assert region.statuses() == {"objected": 3}
    answer = ("objections", "answer")
    assert (
        region.json(*answer, numbers[0], "dismiss", "--reason", "经核实", "--by", "sun.li")["answered"] == numbers[:1]
    )
    region(*answer, numbers[1], "uphold", "--reason", "核实已停产", "--by", "sun.li")
    amend = (*answer, numbers[2], "amend", "--reason", "人数有误", "--by", "sun.li", "--amount")
    assert region.refused(*amend, "5,000") == "objection.amount"
    assert region.json(*amend, "800.00")["amount"] == "800.00"
    assert region.statuses() == {"published": 1, "withdrawn": 1, "matched": 1}
    assert region.json("objections", "list") == []
    story = region.json("cases", "show", second)["objections"]
    assert [(each["outcome"], each["answered_by"]) for each in story] == [("uphold", "sun.li")]
    assert "异议成立" in region("cases", "show", second, "--lang", "zh")


def test_who_decided_or_objected_does_not_answer(region: Region) -> None:
    (case,) = published(region, 1)
    number = lodge(region, case)
    words = ("objections", "answer", number, "dismiss", "--reason", "x", "--by")
    assert region.refused(*words, "li.ming") == "approval.two-stages"
    assert region.refused(*words, "张三") == "objection.own"
    assert region.refused(*words, "system") == "approval.not-a-person"


def test_an_overdue_objection_is_listed_as_such(region: Region) -> None:
    (case,) = published(region, 1)
    lodge(region, case)
    assert region.json("objections", "list", "--overdue") == []
    assert "没有待答复的异议" in region("objections", "list", "--overdue", "--lang", "zh")
    region.clock.move(10)
    assert len(region.json("objections", "list", "--overdue")) == 1
    assert "该企业已停产" in region("objections", "list")


def test_an_objection_that_cannot_be_taken_is_one_line(region: Region) -> None:
    (case,) = published(region, 1)
    words = ("objections", "lodge", "--by", "张三", "--ground")
    assert region.refused(*words, "x", 999) == "case.unknown"
    assert region.refused(*words, " ", case) == "case.reason"
    region.clock.move(30)
    assert region.refused(*words, "x", case) == "case.late"
    answer = ("objections", "answer", 999, "dismiss", "--reason", "x", "--by", "y")
    assert region.refused(*answer) == "objection.unknown"


@pytest.mark.parametrize(
    "words",
    [
        ("objections", "lodge", "1", "--by", "x"),
        ("objections", "lodge", "1", "--ground", "x"),
        ("objections", "answer", "1", "forget", "--reason", "x", "--by", "y"),
        ("objections", "answer", "1", "amend", "--amount", "much", "--reason", "x", "--by", "y"),
    ],
)
def test_what_is_missing_or_wrong_is_a_usage_error(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == 2
