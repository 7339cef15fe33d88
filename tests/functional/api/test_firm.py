"""A firm over the API: what it is owed and why, its answers, objections and appeals, its account and its inbox."""

import hashlib
from pathlib import Path

import pytest

from policy_match.cases.model import Status
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.unit_of_work import Database
from tests.support.api import NOWHERE, ApiClient, TestDesk, WorldDesk, client_of, firm_user
from tests.support.cases import (
    CALENDAR,
    OUTSIDER,
    World,
    amended,
    answer,
    approve_world,
    budget,
    chosen,
    firm,
    make_world,
    notify_world,
    open_world,
    process,
    publish_world,
    recheck_world,
    statuses,
    tables,
    uscc,
    write_policies,
)
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import app_connection, fill
from tests.support.payment_flow import cases as flow_cases

SEALER = AccountSealer([b"only for tests, thirty-two bytes"])


class SealingDesk(WorldDesk):
    """A world's desk with keys of its own."""

    account_sealer = SEALER  # type: ignore[assignment]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Two firms, asked whether they want one benefit, told of another, and short of a third; and one that has all."""
    policies = {
        **chosen("confirm", "relief", "high", "low"),
        "larger": amended("direct", when="headcount >= 13", amount="premium * 2"),
        "unsaid": amended("direct", when="tax_retained > 0"),
        "sworn": amended("silent", tables=tables(budget(), process(commitment="yes").replace('"yes"', "true"))),
    }
    world = make_world(
        database, tmp_path, policies, [firm(1, tax_retained=None), firm(2, tax_retained=None), firm(3, headcount=50)]
    )
    open_world(world)
    notify_world(world)
    return world


def client(world: World, number: int = 1) -> ApiClient:
    return client_of(SealingDesk(world, NOWHERE), firm_user(uscc(number)))


def case_of(world: World, policy: str, number: int = 1) -> int:
    items = client(world, number).pages("/firm/cases")
    (found,) = [item["case_id"] for item in items if item["policy_id"] == policy]
    return int(found)


def test_the_home_page_says_what_is_owed_and_what_waits(world: World) -> None:
    home = client(world).get("/firm/home").get_json()
    assert (home["to_answer"], home["to_answer_fen"]) == (2, 200_000)
    assert home["owed_fen"] == 200_000 + 80_000
    assert (home["paid"], home["paid_fen"], home["informed"]) == (0, 0, 1)
    assert home["answer_by"] == "2025-07-08"


def test_a_list_has_the_firms_own_cases_only(world: World) -> None:
    mine, theirs = (client(world, number).pages("/firm/cases") for number in (1, 2))
    assert [item["policy_id"] for item in mine] == [item["policy_id"] for item in theirs]
    assert not {item["case_id"] for item in mine} & {item["case_id"] for item in theirs}


def test_a_file_says_what_happens_next_and_until_when(world: World) -> None:
    found = client(world).get(f"/firm/cases/{case_of(world, 'confirm')}").get_json()
    assert found["next_step"] == {
        "stage": "answer",
        "party": "firm",
        "text": "企业答复",
        "by": "2025-07-08",
        "is_usual": False,
        "is_late": False,
    }
    assert [step["event"] for step in found["steps"]] == ["notify"]
    assert found["entitlement"]["entitled_fen"] == 100_000
    assert "by" not in found["steps"][0]


def test_a_case_of_another_firm_is_not_there(world: World) -> None:
    other = case_of(world, "confirm", 2)
    mine = client(world)
    before = statuses(world)
    for path in ("", "/reasons", "/commitment", "/receipt"):
        assert mine.get(f"/firm/cases/{other}{path}").status_code == 404, path
    for path, body in (
        ("confirm", None),
        ("reconsider", None),
        ("decline", {"reason": "x"}),
        ("objections", {"ground": "x"}),
    ):
        assert mine.post(f"/firm/cases/{other}/{path}", body).status_code == 404, path
    assert statuses(world) == before


