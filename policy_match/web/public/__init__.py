"""Pages for everybody: what this is, how to sign in, what is on public display."""

from policy_match.web.public import data, lists, sign_in, start

PAGES = (*start.PAGES.pages, *sign_in.PAGES.pages, *lists.PAGES.pages, *data.PAGES.pages)
"""Every page of this door."""
