"""`policy-match notices`: writing, finding, reading, handing over; contacts, wishes and suppressions."""

from pathlib import Path

import pytest

from tests.functional.region import Region, account_number
from tests.support.cases import uscc
from tests.support.template_texts import FOLDER

FIRST, SECOND = f"firm:{uscc(1)}", f"firm:{uscc(2)}"
EMAIL, PHONE = "invented.one@example.com", "+8619900000000"
BY = ("--by", "wang.fang")


@pytest.fixture
def asked(region: Region) -> Region:
    """Two firms that are asked about one policy; their notices are written."""
    region.write_rules("confirm")
    region.sweep([1, 2])
    region("cases", "open")
    region("cases", "notify")
    assert region.json("notices", "prepare") == {"written": 2, "held": 0, "overtaken": 0}
    return region


def write_contacts(region: Region, *rows: tuple[str, str, str]) -> Path:
    """Write a table of contacts."""
    return region.write_table(
        "contacts.csv", [{"收件人": who, "渠道": channel, "地址": address} for who, channel, address in rows]
    )


def test_notices_are_written_listed_and_shown_in_both_languages(asked: Region) -> None:
    (first, second) = asked.json("notices", "list")
    assert (first["kind"], first["status"], second["recipient"]) == ("confirmation_asked", "open", SECOND)
    assert first["subject"] == "请确认是否享受：示例 confirm"
    assert asked.json("notices", "list", "--counts") == [
        {"kind": "confirmation_asked", "status": "open", "notices": 2, "oldest": first["since"]}
    ]
    story = asked.json("notices", "show", 1)
    assert story["text"]["body"].startswith("示例1有限公司")
    assert [step["event"] for step in story["events"]] == ["prepare"]
    assert [each["channel"] for each in story["deliveries"]] == ["inbox"]
    for language, words in (
        ("zh", ("请确认", "拟写", "站内信", "已交出")),
        ("en", ("prepare", "inbox", "handed_over")),
    ):
        shown = asked("notices", "show", 1, "--lang", language)
        assert all(word in shown for word in words)
        assert asked("notices", "list", "--lang", language)
        assert asked("notices", "list", "--counts", "--lang", language)


def test_lists_go_on_where_they_stopped(asked: Region) -> None:
    assert "--after 1" in asked("notices", "list", "--most", 1)
    assert [each["notice"] for each in asked.json("notices", "list", "--after", 1)] == [2]
    assert asked.json("notices", "list", "--status", "held") == []
    assert [each["notice"] for each in asked.json("notices", "list", "--recipient", uscc(2))] == [2]


def test_the_inbox_is_read_once(asked: Region) -> None:
    (message,) = asked.json("notices", "inbox", FIRST, "--unread")
    assert (message["notice"], message["read_at"]) == (1, None)
    assert asked.json("notices", "read", FIRST, 1) == {"read": 1, "read_before": 0, "not_there": []}
    assert asked.json("notices", "read", FIRST, 1) == {"read": 0, "read_before": 1, "not_there": []}
    assert asked.json("notices", "inbox", FIRST, "--unread") == []
    assert asked.refused("notices", "read", FIRST, 2) == "notice.unknown"
    assert asked.json("notices", "list", "--status", "reached")[0]["notice"] == 1


def test_a_person_hands_notices_over_by_number_or_by_a_table(asked: Region) -> None:
    done = asked.json("notices", "reached", "--id", 1, "--reason", "窗口当面告知", *BY)
    assert (done["reached"], done["reached_before"]) == (1, 0)
    table = asked.write_table("told.csv", [{"通知编号": "1"}, {"通知编号": "2"}, {"通知编号": "x"}, {"通知编号": "99"}])
    ended = asked.command("notices", "reached", "--file", table, "--reason", "上门告知", *BY)
    assert ended.code == 2
    assert "1 recorded as handed over, 1 had reached" in ended.out
    assert [line.split(":")[0] for line in ended.err.splitlines()] == [
        "row 4",
        "there is no notice 99; `policy-match notices list` lists them",
    ]
    assert asked.json("notices", "list", "--status", "reached", "--counts")[0]["notices"] == 2
    wrong = asked.write_table("wrong.csv", [{"编号": "1"}])
    assert asked.refused("notices", "reached", "--file", wrong, "--reason", "x", *BY) == "notice.column"
    assert asked.command("notices", "reached", "--reason", "x", *BY).code == 2


