"""`policy-match cases` on a small invented region: opening, answers, silence, rechecks, exclusions, appeals."""

import json

import pytest

from tests.functional.region import Command, Region
from tests.support.cases import amended, budget, process, stacking, tables, uscc

FIRST, SECOND, THIRD = uscc(1), uscc(2), uscc(3)


def opened(region: Region, *policies: str, firms: int = 3) -> None:
    """Open the cases of these policies for the first firms."""
    region.write_rules(*policies)
    region.sweep(range(1, firms + 1))
    region("cases", "open")


def test_cases_go_from_the_sweep_to_the_money_by_commands_alone(region: Region) -> None:
    region.write_rules("direct", "confirm")
    sweep = region.sweep([1, 2, 3])
    opening = region.json("cases", "open", "--by", "wang.fang")
    assert (opening["opening"], opening["sweep"], opening["cases"], opening["amount"]) == (1, sweep, 6, "6003.00")
    assert region.json("cases", "open")["opening"] is None
    assert region.json("cases", "notify") == {"notified": 3}
    region.tell()
    asked = region.cases(policy="confirm", status="notified")
    assert {case["deadline"] for case in asked.values()} == {"2025-07-08"}
    first, second = (asked["confirm", firm]["case"] for firm in (FIRST, SECOND))
    assert region.json("cases", "confirm", first, "--by", f"firm:{FIRST}") == {"taken": 1, "refused": []}
    region("cases", "decline", second, "--reason", "已享受其他政策", "--by", f"firm:{SECOND}")
    region("cases", "reconsider", second, "--by", f"firm:{SECOND}")
    region("cases", "confirm", second, "--by", "wang.fang")
    region.clock.move(8)
    closed = region.json("cases", "close-windows")
    assert (closed["lapsed"], closed["accepted"], closed["closed"], closed["not_reached"]) == (1, 0, 0, 0)
    found = region.json("cases", "recheck", "approval")
    assert (found["outcomes"]["eligible"], found["steps"]["review"]) == (5, 5)
    region.fund("jobs", 100_000)
    region.grant_roles()
    for policy in ("direct", "confirm"):
        region("budget", "allocate", policy, "--by", "treasury")
        region.approve(policy)
    assert region.json("cases", "publish") == {"published": 2}
    assert region.statuses() == {"approved": 3, "published": 2, "waived": 1}
    assert region.cases(policy="confirm", status="published")["confirm", FIRST]["deadline"] == "2025-07-16"
    region.clock.move(8)
    assert region.json("cases", "recheck", "payment")["outcomes"]["eligible"] == 5
    region.state_accounts(1, 2, 3)
    assert region.json("payments", "order", "--by", "clerk")["orders"] == 5
    region("payments", "send", "--by", "clerk")
    payments = [payment for batch in region.received() for payment in batch.payments]
    region("payments", "take", region.statement(*(region.booking(payment) for payment in payments)))
    assert region.json("payments", "reconcile", "--close", "--by", "li.ming")["closed"] == 5
    assert region.statuses() == {"closed": 5, "waived": 1}
    assert region.json("ledger", "show")["lines"][0]["balances"]["paid"] == "5002.00"


def test_a_case_tells_its_whole_story_in_both_languages(region: Region) -> None:
    batch = region.sent(1)
    region("payments", "take", region.statement(region.booking(batch.payments[0])))
    (case,) = region.cases().values()
    story = region.json("cases", "show", case["case"])
    assert [event["event"] for event in story["events"]] == ["review", "approve", "order", "settle"]
    assert all(len(event["digest"]) == 64 and event["by"] and event["at"] for event in story["events"])
    assert story["entitlement"] == {"decided": "1000.00", "entitled": "1000.00", "steps": []}
    assert story["budget"][0]["lines"] == {"jobs-2025": "1000.00"}
    assert [each["person"] for each in story["lists"][0]["signatures"]] == ["li.ming", "zhao.lei"]
    assert story["orders"][0]["amount"] == "1000.00"
    assert [step["event"] for step in story["attempts"][0]["steps"]] == ["send", "settle"]
    chinese = region("cases", "show", case["case"], "--lang", "zh")
    english = region("cases", "show", case["case"])
    for word in ("经过", "复核", "预算", "审批", "支付令", "支付尝试 1", "已付讫", "银行付讫"):
        assert word in chinese
    for word in ("Events", "Rechecks", "Budget", "Approval", "Orders", "Attempt 1", "settled", "li.ming (reviewer)"):
        assert word in english


def test_the_arithmetic_and_what_was_not_chosen_are_shown(region: Region) -> None:
    either = tables(stacking("jobs", "exclusive"), budget(), process())
    region.write_rules("capped", high=amended("high", tables=either), low=amended("low", tables=either))
    region.sweep([1])
    region("cases", "open")
    (case,) = region.cases(policy="high").values()
    shown = region("cases", "show", case["case"])
    assert "decided 800.00 yuan" in shown
    assert "not chosen 1: " in shown
    (limited,) = region.cases(policy="capped").values()
    story = region.json("cases", "show", limited["case"])
    assert story["entitlement"]["steps"] == [
        {
            "code": "year_limit",
            "before": "1000.00",
            "after": "600.00",
            "detail": "",
            "text": "limit of the policy in the calendar year",
            "text_zh": "本政策年度上限",
        }
    ]
    assert "1,000.00 → 600.00" in region("cases", "show", limited["case"], "--lang", "zh")


