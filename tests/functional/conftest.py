"""The command as a person types it, with a data folder and a database of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from policy_match.cli.app import run

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder; the working directory is the repository, as for `make run`."""
    folder = tmp_path / "data"
    monkeypatch.setenv("POLICY_MATCH_DATA_DIR", str(folder))
    monkeypatch.setenv("POLICY_MATCH_LANG", "en")
    monkeypatch.chdir(ROOT)
    return folder


@pytest.fixture
def command(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process."""

    def type_in(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    return type_in


@pytest.fixture
def command_with_database(command: Command, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command with a fresh database of the test server."""
    parts = conninfo_to_dict(database_url)
    name = parts.pop("dbname")
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"postgresql:///{name}?{urlencode(parts)}")
    return command
