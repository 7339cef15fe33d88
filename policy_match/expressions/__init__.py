"""The rule language: how a text becomes a typed tree, and what that tree means when facts are unknown."""
