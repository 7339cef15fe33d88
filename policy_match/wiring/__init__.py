"""The parts of an application, by what they know; `bootstrap` puts them together."""