def test_prior_aid_is_deducted_and_a_bad_line_is_reported(region: Region) -> None:
    region.write_rules("prior")
    rows = ["source,reference,uscc,matter,paid_on,amount_yuan", f"财政局,A-1,{FIRST},equipment,2024-05-01,400.00"]
    table = region.folder / "aid.csv"
    table.write_text("\n".join([*rows, f"财政局,A-2,{SECOND},equipment,昨天,1"]), encoding="gb18030")
    found = region.json("cases", "import-prior-aid", table, "--by", "wang.fang")
    assert (found["added"], [each["because"] for each in found["refused"]]) == (1, ["day"])
    again = region("cases", "import-prior-aid", table, "--by", "wang.fang", "--lang", "zh")
    assert "新增 0 行，已有 1 行，未采用 1 行" in again
    region.sweep([1])
    region("cases", "open")
    (case,) = region.cases().values()
    assert case["amount"] == "600.00"


def test_a_table_of_prior_aid_without_its_header_is_one_line(region: Region) -> None:
    table = region.folder / "aid.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    assert region.refused("cases", "import-prior-aid", table, "--by", "x") == "prior-aid.header"
    table.write_bytes(b"\xff\xfe\x00")
    assert region.command("cases", "import-prior-aid", table, "--by", "x").code == 2


def test_an_answer_that_cannot_be_taken_is_refused_and_the_others_are_taken(region: Region) -> None:
    opened(region, "confirm")
    region("cases", "notify")
    asked = region.cases()
    first, second = (asked["confirm", firm]["case"] for firm in (FIRST, SECOND))
    ended = region.command("cases", "confirm", first, second, 999, "--by", f"firm:{FIRST}", "--json")
    assert ended.code == 2
    told = json.loads(ended.out)
    assert (told["taken"], [each["code"] for each in told["refused"]]) == (1, ["case.not-yours", "case.unknown"])
    assert region.command("cases", "confirm", first, "--by", f"firm:{FIRST}").code == 2
    region.clock.move(30)
    late = region.command("cases", "confirm", second, "--by", f"firm:{SECOND}", "--json")
    assert json.loads(late.out)["refused"][0]["code"] == "case.late"


def test_who_is_no_longer_eligible_is_withdrawn_with_the_reason(region: Region) -> None:
    opened(region, "direct")
    region.sweep([1, 2, 3], {2: {"参保人数": 0}})
    region("cases", "exclude", THIRD, "--reason", "严重失信", "--by", "li.ming", "--until", "2028-06-30")
    found = region.json("cases", "recheck", "approval")
    assert {name: count for name, count in found["outcomes"].items() if count} == {
        "eligible": 1,
        "ineligible": 1,
        "excluded": 1,
    }
    assert region.statuses() == {"reviewed": 1, "withdrawn": 2}
    case = region.cases(firm=SECOND)["direct", SECOND]["case"]
    assert "按最新数据已不符合条件" in region("cases", "show", case, "--lang", "zh")


def test_an_exclusion_is_listed_and_lifted(region: Region) -> None:
    region.write_rules("direct")
    words = ("cases", "exclude", f" {FIRST.lower()}", "--policy", "direct", "--reason", "失信", "--by", "li.ming")
    number = region.json(*words)["exclusion"]
    region("cases", "lift-exclusion", number, "--reason", "信用修复", "--by", "li.ming")
    assert region.refused("cases", "lift-exclusion", number, "--reason", "x", "--by", "y") == "exclusion.unknown"
    (row,) = region.json("cases", "exclusions", "--firm", FIRST)
    assert (row["uscc"], row["policy_id"], row["since"], row["lifted"]) == (FIRST, "direct", "2025-07-01", "信用修复")
    assert "信用修复" in region("cases", "exclusions")
    wrong = ("cases", "exclude", FIRST, "--since", "2025-07-02", "--until", "2025-07-01", "--reason", "x", "--by", "y")
    assert region.refused(*wrong) == "exclusion.incomplete"


def test_an_appeal_shows_the_old_decision_and_the_one_on_corrected_facts(region: Region) -> None:
    region.write_rules("direct")
    region.sweep([1, 2], {2: {"参保人数": 0}})
    words = ("cases", "appeal", SECOND, "--policy", "direct", "--ground", "参保人数有误", "--by", f"firm:{SECOND}")
    corrected = (*words, "--fact", "headcount=12", "--source", "人社局复核")
    found = region.json(*corrected)
    replay = found["replay"]
    assert replay["same_as_kept"]
    assert (replay["old"]["outcome"], replay["corrected"]["outcome"]) == ("ineligible", "eligible")
    assert replay["corrected"]["amount"] == "1000.50"
    shown = region("cases", "appeals", found["appeal"], "--lang", "zh")
    assert "与原判定一致" in shown
    assert "1000.50" in shown
    assert [each["appeal"] for each in region.json("cases", "appeals")] == [found["appeal"]]
    assert "corrected facts" in region(*words)
    assert region.json("cases", "appeals", "--unanswered") == []


