"""The double-entry ledger of budget lines."""
