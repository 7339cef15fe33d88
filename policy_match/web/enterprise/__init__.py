"""Pages for firms: what they are owed and why, what waits for them, and where the money is."""

from policy_match.web.enterprise import (
    accounts,
    benefits,
    challenges,
    combinations,
    corrections,
    home,
    inbox,
    not_yet,
    preferences,
    ratings,
    suggestions,
    users,
)

PAGES = (
    *home.PAGES.pages,
    *benefits.PAGES.pages,
    *not_yet.PAGES.pages,
    *inbox.PAGES.pages,
    *challenges.PAGES.pages,
    *accounts.PAGES.pages,
    *corrections.PAGES.pages,
    *combinations.PAGES.pages,
    *ratings.PAGES.pages,
    *suggestions.PAGES.pages,
    *preferences.PAGES.pages,
    *users.PAGES.pages,
)
"""Every page of this door."""
