"""The world of a simulated year: the application with its settings, the providers on this machine, and the clock.

Guarantees that everything is configured by files, as a bureau would, and that closing leaves nothing running. What
people do in it is `firms` and `staff`.
"""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import date, datetime, time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from connectors.notification_channels.gateway_catcher import CaughtMessage
from connectors.notification_channels.mail_catcher import CaughtMail
from connectors.payment_channels.invented_bank import PAYER, InventedBank, ReplyLost
from policy_match.bootstrap import Application
from policy_match.cases.working_days import CHINA
from policy_match.config import Config
from policy_match.payments.messages import OutgoingFile
from policy_match.policy.loader import load_rules
from policy_match.ports import Database
from policy_match.services.import_registry import import_registry
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.rehearsal.stage import SimulatedClock
from policy_match.services.sample_region.accounts import is_closed
from policy_match.services.sample_region.writing import write_sample_region
from policy_match.storage.embedded import EmbeddedPostgres
from tests.support.mail_server import MailFault, MailServer
from tests.support.message_gateway import GatewayFault, MessageGateway, ReceiptHabits
from tests.support.provider_faults import share

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"

MAIL_FAULTS: Mapping[MailFault, float] = {
    MailFault.BUSY: 0.03,
    MailFault.BUSY_AFTER_DATA: 0.01,
    MailFault.HANG_UP_BEFORE_DATA: 0.01,
    MailFault.HANG_UP_NOT_TAKEN: 0.003,
    MailFault.HANG_UP_TAKEN: 0.003,
    MailFault.CONTENT_REFUSED: 0.002,
    MailFault.BOUNCE: 0.01,
}
GATEWAY_FAULTS: Mapping[GatewayFault, float] = {
    GatewayFault.BUSY_INSIDE: 0.02,
    GatewayFault.RATE_LIMITED_INSIDE: 0.02,
    GatewayFault.SERVER_ERROR_NOT_TAKEN: 0.005,
    GatewayFault.SERVER_ERROR_TAKEN: 0.005,
    GatewayFault.HANG_UP_NOT_TAKEN: 0.003,
    GatewayFault.HANG_UP_TAKEN: 0.003,
    GatewayFault.REFUSED_INSIDE: 0.002,
}
RECEIPTS = ReceiptHabits(failed=0.01, missing=0.02, late=0.05, twice=0.02, forged=0.003, foreign=0.002)

DEAD_SHARE = 0.015
"""So many addresses and numbers do not exist."""

SCHEDULE = "\n".join(
    f'[{job}]\nhour = "{hours}"\nminute = "{minute}"\nlate_after_hours = 26'
    for job, hours, minute in (
        ("prepare-notices", "8,12,18", 50),
        ("send-notices", "8,12,18", 53),
        ("fetch-receipts", "8,12,18", 51),
        ("repair-notices", "8,12,18", 52),
        ("lose-replies", "8,12,18", 40),
        ("take-bank-files", "8,12,18", 45),
        ("requested-work", "8,12,18", 42),
        ("send-webhooks", "8,12,18", 54),
        ("publish", "8", 20),
    )
)
"""What runs every few minutes runs three times a day here; and the report once a month."""

NEXT_YEAR = """
[2027]
holidays = [2027-01-01, 2027-02-05, 2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11, 2027-04-05, 2027-05-03]
workdays = [2027-02-20]
"""
"""Invented: what staff put in place when the State Council has published the days of the next year."""


