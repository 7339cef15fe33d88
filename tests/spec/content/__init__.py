"""The tables, one module per chapter of docs/language.md."""
