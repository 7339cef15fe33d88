"""Policies are files, facts are immutable snapshots, and a sweep joins the two: who is owed what, and why."""

__version__ = "0.1.0"
