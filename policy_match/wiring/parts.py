"""What every entry point needs first: settings, clock, rules, database, keys.

Guarantees that nothing is opened before it is needed and that what was opened is closed.
"""

import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from policy_match import __version__
from policy_match.config import Config, parse_account_keys
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock
from policy_match.storage.account_keys import key_text
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.limits import Limits
from policy_match.storage.unit_of_work import Database

RULES = Path("rules")
DATABASE = "database"
ACCOUNT_KEYS = "account-keys"
SAMPLE_REGION = "sample-region"


class SystemClock:
    """The machine's clock."""

    def seconds(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)


class Parts:
    """Settings, clock, rules, database and keys, opened when first used; leave it to close what was opened."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        """Without a clock the machine's is used; a rehearsal brings its own."""
        self.config = config
        self.rules_folder = RULES
        self._limits: Limits | None = None
        self._opening = RLock()
        self.clock: Clock = clock or SystemClock()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened."""
        self._open.close()

    def for_process(self, limits: Limits) -> Self:
        """Return what a process that was forked uses: the same settings, rules and address, and its own connections."""
        made = type(self)(replace(self.config, database_url=self.database_address), self.clock)
        made.rules_folder, made.rules = self.rules_folder, self.rules
        made._limits = limits
        return made

    @cached_property
    def database_address(self) -> str:
        """Where the system of record is: as configured, else the embedded PostgreSQL. Raises a `StorageError`."""
        url = self.config.database_url
        if url is None:
            url = self._open.enter_context(EmbeddedPostgres(self.config.data_dir / DATABASE)).url
        return url

    @cached_property
    def database(self) -> Database:
        """The system of record. Raises a `StorageError`."""
        with self._opening:
            known: Database | None = self.__dict__.get("database")
            if known is not None:
                return known  # another thread was first
            if self._limits is None:
                return self._open.enter_context(Database(self.database_address))
            return self._open.enter_context(Database(self.database_address, self._limits, migrated=True))

    @cached_property
    def version(self) -> str:
        """The version of the program."""
        return __version__

    @cached_property
    def rules(self) -> RuleBook:
        """The rules as they are when they are first asked for. Raises `RulesDefective`."""
        return load_rules(self.rules_folder)

    @cached_property
    def account_sealer(self) -> AccountSealer:
        """What seals account numbers and files of the bank. Raises an `InputError` for wrong keys."""
        keys = self.config.account_keys
        if not keys:
            path = self.config.data_dir / ACCOUNT_KEYS
            keys = parse_account_keys(key_text(path), path.name)
        return AccountSealer(keys)

    @property
    def sample_region_folder(self) -> Path:
        """Where `make run` writes the source files of the sample region."""
        return self.config.data_dir / SAMPLE_REGION
