"""A mail server on this machine that does what mail servers do to senders, by a seed; it knows what arrived.

Guarantees that `received` holds every mail that a recipient would have got, in the order in which they were taken, and
that closing leaves neither a thread nor a file behind.

    with MailServer(seed=1, faults={MailFault.BUSY: 0.05, MailFault.HANG_UP_TAKEN: 0.01}) as server:
        channel = server.channel(clock)          # or: provider settings from server.settings(), server.variables
        ...
        assert server.duplicates() <= possible_duplicates
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from connectors.notification_channels import open_channel
from connectors.notification_channels.loopback_server import HangUp
from connectors.notification_channels.mail_catcher import CaughtMail, Envelope, MailCatcher
from policy_match.notices.model import Channel
from policy_match.ports import Clock
from policy_match.ports.notices import NotificationChannel
from tests.support.provider_faults import Faults, share

BOUNCE_SECRET = "INVENTED_BOUNCE_SECRET"


class MailFault(StrEnum):
    """What happens to one try of one mail. *Taken* means that its recipient gets it."""

    HANG_UP_ON_CONNECT = "hang_up_on_connect"
    SHUTTING_DOWN = "shutting_down"
    BUSY = "busy"
    NO_SUCH_ADDRESS = "no_such_address"
    MAILBOX_FULL = "mailbox_full"
    HANG_UP_BEFORE_DATA = "hang_up_before_data"
    SILENT_BEFORE_DATA = "silent_before_data"
    BUSY_AFTER_DATA = "busy_after_data"
    CONTENT_REFUSED = "content_refused"
    HANG_UP_NOT_TAKEN = "hang_up_not_taken"
    HANG_UP_TAKEN = "hang_up_taken"
    SILENT_TAKEN = "silent_taken"
    BOUNCE = "bounce"


AT_RECIPIENT: Mapping[MailFault, str] = {
    MailFault.BUSY: "451 4.3.2 try again later",
    MailFault.SHUTTING_DOWN: "421 4.3.2 shutting down",
    MailFault.NO_SUCH_ADDRESS: "550 5.1.1 no such user here",
    MailFault.MAILBOX_FULL: "552 5.2.2 mailbox full",
}
AT_END: Mapping[MailFault, str] = {
    MailFault.BUSY_AFTER_DATA: "451 4.3.0 try again later",
    MailFault.CONTENT_REFUSED: "554 5.7.1 looks like spam",
}
HANGS = (MailFault.SILENT_BEFORE_DATA, MailFault.SILENT_TAKEN)
"""They last until the sender gives up, so they have no place in a simulation."""


class MailServer(MailCatcher):
    """Takes mails and keeps them in memory; bounces become files in the folder that the channel reads."""

    def __init__(
        self,
        seed: int = 0,
        faults: Mapping[MailFault, float] | None = None,
        nobody: Callable[[str], bool] = lambda address: False,
        keep_contents: bool = True,
    ) -> None:
        """`faults` are shares of all tries; `nobody` says of an address that it does not exist.

        Without contents `received` stays empty and the keys are only counted: for very many mails.
        """
        super().__init__(self._take)
        self.faults = Faults[MailFault](seed, faults or {})
        self.received: list[CaughtMail] = []
        self._counts = Counter[str]()
        self._keep_contents = keep_contents
        self._counting = threading.Lock()
        self.variables: Mapping[str, str] = {BOUNCE_SECRET: f"invented bounce secret {seed}"}
        self._seed = seed
        self._nobody = nobody
        self._chosen: dict[int, MailFault | None] = {}
        self._released = threading.Event()
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="invented-bounces-")))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        super().__exit__(kind, error, trace)
        self._stack.close()

    def settings(self) -> Mapping[str, str]:
        """Return the settings of a provider with connector `smtp`."""
        return {
            **super().settings(),
            "sender": "notices@invented.example",
            "sender_name": "虚构区惠企兑现（演练）",
            "bounces": str(self._folder),
            "bounce_secret_env": BOUNCE_SECRET,
            "timeout_seconds": "5",
        }

    def channel(self, clock: Clock, provider: str = "mail", **settings: str) -> NotificationChannel:
        """Return an opened channel to this server; `settings` come on top."""
        return self.channel_with(clock, {**self.settings(), **settings}, provider)

    def channel_with(self, clock: Clock, values: Mapping[str, str], provider: str = "mail") -> NotificationChannel:
        """Return an opened channel with exactly these settings."""
        return open_channel(
            "smtp",
            channel=Channel.EMAIL,
            provider=provider,
            values=values,
            secret=self.variables.__getitem__,
            clock=clock,
            folder=self._folder,
        )

    def counts(self) -> Counter[str]:
        """Return how often each key arrived."""
        with self._counting:
            return self._counts.copy()

    def duplicates(self) -> int:
        """Return how many mails arrived once too often."""
        counts = self.counts()
        return counts.total() - len(counts)

    def on_connect(self) -> str:
        """Greet, unless the plan says otherwise."""
        if self.faults.planned_is(MailFault.HANG_UP_ON_CONNECT):
            raise HangUp
        return super().on_connect()

    def on_recipient(self, envelope: Envelope, address: str) -> str:
        """Choose what happens to this try."""
        if self._nobody(address):
            return AT_RECIPIENT[MailFault.NO_SUCH_ADDRESS]
        fault = self.faults.of_try(envelope.envelope_id or address)
        self._chosen[id(envelope)] = fault
        if fault is MailFault.HANG_UP_BEFORE_DATA:
            raise HangUp
        return super().on_recipient(envelope, address) if fault is None else AT_RECIPIENT.get(fault, "250 2.1.5 OK")

    def on_data(self, envelope: Envelope) -> str:
        """Ask for the content, or keep silent."""
        if self._chosen[id(envelope)] is MailFault.SILENT_BEFORE_DATA:
            self._be_silent()
        return super().on_data(envelope)

    def on_mail(self, envelope: Envelope, mail: CaughtMail) -> str:
        """Take a mail and answer, each unless the fault says otherwise."""
        fault = self._chosen.pop(id(envelope))
        if fault is MailFault.HANG_UP_NOT_TAKEN:
            raise HangUp
        if fault in AT_END:
            return AT_END[fault]
        reply = super().on_mail(envelope, mail)
        if fault is MailFault.HANG_UP_TAKEN:
            raise HangUp
        if fault is MailFault.SILENT_TAKEN:
            self._be_silent()
        if fault is MailFault.BOUNCE:
            self.bounce(mail)
        return reply

    def bounce(self, mail: CaughtMail, status: str = "5.1.1") -> Path:
        """Let a mail come back that was taken: lay its delivery status notification where the channel looks."""
        path = self._folder / f"{mail.key}-{int(share(self._seed, mail.key) * 10**9)}.eml"
        path.write_bytes(status_notification(mail, status))
        return path

    def _take(self, mail: CaughtMail) -> None:
        with self._counting:
            self._counts[mail.key] += 1
            if self._keep_contents:
                self.received.append(mail)

    def _be_silent(self) -> None:
        self._released.wait()
        raise HangUp


def status_notification(mail: CaughtMail, status: str, action: str = "failed") -> bytes:
    """Return a delivery status notification (RFC 3464) with the headers of the mail."""
    headers = mail.content.partition(b"\r\n\r\n")[0]
    recipient = mail.recipients[0]
    lines: Sequence[str] = (
        "From: Mail Delivery System <MAILER-DAEMON@invented.example>",
        f"To: <{mail.sender}>",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="invented"',
        "",
        "--invented",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "Your message could not be delivered.",
        "",
        "--invented",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; invented.example",
        *([f"Original-Envelope-Id: {mail.envelope_id}"] if mail.envelope_id else []),
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        f"Status: {status}",
        "Diagnostic-Code: smtp; 550 no such user here",
        "",
        "--invented",
        "Content-Type: text/rfc822-headers",
        "",
    )
    return "\r\n".join(lines).encode() + b"\r\n" + headers + b"\r\n\r\n--invented--\r\n"
