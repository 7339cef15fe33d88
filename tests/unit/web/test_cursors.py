"""Cursors come back as what was written, and serve no other list."""

from datetime import UTC, date, datetime

import pytest

from policy_match.web.cursors import Cursors, WrongCursor

PLACE = (date(2025, 7, 8), datetime(2025, 7, 8, 1, 2, 3, 4, tzinfo=UTC), "文", 7)
KINDS = (date, datetime, str, int)


def given(cursor: str, about: str = "list") -> Cursors:
    return Cursors(about, cursor)


def test_a_place_comes_back_as_it_was_written() -> None:
    assert given(Cursors("list").write(*PLACE)).place(*KINDS) == PLACE


def test_without_a_cursor_the_list_begins() -> None:
    assert (Cursors("list").place(int), Cursors("list").number()) == (None, 0)


@pytest.mark.parametrize("place", [("2025-13-01",), ("2025-07-08T01:02:03",), (7,), ("2025-07-08", 1), (" ",)])
def test_what_is_no_moment_is_no_cursor(place: tuple[int | str, ...]) -> None:
    with pytest.raises(WrongCursor):
        given(Cursors("list").write(*place)).place(datetime)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(WrongCursor):
        given(Cursors("list").write(7), "another").number()
