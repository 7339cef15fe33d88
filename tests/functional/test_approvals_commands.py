"""`policy-match approvals` on a small invented region: roles, lists, every stage, what voids a list, each refusal."""

import json

import pytest

from tests.functional.region import Command, Region


def listed(region: Region, *firms: int) -> int:
    """Bring the direct cases of these firms onto a list and return its number."""
    region.write_rules("direct")
    region.sweep(firms)
    region("cases", "open")
    region("cases", "recheck", "approval")
    region.fund("jobs", 100_000)
    region("budget", "allocate", "direct", "--by", "treasury")
    region.grant_roles()
    (made,) = region.json("approvals", "make", "direct", "--by", "clerk")["lists"]
    return int(made["list"])


def test_a_list_is_approved_stage_by_stage(region: Region) -> None:
    number = listed(region, 1, 2, 3)
    shown = region.json("approvals", "show", number)
    assert (shown["cases"], shown["amount"], shown["status"]) == (3, "3001.50", "open")
    assert [due["role"] for due in shown["due"]] == ["reviewer", "approver"]
    assert len(shown["digest"]) == 64
    first = region.json("approvals", "approve", number, "--by", "li.ming")
    assert (first["stage"], first["complete"]) == (1, False)
    told = region("approvals", "approve", number, "--by", "zhao.lei", "--lang", "zh")
    assert "3 项已批准，共 3,001.50 元" in told
    done = region.json("approvals", "show", number)
    assert (done["status"], [each["person"] for each in done["signatures"]]) == ("complete", ["li.ming", "zhao.lei"])
    assert region.json("approvals", "list", "--open") == []
    assert region.statuses() == {"approved": 3}
    assert region.refused("approvals", "approve", number, "--by", "li.ming") == "approval.ended"


def test_a_list_is_shown_page_by_page_in_both_languages(region: Region) -> None:
    number = listed(region, 1, 2, 3)
    english = region("approvals", "show", number, "--most", 2)
    assert "still to sign: stage 1, 1 with the role reviewer" in english
    assert "go on with --after" in english
    chinese = region("approvals", "show", number, "--lang", "zh")
    assert "尚缺：第 1 环节 reviewer 1 人" in chinese
    assert "审批中" in region("approvals", "list", "--policy", "direct", "--lang", "zh")


def test_nobody_signs_out_of_turn_twice_or_without_the_role(region: Region) -> None:
    number = listed(region, 1)
    approve = ("approvals", "approve", number, "--by")
    assert region.refused(*approve, "zhao.lei") == "approval.role"
    region("approvals", "grant", "li.ming", "approver", "--by", "admin")
    region(*approve, "li.ming")
    assert region.refused(*approve, "li.ming") == "approval.two-stages"
    assert region.refused(*approve, "system") == "approval.not-a-person"
    assert region.refused(*approve, "firm:91370000MA00000001") == "approval.not-a-person"
    assert region.refused("approvals", "approve", 999, "--by", "li.ming") == "approval.unknown"


def test_a_list_whose_cases_changed_is_void(region: Region) -> None:
    number = listed(region, 1, 2)
    region("cases", "exclude", region.json("cases", "list")[0]["uscc"], "--reason", "失信", "--by", "sun.li")
    region("cases", "recheck", "approval")
    assert region.command("approvals", "approve", number, "--by", "li.ming", "--json").code == 4
    shown = region.json("approvals", "show", number)
    assert shown["status"] == "void"
    assert "no longer reviewed" in shown["end"]["reason"]
    (again,) = region.json("approvals", "make", "direct", "--by", "clerk")["lists"]
    assert again["cases"] == 1


def test_some_cases_are_rejected_and_the_others_go_on_a_new_list(region: Region) -> None:
    number = listed(region, 1, 2, 3)
    case = region.json("cases", "list")[0]["case"]
    reject = ("approvals", "reject", number, "--reason", "材料不符", "--by", "li.ming")
    assert region.refused(*reject, "--case", 999) == "approval.not-listed"
    done = region.json(*reject, "--case", case)
    assert (done["rejected"], done["status"], [each["cases"] for each in done["lists"]]) == (1, "void", [2])
    rest = done["lists"][0]["list"]
    assert "2 cases are rejected" in region("approvals", "reject", rest, "--reason", "材料不符", "--by", "li.ming")
    assert region.statuses() == {"rejected": 3}


def test_a_list_can_be_taken_back(region: Region) -> None:
    number = listed(region, 1)
    assert region.refused("approvals", "void", number, "--reason", " ", "--by", "clerk") == "approval.reason"
    assert "已作废" in region("approvals", "void", number, "--reason", "重新分配", "--by", "clerk", "--lang", "zh")
    assert region.json("approvals", "list")[0]["status"] == "void"


def test_cases_without_budget_stay_out_and_are_counted(region: Region) -> None:
    region.write_rules("direct")
    region.sweep([1, 2])
    region("cases", "open")
    region("cases", "recheck", "approval")
    made = region.json("approvals", "make", "direct", "--by", "clerk")
    assert (made["lists"], made["without_budget"]) == ([], 2)
    assert "2 项待预算" in region("approvals", "make", "direct", "--by", "clerk", "--lang", "zh")


def test_roles_are_granted_by_others_and_taken_back(region: Region) -> None:
    region.write_rules("direct")
    assert region.refused("approvals", "grant", "li.ming", "reviewer", "--by", "li.ming") == "role.own"
    assert region.refused("approvals", "grant", "li.ming", "two words", "--by", "admin") == "role.name"
    assert region.refused("approvals", "grant", "system", "reviewer", "--by", "admin") == "approval.not-a-person"
    assert region.json("approvals", "grant", "li.ming", "reviewer", "--by", "admin")["changed"]
    assert "nothing changed" in region("approvals", "grant", "li.ming", "reviewer", "--by", "admin")
    assert [row["role"] for row in region.json("approvals", "roles", "--person", "li.ming")] == ["reviewer"]
    assert "授予人" in region("approvals", "roles", "--lang", "zh")
    assert "已收回" in region("approvals", "revoke", "li.ming", "reviewer", "--by", "admin", "--lang", "zh")
    assert region.json("approvals", "roles") == []


@pytest.mark.parametrize(
    "words",
    [
        ("approvals", "approve", "1"),
        ("approvals", "approve", "first", "--by", "x"),
        ("approvals", "reject", "1", "--by", "x"),
        ("approvals", "grant", "li.ming", "--by", "x"),
        ("approvals", "make", "direct", "--by", "x" * 101),
    ],
)
def test_what_is_missing_or_wrong_is_a_usage_error(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == 2


def test_errors_are_objects_for_programs(region: Region) -> None:
    ended = region.command("approvals", "show", 999, "--json")
    assert (ended.code, ended.out) == (2, "")
    error = json.loads(ended.err)["error"]
    assert (error["code"], error["retry_helps"]) == ("approval.unknown", False)
