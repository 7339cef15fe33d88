"""Writes the notices that are due, text and message in the inbox, and stops those that are no longer so.

Guarantees that a notice is written once, in one transaction with its inbox message, that what cannot be written is held
with the reason while the others go on, and that what a later step made wrong is not sent. Ways out of the portal are
chosen by `plan_deliveries`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from policy_match.cases.approval import SYSTEM
from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.model import Event, NoticeKind
from policy_match.cases.words import EVENT_WORDS as CASE_WORDS
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.errors import InputError, Language
from policy_match.notices.fields import WrongNoticeFields
from policy_match.notices.model import NoticeEvent, NoticeId, NoticeStatus
from policy_match.notices.overtaking import ASKS_IN_TIME, is_pointless, overtaken_by
from policy_match.notices.saying import (
    CaseMatter,
    PolicyTexts,
    WaitingNotice,
    case_values,
    given_values,
    policy_texts,
    waits_for_account,
)
from policy_match.notices.subscriptions import may_depend_on_benefit, subscription_of
from policy_match.notices.template import NoticeText, NotSayable, Templates
from policy_match.policy.decoding import decode_version
from policy_match.policy.model import Policy, PolicyVersion
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.large_steps import after_step
from policy_match.values import Digest

PAGE = 2_000
"""How many notices are written in one transaction."""

MOST_PAGES = 100_000
"""How many transactions one run has at most; far more notices than there are firms."""

OVER = "最后一日已过 / its last day is over"
TOO_LATE = "最后一日已过，尚未告知；请延长期限 / its last day is over and it was not told: extend the window"
UNWANTED = "收件人选择不接收 / the recipient does not want to hear of it"
NO_CUT_OFF = "未设置年度支付截止日 / the year's last day of orders is not set: see docs/payments.md"
NO_VERSION = "政策版本文本缺失 / the text of the policy version is not there"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticesPrepared:
    """How many notices were written, held (of those that were not held before), and overtaken."""

    written: int
    held: int
    overtaken: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """By what notices are written. `cut_off` gives the last day of a year on which orders are made, if it is set."""

    templates: Templates
    calendar: WorkingDays
    language: Language = "zh"
    cut_off: Callable[[int], date] | None = None


def prepare_notices(database: Database, wording: Wording, *, clock: Clock, by: str = SYSTEM) -> NoticesPrepared:
    """Write every notice that is due, and those held of which the hindrance is gone; overtake what is no longer so.

    Running again writes nothing twice; two at once share the work. Raises a `StorageError`; committed pages stay.
    """
    writer = _Writer(wording)
    overtaken = overtake_notices(database, clock=clock, by=by)
    written = held = 0
    for status in (NoticeStatus.DUE, NoticeStatus.HELD):
        after = NoticeId(0)
        for _ in range(MOST_PAGES):
            with database.unit_of_work() as work:
                taken = work.notices.take(status, after, PAGE)
                if not taken:
                    break
                after = taken[-1]
                page = writer.page(work, work.notices.waiting(taken), clock.now())
                _keep(work, page, clock.now(), by)
                work.commit()
            written += len(page.texts)
            held += len(page.held)
            overtaken += len(page.overtaken)
    after_step(database, written)
    return NoticesPrepared(written=written, held=held, overtaken=overtaken)


def overtake_notices(database: Database, *, clock: Clock, by: str = SYSTEM) -> int:
    """Overtake notices that were written, reached nobody yet, and are no longer so; return how many.

    What waits to be sent of them is cancelled by whoever would send it.
    """
    count, after = 0, NoticeId(0)
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            found = work.notices.written_and_overtaken(after, PAGE)
            if not found:
                break
            after = max(found)
            reasons = {notice: _since(event) for notice, event in found.items()}
            count += len(work.notices.step(reasons, NoticeEvent.OVERTAKE, clock.now(), by))
            work.commit()
    return count


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    texts: dict[NoticeId, NoticeText] = field(default_factory=dict)
    held: dict[NoticeId, str] = field(default_factory=dict)
    overtaken: dict[NoticeId, str] = field(default_factory=dict)


def _keep(work: UnitOfWork, page: _Page, at: datetime, by: str) -> None:
    if page.texts:
        work.notices.prepare(page.texts, at, by)
    for reasons, event in ((page.held, NoticeEvent.HOLD), (page.overtaken, NoticeEvent.OVERTAKE)):
        if reasons:
            work.notices.step(reasons, event, at, by)


class _Writer:
    """Writes page after page; policies and working days are looked up once."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._versions: dict[Digest, tuple[Policy, PolicyVersion] | str] = {}
        self._texts: dict[tuple[Digest, Language], PolicyTexts] = {}
        self._days_left: dict[tuple[date, date], int | str] = {}

    def page(self, work: UnitOfWork, waiting: Sequence[WaitingNotice], at: datetime) -> _Page:
        """Return what becomes of due or held notices. One that stays held is nowhere."""
        page, today = _Page(), china_day(at)
        for notice in waiting:
            reason = None if notice.matter is None else self._no_longer_so(notice.kind, notice.matter, today)
            if reason is not None:
                page.overtaken[notice.notice_id] = reason
                continue
            try:
                if self._is_unwanted(work, notice):
                    page.overtaken[notice.notice_id] = UNWANTED
                    continue
                page.texts[notice.notice_id] = self._text(work, notice, today)
            except NotSayable as error:
                if notice.status is NoticeStatus.DUE:
                    page.held[notice.notice_id] = str(error)
        return page

    def _is_unwanted(self, work: UnitOfWork, notice: WaitingNotice) -> bool:
        """Return whether the recipient does not want to hear of it. Raises `NotSayable` when nobody can say."""
        if not notice.unwanted:
            return False
        benefit = None
        if notice.matter is not None and may_depend_on_benefit(notice.kind):
            benefit = self._policy(work, notice.matter.version, self._wording.language)[0].benefit
        return subscription_of(notice.kind, benefit) in notice.unwanted

    def _no_longer_so(self, kind: NoticeKind, matter: CaseMatter, today: date) -> str | None:
        event = overtaken_by(kind, matter.later)
        if event is not None:
            return _since(event)
        last = self._last_day(matter, today)
        return OVER if last is not None and is_pointless(kind, last, today) else None

    def _last_day(self, matter: CaseMatter, today: date) -> date | None:
        if not waits_for_account(matter):
            return matter.deadline
        return None if self._wording.cut_off is None else self._wording.cut_off(today.year)

    def _text(self, work: UnitOfWork, notice: WaitingNotice, today: date) -> NoticeText:
        """Return the text of one notice. Raises `NotSayable` with the reason for which it waits."""
        language = notice.language or self._wording.language
        if notice.matter is None:
            try:
                values = given_values(notice.kind, notice.recipient, notice.fields or {}, language, today=today)
            except WrongNoticeFields as error:
                raise NotSayable(_both(error)) from None
            return self._wording.templates.choose(notice.kind, language, "").render(values)
        policy, texts = self._policy(work, notice.matter.version, language)
        last = self._last_day(notice.matter, today)
        values = case_values(
            notice.kind,
            notice.matter,
            texts,
            language,
            today=today,
            deadline=last,
            days_left=self._working_days_left(notice.kind, last, today),
        )
        return self._wording.templates.choose(notice.kind, language, policy.department).render(values)

    def _policy(self, work: UnitOfWork, version: Digest, language: Language) -> tuple[Policy, PolicyTexts]:
        if version not in self._versions:
            self._versions[version] = _decoded(work.rules.version_text(version))
        found = self._versions[version]
        if isinstance(found, str):
            raise NotSayable(found)
        key = (version, language)
        if key not in self._texts:
            self._texts[key] = policy_texts(*found, language)
        return found[0], self._texts[key]

    def _working_days_left(self, kind: NoticeKind, last: date | None, today: date) -> int | None:
        """Return how many working days are left of what asks for something by a day."""
        if kind not in ASKS_IN_TIME:
            return None
        if last is None:
            raise NotSayable(NO_CUT_OFF)
        if today > last:
            raise NotSayable(TOO_LATE)
        key = (today, last)
        if key not in self._days_left:
            self._days_left[key] = self._count(today, last)
        found = self._days_left[key]
        if isinstance(found, str):
            raise NotSayable(found)
        return found

    def _count(self, today: date, last: date) -> int | str:
        days = range(1, (last - today).days + 1)
        try:
            return sum(self._wording.calendar.is_workday(today + timedelta(days=day)) for day in days)
        except WorkingDaysUnknown as error:
            return _both(error)


def _decoded(text: str | None) -> tuple[Policy, PolicyVersion] | str:
    """Return what a kept text says, or why nobody can say it."""
    if text is None:
        return NO_VERSION
    try:
        return decode_version(text.encode())
    except InputError as error:
        return _both(error)


def _since(event: Event) -> str:
    words = CASE_WORDS[event]
    return f"事项已{words.zh} / meanwhile: {words.en}"


def _both(error: InputError) -> str:
    return f"{error.message('zh')} / {error.message('en')}"
