"""Types the command on a clock that a test moves: `python -m tests.support.on_clock FILE arguments…`.

Guarantees that it is the real command in a process of its own; only what time it is comes from the file.
"""

import sys
from pathlib import Path

from policy_match.cli.app import run
from tests.fault.scheduler.children import FileClock

if __name__ == "__main__":
    sys.exit(run(sys.argv[2:], FileClock(Path(sys.argv[1]))))
