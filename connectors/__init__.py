"""Adapters to the outside, found by short name. Nothing here is imported before it is asked for."""
