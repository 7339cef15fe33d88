"""What a sweep evaluates, what it decides, and how two sweeps differ."""
