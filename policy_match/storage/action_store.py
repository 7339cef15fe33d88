"""Actions over the web, and answers kept for repetitions.

Guarantees, with the schema, that one key of one actor stands for one action for ever.
"""

from collections.abc import Sequence
from datetime import datetime

from policy_match.ports.actions import ActionRow, Actor, KeptAction, KeptAnswer, KeyUse
from policy_match.storage.session import Session

KEY_LOCK = 0x706D_6B79
"""The class of the advisory locks on keys; two keys that share a number wait for each other, which harms nobody."""

PLACE_LOCK = 0x706D_706C
"""The class of the advisory locks on places."""


class ActionStore:
    """Actions and kept answers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim_key(self, actor: Actor, key: str) -> bool:
        """Take the right to use a key until the transaction ends; return whether nobody else has it now."""
        row = self._session.one("claim_action_key", purpose=KEY_LOCK, by=actor.by, account=actor.account, key=key)
        assert row is not None
        return bool(row["held"])

    def lock_place(self, place: str) -> None:
        """Wait for the right to change what is at a place, and have it until the transaction ends."""
        self._session.run("lock_place", purpose=PLACE_LOCK, place=place)

    def use_of(self, actor: Actor, key: str) -> KeyUse | None:
        """Return what the key was used for, if it was."""
        row = self._session.one("use_of_action_key", by=actor.by, account=actor.account, key=key)
        if row is None:
            return None
        answer = None
        if row["body"] is not None:
            answer = KeptAnswer(status=row["status"], location=row["location"], body=bytes(row["body"]))
        return KeyUse(request_digest=bytes(row["request_digest"]), at=row["at"], answer=answer)

    def add(self, row: ActionRow, answer: KeptAnswer | None) -> None:
        """Keep an action, with its answer unless it holds a secret."""
        self._session.run(
            "add_action",
            request_id=row.request_id,
            at=row.at,
            by=row.actor.by,
            account=row.actor.account,
            operation=row.operation,
            path=row.path,
            status=row.status,
            key=row.key,
            request_digest=row.request_digest,
            location=None if answer is None else answer.location,
            body=None if answer is None else answer.body,
        )

    def newest(self, *, before: int | None, most: int) -> Sequence[KeptAction]:
        """Return a page of actions, the latest first, before a number or from the end."""
        return [
            KeptAction(
                action_id=row["action_id"],
                request_id=row["request_id"],
                at=row["at"],
                actor=Actor(by=row["by"], account=row["account"]),
                operation=row["operation"],
                path=row["path"],
                status=row["status"],
            )
            for row in self._session.all("newest_actions", before=before, most=most)
        ]

    def forget_answers(self, before: datetime, most: int) -> int:
        """Forget answers of actions before a moment, at most so many, and return how many; the actions stay."""
        row = self._session.one("forget_answers", before=before, most=most)
        assert row is not None
        return int(row["forgotten"])
