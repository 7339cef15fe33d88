"""Contacts, preferences and suppressions as they are kept and as people see them: never with an address in clear.

Guarantees only the shapes, and who may be a recipient. Checking addresses is `addresses`, sealing them `sealing`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policy_match.errors import InputError, Language
from policy_match.notices.model import FIRM_PREFIX, Channel
from policy_match.notices.sealing import SealedAddress
from policy_match.notices.subscriptions import Subscription

MOST_LETTERS = 100
"""The longest name of a recipient; the database keeps no longer one."""

SYSTEM = "system"
_CODE = re.compile(r"[0-9A-Z]{18}")


class NoSuchRecipient(InputError):
    """Somebody who can be neither a firm nor a member of staff."""

    code = "contact.recipient"
    http_status = 404
    english = (
        "`{recipient}` is no recipient: write firm:<18-character credit code>, or the account of a person with a role"
    )
    chinese = "“{recipient}”不是收件人：请填写 firm:18 位统一社会信用代码，或有角色的工作人员账号"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewContact:
    """A checked address on its way into the database. `source` says who gave it."""

    recipient: str
    channel: Channel
    address: SealedAddress
    masked: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactLine:
    """One contact in a list. `is_latest`: no newer one of the same channel and source took its place."""

    contact_id: int
    recipient: str
    channel: Channel
    masked: str
    source: str
    is_latest: bool
    is_suppressed: bool
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptContact:
    """One contact with its sealed address."""

    contact_id: int
    recipient: str
    channel: Channel
    address: SealedAddress


@dataclass(frozen=True, kw_only=True, slots=True)
class Preference:
    """What a recipient asked for last: channels in order (none: only the inbox), and a language if one.

    `unwanted` is what it does not want to hear of, among what it may choose.
    """

    recipient: str
    channels: tuple[Channel, ...]
    language: Language | None
    at: datetime
    by: str
    unwanted: frozenset[Subscription] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSuppression:
    """Who (a recipient) or which address (its fingerprints) gets nothing; without a channel, through none."""

    recipient: str | None
    fingerprints: Sequence[str]
    channel: Channel | None
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SuppressionLine:
    """One suppression; of an address, `masked` are the forms that people may see. `lifted` is why it ended."""

    suppression_id: int
    recipient: str | None
    masked: tuple[str, ...]
    channel: Channel | None
    reason: str
    at: datetime
    by: str
    lifted: str | None


def recipient_of(text: str) -> str:
    """Return the recipient in a text: `firm:<code>`, the bare code of a firm, or a staff account.

    Raises `NoSuchRecipient` for what can be neither. A code's check digit is not looked at: some real ones fail.
    """
    name = text.strip()
    code = name.removeprefix(FIRM_PREFIX).upper()
    if _CODE.fullmatch(code):
        return f"{FIRM_PREFIX}{code}"
    if name.startswith(FIRM_PREFIX) or name == SYSTEM or not 0 < len(name) <= MOST_LETTERS or name.split() != [name]:
        raise NoSuchRecipient(recipient=name[:MOST_LETTERS])
    return name


def is_firm(recipient: str) -> bool:
    """Return whether a recipient is a firm; else it is a member of staff."""
    return recipient.startswith(FIRM_PREFIX)
