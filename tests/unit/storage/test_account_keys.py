"""The key file: made once, for its owner alone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from policy_match.config import parse_account_keys
from policy_match.storage.account_keys import key_text


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "account-keys"
    first = key_text(path)
    assert key_text(path) == first
    assert path.stat().st_mode & 0o077 == 0
    assert len(parse_account_keys(first, path.name)) == 1
    assert [each.name for each in path.parent.iterdir()] == ["account-keys"]


def test_the_key_of_a_process_that_was_first_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "account-keys"
    path.write_text("ab" * 32 + "\n", encoding="ascii")
    assert key_text(path) == "ab" * 32 + "\n"


def test_threads_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    path = tmp_path / "account-keys"
    together = Barrier(8)

    def ask(_: int) -> str:
        together.wait()
        return key_text(path)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {path.read_text(encoding="ascii")}
