"""Texts in bulk: every question is asked once per distinct word and then spread over the rows.

Guarantees the answers of Python's own string operations, per code point.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policy_match.engines.arrow.columns import Texts, Truths
from policy_match.engines.arrow.masks import Mask, Places, both, chosen_of, either, truth_masks
from policy_match.engines.arrow.words import Words
from policy_match.expressions.nodes import Comparator

ON_WORDS: dict[Comparator, Callable[[pa.StringArray, pa.StringScalar], pa.BooleanArray]] = {
    Comparator.EQ: pc.equal,
    Comparator.NE: pc.not_equal,
    Comparator.LT: pc.less,
    Comparator.LE: pc.less_equal,
    Comparator.GT: pc.greater,
    Comparator.GE: pc.greater_equal,
}
"""Arrow compares UTF-8 byte by byte, which is the order of code points."""


def compare_word(comparator: Comparator, texts: Texts, word: pa.StringScalar) -> Mask:
    """Return the truth of `text comparator word`; false where unknown."""
    return _spread(texts, ("compare", comparator, word.as_py()), lambda: ON_WORDS[comparator](texts.words.array, word))


def one_of(texts: Texts, options: Sequence[str]) -> Truths:
    """Return whether the text is one of the options."""
    listed = pa.array(options, pa.string())
    found = _spread(texts, ("one of", *options), lambda: pc.is_in(texts.words.array, value_set=listed))
    return Truths.of(found, texts.known, texts.lost)


def starts_with(texts: Texts, prefixes: tuple[str, ...]) -> Mask:
    """Return whether the text starts with one of the prefixes; false where unknown."""
    words = texts.words.array

    def find() -> pa.BooleanArray:
        each = (pc.starts_with(words, pattern=prefix) for prefix in prefixes)
        return reduce(pc.or_, each, pa.repeat(pa.scalar(False), len(words)))

    return _spread(texts, ("starts with", *prefixes), find)


def contains(text: Texts, part: Texts) -> Truths:
    """Return whether `text` contains `part`."""
    known, lost = both(text.known, part.known), either(text.lost, part.lost)
    if part.constant is not None:
        pattern = part.constant.as_py()
        found = _spread(text, ("contains", pattern), lambda: pc.match_substring(text.words.array, pattern=pattern))
        return Truths.of(found, known, lost)
    texts, parts = [*text.words.spelled, ""], [*part.words.spelled, ""]
    pairs, place = np.unique(text.codes.astype(np.int64) * len(parts) + part.codes, return_inverse=True)
    within = np.array([parts[pair % len(parts)] in texts[pair // len(parts)] for pair in pairs.tolist()])
    return Truths.of(within[place], known, lost)


def slice_text(texts: Texts, start: int | None, stop: int | None) -> Texts:
    """Return text[start:stop] as Python does."""
    sliced = texts.words.answer(
        ("slice", start, stop),
        lambda: Words(pa.array([word[start:stop] for word in texts.words.spelled], pa.string())),
    )
    return Texts(sliced, texts.codes, texts.known, texts.lost)


def choose(chosen: Mask, known: Mask | None, left: Texts, right: Texts) -> Texts:
    """Return left in the chosen rows, right elsewhere; unknown outside `known`."""
    words = pa.concat_arrays([left.words.array, right.words.array])
    known = both(known, chosen_of(chosen, left.known, right.known))
    codes = np.where(chosen, left.codes, right.codes + np.int32(len(left.words)))
    if known is not None:
        codes = np.where(known, codes, np.int32(len(words)))
    return Texts(Words(words), codes, known, either(left.lost, right.lost))


def longest_prefix(texts: Texts, prefixes: Sequence[str]) -> Places:
    """Return for every row the place of the longest fitting prefix; `len(prefixes)` where none fits."""

    def find() -> Places:
        place_of = {prefix: place for place, prefix in reversed(list(enumerate(prefixes)))}
        lengths = sorted({len(prefix) for prefix in place_of}, reverse=True)
        of_word = [
            next((place_of[word[:length]] for length in lengths if word[:length] in place_of), len(prefixes))
            for word in texts.words.spelled
        ]
        return np.array([*of_word, len(prefixes)], np.intp)

    return texts.words.answer(("longest prefix", *prefixes), find).take(texts.codes)


def _spread(texts: Texts, question: Hashable, find: Callable[[], pa.BooleanArray]) -> Mask:
    """Return for every row what `find` says of its word; false where unknown."""
    of_code = texts.words.answer(question, lambda: np.append(truth_masks(find())[0], False))
    hits = np.flatnonzero(of_code)
    if len(hits) == 1:
        only: Mask = texts.codes == np.int32(hits[0])
        return only
    return of_code.take(texts.codes)
