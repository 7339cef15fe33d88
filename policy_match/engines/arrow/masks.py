"""Bitmaps and masks: between Arrow's packed truths and numpy's one byte per row.

Guarantees that an absent mask means "every row". Three-valued logic itself is Arrow's Kleene kernels.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
"""Row numbers, rising."""


def both(left: Mask | None, right: Mask | None) -> Mask | None:
    """Return the rows of both masks; `None` is every row."""
    if left is None or right is None:
        return right if left is None else left
    return left & right


def either(left: Mask | None, right: Mask | None) -> Mask | None:
    """Return the rows of either mask; here `None` is no row."""
    if left is None or right is None:
        return right if left is None else left
    return left | right


def chosen_of(chosen: Mask, left: Mask | None, right: Mask | None) -> Mask | None:
    """Return the rows of `left` where chosen, of `right` elsewhere; `None` is every row."""
    if left is None and right is None:
        return None
    every = np.ones(1, np.bool_)
    return np.where(chosen, every if left is None else left, every if right is None else right)


def pack(mask: Mask) -> pa.Buffer:
    """Return a mask as an Arrow bitmap."""
    return pa.py_buffer(np.packbits(mask, bitorder="little"))


def unpack(bitmap: pa.Buffer, offset: int, count: int) -> Mask:
    """Return `count` bits of an Arrow bitmap, from bit `offset`, as a mask."""
    first = offset // 8
    octets = np.frombuffer(bitmap, np.uint8)[first : (offset + count + 7) // 8]
    bits = np.unpackbits(octets, bitorder="little")[offset - 8 * first :]
    return bits[:count].view(np.bool_)


def validity(array: pa.Array) -> Mask | None:
    """Return which values of an Arrow array are known; `None` if all are."""
    if array.null_count == 0:
        return None
    bitmap = array.buffers()[0]
    if bitmap is None:
        return np.zeros(len(array), np.bool_)
    return unpack(bitmap, array.offset, len(array))


def truth_array(is_true: Mask, known: Mask | None) -> pa.BooleanArray:
    """Return packed truths; null where not known."""
    return pa.BooleanArray.from_buffers(
        pa.bool_(), len(is_true), [None if known is None else pack(known), pack(is_true)]
    )


def truth_masks(array: pa.BooleanArray) -> tuple[Mask, Mask | None]:
    """Return which truths are true (arbitrary where unknown), and which are known."""
    return unpack(array.buffers()[1], array.offset, len(array)), validity(array)


def places_of(mask: Mask) -> Places:
    """Return the numbers of the rows in `mask`."""
    return np.flatnonzero(mask)
