"""`policy-match notices` on the way out of the portal: channels, sending, receipts, repair, what is in doubt."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.region import Region
from tests.support.cases import uscc
from tests.support.mail_server import MailFault, MailServer, status_notification

SETTINGS = """
order = ["email", "letter"]
[[provider]]
name = "mail"
channel = "email"
connector = "smtp"
[provider.settings]
{mail}
[[provider]]
name = "post"
channel = "letter"
connector = "letter_file"
[provider.settings]
folder = "letters"
sender = "虚构市财政局,虚构市示例路 1 号"
"""


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server."""
    with MailServer() as running:
        yield running


@pytest.fixture
def asked(region: Region, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> Region:
    """Two firms with a mail address and a third without any; all three were asked, and their notices are written."""
    region.folder.mkdir(parents=True, exist_ok=True)
    (region.folder / "letters").mkdir()
    lines = "\n".join(f'{key} = "{value}"' for key, value in mail.settings().items())
    path = region.folder / "notices.toml"
    path.write_text(SETTINGS.format(mail=lines), encoding="utf-8")
    monkeypatch.setenv("POLICY_MATCH_NOTICES", str(path))
    for name, value in mail.variables.items():
        monkeypatch.setenv(name, value)
    region.write_rules("confirm")
    region.sweep([1, 2, 3])
    region("cases", "open")
    region("cases", "notify")
    rows: list[dict[str, object]] = [
        {
            "recipient": f"firm:{uscc(number)}",
            "channel": channel,
            "address": address.format(number),
            "source": "示例登记",
        }
        for number in (1, 2)
        for channel, address in (("email", "firm{}@invented.example.com"), ("letter", "虚构市示例路 {} 号"))
    ]
    region("notices", "import-contacts", region.write_table("contacts.csv", rows), "--by", "wang.fang")
    region("notices", "prepare")
    return region


def test_what_is_due_is_sent_and_who_cannot_be_told_waits_for_a_person(asked: Region, mail: MailServer) -> None:
    sent = asked.json("notices", "send")
    assert sent["planned"] == {"ways": {"email": 2}, "none_left": {"no_contact": 1}, "moved": 0}
    by_name = {each["provider"]: each for each in sent["providers"]}
    assert by_name["mail"]["events"] == {"hand_over": 2}
    assert by_name["mail"]["end"] == "done"
    assert mail.counts().total() == 2
    assert len(asked.json("notices", "list", "--status", "reached")) == 2
    (left,) = asked.json("notices", "list", "--status", "unreached")
    assert left["reason"] == "no_contact"
    assert "无联系方式" in asked("notices", "list", "--status", "unreached", "--lang", "zh")
    again = asked("notices", "send", "--lang", "zh")
    assert "完成" in again


def test_planning_is_shown_in_both_languages(asked: Region) -> None:
    assert "电子邮件 2" in asked("notices", "plan", "--lang", "zh")
    assert asked.json("notices", "plan") == {"ways": {}, "none_left": {}, "moved": 0}
    assert "no notice needs a channel" in asked("notices", "plan")


def test_a_mail_that_came_back_goes_by_letter(asked: Region, mail: MailServer) -> None:
    mail.faults.plan(MailFault.BOUNCE)
    asked("notices", "send")
    fetched = {each["provider"]: each for each in asked.json("notices", "fetch-receipts")}
    assert fetched["mail"] == {"provider": "mail", "contents": 1, "verdicts": {"applied": 1}, "problem": None}
    asked("notices", "send")
    assert len(list((asked.folder / "letters").glob("*.html"))) == 1
    (line,) = asked.json("notices", "suppressions")
    assert line["channel"] == "email"
    assert "post" in asked("notices", "fetch-receipts", "--provider", "post", "--lang", "zh")


def test_a_receipt_file_counts_once_and_what_is_not_believed_is_refused(
    asked: Region, mail: MailServer, tmp_path: Path
) -> None:
    asked("notices", "send")
    bounce = tmp_path / "bounce.eml"
    bounce.write_bytes(status_notification(mail.received[0], "5.1.1"))
    words = ("notices", "receipts", "--provider", "mail", bounce)
    assert asked.json(*words)["verdicts"] == {"applied": 1}
    assert asked.json(*words)["repeated"] is True
    assert "taken before" in asked(*words)
    odd = tmp_path / "odd.eml"
    odd.write_text("<html>hello</html>")
    assert asked.refused("notices", "receipts", "--provider", "mail", odd) == "notices.receipt-not-understood"
    assert asked.refused("notices", "receipts", "--provider", "pigeon", odd) == "notices.unknown-provider"


def test_a_mail_in_doubt_is_listed_and_settled_by_a_person(asked: Region, mail: MailServer) -> None:
    mail.faults.plan(MailFault.HANG_UP_TAKEN, None, MailFault.HANG_UP_NOT_TAKEN)
    for _ in range(3):
        asked("notices", "send")
        asked.clock.move(1 / 24)
    (found,) = asked.json("notices", "uncertain")
    assert (found["status"], found["provider"], found["tries"]) == ("unknown", "mail", 2)
    assert "@" not in found["address"].split("***")[0]
    assert "待人工认定" in asked("notices", "uncertain", "--lang", "zh")
    repaired = asked.json("notices", "repair")
    assert repaired["possible_duplicates"] == {"mail": 1}
    assert "mail: 1 messages" in asked("notices", "repair")
    words = ("notices", "settle", found["delivery"], "--not-arrived", "--reason", "电话核实", "--by", "wang.fang")
    assert asked.json(*words) == {"delivery": found["delivery"], "settlement": "not_arrived"}
    assert asked.refused(*words, code=4) == "notices.not-in-doubt"
    asked("notices", "send")
    assert len(list((asked.folder / "letters").glob("*.html"))) == 1


def test_the_standing_of_every_provider_is_shown(asked: Region) -> None:
    asked("notices", "send")
    standings = {each["provider"]: each for each in asked.json("notices", "providers")}
    assert standings["mail"]["deliveries"]["handed_over"] == 2
    assert (standings["mail"]["promises_once"], standings["post"]["promises_once"]) == (False, True)
    assert "电子邮件" in asked("notices", "providers", "--lang", "zh")


def test_without_settings_the_next_step_is_named(region: Region) -> None:
    for name in ("plan", "send", "repair", "providers", "fetch-receipts"):
        assert region.refused("notices", name) == "config-no-notices"
