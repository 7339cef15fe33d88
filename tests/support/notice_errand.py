"""The whole way of some notices, which may be begun again wherever it was broken off, with real providers elsewhere.

Guarantees that providers live outside the process of the errand and see the same time: it is read from a file. Each
firm meets something else: a mail, a text, a letter, an address that is none, a message that comes back, nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from connectors.notification_channels import open_channel
from policy_match.cases.model import NoticeKind
from policy_match.cases.working_days import WorkingDays
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.fields import NewNotice
from policy_match.notices.model import Channel
from policy_match.ports import Database
from policy_match.ports.notices import NotificationChannel
from policy_match.services.plan_deliveries import Planner, plan_deliveries
from policy_match.services.prepare_notices import Wording, prepare_notices
from policy_match.services.repair_notices import repair_notices
from policy_match.services.send_notices import send_notices
from policy_match.services.take_receipts import fetch_receipts
from policy_match.storage.notice_templates import load_templates
from policy_match.storage.unit_of_work import Database as OpenedDatabase
from tests.support.cases import MovableClock
from tests.support.delivery_desk import OPENER
from tests.support.delivery_flow import MORNING, give_addresses, letter_address, mail_address, phone, recipient
from tests.support.payment_flow import SEALER

ROUNDS = 3
BETWEEN = timedelta(minutes=15)

NOBODY = mail_address(4)
"""An address that the mail server does not know."""

COMES_BACK = phone(5)
"""A number at which nothing arrives, as the gateway says afterwards."""

ADDRESSES: Sequence[tuple[str, Channel, str]] = (
    (recipient(1), Channel.EMAIL, mail_address(1)),
    (recipient(2), Channel.SMS, phone(2)),
    (recipient(3), Channel.LETTER, letter_address(3)),
    (recipient(4), Channel.EMAIL, NOBODY),
    (recipient(4), Channel.LETTER, letter_address(4)),
    (recipient(5), Channel.SMS, COMES_BACK),
    (recipient(5), Channel.EMAIL, mail_address(5)),
)
FIRMS = 6
"""The sixth has no address."""


@dataclass(frozen=True, slots=True)
class FileClock:
    """A clock that several processes share; whoever moves it writes the file."""

    path: Path

    def now(self) -> datetime:
        """Return the time in the file."""
        return datetime.fromisoformat(self.path.read_text(encoding="ascii"))

    def seconds(self) -> float:
        """Return the seconds since 1970."""
        return self.now().timestamp()

    def set(self, at: datetime) -> None:
        """Move to an instant, at once for everybody."""
        beside = self.path.with_suffix(".new")
        beside.write_text(at.isoformat(), encoding="ascii")
        beside.replace(self.path)

    def move(self, by: timedelta) -> None:
        """Move on."""
        self.set(self.now() + by)


@dataclass(frozen=True, kw_only=True, slots=True)
class Providers:
    """What another process needs to reach the providers: settings by provider, secrets, and where the clock is."""

    settings: Mapping[str, tuple[str, Channel, Mapping[str, str]]]
    variables: Mapping[str, str]
    folder: Path

    @property
    def clock(self) -> FileClock:
        """The clock of the errand and of the gateway."""
        return FileClock(self.folder / "clock")

    def channels(self) -> Sequence[NotificationChannel]:
        """Return the channels, opened in this process."""
        return [
            open_channel(
                connector,
                channel=channel,
                provider=name,
                values=values,
                secret=self.variables.__getitem__,
                clock=self.clock,
                folder=self.folder,
            )
            for name, (connector, channel, values) in self.settings.items()
        ]


def owe(database: OpenedDatabase, kind: NoticeKind = NoticeKind.POLICY_DATE) -> None:
    """Write a notice to each firm and keep its addresses; nothing is prepared yet."""
    clock = MovableClock(MORNING)
    give_addresses(database, ADDRESSES, clock)
    fields = {
        "policy_id": "sample-grant",
        "title": {"zh": "示例补助", "en": "Sample grant"},
        "what": {"zh": "到期", "en": "expiry"},
        "on": date(2025, 12, 31),
    }
    with database.unit_of_work() as work:
        notices = [
            NewNotice(recipient=recipient(number), kind=kind, about="policy:sample", fields=fields)
            for number in range(1, FIRMS + 1)
        ]
        assert work.notices.add(notices, clock.now()) == FIRMS
        work.commit()


def errand(
    database: Database,
    channels: Sequence[NotificationChannel],
    clock: FileClock,
    rounds: int = ROUNDS,
    rules: DeliveryRules | None = None,
) -> None:
    """Write, choose ways, send, hear the providers, repair, and again; what is done already is not done again."""
    terms = rules or DeliveryRules()
    wording = Wording(templates=load_templates(), calendar=WorkingDays())
    planner = Planner(channels, terms)
    for _ in range(rounds):
        prepare_notices(database, wording, clock=clock)
        plan_deliveries(database, planner, clock)
        send_notices(database, channels, OPENER, terms, clock)
        fetch_receipts(database, channels, SEALER, clock)
        clock.move(BETWEEN)
        repair_notices(database, channels, terms, clock)
