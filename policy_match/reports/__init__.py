"""How well the service does: what became of every benefit that was due, in figures of which some may be published."""
