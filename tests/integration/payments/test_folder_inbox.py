"""The folder into which the bank lays its files: read whole, put away under a name of its own, nothing removed."""

from pathlib import Path

import pytest

from connectors.payment_channels.folder_inbox import MAX_BYTES, FolderInbox, InboxFileTooLarge, InboxUnusable


def test_files_wait_in_order_but_not_those_that_are_being_written(tmp_path: Path) -> None:
    for name in ("b.xml", "a.xml", ".c.xml", "d.xml.part", "e.tmp", "f.filepart"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "taken").mkdir()
    inbox = FolderInbox(tmp_path)
    assert inbox.waiting(10) == ["a.xml", "b.xml"]
    assert inbox.waiting(1) == ["a.xml"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    assert FolderInbox(tmp_path / "new" / "inbox").waiting(10) == []


def test_what_was_put_away_waits_no_more_and_never_replaces_another(tmp_path: Path) -> None:
    inbox = FolderInbox(tmp_path)
    for content in (b"first", b"second", b"third"):
        (tmp_path / "a.xml").write_bytes(content)
        inbox.put_away("a.xml", refused=False)
    assert inbox.waiting(10) == []
    taken = sorted((path.name, path.read_bytes()) for path in (tmp_path / "taken").iterdir())
    assert taken == [("a.xml", b"first"), ("a.xml.1", b"second"), ("a.xml.2", b"third")]


def test_a_file_that_no_bank_sends_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.xml").open("wb") as sink:
        sink.truncate(MAX_BYTES + 1)
    with pytest.raises(InboxFileTooLarge, match=r"huge\.xml"):
        FolderInbox(tmp_path).read("huge.xml")


def test_a_folder_that_cannot_be_used_is_one_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(InboxUnusable):
        FolderInbox(file / "inbox").waiting(1)
    with pytest.raises(InboxUnusable):
        FolderInbox(tmp_path).read("none.xml")
    with pytest.raises(InboxUnusable):
        FolderInbox(tmp_path).put_away("none.xml", refused=False)
