"""Letters: what is in the file, who may read it, and that no letter is made twice."""

from pathlib import Path

import pytest

from policy_match.notices.messages import Outcome, OutgoingMessage, SendResult
from policy_match.notices.result_codes import ResultCode
from tests.conformance.notification_channels.providers import (
    BODY,
    NAME,
    NOW,
    POSTAL_ADDRESS,
    PROVIDERS,
    SUBJECT,
    letter_parts,
    message,
)
from tests.support.cases import MovableClock


def send(folder: Path, *messages: OutgoingMessage) -> list[SendResult]:
    with PROVIDERS["letter_file"](folder, MovableClock(NOW)) as provider, provider.channel.open() as sender:
        return [sender.send(each) for each in messages or (message(address=POSTAL_ADDRESS),)]


def letter(folder: Path, key: str = "PMN1") -> str:
    return (folder / "letters" / f"{key}.html").read_text(encoding="utf-8")


def test_a_letter_has_all_that_is_needed_to_print_and_post_it(tmp_path: Path) -> None:
    [result] = send(tmp_path)
    assert (result.outcome, result.reference) == (Outcome.ACCEPTED, "PMN1.html")
    parts = letter_parts(letter(tmp_path))
    assert parts["address"] == f"{NAME}\n{POSTAL_ADDRESS}"
    assert (parts["h1"], parts["div"]) == (SUBJECT, BODY)
    assert parts["footer"] == "虚构区财政局\nPMN1"


def test_a_letter_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    text = '<script src="https://invented.example/x.js"></script><img src=x onerror=alert(1)>&amp;"'
    send(tmp_path, message(address=text, body=text, subject=text, recipient_name=text))
    page = letter(tmp_path)
    assert "<script" not in page and "<img" not in page
    assert letter_parts(page)["div"] == text


def test_a_letter_is_readable_by_its_owner_alone_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    send(tmp_path)
    [path] = (tmp_path / "letters").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_letter_that_was_printed_is_not_made_again(tmp_path: Path) -> None:
    send(tmp_path)
    printed = tmp_path / "letters" / "printed"
    printed.mkdir()
    (tmp_path / "letters" / "PMN1.html").rename(printed / "PMN1.html")
    assert send(tmp_path)[0].outcome is Outcome.ACCEPTED
    assert list((tmp_path / "letters").glob("*.html")) == []
    [other] = send(tmp_path, message(address=POSTAL_ADDRESS, body="另一份通知"))
    assert (other.outcome, other.code) == (Outcome.REFUSED, ResultCode.KEY_REUSED)


def test_the_same_letter_at_another_time_is_the_same_letter(tmp_path: Path) -> None:
    send(tmp_path)
    first = letter(tmp_path)
    send(tmp_path)
    assert letter(tmp_path) == first


def test_what_a_dead_process_left_half_written_is_no_letter(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / ".PMN1.html.abc").write_bytes(b"<!DOCTYPE html><html>")
    assert send(tmp_path)[0].outcome is Outcome.ACCEPTED
    assert letter(tmp_path).endswith("</html>\n")


@pytest.mark.parametrize("address", ["", " \n ", "\0", "——\n", "行\n" * 9, "长" * 401])
def test_what_no_envelope_can_carry_is_refused(tmp_path: Path, address: str) -> None:
    [result] = send(tmp_path, message(address=address))
    assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.ADDRESS_MALFORMED)
    assert not (tmp_path / "letters").exists()
