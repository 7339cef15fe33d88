"""Which later step of a case makes a notice of an earlier one wrong or pointless, so that it is not sent any more.

Guarantees an answer for every kind of notice and every step; the database knows the same table (`sql_rules`), so that
what was written and not yet sent is stopped too. Facts such as a refusal or a payment are told however late.
"""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

from policy_match.cases.model import Event, NoticeKind

ANY_STEP = frozenset(Event)
NOTHING: frozenset[Event] = frozenset()
ENDED = frozenset({Event.WITHDRAW, Event.UPHOLD, Event.REJECT})

OVERTAKEN_BY: Mapping[NoticeKind, frozenset[Event]] = MappingProxyType(
    {
        NoticeKind.INFORMATION: frozenset({Event.WITHDRAW}),
        # Who is asked has more time after an extension: the question stands, with the new last day.
        NoticeKind.CONFIRMATION_ASKED: ANY_STEP - {Event.EXTEND},
        NoticeKind.ACCOUNT_ASKED: ANY_STEP - {Event.EXTEND},
        NoticeKind.CONSENT_ASKED: ANY_STEP - {Event.EXTEND},
        NoticeKind.REMINDER: ANY_STEP,
        NoticeKind.WINDOW_EXTENDED: ANY_STEP,
        NoticeKind.SILENCE_ACCEPTED: ENDED,
        NoticeKind.OBJECTION: ANY_STEP,
        NoticeKind.OBJECTION_DISMISSED: ENDED | {Event.AMEND},
        NoticeKind.AMENDED: ENDED | {Event.AMEND},
        NoticeKind.ACCOUNT_CORRECTION_ASKED: ANY_STEP,
        NoticeKind.PAID: frozenset({Event.BOUNCE}),
        NoticeKind.CLAIMED_BACK: frozenset({Event.RECOVER}),
        NoticeKind.WAIVED: NOTHING,
        NoticeKind.REJECTED: NOTHING,
        NoticeKind.WITHDRAWN: NOTHING,
        NoticeKind.ESCALATION: NOTHING,
        NoticeKind.ORDER_TO_ACT: NOTHING,
        NoticeKind.POLICY_DATE: NOTHING,
        NoticeKind.BUDGET_CUT_OFF: NOTHING,
        NoticeKind.CORRECTION_ANSWERED: NOTHING,
        NoticeKind.RATING_ANSWERED: NOTHING,
        NoticeKind.SUGGESTION_DECIDED: NOTHING,
        NoticeKind.CORRECTION_ASKED: NOTHING,
        NoticeKind.BAD_RATING: NOTHING,
    }
)
"""Steps after which the notice would say what is no longer so, or ask for what is done."""

REMINDS = frozenset({NoticeKind.WINDOW_EXTENDED, NoticeKind.REMINDER})
"""What only repeats what was asked, with its last day: pointless after it."""

ASKS_IN_TIME = REMINDS | {NoticeKind.CONFIRMATION_ASKED, NoticeKind.ACCOUNT_ASKED, NoticeKind.CONSENT_ASKED}
"""What asks for something by a day. Who was not asked in time must not lose by it: the window is extended first."""


def overtaken_by(kind: NoticeKind, later: Collection[Event]) -> Event | None:
    """Return a step after the one told of that makes the notice wrong or pointless; `None` when it still holds."""
    return next((event for event in later if event in OVERTAKEN_BY[kind]), None)


def is_pointless(kind: NoticeKind, last: date, today: date) -> bool:
    """Return whether the notice reminds of a day that is over."""
    return kind in REMINDS and today > last
