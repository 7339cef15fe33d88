"""`policy-match supervision` on a small invented region: board, marks, messages, orders to act, promises, history."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import click
import pytest

from policy_match.cli.app import policy_match
from tests.functional.region import Command, Region
from tests.support.cases import amended, budget, process, tables, uscc

UNIT, FINANCE = "人社局", "财政部门"
TITLED = amended("direct", head=f'{amended("direct").head}\ntitle_en = "An example"')
CHINESE = re.compile("[\u4e00-\u9fff]")


def opened(region: Region, *firms: int) -> list[int]:
    """Open direct cases of these firms; they wait for their review since 1 July 2025, a Tuesday."""
    region.write_rules(titled=TITLED)
    region.sweep(firms)
    region("cases", "open")
    return [case["case"] for case in region.json("cases", "list")]


def staffed(region: Region) -> None:
    """Name who answers for the two departments."""
    for unit, level, person in ((UNIT, 1, "li.ming"), (UNIT, 2, "sun.li"), (FINANCE, 1, "zhao.lei")):
        region("supervision", "duty", "grant", unit, level, person, "--by", "admin")


def leaves(group: click.Group, *above: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        found += leaves(command, *above, name) if isinstance(command, click.Group) else [(*above, name)]
    return found


SUPERVISION = policy_match.commands["supervision"]
assert isinstance(SUPERVISION, click.Group)
LEAVES = leaves(SUPERVISION, "supervision")


def test_the_names_of_the_commands_stay_stable() -> None:
    assert {" ".join(path[1:]) for path in LEAVES} == {
        "board",
        "cases",
        "mark",
        "escalate",
        "escalations",
        "history",
        "promises",
        "order issue",
        "order answer",
        "order accept",
        "order send-back",
        "order list",
        "order show",
        "duty grant",
        "duty revoke",
        "duty list",
    }


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_teaches_by_example(command: Command, path: tuple[str, ...]) -> None:
    ended = command(*path, "--help")
    assert ended.code == 0
    assert f"policy-match {' '.join(path)}" in ended.out
    assert "--json" in ended.out
    assert "--lang" in ended.out
    summary = ended.out.split("\n\n")[1]
    assert CHINESE.search(summary)
    assert "/" in summary


def test_the_board_turns_yellow_and_red_and_says_so_in_words(region: Region) -> None:
    opened(region, 1, 2, 3)
    seen = []
    for _ in range(6):
        board = region.json("supervision", "board")
        seen.append((board["day"], board["cases"]))
        region.clock.move(1)
    assert [colours for _, colours in seen] == [
        *[{"blue": 3, "yellow": 0, "red": 0}] * 3,
        {"blue": 0, "yellow": 3, "red": 0},
        *[{"blue": 0, "yellow": 0, "red": 3}] * 2,
    ]
    (line,) = region.json("supervision", "board")["lines"]
    assert (line["department"], line["stage"], line["colour"], line["oldest_working_days"]) == (
        UNIT,
        "review",
        "red",
        4,
    )
    assert line["amount"] == {"blue": "0.00", "yellow": "0.00", "red": "3001.50"}
    assert line["policy_id"] is None
    chinese, english = region("supervision", "board", "--lang", "zh"), region("supervision", "board")
    assert "红" in chinese and "审核" in chinese and "第 1, 2, 3 级无督办责任人" in chinese
    assert "red" in english and "recheck and review" in english and "nobody answers at level 1, 2, 3" in english
    assert "An example" in region("supervision", "board", "--by-policy")
    (line,) = region.json("supervision", "board", "--policy", "titled")["lines"]
    assert (line["policy_id"], line["title"], line["title_en"]) == ("titled", "示例 titled", "An example")
    assert region.json("supervision", "board", "--department", "科技局")["lines"] == []
    assert "没有在办事项" in region("supervision", "board", "--department", "科技局", "--lang", "zh")


def test_the_cases_behind_the_board_are_paged(region: Region) -> None:
    numbers = opened(region, 1, 2, 3)
    region.clock.move(7)
    first = region.json("supervision", "cases", "--colour", "red", "--most", "2")
    rest = region.json("supervision", "cases", "--colour", "red", "--after", first[-1]["case"])
    assert [case["case"] for case in first + rest] == numbers
    assert first[0] == {
        "case": numbers[0],
        "policy_id": "titled",
        "uscc": uscc(1),
        "name": "示例1有限公司",
        "amount": "1000.00",
        "department": UNIT,
        "stage": "review",
        "since": "2025-07-01",
        "working_days": 5,
        "limit": 3,
        "colour": "red",
    }
    assert region.json("supervision", "cases", "--stage", "order") == []
    assert "no such case" in region("supervision", "cases", "--colour", "blue")
    assert "示例1有限公司" in region("supervision", "cases", "--department", UNIT, "--policy", "titled")


def test_marks_and_messages_are_written_once_and_kept(region: Region) -> None:
    (case, *_) = opened(region, 1, 2)
    staffed(region)
    region.clock.move(4)
    assert region.json("supervision", "mark") == {"yellow": 2, "red": 2}
    assert region.json("supervision", "escalate") == []
    region.clock.move(2)
    (told,) = region.json("supervision", "escalate")
    assert (told["department"], told["level"], told["cases"], told["told"]) == (UNIT, 1, 2, ["li.ming"])
    assert region.json("supervision", "mark") == {"yellow": 0, "red": 0}
    assert region.json("supervision", "escalate") == []
    region.clock.move(3)
    assert "sun.li" in region("supervision", "escalate")
    history = region.json("supervision", "history", "--case", case)
    assert [(mark["colour"], mark["turned_on"], mark["limit"]) for mark in history["marks"]] == [
        ("yellow", "2025-07-04", 3),
        ("red", "2025-07-05", 3),
    ]
    assert [(each["level"], each["day"]) for each in history["escalations"]] == [(1, "2025-07-07"), (2, "2025-07-10")]
    days = region.json("supervision", "history", "--from", "2025-07-05", "--to", "2025-07-31", "--department", UNIT)
    assert days == [{"day": "2025-07-05", "department": UNIT, "stage": "review", "colour": "red", "cases": 2}]
    assert region.json("supervision", "history", "--policy", "other") == []
    listed = region.json("supervision", "escalations", "--department", UNIT, "--after", 1)
    assert [each["level"] for each in listed] == [2]
    for words in (("escalations",), ("history",), ("history", "--case", case), ("mark",), ("escalate",)):
        assert region("supervision", *words, "--lang", "zh")


def test_an_order_to_act_is_issued_answered_sent_back_and_accepted(region: Region) -> None:
    (case, *_) = opened(region, 1, 2)
    staffed(region)
    order = ("supervision", "order")
    words = (*order, "issue", "--department", UNIT, "--case", case, "--ground", "逾期未审核", "--days", 2)
    issued = region.json(*words, "--by", "mayor")
    number = issued["order"]
    assert (issued["status"], issued["due"], issued["cases"]) == ("issued", "2025-07-03", 1)
    assert region.refused(*order, "answer", number, "--text", "x", "--by", "mayor") == "order-to-act.own"
    assert region.refused(*order, "answer", number, "--text", "x", "--by", "zhao.lei") == "order-to-act.not-of-the-unit"
    assert region.refused(*order, "accept", number, "--by", "mayor") == "order-to-act.step"
    region.clock.move(3)
    assert [each["order"] for each in region.json(*order, "list", "--overdue")] == [number]
    assert "逾期" in region(*order, "list", "--lang", "zh")
    assert region.json(*order, "answer", number, "--text", "正在办理", "--by", "li.ming")["status"] == "answered"
    assert region.refused(*order, "accept", number, "--by", "li.ming") == "order-to-act.not-the-issuer"
    back = region.json(*order, "send-back", number, "--reason", "须给出日期", "--days", 1, "--by", "mayor")
    assert (back["status"], back["due"], back["overdue"]) == ("sent_back", "2025-07-07", False)
    region(*order, "answer", number, "--text", "七月八日前办结", "--by", "sun.li")
    assert "accepted" in region(*order, "accept", number, "--by", "mayor")
    shown = region.json(*order, "show", number)
    assert [step["by"] for step in shown["steps"]] == ["li.ming", "mayor", "sun.li", "mayor"]
    assert shown["case_numbers"] == [case]
    assert "七月八日前办结" in region(*order, "show", number, "--lang", "zh")
    assert region.json(*order, "list", "--open") == []
    assert region.refused(*order, "show", 99) == "order-to-act.unknown"


def test_an_order_that_nobody_could_answer_is_one_line(region: Region) -> None:
    order = ("supervision", "order", "issue", "--department", UNIT, "--ground", "x", "--days", 2, "--by", "mayor")
    assert region.refused(*order, "--stage", "review") == "order-to-act.nobody"
    staffed(region)
    assert region.refused(*order) == "order-to-act.incomplete"
    assert region.refused(*order, "--case", 7) == "case.unknown"


def test_a_duty_is_given_and_taken_back(region: Region) -> None:
    duty = ("supervision", "duty")
    assert region.json(*duty, "grant", UNIT, 1, "li.ming", "--by", "admin")["changed"]
    assert "nothing changed" in region(*duty, "grant", UNIT, 1, "li.ming", "--by", "admin")
    assert region.refused(*duty, "grant", UNIT, 1, "admin", "--by", "admin") == "duty.own"
    assert region.command(*duty, "grant", UNIT, 4, "li.ming", "--by", "admin").code == 2
    (held,) = region.json(*duty, "list", "--department", UNIT)
    assert (held["level"], held["person"], held["by"]) == (1, "li.ming", "admin")
    assert "经办负责人" in region(*duty, "list", "--lang", "zh")
    assert "已收回" in region(*duty, "revoke", UNIT, 1, "li.ming", "--by", "admin", "--lang", "zh")
    assert region.json(*duty, "list") == []


def test_what_was_promised_and_not_paid_is_listed_with_its_age(region: Region, tmp_path: Path) -> None:
    region.approved(1, 2, 3)
    region.clock.move(40)
    *lines, whole = region.json("supervision", "promises")["lines"]
    assert [(line["department"], line["policy_id"]) for line in lines] == [(UNIT, "direct")]
    assert whole["promised"] == {"cases": 3, "amount": "3001.50"} == whole["owed"]
    assert whole["ages"]["promised"][2] == {"days": "31-90", "cases": 3, "amount": "3001.50"}
    assert "3,001.50" in region("supervision", "promises", "--lang", "zh")
    page = region.json("supervision", "promises", "--firms", "--most", 2)
    assert [(firm["uscc"], firm["oldest_promise"]) for firm in page["firms"]] == [
        (uscc(1), "2025-07-01"),
        (uscc(2), "2025-07-01"),
    ]
    rest = region.json("supervision", "promises", "--firms", "--after", page["next"])
    assert ([firm["uscc"] for firm in rest["firms"]], rest["next"]) == ([uscc(3)], None)
    assert "示例3有限公司" in region("supervision", "promises", "--firms", "--department", UNIT)
    region("supervision", "promises", "--out", tmp_path / "owed", "--policy", "direct")
    written = (tmp_path / "owed" / "unpaid_firms.csv").read_text(encoding="utf-8-sig")
    assert [row["amount_yuan"] for row in csv.DictReader(io.StringIO(written))] == ["1000.00", "1000.50", "1001.00"]
    assert region.command("supervision", "promises", "--firms", "--after", "yesterday").code == 2


def test_a_year_that_nobody_listed_is_one_line_and_marks_nothing(region: Region) -> None:
    opened(region, 1)
    region.clock.move_to(date(2031, 5, 6))
    for words in ("mark", "escalate", "board", "cases"):
        assert region.refused("supervision", words) == "calendar.year"


def test_a_policys_own_limit_is_shown(region: Region) -> None:
    own = process().replace("[process]", "[process]\nlimits = { review = 9 }")
    region.write_rules(slow=amended("direct", tables=tables(budget(), own)))
    region.sweep([1])
    region("cases", "open")
    region.clock.move(10)
    (case,) = region.json("supervision", "cases")
    assert (case["limit"], case["colour"], case["working_days"]) == (9, "yellow", 8)
