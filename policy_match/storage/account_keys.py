"""The file of the keys that seal account numbers, for an installation that sets none.

Guarantees that a key is made once, readable by its owner alone, even when two processes or threads begin at once.
Whoever keeps real accounts sets the keys himself and keeps them apart from the database.
"""

import os
import tempfile
from pathlib import Path

KEY_BYTES = 32


def key_text(path: Path) -> str:
    """Return the content of the key file, which is made with one random key when it is not there."""
    if path.exists():
        return path.read_text(encoding="ascii")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(os.urandom(KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(made, path)
    except FileExistsError:
        pass  # another was first: its key is the one
    finally:
        made.unlink(missing_ok=True)
    return path.read_text(encoding="ascii")
