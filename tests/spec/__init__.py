"""The meaning of the rule language in tables that are tests on every engine and the manual at once."""
