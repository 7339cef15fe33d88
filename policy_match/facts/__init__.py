"""Which facts exist, and the manifest of an immutable snapshot of them."""