def test_a_firm_confirms_its_case_once(world: World) -> None:
    case = case_of(world, "confirm")
    confirmed = client(world).post(f"/firm/cases/{case}/confirm")
    assert confirmed.status_code == 200, confirmed.get_data(as_text=True)
    assert confirmed.get_json()["case"]["status"] == "confirmed"
    assert confirmed.get_json()["next_step"]["party"] == "department"
    again = client(world).post(f"/firm/cases/{case}/confirm")
    assert (again.status_code, again.get_json()["code"]) == (409, "case.step")


def test_a_firm_declines_with_a_reason_and_thinks_again(world: World) -> None:
    case = case_of(world, "confirm")
    declined = client(world).post(f"/firm/cases/{case}/decline", {"reason": "已享受", "because": "had_elsewhere"})
    assert declined.get_json()["case"]["status"] == "declined"
    again = client(world).post(f"/firm/cases/{case}/reconsider")
    assert again.get_json()["case"]["status"] == "notified"
    assert [step["event"] for step in again.get_json()["steps"]] == ["notify", "decline", "reconsider"]


def test_an_answer_after_the_last_day_is_too_late(world: World) -> None:
    case = case_of(world, "confirm")
    world.clock.move(30)
    late = client(world).post(f"/firm/cases/{case}/confirm")
    assert (late.status_code, late.get_json()["code"]) == (409, "case.late")


def test_the_reasons_are_those_of_the_kept_decision(world: World) -> None:
    found = client(world).get(f"/firm/cases/{case_of(world, 'confirm')}/reasons").get_json()
    assert found["same_as_kept"] is True
    (condition,) = found["decision"]["conditions"]
    assert (condition["text"], condition["article"], condition["truth"]) == ("有参保人员", "一", "true")
    assert found["decision"]["arithmetic"]["written_out"] == "2,000 × 0.5"
    sources = {fact["name"]: fact["source"] for fact in found["decision"]["facts"]}
    assert sources == {"headcount": "人社局", "premium": "人社局"}


def test_what_a_firm_declares_by_itself_has_a_letter(world: World) -> None:
    letter = client(world).get(f"/firm/cases/{case_of(world, 'relief')}/commitment").get_json()
    assert "1. 有参保人员" in letter["text"]
    none = client(world).get(f"/firm/cases/{case_of(world, 'confirm')}/commitment")
    assert (none.status_code, none.get_json()["code"]) == (404, "firm.no-commitment")


def test_not_yet_says_what_is_missing_and_how_far_it_is(world: World) -> None:
    found = client(world).get("/firm/not-yet").get_json()
    assert found["is_known"] is True
    larger, unsaid = found["items"]
    assert (larger["policy_id"], larger["outcome"], larger["possible_fen"]) == ("larger", "ineligible", 400_000)
    (failing,) = larger["failing"]
    change = failing["to_change"]
    assert (change["current"], change["target"], change["gap"]) == ("10", ["13"], "3")
    assert (unsaid["policy_id"], unsaid["outcome"], unsaid["possible_fen"]) == ("unsaid", "undetermined", 100_000)
    assert [(fact["name"], fact["source"]) for fact in unsaid["missing"]] == [("tax_retained", "税务局")]
    assert [(each["name"], each["decisions"], each["possible_fen"]) for each in found["unlocks"]] == [
        ("tax_retained", 1, 100_000)
    ]


def test_not_yet_goes_page_by_page(world: World) -> None:
    first = client(world).get("/firm/not-yet", limit=1).get_json()
    second = client(world).get("/firm/not-yet", limit=1, cursor=first["next"]).get_json()
    assert [page["items"][0]["policy_id"] for page in (first, second)] == ["larger", "unsaid"]
    assert second["next"] is None


def test_a_firm_that_no_sweep_knows_is_told_so(world: World) -> None:
    stranger = client_of(SealingDesk(world, NOWHERE), firm_user(uscc(99)))
    assert stranger.get("/firm/not-yet").get_json()["is_known"] is False
    assert stranger.get("/firm/home").get_json()["owed"] == 0


