"""What a firm's pages say of its cases when it can answer no more, or never could: no button that is always refused."""

import re
from datetime import date
from pathlib import Path

import pytest
from lxml import html
from lxml.html import HtmlElement

from policy_match.cases.model import Status
from policy_match.services.answer_cases import AnswerKind
from policy_match.services.notify_cases import close_windows
from policy_match.services.staff_steps import extend_cases
from policy_match.storage.unit_of_work import Database
from tests.support.api import NOWHERE, ApiClient, WorldDesk, client_of, firm_user
from tests.support.cases import (
    CALENDAR,
    PolicyText,
    World,
    amended,
    answer,
    approve_world,
    budget,
    chosen,
    firms,
    head,
    make_world,
    notify_world,
    open_world,
    process,
    publish_world,
    recheck_world,
    stacking,
    statuses,
    tables,
    uscc,
)

LAST_DAY = "2025年7月8日"
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Two firms, each asked about two benefits, and told of four that it sees to by itself."""
    policies = {
        **chosen("confirm", "silent", "relief", "reminder"),
        "applied": PolicyText(head=head("apply")),
        "unclear": PolicyText(head=head("none")),
        "alone": amended("direct", tables=tables(stacking("solitary", "exclusive"), budget(), process())),
        "one": amended("direct", tables=tables(stacking("pick", "exclusive"), budget(), process())),
        "other": amended(
            "direct", tables=tables(stacking("pick", "exclusive"), budget(), process()), amount="premium * 0.3"
        ),
        **{
            name: amended("direct", tables=tables(budget(), process(), '[prior_aid]\nmatters = ["equipment"]'))
            for name in ("matter-a", "matter-b")
        },
    }
    world = make_world(database, tmp_path, policies, firms(2))
    open_world(world)
    notify_world(world)
    return world


def client(world: World) -> ApiClient:
    return client_of(WorldDesk(world, NOWHERE), firm_user(uscc(1)))


def case_of(world: World, policy: str) -> int:
    (found,) = [item["case_id"] for item in client(world).pages("/firm/cases") if item["policy_id"] == policy]
    return int(found)


def page(world: World, path: str = "") -> HtmlElement:
    answered = client(world).client.get(f"/enterprise{path}")
    assert answered.status_code == 200, answered.get_data(as_text=True)
    return html.fromstring(answered.get_data(as_text=True))


def card(world: World, policy: str) -> HtmlElement:
    return page(world, f"/cases/{case_of(world, policy)}")


def text(part: HtmlElement) -> str:
    return " ".join(part.find(".//main").text_content().split())


def forms(part: HtmlElement) -> set[str]:
    return {form.get("action").rpartition("/")[2] for form in part.iterfind(".//main//form")}


def chip(part: HtmlElement) -> tuple[str, str]:
    """Return the words of the first chip of a card, and its colour."""
    first = part.xpath("//main//section//span[contains(@class, 'chip')]")[0]
    return first.text_content(), first.get("class").removeprefix("chip").strip()


def test_a_case_is_answered_on_its_last_day_and_shows_no_button_after_it(world: World) -> None:
    world.clock.move(7)
    assert {"confirm", "decline"} <= forms(card(world, "confirm"))
    assert client(world).get(f"/firm/cases/{case_of(world, 'confirm')}").get_json()["case"]["can"] == [
        "confirm",
        "decline",
    ]
    world.clock.move(1)
    over = card(world, "confirm")
    assert not {"confirm", "decline"} & forms(over)
    assert chip(over)[0] == "答复期限已过"
    assert "等您办理" not in text(over)
    assert client(world).get(f"/firm/cases/{case_of(world, 'confirm')}").get_json()["case"]["can"] == []


@pytest.mark.parametrize(
    ("policy", "silence"), [("confirm", "未收到通知的，不视为放弃"), ("silent", "逾期未答复的视为接受")]
)
def test_after_the_last_day_a_card_says_what_follows_and_whom_to_ask(world: World, policy: str, silence: str) -> None:
    world.clock.move(8)
    told = text(card(world, policy))
    assert f"答复期限已于{LAST_DAY}届满" in told
    assert silence in told
    assert "请联系人社局" in told or "请尽快联系人社局" in told


def test_a_refusal_can_be_taken_back_until_the_last_day_and_shows_no_button_after_it(world: World) -> None:
    answer(world, case_of(world, "confirm"), AnswerKind.DECLINE, "不需要")
    world.clock.move(7)
    assert "reconsider" in forms(card(world, "confirm"))
    world.clock.move(1)
    over = card(world, "confirm")
    assert "reconsider" not in forms(over)
    assert f"放弃最晚可在{LAST_DAY}撤回，现已过期" in text(over)


def test_a_case_on_display_is_objected_to_until_its_last_day(world: World) -> None:
    case = case_of(world, "confirm")
    answer(world, case)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    assert "对公示提出异议" in text(card(world, "confirm"))
    world.clock.move(7)
    assert "对公示提出异议" in text(card(world, "confirm"))
    world.clock.move(1)
    assert "对公示提出异议" not in text(card(world, "confirm"))


def test_more_time_brings_the_button_back(world: World) -> None:
    world.clock.move(8)
    assert "confirm" not in forms(card(world, "confirm"))
    close_windows(world.database, CALENDAR, clock=world.clock)
    assert statuses(world, "confirm") == [Status.NOTIFIED, Status.NOTIFIED], "nobody reached the firms"
    assert statuses(world, "silent") == [Status.CONFIRMED, Status.CONFIRMED]
    case, until = case_of(world, "confirm"), date(2025, 7, 15)
    extend_cases(world.database, CALENDAR, [case], until=until, reason="未送达", by="li.ming", clock=world.clock)
    assert "confirm" in forms(card(world, "confirm"))


def test_what_is_past_its_last_day_is_not_counted_as_waiting(world: World) -> None:
    assert client(world).get("/firm/home").get_json()["to_answer"] == 2
    world.clock.move(8)
    home = client(world).get("/firm/home").get_json()
    assert (home["to_answer"], home["to_answer_fen"], home["answer_by"], home["missed"]) == (0, 0, None, 2)
    assert client(world).pages("/firm/cases", waiting="true") == []
    told = text(page(world))
    assert "最早截止" not in told
    assert "请于" not in told
    assert "没有等您办理的事项" in told
    assert "另有 2 项的答复期限已过" in told


def test_a_usual_day_that_is_past_is_not_said_to_lie_ahead(world: World) -> None:
    answer(world, case_of(world, "confirm"))
    assert "一般于 2025年7月4日 前" in text(card(world, "confirm"))
    world.clock.move(10)
    late = text(card(world, "confirm"))
    assert "一般于" not in late
    assert late.count("已超过通常时限（2025年7月4日）") == 2, "on the card and in its progress"
    file = client(world).get(f"/firm/cases/{case_of(world, 'confirm')}").get_json()
    assert (file["next_step"]["is_usual"], file["next_step"]["is_late"]) == (True, True)


def test_a_refusal_names_the_last_day_as_people_write_it(world: World) -> None:
    case = case_of(world, "confirm")
    world.clock.move(8)
    late = client(world).post(f"/firm/cases/{case}/confirm")
    assert (late.status_code, late.get_json()["code"]) == (409, "case.late")
    assert LAST_DAY in late.get_json()["detail"]
    assert ISO_DAY.search(late.get_json()["detail"]) is None


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("relief", "已告知；须由您在申报时自行填报享受"),
        ("applied", "已告知；须另行向主管部门申请"),
        ("reminder", "已告知；须由您在有效期届满前自行办理延期"),
        ("unclear", "已告知；本项不经本平台办理"),
    ],
)
def test_what_a_firm_is_only_told_of_never_looks_done(world: World, policy: str, words: str) -> None:
    for status in (Status.NOTIFIED, Status.CLOSED):
        assert set(statuses(world, policy)) == {status}
        shown = card(world, policy)
        assert words in text(shown)
        assert "无须再办理" not in text(shown)
        assert "办结" not in text(shown)
        assert chip(shown) == ("已告知", "")
        world.clock.move(1)
        close_windows(world.database, CALENDAR, clock=world.clock)


def test_the_list_says_told_of_what_was_closed_after_telling(world: World) -> None:
    world.clock.move(1)
    close_windows(world.database, CALENDAR, clock=world.clock)
    rows = [row.text_content() for row in page(world, "/cases").iterfind(".//tbody/tr")]
    (row,) = [row for row in rows if "示例 relief" in row]
    assert "已告知" in row
    assert "已办结" not in row


def test_what_is_told_in_a_moment_is_not_said_to_be_told(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, ("relief",), 1)
    open_world(world)
    shown = text(card(world, "relief"))
    assert "须由您在申报时自行填报享受" in shown
    assert "已告知" not in shown
    assert "通知企业" in shown


def test_a_group_of_one_is_left_out_and_what_nothing_limits_is_said(world: World) -> None:
    found = client(world).get("/firm/combinations").get_json()
    assert [group["group"] for group in found["items"]] == ["pick"]
    assert [each["policy_id"] for each in found["free"]] == [
        "alone",
        "applied",
        "confirm",
        "relief",
        "reminder",
        "silent",
        "unclear",
    ]
    shown = page(world, "/combinations")
    (free,) = [each for each in shown.iterfind(".//section") if "与其他政策无互斥，可同时享受" in each.text_content()]
    assert "示例 alone" in free.text_content()
    assert "示例 one" not in free.text_content()
    assert "示例 matter" not in text(shown)
