"""The command as a person types it, with a data folder and a database of its own."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from policy_match.cli.app import run
from policy_match.ports import Clock
from tests.functional.region import Command, Ended, Region
from tests.support.cases import MovableClock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder; the working directory is the repository, as for `make run`."""
    folder = tmp_path / "data"
    monkeypatch.setenv("POLICY_MATCH_DATA_DIR", str(folder))
    monkeypatch.setenv("POLICY_MATCH_LANG", "en")
    monkeypatch.chdir(ROOT)
    return folder


def typed(capsys: pytest.CaptureFixture[str], clock: Clock | None = None) -> Command:
    """Return what runs the command in this process, by the clock given."""

    def type_in(*arguments: object) -> Ended:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments], clock)
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    return type_in


@pytest.fixture
def command(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process."""
    return typed(capsys)


@pytest.fixture
def command_with_database(command: Command, fresh_database: str) -> Command:
    """Runs the command with a fresh database of the test server."""
    return command


@pytest.fixture
def fresh_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a fresh database of the test server, which is the one configured."""
    parts = conninfo_to_dict(database_url)
    name = parts.pop("dbname")
    url = f"postgresql:///{name}?{urlencode(parts)}"
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", url)
    return url


@pytest.fixture
def region(
    data_dir: Path,
    fresh_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Region:
    """A small invented region with a database, a clock that stands on 1 July 2025, and payment settings."""
    clock = MovableClock()
    made = Region(folder=tmp_path / "region", clock=clock, command=typed(capsys, clock), database_url=fresh_database)
    monkeypatch.setenv("POLICY_MATCH_PAYMENTS", str(made.write_payment_settings()))
    return made
