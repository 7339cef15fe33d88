"""The bank behind a folder: files appear whole and private, again is harmless, and another content is refused."""

from pathlib import Path

import pytest

from connectors.payment_channels.folder_bank import FolderBank, NameTaken, OutboxUnusable
from connectors.payment_channels.rehearsal_files import read_outgoing
from policy_match.payments.messages import OutgoingFile
from tests.support.payment_desk import Desk


def file(content: bytes = b"one", name: str = "PMB1.xml") -> OutgoingFile:
    return OutgoingFile(name=name, content=content, count=1, total_fen=1)


def test_a_file_is_laid_down_whole_for_its_owner_alone(tmp_path: Path) -> None:
    assert FolderBank(tmp_path / "out").hand_over(file()) == "outbox:PMB1.xml"
    (laid,) = (tmp_path / "out").iterdir()
    assert laid.read_bytes() == b"one"
    assert laid.stat().st_mode & 0o077 == 0


def test_the_same_file_again_is_the_same_receipt(tmp_path: Path) -> None:
    bank = FolderBank(tmp_path)
    assert bank.hand_over(file()) == bank.hand_over(file())
    assert [path.name for path in tmp_path.iterdir()] == ["PMB1.xml"]


def test_a_name_never_gets_another_content(tmp_path: Path) -> None:
    bank = FolderBank(tmp_path)
    bank.hand_over(file())
    with pytest.raises(NameTaken, match=r"PMB1\.xml"):
        bank.hand_over(file(b"two"))
    assert (tmp_path / "PMB1.xml").read_bytes() == b"one"


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboxUnusable, match="file"):
        FolderBank(tmp_path / "file").hand_over(file())


def test_batches_go_through_the_folder_once(desk: Desk, tmp_path: Path) -> None:
    bank = FolderBank(tmp_path)
    desk.pay(bank)
    desk.pay(bank)
    (laid,) = tmp_path.iterdir()
    batch = read_outgoing(file(laid.read_bytes(), laid.name))
    assert len(batch.payments) == 6
    assert laid.name == f"{batch.message_id}.xml"
