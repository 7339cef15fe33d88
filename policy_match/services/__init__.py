"""One module per use case. Commits are explicit, and no outside call happens inside a unit of work."""
