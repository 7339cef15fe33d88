"""What several kinds of test share: facts in memory, policies from text, sweeps read back as plain values."""
