"""Pages for everybody: what this is, how to sign in, what is on public display."""

from policy_match.web.public import sign_in, start

PAGES = (*start.PAGES.pages, *sign_in.PAGES.pages)
"""Every page of this door."""