class World:
    """Enter it once."""

    def __init__(self, folder: Path, *, seed: int, firms: int, first_day: date) -> None:
        self.folder = folder
        self.seed = seed
        self.firms = firms
        self.clock = SimulatedClock(first_day)
        self._stack = ExitStack()
        self._handed: set[str] = set()
        self._read_mails = 0
        self._read_texts = 0
        self._read_letters: set[str] = set()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.mail = stack.enter_context(MailServer(self.seed, MAIL_FAULTS, nobody=self._is_dead))
            self.gateway = stack.enter_context(
                MessageGateway(self.clock, self.seed, GATEWAY_FAULTS, RECEIPTS, nobody=self._is_dead)
            )
            url = stack.enter_context(EmbeddedPostgres(self.folder / "database")).url
            self.application = stack.enter_context(Application(self._config(url), self.clock))
            self.rules = load_rules(RULES)
            self.database: Database = self.application.database
            self.look = stack.enter_context(psycopg.connect(url, autocommit=True))
            self.look.execute("SET search_path = policy_match")
            self.bank = InventedBank(self.folder / "bank", is_closed)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _is_dead(self, address: str) -> bool:
        return share(self.seed, "dead", address) < DEAD_SHARE

    def _config(self, url: str) -> Config:
        settings = self.folder / "settings"
        settings.mkdir(parents=True)
        (settings / "payments.toml").write_text(_payments(), encoding="utf-8")
        (settings / "notices.toml").write_text(
            _notices(self.mail.settings(), self.gateway.settings("sms_gateway")), encoding="utf-8"
        )
        (settings / "schedule.toml").write_text(f'{SCHEDULE}\n[report]\nday = "1"\nhour = "7"\n', encoding="utf-8")
        (settings / "workdays.toml").write_text(NEXT_YEAR, encoding="utf-8")
        return Config(
            data_dir=self.folder / "data",
            database_url=url,
            language="en",
            payments_file=settings / "payments.toml",
            notices_file=settings / "notices.toml",
            schedule_file=settings / "schedule.toml",
            workdays_file=settings / "workdays.toml",
            account_keys=(bytes(range(32)),),
            variables={**self.mail.variables, **self.gateway.variables},
        )

    def until(self, moment: datetime) -> None:
        """Let time pass up to a moment."""
        self.clock.wait(moment - self.clock.now())

    def at(self, hour: int, minute: int = 0) -> datetime:
        """Return a time of today."""
        return datetime.combine(self.clock.day, time(hour, minute), CHINA)

    def import_region(self, as_of: date, *, later: bool = False) -> Path:
        """Write what the departments hand over of a day and import it; return the snapshot's directory."""
        folder = self.folder / "region" / (as_of.isoformat() + ("-later" if later else ""))
        files = write_sample_region(
            folder, self.application.write_file, firms=self.firms, seed=self.seed, as_of=as_of, later=later
        )
        mappings = self.application.mappings_folder / "sample_region"
        sources = self.application.mapped_sources(
            [(mappings / file.mapping, str(file.path)) for file in files], self.rules.catalogue
        )
        draft = self.application.snapshot_draft()
        return import_registry(sources, self.rules.catalogue, draft, as_of=as_of).snapshot.directory

    def sweep(self, snapshot: Path, as_of: date) -> None:
        """Let a person sweep a snapshot as of a day of his choice."""
        keep_sweep(
            self.rules,
            self.application.open_snapshot(str(snapshot), self.rules.catalogue),
            self.application.engine("arrow"),
            self.database,
            self.application.truth_files,
            as_of=as_of,
        )

    def carry_bank_files(self) -> None:
        """Be the bank's client: carry our files to the bank, and what it answers into our inbox."""
        outbox, inbox = self.folder / "settings" / "outbox", self.folder / "settings" / "inbox"
        inbox.mkdir(exist_ok=True)
        for path in sorted(outbox.glob("*")) if outbox.exists() else ():
            if path.is_file() and path.name not in self._handed:
                self._handed.add(path.name)
                file = OutgoingFile(name=path.name, content=path.read_bytes(), count=0, total_fen=0)
                with suppress(ReplyLost):  # the bank has it; we are not told
                    self.bank.hand_over(file)
        for name, content in self.bank.answers(self.clock.now()):
            (inbox / name).write_bytes(content)

    def arrived(self) -> list[str]:
        """Return the keys of the messages that came to their recipients since the last look: mails, texts, letters."""
        mails: list[CaughtMail] = self.mail.received[self._read_mails :]
        texts: list[CaughtMessage] = self.gateway.received[self._read_texts :]
        self._read_mails += len(mails)
        self._read_texts += len(texts)
        folder = self.folder / "settings" / "letters"
        letters = {path.stem for path in folder.glob("*.html")} - self._read_letters
        self._read_letters |= letters
        return [*(mail.key for mail in mails), *(text.key for text in texts), *sorted(letters)]


def _payments() -> str:
    payer = "\n".join(f'{name} = "{value}"' for name, value in PAYER.items())
    return f'channel = "iso20022"\noutbox = "outbox"\ninbox = "inbox"\ncut_off = "12-20"\n[settings]\n{payer}\n'


def _notices(mail: Mapping[str, str], texts: Mapping[str, str]) -> str:
    letters = {"folder": "letters", "sender": "虚构区财政局（演练）"}
    providers = (("mail", "email", "smtp", mail), ("texts", "sms", "sms_gateway", texts))
    tables = [*providers, ("letters", "letter", "letter_file", letters)]
    return 'language = "zh"\norder = ["sms", "email", "letter"]\n' + "\n".join(
        f'[[provider]]\nname = "{name}"\nchannel = "{channel}"\nconnector = "{connector}"\n[provider.settings]\n'
        + "\n".join(f"{key} = '{value}'" for key, value in settings.items())
        for name, channel, connector, settings in tables
    )