def test_contacts_are_taken_row_by_row_and_never_shown(asked: Region) -> None:
    table = write_contacts(
        asked,
        (uscc(1), "email", EMAIL),
        (uscc(1), "手机", PHONE),
        (uscc(2), "email", "invented"),
        ("nobody.knows", "sms", PHONE),
        (uscc(1), "email", EMAIL),
    )
    report = asked.folder / "refused.csv"
    ended = asked.command("notices", "import-contacts", table, "--source", "tax", "--report", report, *BY)
    assert ended.code == 0
    assert "took 2 addresses, 1 were known; 2 rows were refused" in ended.out
    refused = report.read_text(encoding="utf-8-sig").splitlines()
    assert refused[1].startswith(f"4,{SECOND},email,")
    assert refused[2].startswith("5,,sms,")
    listed = asked("notices", "contacts", "--recipient", FIRST)
    assert "i***@example.com" in listed
    for written in (ended.out, ended.err, listed, report.read_text(encoding="utf-8-sig")):
        assert EMAIL not in written
        assert PHONE not in written
    found = asked.json("notices", "contacts", "--channel", "sms")
    assert [(each["recipient"], each["address"]) for each in found] == [(FIRST, "***0000")]


def test_a_table_without_a_good_row_or_without_its_columns_is_refused(asked: Region) -> None:
    table = write_contacts(asked, (uscc(1), "email", "invented"))
    ended = asked.command("notices", "import-contacts", table, "--source", "tax", *BY)
    assert ended.code == 2
    assert asked.refused("notices", "import-contacts", table, *BY) == "contacts.column"


def test_a_wish_is_kept_and_shown(asked: Region) -> None:
    asked("notices", "prefer", FIRST, "--channel", "email", "--channel", "sms", "--language", "en", "--by", FIRST)
    asked("notices", "prefer", FIRST, "--only-inbox", *BY)
    last, first = asked.json("notices", "preferences", FIRST)
    assert (first["channels"], first["language"], last["channels"]) == (["email", "sms"], "en", [])
    assert "仅站内信" in asked("notices", "preferences", FIRST, "--lang", "zh")
    assert asked.command("notices", "prefer", FIRST, *BY).code == 2
    assert asked.refused("notices", "prefer", "firm:1", "--only-inbox", *BY) == "contact.recipient"


def test_what_is_not_wanted_stays_so_until_everything_is(asked: Region) -> None:
    asked("notices", "prefer", FIRST, "--only-inbox", "--without", "licences", "--without", "ratings", *BY)
    asked("notices", "prefer", FIRST, "--channel", "sms", *BY)
    asked("notices", "prefer", FIRST, "--only-inbox", "--with-all", *BY)
    unwanted = [each["unwanted"] for each in asked.json("notices", "preferences", FIRST)]
    assert unwanted == [[], ["licences", "ratings"], ["licences", "ratings"]]
    assert "证照到期提醒" in asked("notices", "preferences", FIRST, "--lang", "zh")
    both = asked.command("notices", "prefer", FIRST, "--only-inbox", "--without", "licences", "--with-all", *BY)
    assert both.code == 2


def test_news_are_told_when_there_are_some(asked: Region) -> None:
    assert asked.json("notices", "tell", "--rules", asked.folder / "rules") == {"notices": 0, "waiting": 0}
    assert "登记通知 0 项" in asked("notices", "tell", "--rules", asked.folder / "rules", "--lang", "zh")


