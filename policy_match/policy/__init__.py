"""Policies, versions, parameters and definitions as the rules repository states them."""
