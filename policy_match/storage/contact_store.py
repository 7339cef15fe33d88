"""Where recipients are told, what they prefer, and who gets nothing.

Guarantees that an address is written sealed and read masked, but for the one that is to be opened, and that every page
has a limit. What a good address is, and who may change what, is left to the services.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from policy_match.errors import Language
from policy_match.notices.contacts import (
    ContactLine,
    KeptContact,
    NewContact,
    NewSuppression,
    Preference,
    SuppressionLine,
)
from policy_match.notices.model import Channel, NoticeId
from policy_match.notices.sealing import SealedAddress
from policy_match.notices.subscriptions import Subscription
from policy_match.storage.session import Row, Session
from policy_match.values import Uscc

MOST_PREFERENCES = 100
"""So many of a recipient's wishes are shown."""


class ContactStore:
    """Contacts, preferences and suppressions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def staff_among(self, names: Collection[str]) -> frozenset[str]:
        """Return those of some names that hold or held a role."""
        return frozenset(row["person"] for row in self._session.all("staff_among", names=list(names)))

    def firms_with_cases(self, usccs: Collection[Uscc]) -> frozenset[Uscc]:
        """Return those of some firms for which there is a case."""
        return frozenset(row["uscc"] for row in self._session.all("firms_with_cases", usccs=list(usccs)))

    def latest_fingerprints(self, recipients: Collection[str]) -> Mapping[tuple[str, Channel, str], str]:
        """Return the fingerprint of the latest address by recipient, channel and source."""
        return {
            (row["recipient"], Channel(row["channel"]), row["source"]): row["fingerprint"]
            for row in self._session.all("latest_fingerprints", recipients=list(recipients))
        }

    def add(self, contacts: Sequence[NewContact], at: datetime, by: str) -> None:
        """Keep addresses in this order; the last of a recipient, channel and source counts."""
        self._session.run(
            "add_contacts",
            recipients=[each.recipient for each in contacts],
            channels=[each.channel.value for each in contacts],
            sealed=[each.address.sealed for each in contacts],
            key_ids=[each.address.key_id for each in contacts],
            fingerprints=[each.address.fingerprint for each in contacts],
            masked=[each.masked for each in contacts],
            sources=[each.source for each in contacts],
            at=at,
            by=by,
        )

    def carry_suppressions(self, renamed: Sequence[tuple[str, str]], at: datetime, by: str) -> None:
        """Suppress addresses under their new fingerprint where they are suppressed under the old one."""
        self._session.run(
            "carry_suppressions", old=[old for old, _ in renamed], new=[new for _, new in renamed], at=at, by=by
        )

    def unreached(self, recipients: Collection[str]) -> Sequence[NoticeId]:
        """Return the notices of some recipients that no way was left for."""
        rows = self._session.all("unreached_of_recipients", recipients=list(recipients))
        return [row["notice_id"] for row in rows]

    def lines(
        self, *, recipient: str | None, channel: Channel | None, older: bool, after: int, most: int
    ) -> Sequence[ContactLine]:
        """Return a page of contacts by number, after a given one; with older ones too, or the latest alone."""
        rows = self._session.all(
            "contact_lines",
            recipient=recipient,
            channel=None if channel is None else channel.value,
            older=older,
            after=after,
            most=most,
        )
        return [
            ContactLine(
                contact_id=row["contact_id"],
                recipient=row["recipient"],
                channel=Channel(row["channel"]),
                masked=row["masked"],
                source=row["source"],
                is_latest=row["is_latest"],
                is_suppressed=row["is_suppressed"],
                at=row["at"],
                by=row["by"],
            )
            for row in rows
        ]

    def find(self, contact_id: int) -> KeptContact | None:
        """Return one contact with its sealed address."""
        row = self._session.one("contact_by_number", contact_id=contact_id)
        if row is None:
            return None
        return KeptContact(
            contact_id=row["contact_id"],
            recipient=row["recipient"],
            channel=Channel(row["channel"]),
            address=SealedAddress(key_id=row["key_id"], sealed=bytes(row["sealed"]), fingerprint=row["fingerprint"]),
        )

    def prefer(
        self,
        recipient: str,
        channels: Sequence[Channel],
        language: Language | None,
        at: datetime,
        by: str,
        *,
        unwanted: Collection[Subscription] = (),
    ) -> None:
        """Keep what a recipient asks for; it replaces what was asked before."""
        self._session.run(
            "add_preference",
            recipient=recipient,
            channels=[channel.value for channel in channels],
            language=language,
            unwanted=sorted(each.value for each in unwanted),
            at=at,
            by=by,
        )

    def preferences(self, recipient: str) -> Sequence[Preference]:
        """Return what a recipient asked for, the latest first."""
        rows = self._session.all("preferences_of", recipient=recipient, most=MOST_PREFERENCES)
        return [
            Preference(
                recipient=row["recipient"],
                channels=tuple(map(Channel, row["channels"])),
                language=row["language"],
                at=row["at"],
                by=row["by"],
                unwanted=frozenset(map(Subscription, row["unwanted"])),
            )
            for row in rows
        ]

    def suppress(self, new: NewSuppression, at: datetime, by: str) -> Sequence[int]:
        """Suppress a recipient or an address; return the numbers, none for what is suppressed so already."""
        named = [new.recipient] if new.recipient is not None else [None] * len(new.fingerprints)
        rows = self._session.all(
            "add_suppressions",
            recipients=named,
            fingerprints=[None] if new.recipient is not None else list(new.fingerprints),
            channel=None if new.channel is None else new.channel.value,
            reason=new.reason,
            at=at,
            by=by,
        )
        return [row["suppression_id"] for row in rows]

    def lift(self, suppression_id: int, reason: str, at: datetime, by: str) -> bool:
        """End a suppression; return whether there was one that was not ended before."""
        row = self._session.one("lift_suppression", suppression_id=suppression_id, reason=reason, at=at, by=by)
        return row is not None

    def suppressions(self, *, recipient: str | None, lifted: bool, after: int, most: int) -> Sequence[SuppressionLine]:
        """Return a page of suppressions by number, after a given one; with those that ended, or those in force."""
        rows = self._session.all("suppression_lines", recipient=recipient, lifted=lifted, after=after, most=most)
        return [_suppression(row) for row in rows]


def _suppression(row: Row) -> SuppressionLine:
    return SuppressionLine(
        suppression_id=row["suppression_id"],
        recipient=row["recipient"],
        masked=tuple(row["masked"]),
        channel=None if row["channel"] is None else Channel(row["channel"]),
        reason=row["reason"],
        at=row["at"],
        by=row["by"],
        lifted=row["lifted"],
    )