def test_what_excludes_each_other_is_said_with_what_the_firm_has(world: World) -> None:
    (group,) = client(world).get("/firm/combinations").get_json()["items"]
    assert (group["group"], group["rule"]) == ("jobs", "highest")
    assert {each["policy_id"]: len(each["case_ids"]) for each in group["policies"]} == {"high": 1, "low": 0}


def test_an_account_is_kept_sealed_and_shown_masked(world: World) -> None:
    stated = {"holder": "示例1有限公司", "number": "6228480402564890018", "bank_code": "102452000017"}
    answered = client(world).post("/firm/accounts", stated)
    assert answered.status_code == 200, answered.get_data(as_text=True)
    (account,) = client(world).get("/firm/accounts").get_json()["items"]
    assert (account["account"], account["source"]) == ("**** 0018", "firm")
    assert "6228480402564890018" not in answered.get_data(as_text=True)
    assert client(world, 2).get("/firm/accounts").get_json()["items"] == []


def test_a_wrong_account_is_refused_without_being_repeated(world: World) -> None:
    stated = {"holder": "示例1有限公司", "number": "not-a-number", "bank_code": "102452000017"}
    refused = client(world).post("/firm/accounts", stated)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "firm.account")
    assert "not-a-number" not in refused.get_data(as_text=True)


def test_wishes_are_kept_and_the_last_counts(world: World) -> None:
    nothing = {"channels": [], "language": None, "unwanted": [], "at": None}
    assert client(world).get("/firm/preferences").get_json() == nothing
    client(world).put("/firm/preferences", {"channels": ["email"], "language": "en"})
    last = client(world).put("/firm/preferences", {"channels": ["sms", "email"], "language": "zh"})
    assert last.get_json()["channels"] == ["sms", "email"]
    assert client(world).get("/firm/preferences").get_json()["language"] == "zh"
    assert client(world).put("/firm/preferences", {"channels": ["inbox"]}).status_code == 422


def test_a_suggestion_is_the_firms_own(world: World) -> None:
    made = client(world).post("/firm/suggestions", {"policy_id": "confirm", "text": "请提高比例"})
    assert made.status_code == 201, made.get_data(as_text=True)
    assert [item["text"] for item in client(world).pages("/firm/suggestions")] == ["请提高比例"]
    assert client(world, 2).pages("/firm/suggestions") == []
    unknown = client(world).post("/firm/suggestions", {"policy_id": "nothing", "text": "x"})
    assert unknown.status_code == 404


def test_an_appeal_names_the_facts_that_it_corrects(world: World) -> None:
    body = {
        "policy_id": "larger",
        "ground": "参保人数有误",
        "corrections": [{"fact": "headcount", "value": "14", "source": "社保缴费证明"}],
    }
    made = client(world).post("/firm/appeals", body)
    assert made.status_code == 201, made.get_data(as_text=True)
    number = made.get_json()["appeal"]["appeal_id"]
    assert client(world).get(f"/firm/appeals/{number}").get_json()["appeal"]["corrected"] == ["headcount"]
    assert client(world, 2).get(f"/firm/appeals/{number}").status_code == 404
    assert client(world, 2).pages("/firm/appeals") == []


def test_an_objection_to_ones_own_case_waits_for_an_answer(world: World) -> None:
    case = case_of(world, "confirm")
    answer(world, case)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    made = client(world).post(f"/firm/cases/{case}/objections", {"ground": "金额有误"})
    assert made.status_code == 201, made.get_data(as_text=True)
    assert made.get_json()["case"]["status"] == Status.OBJECTED
    (objection,) = client(world).pages("/firm/objections")
    assert (objection["ground"], objection["outcome"]) == ("金额有误", None)
    assert client(world, 2).pages("/firm/objections") == []


def test_a_case_that_was_not_paid_has_no_receipt(world: World) -> None:
    none = client(world).get(f"/firm/cases/{case_of(world, 'confirm')}/receipt")
    assert (none.status_code, none.get_json()["code"]) == (404, "firm.no-receipt")


def test_the_outsider_has_nothing(world: World) -> None:
    outsider = client_of(SealingDesk(world, NOWHERE), firm_user(OUTSIDER))
    assert outsider.pages("/firm/cases") == []
    assert len(outsider.get("/firm/not-yet").get_json()["items"]) == len(world.rules.policies)


