"""Lists of strings in bulk: every distinct entry is read once, then entries are counted per list.

Guarantees the reading of entries of `expressions.semantics`; an entry that cannot be read makes its list unknown.
"""

from datetime import date
from functools import lru_cache

import numpy as np

from policy_match.engines.arrow.columns import Days, Lists, Numbers, Texts, Truths, day_number
from policy_match.engines.arrow.integers import Integers
from policy_match.engines.arrow.masks import both, either
from policy_match.expressions.semantics import Entry, read_entry

REMEMBERED_ENTRIES = 65_536
"""Entries repeat from batch to batch; this many readings are kept."""


def in_list(item: Texts, lists: Lists) -> Truths:
    """Return whether the list holds exactly the item."""
    entries = lists.entries
    known, lost = both(item.known, lists.known), either(item.lost, lists.lost)
    place_of = {word: place for place, word in enumerate(entries.words)}
    wanted = np.array([*(place_of.get(word, -1) for word in item.words.spelled), -1], np.intp).take(item.codes)
    if len(wanted) == 1:
        found = entries.count_words(np.arange(len(entries.words)) == wanted)
    else:
        found = entries.count(entries.codes == entries.per_entry(wanted))
    return Truths.of(found > 0, known, lost)


def list_count(lists: Lists, first: Days, last: Days, label: str | None) -> Numbers:
    """Return how many entries are in force on at least one day from `first` to `last`."""
    entries = lists.entries
    read = [remembered_entry(word) for word in entries.words]
    readable = np.array([entry is not None for entry in read], np.bool_)
    starts = np.array([day_number(entry.in_force.first) if entry else 0 for entry in read], np.int64)
    ends = np.array([day_number((entry.in_force.last if entry else None) or date.max) for entry in read], np.int64)
    labelled = np.array([label is None or (entry is not None and entry.label == label) for entry in read], np.bool_)
    if len(first.days) == len(last.days) == 1:
        counts = entries.count_words(labelled & (starts <= last.days) & (ends >= first.days))
    else:
        first_days, last_days = (np.broadcast_to(days, len(entries)) for days in (first.days, last.days))
        begun = starts.take(entries.codes) <= entries.per_entry(last_days)
        lasting = ends.take(entries.codes) >= entries.per_entry(first_days)
        counts = entries.count(labelled.take(entries.codes) & begun & lasting)
    possible = first.days <= last.days
    if not readable.all():
        possible = possible & (entries.count_words(~readable) == 0)
    known = both(both(lists.known, possible), both(first.known, last.known))
    lost = either(lists.lost, either(first.lost, last.lost))
    return Numbers(Integers(counts, 0, len(entries.codes), lost), known=known)


@lru_cache(maxsize=REMEMBERED_ENTRIES)
def remembered_entry(text: str) -> Entry | None:
    """Return what the entry says, `None` if it cannot be read."""
    return read_entry(text)
