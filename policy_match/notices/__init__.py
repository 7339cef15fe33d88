"""Notices: what a firm or a member of staff is told, through which channel, and what became of each try."""
