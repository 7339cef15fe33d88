"""What people do on pages, in words, by the name under which it is kept.

Guarantees the page's own title. What programs do is called by the id of its operation, which has none.
"""

from collections.abc import Mapping

from policy_match.cases.words import Words
from policy_match.web import bureau, enterprise, public

OPERATION_WORDS: Mapping[str, Words] = {
    page.id: page.title for page in (*public.PAGES, *enterprise.PAGES, *bureau.PAGES) if page.changes
}