def test_an_appeal_that_cannot_be_decided_is_one_line(region: Region) -> None:
    region.write_rules("direct")
    region.sweep([1])
    words = ("cases", "appeal", FIRST, "--ground", "x", "--by", "y", "--policy")
    assert region.refused(*words, "nothing") == "appeal.not-decided"
    assert region.refused(*words, "direct", "--fact", "headcount=12") == "replay.no-source"
    assert region.refused(*words, "direct", "--fact", "headcout=12", "--source", "x") == "replay.fact-not-read"
    assert region.refused("cases", "appeals", 999) == "appeal.unknown"
    assert region.command(*words, "direct", "--fact", "headcount").code == 2


def test_equity_ends_in_a_contract_and_never_in_an_order(region: Region) -> None:
    opened(region, "equity", firms=1)
    region("cases", "notify")
    (case,) = (each["case"] for each in region.cases().values())
    region("cases", "confirm", case, "--by", f"firm:{FIRST}")
    region("cases", "recheck", "approval")
    region.grant_roles()
    region.approve("equity")
    region("cases", "publish")
    words = ("cases", "contract", case, "--reference", "协议 7", "--by", "sun.li")
    assert region.refused(*words) == "case.early"
    region.clock.move(7)
    assert region.refused(*words) == "case.recheck"
    region("cases", "recheck", "payment")
    assert region.json("payments", "order")["orders"] == 0
    assert region.json(*words)["status"] == "contracted"
    assert "已办结" in region("cases", "close-contract", case, "--by", "sun.li", "--lang", "zh")
    assert region.refused("cases", "close-contract", case, "--by", "sun.li") == "case.step"
    assert region.statuses() == {"closed": 1}


def test_silence_that_counts_as_acceptance_and_firms_only_informed(region: Region) -> None:
    opened(region, "silent", "relief", firms=2)
    assert region.json("cases", "notify") == {"notified": 4}
    region.clock.move(9)
    assert region.json("cases", "close-windows") == {
        "lapsed": 0,
        "accepted": 2,
        "closed": 2,
        "extended": 0,
        "not_reached": 0,
        "not_reached_amount": "0.00",
    }
    assert "默示同意 0 项" in region("cases", "close-windows", "--lang", "zh")


def test_the_list_is_filtered_paged_and_counted(region: Region) -> None:
    opened(region, "direct", "confirm")
    page = region.json("cases", "list", "--policy", "direct", "--most", 2)
    assert len(page) == 2
    rest = region.json("cases", "list", "--policy", "direct", "--after", page[-1]["case"])
    assert [case["uscc"] for case in [*page, *rest]] == [FIRST, SECOND, THIRD]
    assert "go on with --after" in region("cases", "list", "--most", 1)
    counts = region.json("cases", "list", "--counts", "--firm", FIRST)
    assert {(each["policy_id"], each["status"], each["cases"]) for each in counts} == {
        ("direct", "matched", 1),
        ("confirm", "matched", 1),
    }
    assert "已匹配" in region("cases", "list", "--counts", "--lang", "zh")
    assert "Cases: none" in region("cases", "list", "--status", "paid")


def test_a_year_without_a_calendar_names_the_file_to_write(region: Region) -> None:
    opened(region, "confirm")
    region.clock.move(3650)
    assert region.refused("cases", "notify") == "calendar.year"


def test_a_recheck_only_waits_where_facts_are_unknown(region: Region) -> None:
    region.write_rules(careful=amended("direct", when="headcount > 0 and tax_retained > 0"))
    region.sweep([1, 2])
    region("cases", "open")
    region.sweep([1, 2], {1: {"留存": ""}})
    assert "cannot be said by the newest facts" in region("cases", "recheck", "approval")
    assert region.statuses() == {"matched": 1, "reviewed": 1}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("cases", "show", "999"), "case.unknown"),
        (("cases", "open", "--sweep", "abcdef"), None),
        (("cases", "open"), None),
    ],
)
def test_what_is_not_there_is_one_line(region: Region, words: tuple[str, ...], code: str | None) -> None:
    found = region.refused(*words)
    assert code in (None, found)


@pytest.mark.parametrize(
    "words",
    [
        ("cases", "show", "many"),
        ("cases", "show", "99999999999"),
        ("cases", "recheck", "lunch"),
        ("cases", "confirm", "1"),
        ("cases", "confirm", "--by", "x"),
        ("cases", "decline", "1", "--by", "x"),
        ("cases", "list", "--status", "lost"),
        ("cases", "list", "--due-by", "soon"),
        ("cases", "exclude", FIRST, "--by", "x"),
        ("cases", "exclude", FIRST[:-1], "--reason", "x", "--by", "x"),
    ],
)
def test_what_is_missing_or_wrong_is_a_usage_error(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == 2