def test_a_paid_case_has_a_receipt_and_shows_its_way(database: Database, database_url: str, tmp_path: Path) -> None:
    clock = fill(database, database_url, flow_cases(70_000, 30_000))
    with app_connection(database_url) as connection:
        connection.execute(
            "INSERT INTO entitlement SELECT opening, place, uscc, record_id, entitled_fen, entitled_fen, 'owed', NULL"
            " FROM benefit_case"
        )
    desk, bank = Desk(database=database, clock=clock), Inbox()
    desk.pay(bank)
    desk.take(desk.statement(desk.booking(bank.payments[0]), desk.booking(bank.payments[1])))
    rules = write_policies(tmp_path, chosen("direct"))
    mine = client_of(TestDesk(database, rules, clock, NOWHERE), firm_user(uscc(1)))
    home = mine.get("/firm/home").get_json()
    assert (home["paid"], home["paid_fen"], home["to_answer"]) == (1, 70_000, 0)
    receipt = mine.get("/firm/cases/1/receipt").get_json()
    assert (receipt["amount_fen"], receipt["account"], receipt["booked_on"]) == (70_000, "**** 0001", "2025-07-01")
    assert receipt["holder"] == f"示例{uscc(1)}有限公司"
    (payment,) = mine.get("/firm/cases/1").get_json()["payments"]
    assert [step["event"] for step in payment["steps"]] == ["send", "settle"]
    assert mine.get("/firm/cases/2/receipt").status_code == 404


def test_what_waits_for_the_firm_is_what_it_is_asked(world: World) -> None:
    waiting = client(world).pages("/firm/cases", waiting="true")
    assert [item["policy_id"] for item in waiting] == ["confirm", "sworn"]


def test_a_file_says_what_is_still_to_come(world: World) -> None:
    found = client(world).get(f"/firm/cases/{case_of(world, 'confirm')}").get_json()
    assert found["ahead"] == ["answer", "review", "approval", "publicity", "order", "bank"]
    assert found["wants_letter"] is False


def test_a_benefit_with_a_letter_is_taken_by_signing_it(world: World) -> None:
    case, mine = case_of(world, "sworn"), client(world)
    assert mine.get(f"/firm/cases/{case}").get_json()["wants_letter"] is True
    unsigned = mine.post(f"/firm/cases/{case}/confirm")
    assert (unsigned.status_code, unsigned.get_json()["code"]) == (409, "case.letter")
    letter = mine.get(f"/firm/cases/{case}/commitment").get_json()
    assert letter["digest"] == hashlib.sha256(letter["text"].encode()).hexdigest()
    signed = mine.post(f"/firm/cases/{case}/commitment", {"letter": letter["digest"], "signatory": "张三"})
    assert signed.status_code == 200, signed.get_data(as_text=True)
    assert signed.get_json()["case"]["status"] == "confirmed"
    assert signed.get_json()["steps"][-1]["reason"].endswith(f"张三, SHA-256 {letter['digest']}")


def test_another_letter_is_not_signed(world: World) -> None:
    case, mine = case_of(world, "sworn"), client(world)
    refused = mine.post(f"/firm/cases/{case}/commitment", {"letter": "0" * 64, "signatory": "张三"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "firm.other-letter")
    nobody = mine.post(f"/firm/cases/{case}/commitment", {"letter": "0" * 64, "signatory": " "})
    assert nobody.status_code == 422
    other = client(world, 2).post(f"/firm/cases/{case}/commitment", {"letter": "0" * 64, "signatory": "李四"})
    assert other.status_code == 404


def test_at_the_counter_a_letter_is_signed_on_paper(world: World) -> None:
    case = case_of(world, "sworn")
    given = Answer(case_id=case, kind=AnswerKind.CONFIRM, by="wang.fang")
    assert answer_cases(world.database, CALENDAR, [given], clock=world.clock).taken == 1


def test_messages_about_one_case_are_found(world: World) -> None:
    case = case_of(world, "confirm")
    assert client(world).pages("/firm/inbox", case_id=case) == []
