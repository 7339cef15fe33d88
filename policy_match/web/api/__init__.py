"""The API for other systems and for the pages."""
