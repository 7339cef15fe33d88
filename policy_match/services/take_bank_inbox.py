"""Takes every file that lies in the bank's inbox, one after the other, and puts it away.

Guarantees that a file is put away only after the database has it, so that one that was cut off is taken again; and
that one which cannot be trusted stops no other. What a file does is `take_bank_file`.
"""

from dataclasses import dataclass

from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.ports.payments import BankInbox, ContentSealer, PaymentChannel
from policy_match.services.take_bank_file import take_bank_file

MOST_FILES = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxTaken:
    """How many files were taken now, had been taken before, and were refused."""

    taken: int
    repeated: int
    refused: int


def take_bank_inbox(
    database: Database, channel: PaymentChannel, sealer: ContentSealer, inbox: BankInbox, clock: Clock, *, by: str
) -> InboxTaken:
    """Take what lies in the inbox. Raises a `StorageError`; what was taken stays taken."""
    taken = repeated = refused = 0
    for name in inbox.waiting(MOST_FILES):
        try:
            content = inbox.read(name)
            found = take_bank_file(database, channel, sealer, clock, name=name, content=content, by=by)
        except InputError:
            refused += 1
            inbox.put_away(name, refused=True)
            continue
        taken, repeated = taken + (not found.repeated), repeated + found.repeated
        inbox.put_away(name, refused=False)
    return InboxTaken(taken=taken, repeated=repeated, refused=refused)
