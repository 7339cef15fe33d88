"""Engines that evaluate a sweep plan: the slow one judges the fast one."""
