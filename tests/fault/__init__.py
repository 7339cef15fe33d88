"""Does it survive a crash? Processes are killed and connections cut at stated points."""
