"""What a firm is told where its card has no button: what it sees to by itself, and what follows its last day.

Guarantees that a benefit that is only told of never looks done, and that no more is promised than the policy says.
"""

from collections.abc import Mapping

from policy_match.cases.model import Route, Status
from policy_match.cases.words import Words
from policy_match.policy.model import Benefit, Delivery, Policy
from policy_match.web.api.v1.firm_case_answers import TOLD, FirmCaseItem
from policy_match.web.portal.saying import Saying

TO_DO: Mapping[Delivery, Words] = {
    Delivery.SELF_DECLARE: Words(
        "须由您在申报时自行填报享受，不填报不能享受；请留存有关资料备查。",
        "claim it in your own declaration, as you do not get it otherwise, and keep the documents.",
    ),
    Delivery.APPLY: Words(
        "须另行向主管部门申请，不申请不能享受。",
        "apply for it at the department, as you do not get it otherwise.",
    ),
    Delivery.NONE: Words(
        "本项不经本平台办理，如何享受请咨询主管部门。",
        "it is not handled on this platform; ask the department how to have it.",
    ),
}
TO_RENEW = Words("须由您在有效期届满前自行办理延期。", "renew it yourself before it ends.")
NOT_SURE = Words(
    "政策原文尚在核对，是否兑现请咨询主管部门。",
    "the source of the policy is still being checked; ask the department whether it pays.",
)
WITHDRAWN = Words("本事项已撤回，不再适用。", "This was withdrawn and no longer applies to you.")


def to_do_by_itself(case: FirmCaseItem, policy: Policy | None, say: Saying) -> str:
    """Return what the firm sees to by itself where a case only informs it, empty on other routes.

    `policy` is `None` where the rules in use have it no more.
    """
    if case.route is not Route.INFORM:
        return ""
    if case.status is Status.WITHDRAWN:
        return say.words(WITHDRAWN)
    words = _to_do(policy)
    return say(f"已告知；{words.zh}", f"You were told: {words.en}") if is_told(case) else say(words.zh, words.en)


def is_told(case: FirmCaseItem) -> bool:
    """Return whether a case that only informs has told its firm, so that nobody but the firm has anything to do."""
    return case.route is Route.INFORM and case.status in TOLD


def after_the_last_day(case: FirmCaseItem, policy: Policy | None, say: Saying) -> str:
    """Return what follows for a firm that can no longer answer, or take its refusal back; empty for other cases."""
    if case.can or case.deadline is None:
        return ""
    day, whom = say.day(case.deadline), _whom(policy, say)
    if case.status is Status.DECLINED:
        return say(
            f"放弃最晚可在{day}撤回，现已过期，本事项不再办理。有疑问的，请联系{whom}。",
            f"A refusal could be taken back until {day}: the case goes no further. If you have questions, ask {whom}.",
        )
    if case.status is not Status.NOTIFIED:
        return ""
    if case.silence_accepts:
        return say(
            f"答复期限已于{day}届满，不能再在此确认或放弃。按本政策规定，逾期未答复的视为接受，由主管部门继续办理。"
            f"不愿享受或有疑问的，请联系{whom}。",
            f"The time to answer ended on {day}: it can be neither confirmed nor declined here. Under this policy no"
            f" answer counts as yes, and the department goes on with it. If you do not want it, or have questions, ask"
            f" {whom}.",
        )
    return say(
        f"答复期限已于{day}届满，不能再在此确认或放弃。按本政策规定，期限内收到通知而未答复的，视为放弃；"
        f"未收到通知的，不视为放弃。主管部门可以延长期限，延长后您可在此继续办理。需要享受本项的，请尽快联系{whom}。",
        f"The time to answer ended on {day}: it can be neither confirmed nor declined here. Under this policy no answer"
        f" counts as no, if a notice reached you in time; who was not reached gives nothing up. The department can"
        f" give more time, and then you can answer here. If you want it, ask {whom} soon.",
    )


def _to_do(policy: Policy | None) -> Words:
    if policy is None:
        return TO_DO[Delivery.NONE]
    if policy.benefit is Benefit.REMINDER:
        return TO_RENEW
    return TO_DO.get(policy.delivery, NOT_SURE)


def _whom(policy: Policy | None, say: Saying) -> str:
    department = say("主管部门", "the department in charge") if policy is None else policy.department
    return say(f"{department}，或拨打12345政务服务便民热线", f"{department} or the government hotline 12345")
