"""The `policy-match` command.

Guarantees one line per error, the exit codes of `errors.py`, and that everything a person reads is there in Chinese
and English. What the commands do is in `services`.
"""

from policy_match.cli.app import main

__all__ = ["main"]
