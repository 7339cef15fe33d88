"""Why a step of a case, an approval or an objection is refused; each reason has its own class, code and message.

Guarantees one line in Chinese and in English that names the case and what to do next. Nothing was changed.
"""

from policy_match.errors import InputError, SettingError


class CaseRefused(InputError):
    """The case cannot take this step now."""

    code = "case"
    http_status = 409


class WrongStep(CaseRefused):
    """The table has no such step from the case's status; `possible` names those that it has."""

    code = "case.step"
    english = "case {case_id} is {status}: {event} is not possible; possible: {possible}"
    chinese = "事项 {case_id} 当前为“{status_zh}”，不能办理“{event_zh}”；可以：{possible_zh}"


class TooEarly(CaseRefused):
    """The window for an answer or the publicity is still open."""

    code = "case.early"
    english = "case {case_id}: {event} is possible only after {deadline}, when the time limit is over; wait"
    chinese = "事项 {case_id}：{deadline} 期满之后才能 {event}，请等待"


class NotPublished(TooEarly):
    """The policy asks for publicity, which has not begun."""

    code = "case.publicity"
    english = "case {case_id}: {event} comes after {days} working days of publicity; publish it first"
    chinese = "事项 {case_id}：须先公示 {days} 个工作日才能 {event}，请先公示"


class TooLate(CaseRefused):
    """The window is over."""

    code = "case.late"
    english = "case {case_id}: {event} was possible until {deadline}; ask the department what remains possible"
    chinese = "事项 {case_id}：“{event_zh}”的期限已于{deadline_zh}届满，其他途径请咨询主管部门"


class SilenceMeans(CaseRefused):
    """The policy gives silence the other meaning."""

    code = "case.silence"
    english = "case {case_id}: under this policy silence means {silence}, so {event} is not possible; use {instead}"
    chinese = "事项 {case_id}：本政策规定逾期未答复视为 {silence}，不能 {event}，请用 {instead}"


class NothingPaid(CaseRefused):
    """There is no money that could come back or be claimed back."""

    code = "case.nothing-paid"
    english = "case {case_id} was closed without a payment, so {event} is not possible; look for the case that was paid"
    chinese = "事项 {case_id} 未支付即已办结，不能 {event}；请核对实际支付的事项"


class EventIncomplete(InputError):
    """The event lacks something that it must say, or says something wrong."""

    code = "case.event"


class ReasonMissing(EventIncomplete):
    """This step needs a reason."""

    code = "case.reason"
    english = "case {case_id}: {event} needs a reason; give one"
    chinese = "事项 {case_id}：{event} 须说明理由，请补充"


class ActorMissing(EventIncomplete):
    """Nobody is named."""

    code = "case.by"
    english = "case {case_id}: {event} needs a name; say who does it"
    chinese = "事项 {case_id}：{event} 须注明由谁办理"


class WrongAmount(EventIncomplete):
    """The amount is missing, not asked for or out of range; `expected_…` says what is right."""

    code = "case.amount"
    english = "case {case_id}: {event} with amount {found}: expected {expected_en}"
    chinese = "事项 {case_id}：{event} 的金额为 {found}，应为{expected_zh}"


class WrongDeadline(EventIncomplete):
    """The deadline is missing, too near, or not asked for."""

    code = "case.deadline"
    english = "case {case_id}: {event} with deadline {found}: expected {expected_en}"
    chinese = "事项 {case_id}：{event} 的期限为 {found}，应为{expected_zh}"


class TwoStages(CaseRefused):
    """One person, two stages of one case; administrators are no exception."""

    code = "approval.two-stages"
    english = "{person} has already done {taken} of this case and may not do {wanted}; another person must"
    chinese = "{person} 已办理本事项的 {taken}，不得再办理 {wanted}，须由他人办理"


class NotAPerson(CaseRefused):
    """Only staff take part in deciding: neither a firm nor the program itself."""

    code = "approval.not-a-person"
    english = "{person} is not a member of staff and may not do {wanted}; a person must"
    chinese = "{person} 不是工作人员，不得办理 {wanted}，须由工作人员办理"


class OwnObjection(CaseRefused):
    """Who objected may not decide about it."""

    code = "objection.own"
    english = "{person} objected to case {case_id} and may not decide about it; another person must"
    chinese = "{person} 对事项 {case_id} 提出了异议，不得自行复核，须由他人办理"


class ListInvalid(InputError):
    """The cases of an approval list are not in order, or not what its header says."""

    code = "approval.list"
    english = "the approval list is not usable: {detail}; make the list again from the cases as they stand"
    chinese = "审批名单不可用：{detail_zh}；请按事项现状重新生成名单"


class WorkingDaysUnknown(InputError):
    """No calendar says which days of that year are worked."""

    code = "calendar.year"
    english = (
        "the working days of {year} are not known: put the State Council's list into {file}: "
        "[{year}] holidays = [dates off], workdays = [weekend days worked]"
    )
    chinese = (
        "不知道 {year} 年的工作日：请按国务院办公厅通知写入 {file}："
        "[{year}] holidays = [放假日], workdays = [调休上班日]"
    )


class CalendarFileWrong(SettingError):
    """The override file of working days cannot be used."""

    code = "calendar.file"
    english = "{file}: {detail}; correct the file"
    chinese = "{file}：{detail_zh}；请更正文件"
