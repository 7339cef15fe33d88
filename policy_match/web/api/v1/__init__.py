"""Version 1 of the API: a module for each kind of thing, all operations in `OPERATIONS`."""

from collections.abc import Sequence

from policy_match.web.api.v1 import cases
from policy_match.web.operation import Operation

OPERATIONS: Sequence[Operation] = (*cases.OPERATIONS,)
"""Every operation of the API, in the order of the document."""
