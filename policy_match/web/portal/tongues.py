"""Chinese on English pages: titles, names and reasons stay as they were written, and are marked as what they are.

Guarantees that a screen reader reads them as Chinese (WCAG 2.2, 3.1.2 Language of Parts), wherever a template shows
them. Words of ours are said by `saying` in one language at a time.
"""

import re

HAN = "\u3400-\u9fff"
SIGNS = "\u3000-\u303f\uff00-\uffef“”‘’"
CHINESE = re.compile(f"(?<![{SIGNS}])[{SIGNS}]*+[{HAN}][{HAN}{SIGNS}]*+(?:[0-9A-Za-z.%-]++[{HAN}{SIGNS}]++)*+")
"""What is read without a pause: numbers and letters within it belong to it. Signs alone are looked at once, not once
from each of them: people send long texts."""

TAG_AND_TEXT = re.compile(r"<([a-z][a-z0-9]*+)([^<>]*+)>([^<>]*+)|(?<=>)([^<>]++)")
WHOLE = ("option", "textarea", "title")
"""Elements that hold no other elements: they are marked themselves."""

MARK = 'lang="zh-CN"'


def marked(page: str) -> str:
    """Return an English page on which every text in Chinese says that it is."""
    return TAG_AND_TEXT.sub(_mark, page)


def _mark(found: re.Match[str]) -> str:
    name, attributes, text, after = found.groups()
    if name is None:
        return CHINESE.sub(_span, after)
    if not CHINESE.search(text) or "lang=" in attributes:
        return found.group()
    if name in WHOLE:
        return f"<{name} {MARK}{attributes}>{text}"
    return f"<{name}{attributes}>{CHINESE.sub(_span, text)}"


def _span(found: re.Match[str]) -> str:
    return f"<span {MARK}>{found.group()}</span>"
