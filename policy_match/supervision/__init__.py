"""Supervision: which stage each case waits in, how late it is, who is told, and what was promised and not paid."""