def test_suppressions_are_added_listed_and_lifted(asked: Region) -> None:
    table = write_contacts(asked, (uscc(1), "email", EMAIL))
    asked("notices", "import-contacts", table, "--source", "tax", *BY)
    reason = ("--reason", "本人要求")
    given = asked.json("notices", "suppress", "--recipient", FIRST, "--channel", "sms", *reason, *BY)
    assert given == {"suppressions": [1]}
    assert asked.json("notices", "suppress", "--contact", 1, *reason, *BY) == {"suppressions": [2]}
    assert asked.json("notices", "suppress", "--contact", 1, *reason, *BY) == {"suppressions": []}
    address = asked.folder / "address.txt"
    address.write_text("invented.two@example.com\n", encoding="utf-8")
    asked("notices", "suppress", "--address-from", address, "--channel", "email", *reason, *BY)
    listed = asked("notices", "suppressions")
    assert "i***@example.com" in listed
    assert "(an address of no contact)" in listed
    assert "suppressed" in asked("notices", "contacts")
    asked("notices", "lift-suppression", 2, "--reason", "已更正", *BY)
    assert [each["suppression"] for each in asked.json("notices", "suppressions")] == [1, 3]
    assert len(asked.json("notices", "suppressions", "--lifted", "--recipient", FIRST)) == 2
    assert asked.refused("notices", "lift-suppression", 2, *reason, *BY) == "suppression.unknown"
    assert asked.refused("notices", "suppress", "--contact", 9, *reason, *BY) == "contact.unknown"
    assert asked.command("notices", "suppress", *reason, *BY).code == 2
    assert asked.command("notices", "suppress", "--contact", 1, "--channel", "sms", *reason, *BY).code == 2


def test_a_payment_its_return_and_a_recovery_are_told(region: Region) -> None:
    batch = region.sent(1, 2)
    first, second = sorted(batch.payments, key=lambda payment: payment.amount_fen)
    region("payments", "take", region.statement(region.booking(first), region.booking(second)))
    region("notices", "prepare")
    paid = [region.json("notices", "show", each["notice"])["text"] for each in region.json("notices", "list")]
    for number, text in enumerate(paid, 1):
        assert f"您单位尾号{account_number(number)[-4:]}的账户" in text["body"]
        assert account_number(number) not in text["body"]
    region.clock.move(1)
    region("payments", "take", region.statement(region.returning(second)))
    cases = {each["uscc"]: each["case"] for each in region.cases().values()}
    words = ("overpayment", "--right", "400", "--reason", "计算有误", "--by", "sun.li")
    region("payments", "recover", cases[uscc(1)], *words)
    assert region.json("notices", "prepare") == {"written": 2, "held": 0, "overtaken": 1}
    told = {
        each["kind"]: region.json("notices", "show", each["notice"])["text"]["body"]
        for each in region.json("notices", "list", "--status", "open")
    }
    assert "账户已销户" in told["account_correction_asked"]
    assert "请登录惠企政策服务平台更正收款账户" in told["account_correction_asked"]
    assert "须退还600.00元" in told["claimed_back"]
    (overtaken,) = region.json("notices", "list", "--status", "overtaken")
    assert (overtaken["kind"], overtaken["recipient"]) == ("paid", SECOND)


def test_an_offices_own_wording_is_used_and_a_wrong_one_is_one_line(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = region.folder / "notices.toml"
    settings.write_text('language = "en"\ntemplates = "own"\n', encoding="utf-8")
    monkeypatch.setenv("POLICY_MATCH_NOTICES", str(settings))
    own = region.folder / "own" / "confirmation_asked.toml"
    own.parent.mkdir()
    shipped = (FOLDER / own.name).read_text(encoding="utf-8")
    own.write_text(shipped.replace("Please answer:", "We ask you:"), encoding="utf-8")
    region.write_rules("confirm")
    region.sweep([1])
    region("cases", "open")
    region("cases", "notify")
    region("notices", "prepare")
    assert region.json("notices", "list")[0]["subject"].startswith("We ask you: 示例 confirm")
    own.write_text(shipped.replace("{{ days_left }}", "{{ days }}"), encoding="utf-8")
    assert region.refused("notices", "prepare") == "notice.template"
