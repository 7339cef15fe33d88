"""Pages of the auditor desk: everything is seen, nothing is changed."""

from policy_match.web.auditor import case, files, money, people, search, sources

PAGES = (
    *search.PAGES.pages,
    *case.PAGES.pages,
    *money.PAGES.pages,
    *people.PAGES.pages,
    *sources.PAGES.pages,
    *files.PAGES.pages,
)
"""Every page of this door, in the order of its menu."""
