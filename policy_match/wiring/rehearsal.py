"""Wires the bank and the messengers of `make run`, which pay nobody and send nothing on.

Guarantees only places and adapters; the story is `services.rehearsal`.
"""

from functools import cached_property
from pathlib import Path

from connectors.payment_channels.invented_bank import PAYER, InventedBank
from policy_match.ports import Clock
from policy_match.ports.payments import PaymentChannel
from policy_match.services.rehearsal.stage import RehearsalPost
from policy_match.services.sample_region.accounts import is_closed
from policy_match.services.sample_region.contacts import is_dead
from policy_match.wiring.outside import Outside

REHEARSAL_BANK = "rehearsal-bank"
REHEARSAL_POST = "rehearsal-post"
REHEARSAL_REPORT = "rehearsal-report"


class Rehearsal(Outside):
    """The invented bank and post of `make run`."""

    @cached_property
    def rehearsal_channel(self) -> PaymentChannel:
        """The channel that the invented bank reads."""
        return self.channel("iso20022", PAYER)

    @cached_property
    def rehearsal_bank(self) -> InventedBank:
        """The bank of `make run`, which pays nobody."""
        return InventedBank(self.config.data_dir / REHEARSAL_BANK, is_closed)

    @property
    def rehearsal_post_folder(self) -> Path:
        """Where the mails, text messages and letters of `make run` lie."""
        return self.config.data_dir / REHEARSAL_POST

    def rehearsal_post(self, clock: Clock) -> RehearsalPost:
        """Return the providers of `make run`, which send nothing on; they work until the application is left."""
        from connectors.notification_channels.invented_post import InventedPost

        return self._open.enter_context(InventedPost(self.rehearsal_post_folder, clock, is_dead))

    @property
    def rehearsal_report_folder(self) -> Path:
        """Where `make run` publishes how well the service did."""
        return self.config.data_dir / REHEARSAL_REPORT
