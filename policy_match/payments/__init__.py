"""Paying: attempts and what the bank says of them, accounts, returns, recovery and reconciliation."""
