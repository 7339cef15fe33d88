"""Notices of a world of cases, written by the shipped templates; and short ways to ask what became of them."""

from collections.abc import Callable
from datetime import date
from functools import cache

from policy_match.cases.working_days import WorkingDays
from policy_match.errors import Language
from policy_match.notices.history import NoticeFilter, NoticeLine, NoticeStory
from policy_match.notices.model import NoticeId
from policy_match.notices.template import Templates
from policy_match.services.notice_history import list_notices, show_notice
from policy_match.services.prepare_notices import NoticesPrepared, Wording, prepare_notices
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.notice_templates import load_templates
from tests.support.cases import CALENDAR, World

SEALER = AccountSealer([b"only for tests, thirty-two bytes"])


@cache
def shipped() -> Templates:
    """Return the templates of the package, loaded once."""
    return load_templates()


def wording(
    language: Language = "zh",
    *,
    templates: Templates | None = None,
    calendar: WorkingDays = CALENDAR,
    cut_off: Callable[[int], date] | None = None,
) -> Wording:
    """Return by what tests write notices."""
    return Wording(templates=templates or shipped(), calendar=calendar, language=language, cut_off=cut_off)


def prepare_world(world: World, by: Wording | None = None) -> NoticesPrepared:
    """Write what is due in a world."""
    return prepare_notices(world.database, by or wording(), clock=world.clock)


def lines(world: World, **wanted: object) -> list[NoticeLine]:
    """Return the notices of a world, of all or of those that a filter lets through."""
    return list(list_notices(world.database, NoticeFilter(**wanted), most=10_000))  # type: ignore[arg-type]


def story(world: World, notice_id: int) -> NoticeStory:
    """Return everything about a notice."""
    return show_notice(world.database, NoticeId(notice_id))
