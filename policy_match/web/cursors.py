"""Cursors: where the next page of a list begins, as a text that nobody needs to read.

Guarantees that a cursor serves only the list and the filter that it came from. It holds no secret, so it is not signed.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from policy_match.errors import InputError

FILTER_BYTES = 6


class WrongCursor(InputError):
    """Not a cursor of this list."""

    code = "request.cursor"
    http_status = 400
    english = "the cursor does not belong to this list with this filter; begin again without a cursor"
    chinese = "游标不属于当前列表或筛选条件;请去掉游标,从第一页开始"


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one list with one filter, which `about` identifies; `given` came with the request."""

    about: str
    given: str | None = None

    def write(self, *place: int | str) -> str:
        """Return the cursor of the page behind a place."""
        text = json.dumps([self._mark, *place], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def number(self) -> int:
        """Return the number behind which the page begins, 0 for the first page. Raises `WrongCursor`."""
        place = self.place(int)
        return place[0] if place else 0

    def place(self, *kinds: type) -> tuple[Any, ...] | None:
        """Return what the page begins behind, of the given kinds; none for the first page. Raises `WrongCursor`."""
        if self.given is None:
            return None
        try:
            padded = self.given + "=" * (-len(self.given) % 4)
            found = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        except (binascii.Error, ValueError, RecursionError):
            raise WrongCursor from None
        if not isinstance(found, list) or [type(each) for each in found] != [str, *kinds] or found[0] != self._mark:
            raise WrongCursor
        if any(isinstance(each, int) and abs(each) >= 2**63 for each in found[1:]):
            raise WrongCursor
        return tuple(found[1:])

    @property
    def _mark(self) -> str:
        return hashlib.blake2b(self.about.encode(), digest_size=FILTER_BYTES).hexdigest()
