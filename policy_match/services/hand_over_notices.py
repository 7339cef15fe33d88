"""Records the notices that a person handed over: at the counter, by telephone, at the firm.

Guarantees that only a person says so, with the reason, that saying it again changes nothing, and that what cannot be so
is refused with its number while the others are recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.errors import InputError
from policy_match.notices.model import NoticeEvent, NoticeId, NoticeStatus
from policy_match.notices.transitions import NOTICE_AFTER
from policy_match.ports import Clock, Database, RegistrySource
from policy_match.services.notice_history import NoSuchNotice
from policy_match.services.roles import staff

MOST_HANDED_OVER = 10_000
"""How many notices one call records."""

COLUMN_NAMES = ("notice", "通知", "通知编号")
"""What the column of a file with the numbers of notices may be called."""

LONGEST_NUMBER = 18
"""Digits of the largest number that is looked for."""


class NotToBeHandedOver(InputError):
    """The notice stands where it cannot have been handed over."""

    code = "notice.not-open"
    http_status = 409
    english = "notice {notice_id} is {status}: only what is written and has not reached its recipient is handed over"
    chinese = "通知 {notice_id} 的状态为 {status}：只有已拟写且尚未送达的通知可登记为当面送达"


class ReachReasonMissing(InputError):
    """Nobody said how the notice was handed over."""

    code = "notice.reason"
    english = "say how the notice was handed over, for example: told at the counter"
    chinese = "请写明送达方式，例如：窗口当面告知"


class TooManyNotices(InputError):
    """One call names too many notices."""

    code = "notice.too-many"
    english = "{count} notices at once, at most {most}: split them"
    chinese = "一次 {count} 项通知，最多 {most} 项：请分批办理"


class NoticeColumnMissing(InputError):
    """The table has no column of notices."""

    code = "notice.column"
    english = "{file}: no column is called notice; the columns are {found}"
    chinese = "{file}：缺少列“通知编号”；现有列：{found}"


class NotANumber(InputError):
    """A row names no notice."""

    code = "notice.row"
    english = "row {row}: `{given}` is no number of a notice; correct the row"
    chinese = "第 {row} 行：“{given}”不是通知编号；请更正该行"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeNumbers:
    """The notices that a file names, and the rows that name none."""

    notices: tuple[NoticeId, ...] = ()
    wrong: tuple[NotANumber, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedHandOver:
    """A notice that was not recorded as handed over, and why."""

    notice_id: NoticeId
    error: InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOver:
    """How many notices were recorded, how many had reached their recipient before, and those that were refused."""

    reached: int
    before: int
    refused: tuple[RefusedHandOver, ...]


def notice_numbers(file: RegistrySource) -> NoticeNumbers:
    """Return the notices that a table names, one in each row that is not empty.

    Raises `NoticeColumnMissing` or `TooManyNotices`, or what reading the file raises.
    """
    columns = file.columns()
    column = next((name for name in columns if name.strip().casefold() in COLUMN_NAMES), None)
    if column is None:
        raise NoticeColumnMissing(file=file.name, found=", ".join(columns[:20]))
    notices: list[NoticeId] = []
    wrong: list[NotANumber] = []
    for chunk in file.chunks(MOST_HANDED_OVER):
        wrong += [NotANumber(row=broken.number, given="…") for broken in chunk.broken]
        given = [(text or "").strip() for text in chunk.rows[column].to_pylist()]
        for row, text in zip(chunk.numbers.to_pylist(), given, strict=True):
            if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER:
                notices.append(NoticeId(int(text)))
            elif text:
                wrong.append(NotANumber(row=row, given=text[:20]))
        if len(notices) + len(wrong) > MOST_HANDED_OVER:
            raise TooManyNotices(count=len(notices) + len(wrong), most=MOST_HANDED_OVER)
    return NoticeNumbers(notices=tuple(notices), wrong=tuple(wrong))


def hand_over(database: Database, clock: Clock, *, notices: Sequence[NoticeId], by: str, reason: str) -> HandedOver:
    """Record that a person handed notices over, in one transaction; what cannot be so is refused, the others taken.

    Raises `NobodyNamed`, `NotAPerson`, `ReachReasonMissing` or `TooManyNotices`.
    """
    by = staff(by, "handing notices over")
    if not reason.strip():
        raise ReachReasonMissing
    wanted = sorted(set(notices))
    if len(wanted) > MOST_HANDED_OVER:
        raise TooManyNotices(count=len(wanted), most=MOST_HANDED_OVER)
    with database.unit_of_work() as work:
        statuses = work.notices.history.statuses(wanted)
        possible = [each for each in statuses if (statuses[each], NoticeEvent.REACH) in NOTICE_AFTER]
        reached = work.notices.step(dict.fromkeys(possible, reason.strip()), NoticeEvent.REACH, clock.now(), by)
        work.commit()
    return HandedOver(
        reached=len(reached),
        before=sum(status is NoticeStatus.REACHED for status in statuses.values()),
        refused=tuple(
            RefusedHandOver(notice_id=each, error=_refusal(each, statuses.get(each)))
            for each in wanted
            if each not in reached and statuses.get(each) is not NoticeStatus.REACHED
        ),
    )


def _refusal(notice_id: NoticeId, status: NoticeStatus | None) -> InputError:
    if status is None:
        return NoSuchNotice(notice_id=notice_id)
    return NotToBeHandedOver(notice_id=notice_id, status=status.value)
