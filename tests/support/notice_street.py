"""A mail server, a gateway and a print shop that outlive the processes which send through them.

Guarantees that what arrived can be counted at any time, and that closing leaves no thread behind.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.notification_channels.gateway_catcher import CaughtMessage
from policy_match.notices.model import Channel
from tests.support.delivery_desk import letters
from tests.support.delivery_flow import MORNING
from tests.support.mail_server import MailServer
from tests.support.message_gateway import MessageGateway
from tests.support.notice_errand import COMES_BACK, NOBODY, FileClock, Providers


class TellingGateway(MessageGateway):
    """A gateway that says of one number, afterwards, that nothing arrives there."""

    def receipts_for(self, message: CaughtMessage, message_id: str) -> None:
        """File the receipt of a message."""
        said = ("failed", "unreachable") if message.address == COMES_BACK else ("delivered",)
        self.file_receipt(self.receipt(message.key, message_id, *said), self.clock.now())


@dataclass(frozen=True, kw_only=True, slots=True)
class Street:
    """The providers of one errand, and what arrived."""

    providers: Providers
    mail: MailServer
    gateway: TellingGateway

    @property
    def letters(self) -> Sequence[str]:
        """The letters that the print shop has."""
        return letters(self.providers.folder / "letters")

    def arrived(self) -> Mapping[str, Counter[str]]:
        """Return by provider how often each message arrived."""
        return {"mail": self.mail.counts(), "gate": self.gateway.counts(), "post": Counter(self.letters)}


@contextmanager
def open_street(folder: Path) -> Iterator[Street]:
    """Give providers that nobody has used yet; the clock stands at nine in the morning."""
    post = folder / "letters"
    post.mkdir(parents=True)
    clock = FileClock(folder / "clock")
    clock.set(MORNING)
    with MailServer(nobody=lambda address: address == NOBODY) as mail, TellingGateway(clock) as gateway:
        settings: Mapping[str, tuple[str, Channel, Mapping[str, str]]] = {
            "gate": ("sms_gateway", Channel.SMS, gateway.settings("sms_gateway")),
            "mail": ("smtp", Channel.EMAIL, mail.settings()),
            "post": (
                "letter_file",
                Channel.LETTER,
                {"folder": str(post), "sender": "虚构市财政局,虚构市示例路 1 号"},
            ),
        }
        variables = {**mail.variables, **gateway.variables}
        providers = Providers(settings=settings, variables=variables, folder=folder)
        yield Street(providers=providers, mail=mail, gateway=gateway)
