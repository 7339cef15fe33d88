"""Cursors: where the next page of a list begins, as a text that nobody needs to read.

Guarantees that a cursor serves only the list and the filter that it came from. It holds no secret, so it is not signed.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from policy_match.errors import InputError

FILTER_BYTES = 6


class WrongCursor(InputError):
    """Not a cursor of this list."""

    code = "request.cursor"
    http_status = 400
    english = "the cursor does not belong to this list with this filter; begin again without a cursor"
    chinese = "游标不属于当前列表或筛选条件；请去掉游标，从第一页开始"


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one list with one filter, which `about` identifies; `given` came with the request."""

    about: str
    given: str | None = None

    def write(self, *place: int | str | date) -> str:
        """Return the cursor of the page behind a place, which may be a day or a moment too."""
        plain = [each.isoformat() if isinstance(each, date) else each for each in place]
        text = json.dumps([self._mark, *plain], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def number(self) -> int:
        """Return the number behind which the page begins, 0 for the first page. Raises `WrongCursor`."""
        place = self.place(int)
        if place is None:
            return 0
        if place[0] < 0:
            raise WrongCursor
        number: int = place[0]
        return number

    def place(self, *kinds: type) -> tuple[Any, ...] | None:
        """Return what the page begins behind, of the given kinds; none for the first page. Raises `WrongCursor`."""
        if self.given is None:
            return None
        try:
            padded = self.given + "=" * (-len(self.given) % 4)
            found = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        except (binascii.Error, ValueError, RecursionError):
            raise WrongCursor from None
        plain = [str if issubclass(kind, date) else kind for kind in kinds]
        if not isinstance(found, list) or [type(each) for each in found] != [str, *plain] or found[0] != self._mark:
            raise WrongCursor
        if any(isinstance(each, int) and abs(each) >= 2**63 for each in found[1:]):
            raise WrongCursor
        if any(isinstance(each, str) and not _can_be_kept(each) for each in found[1:]):
            raise WrongCursor
        return tuple(_meant(kind, each) for kind, each in zip(kinds, found[1:], strict=True))

    @property
    def _mark(self) -> str:
        return hashlib.blake2b(self.about.encode(), digest_size=FILTER_BYTES).hexdigest()


def _can_be_kept(text: str) -> bool:
    """Return whether a text can be one that the database gave: it keeps no NUL and no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _meant(kind: type, written: Any) -> Any:
    """Return a place as it was before it was written. Raises `WrongCursor` for a day or a moment that is none."""
    if not issubclass(kind, date):
        return written
    try:
        meant = kind.fromisoformat(written)
    except ValueError:
        raise WrongCursor from None
    if isinstance(meant, datetime) and meant.tzinfo is None:
        raise WrongCursor
    return meant
