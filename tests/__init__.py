"""Tests, by the question that they answer."""
