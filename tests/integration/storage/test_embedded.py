"""The embedded PostgreSQL: shared by all, stopped by the last, and usable again whatever happened to it."""

import signal
import tempfile
from collections.abc import Iterator
from os import kill
from pathlib import Path

import psycopg
import pytest

from policy_match.storage.embedded import EmbeddedPostgres, EmbeddedServerError


@pytest.fixture
def home() -> Iterator[Path]:
    """A data directory that the account of the server can reach, with a name that needs quoting."""
    with tempfile.TemporaryDirectory(prefix="policy match 'test'-") as folder:
        yield Path(folder)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_the_last_to_leave_stops_the_server(home: Path) -> None:
    first = EmbeddedPostgres(home)
    second = EmbeddedPostgres(home)
    first.close()
    first.close()
    assert answers(second.url)
    second.close()
    assert not answers(second.url)


def test_what_was_kept_is_there_after_a_restart(home: Path) -> None:
    for expected in (0, 1):
        with EmbeddedPostgres(home) as server, psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (id integer)")
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (expected,)
            connection.execute("INSERT INTO kept VALUES (1)")


def test_a_server_that_was_killed_recovers(home: Path) -> None:
    with EmbeddedPostgres(home) as lost:
        with psycopg.connect(lost.url) as connection:
            connection.execute("CREATE TABLE kept (id integer)")
        kill(postmaster(home), signal.SIGKILL)
        with EmbeddedPostgres(home) as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert not answers(server.url)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT])
def test_leaving_a_server_that_has_died_hides_no_other_error(home: Path, how: signal.Signals) -> None:
    def work() -> None:
        with EmbeddedPostgres(home) as lost, psycopg.connect(lost.url) as connection:
            kill(postmaster(home), how)
            connection.execute("SELECT pg_sleep(60)")

    with pytest.raises(psycopg.OperationalError):
        work()
    with EmbeddedPostgres(home) as server:
        assert answers(server.url)


def test_files_that_were_made_halfway_are_made_again(home: Path) -> None:
    (home / "postgres.draft").mkdir()
    (home / "postgres.draft" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(home) as server:
        assert answers(server.url)
    assert not (home / "postgres.draft").exists()


def test_files_of_another_version_are_named(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedServerError, match="of PostgreSQL 12"):
        EmbeddedPostgres(home)


def test_a_path_that_is_too_long_for_a_socket_is_named(home: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="shorter POLICY_MATCH_DATA_DIR"):
        EmbeddedPostgres(home / ("x" * 90))


def test_a_directory_that_cannot_be_made_is_named(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(EmbeddedServerError, match="may write"):
        EmbeddedPostgres(home / "file" / "data")


def test_a_server_that_cannot_start_gives_its_last_words(home: Path) -> None:
    with EmbeddedPostgres(home):
        pass
    with (home / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("\nshared_buffers = nonsense\n")
    with pytest.raises(EmbeddedServerError, match="pg_ctl failed"):
        EmbeddedPostgres(home)


def test_no_port_is_open_and_only_its_account_reaches_the_socket(home: Path) -> None:
    with EmbeddedPostgres(home) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT current_setting('listen_addresses')").fetchone() == ("",)
        assert (home / "postgres").stat().st_mode & 0o077 == 0
