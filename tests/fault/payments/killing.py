"""A database and a bank that kill their process at one of the points where a process can die with consequences.

The points are counted over both: before and after each commit, before and after each call to the bank.
"""

import os
import signal
from pathlib import Path

from connectors.payment_channels.folder_bank import FolderBank
from policy_match.payments.messages import OutgoingFile
from policy_match.storage.transactions import OwnTransaction
from policy_match.storage.unit_of_work import Database, PostgresUnitOfWork
from tests.support.case_errand import carry
from tests.support.payment_errand import errand


class Fuse:
    """Kills the process when so many points were passed."""

    def __init__(self, point: int) -> None:
        self._left = point

    def burn(self) -> None:
        """Pass one point."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class KillingDatabase(Database):
    """A database whose units of work burn the fuse around each commit."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url)
        self._fuse = fuse

    def unit_of_work(self) -> PostgresUnitOfWork:
        """Return a unit of work that may kill."""
        fuse = self._fuse

        class Killing(PostgresUnitOfWork):
            def commit(self) -> None:
                fuse.burn()
                super().commit()
                fuse.burn()

        return Killing(OwnTransaction(self._pool))


class KillingBank:
    """A bank behind a folder that burns the fuse around each call."""

    def __init__(self, outbox: Path, fuse: Fuse) -> None:
        self._bank = FolderBank(outbox)
        self._fuse = fuse

    def hand_over(self, file: OutgoingFile) -> str:
        """Hand over, if nobody dies."""
        self._fuse.burn()
        receipt = self._bank.hand_over(file)
        self._fuse.burn()
        return receipt


def pay_until_killed(url: str, outbox: str, point: int) -> None:
    """Run the errand of payments in this process, which dies at the point."""
    fuse = Fuse(point)
    with KillingDatabase(url, fuse) as database:
        errand(database, url, Path(outbox), KillingBank(Path(outbox), fuse))


def pay(url: str, outbox: str) -> None:
    """Run the errand of payments, unharmed."""
    with Database(url) as database:
        errand(database, url, Path(outbox))


def carry_until_killed(url: str, folder: str, point: int) -> None:
    """Run the errand of cases in this process, which dies at the point."""
    with KillingDatabase(url, Fuse(point)) as database:
        carry(database, url, Path(folder))
