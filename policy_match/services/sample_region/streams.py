"""Where the invented numbers come from: one stream of chance per seed and topic.

Guarantees that the same seed gives the same numbers on every machine with the same numpy, and that a new topic leaves
the numbers of all others as they were. Nothing here looks at a clock.
"""

import hashlib

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.str_]
Days = npt.NDArray[np.datetime64]
"""One element per invented firm."""


def stream(seed: int, *topic: str | int) -> np.random.Generator:
    """Return the stream of one topic, at its start."""
    named = hashlib.sha256(repr((seed, *topic)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(named[:16], "big")))
