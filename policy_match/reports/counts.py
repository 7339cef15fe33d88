"""What is counted of cases: the counts that are shown, what stands beside them, and what adds up to what.

Guarantees that every case is counted from its profile alone, so that cases of one profile need not be told apart. What
is made of the counts is `figures`; which of them may be shown is `suppression`.
"""

from collections.abc import Callable, Mapping, Sequence

from policy_match.cases.decline_reasons import DECLINE_REASON_WORDS, DeclineReason
from policy_match.cases.words import Words
from policy_match.reports.figure_kinds import Count, Section, Unit
from policy_match.reports.model import Answer, EndState, Profile, Reach

END_WORDS: Mapping[EndState, tuple[Words, Words]] = {
    EndState.PAID: (
        Words("已兑付", "paid"),
        Words(
            "款项已到账（含已办结），未发生追回",
            "the money is in the account, closed ones included, and none of it was claimed back",
        ),
    ),
    EndState.CLAIMED_BACK: (
        Words("追回", "claimed back"),
        Words(
            "付款后要求退还全部或部分款项，含已追回",
            "paid, then all or a part of it claimed back, whether or not the money is back",
        ),
    ),
    EndState.GRANTED: (
        Words("已授予", "granted"),
        Words(
            "不涉及付款的：资格已批准且公示期满，或合同已履行",
            "without a payment: a title approved, a contract fulfilled",
        ),
    ),
    EndState.TOLD: (
        Words("已告知", "told"),
        Words("仅告知的政策：已告知企业", "of policies that only inform: the firm was told"),
    ),
    EndState.UNDER_WAY: (
        Words("办理中", "under way"),
        Words("尚无结果", "not at an end yet"),
    ),
    EndState.DECLINED: (
        Words("自愿放弃", "declined"),
        Words("企业明确表示不要", "the firm said that it does not want it"),
    ),
    EndState.WAIVED: (
        Words("视同放弃", "waived"),
        Words("逾期未答复，按政策视为放弃", "no answer in time, which the policy takes for a no"),
    ),
    EndState.GIVEN_UP: (
        Words("退票后放弃", "given up"),
        Words(
            "付款被退回，经办人员说明理由后不再支付",
            "the payment came back and a person closed the case, with a reason",
        ),
    ),
    EndState.WITHDRAWN: (
        Words("撤回", "withdrawn"),
        Words("复核不再符合，或异议成立", "no longer eligible, or an objection was right"),
    ),
    EndState.REJECTED: (
        Words("未通过审批", "rejected"),
        Words("审批时不予批准", "not approved"),
    ),
}

ALWAYS_OWED = frozenset({EndState.PAID, EndState.CLAIMED_BACK, EndState.GIVEN_UP})
"""Only what was owed can end so."""

NEVER_OWED = frozenset({EndState.GRANTED, EndState.TOLD})
"""Nothing that was owed can end so."""

OWED = "_owed"
NOT_STATED = "reason_not_stated"


def _ends_as(state: EndState) -> Callable[[Profile], int]:
    return lambda case: case.end_state is state


def _owed_and_ends_as(state: EndState) -> Callable[[Profile], int]:
    return lambda case: case.owed and case.end_state is state


def _answered(answer: Answer) -> Callable[[Profile], int]:
    return lambda case: case.answer is answer


def _declined_for(reason: DeclineReason | None) -> Callable[[Profile], int]:
    return lambda case: case.end_state is EndState.DECLINED and case.reason is reason


COUNTS: Sequence[Count] = (
    Count(
        name="eligible",
        section=Section.ENDS,
        words=Words("应享", "eligible"),
        meaning=Words(
            "期间内到期的应享事项，每家企业（或每笔记录）每项政策每期一件；重新发起的只计最后一件",
            "benefits that fell due in the days of the report: one per firm (or record), policy, period and "
            "instalment; of one that was opened again only the last case counts",
        ),
        of=lambda _: 1,
        weight=8,
    ),
    Count(
        name="owed",
        section=Section.ENDS,
        words=Words("应付款", "owed"),
        meaning=Words("其中应当付款的", "those of them with money to be paid"),
        of=lambda case: case.owed,
        weight=4,
    ),
    *(
        Count(
            name=state.value,
            section=Section.ENDS,
            words=words,
            meaning=meaning,
            of=_ends_as(state),
            weight=4 if state is EndState.PAID else 1,
        )
        for state, (words, meaning) in END_WORDS.items()
    ),
    Count(
        name="waiting_for_budget",
        section=Section.ENDS,
        words=Words("等待预算", "waiting for budget"),
        meaning=Words("办理中的，其中最近一次分配未获资金", "of those under way: the last allocation granted nothing"),
        of=lambda case: case.waits_for_budget and case.end_state is EndState.UNDER_WAY,
    ),
    Count(
        name="reached",
        section=Section.REACH,
        words=Words("已送达", "reached"),
        meaning=Words(
            "至少一件通知经站外渠道交出，或在站内已阅",
            "a channel outside the portal took a notice of it, or one was read in the portal",
        ),
        of=lambda case: case.reach is not Reach.NONE,
        weight=4,
    ),
    Count(
        name="read",
        section=Section.REACH,
        words=Words("已阅", "read"),
        meaning=Words("至少一件通知已阅", "a notice of it was read"),
        of=lambda case: case.reach is Reach.READ,
        weight=2,
    ),
    Count(
        name="asked",
        section=Section.ANSWERS,
        words=Words("已询问", "asked"),
        meaning=Words(
            "已请企业确认、提供账户或同意签约", "the firm was asked to confirm, for its account, or for its consent"
        ),
        of=lambda case: case.answer is not Answer.NOT_ASKED,
        weight=2,
    ),
    Count(
        name="confirmed",
        section=Section.ANSWERS,
        words=Words("已确认", "confirmed"),
        meaning=Words("企业表示同意", "the firm said yes"),
        of=_answered(Answer.CONFIRMED),
        weight=2,
    ),
    Count(
        name="accepted",
        section=Section.ANSWERS,
        words=Words("默示同意", "accepted by silence"),
        meaning=Words("逾期未答复，按政策视为同意", "no answer in time, which the policy takes for a yes"),
        of=_answered(Answer.ACCEPTED),
    ),
    Count(
        name="unanswered",
        section=Section.ANSWERS,
        words=Words("待答复", "not answered yet"),
        meaning=Words("期限未满，或未满即撤回", "there is time left, or the case was withdrawn before"),
        of=_answered(Answer.OPEN),
    ),
    *(
        Count(
            name=f"reason_{reason}",
            section=Section.REASONS,
            words=words,
            meaning=Words(f"自愿放弃，原因：{words.zh}", f"declined: {words.en}"),
            of=_declined_for(reason),
        )
        for reason, words in DECLINE_REASON_WORDS.items()
    ),
    Count(
        name=NOT_STATED,
        section=Section.REASONS,
        words=Words("未注明原因", "reason not stated"),
        meaning=Words("自愿放弃，未选原因", "declined, and no reason was chosen"),
        of=_declined_for(None),
    ),
    Count(
        name="objected",
        section=Section.CORRECTIONS,
        words=Words("有异议", "objected to"),
        meaning=Words("公示期内有人提出异议的事项", "cases to which somebody objected while they were on display"),
        of=lambda case: case.objected,
    ),
    Count(
        name="upheld",
        section=Section.CORRECTIONS,
        words=Words("异议成立", "objection upheld"),
        meaning=Words("异议成立或据以调整金额", "an objection was right, or changed the amount"),
        of=lambda case: case.upheld,
    ),
    Count(
        name="answered_late",
        section=Section.CORRECTIONS,
        words=Words("异议逾期", "objection answered late"),
        meaning=Words("有异议未在期限内答复", "an objection was not answered in time"),
        of=lambda case: case.late,
    ),
    Count(
        name="amended",
        section=Section.CORRECTIONS,
        words=Words("调整金额", "amount changed"),
        meaning=Words("付款前调整过金额的", "the amount was changed before the payment"),
        of=lambda case: case.amended,
    ),
    Count(
        name="corrected",
        section=Section.CORRECTIONS,
        words=Words("更正", "put right"),
        meaning=Words(
            "异议成立或追回的事项，每件计一次", "an objection or a recovery put the case right; each counts once"
        ),
        of=lambda case: case.corrected,
    ),
    Count(
        name="attempts",
        section=Section.CORRECTIONS,
        words=Words("支付次数", "payment attempts"),
        meaning=Words("交给银行的支付笔数", "payments that were made for the bank"),
        of=lambda case: case.attempts,
        unit=Unit.PAYMENTS,
    ),
    Count(
        name="came_back",
        section=Section.CORRECTIONS,
        words=Words("退回", "came back"),
        meaning=Words("其中银行拒付或退回的", "those of them that the bank refused or gave back"),
        of=lambda case: case.came_back,
        unit=Unit.PAYMENTS,
    ),
)
"""All counts, in the order in which they are shown."""

BESIDE: Sequence[tuple[str, Callable[[Profile], int]]] = (
    *(
        (f"{state}{OWED}", _owed_and_ends_as(state))
        for state in EndState
        if state not in ALWAYS_OWED and state not in NEVER_OWED
    ),
    ("not_owed", lambda case: not case.owed),
    ("not_waiting_for_budget", lambda case: case.end_state is EndState.UNDER_WAY and not case.waits_for_budget),
    ("not_reached", lambda case: case.reach is Reach.NONE),
    ("not_read", lambda case: case.reach is Reach.REACHED),
    ("not_upheld", lambda case: case.objected and not case.upheld),
    ("not_late", lambda case: case.objected and not case.late),
    ("not_came_back", lambda case: case.attempts - case.came_back),
)
"""What is not shown itself, but is the count behind an amount, or what a reader gets by one subtraction in a row."""

ENDED_WINDOWS = ("confirmed", "declined", "waived", "accepted")
"""Asked cases whose window is over, by an answer or by silence."""

RELATIONS: Mapping[str, tuple[str, ...]] = {
    "eligible": tuple(state.value for state in EndState),
    "asked": (*ENDED_WINDOWS, "unanswered"),
    "declined": (*(f"reason_{reason}" for reason in DeclineReason), NOT_STATED),
}
"""What adds up within a row: a total and its parts."""

VECTOR: Sequence[Callable[[Profile], int]] = (*(count.of for count in COUNTS), *(of for _, of in BESIDE))
"""How often a case counts in each column that `suppression` looks at, shown or not."""

PLACES: Mapping[str, int] = {
    name: place for place, name in enumerate((*(count.name for count in COUNTS), *(name for name, _ in BESIDE)))
}
"""The place of each count, shown or not, in `VECTOR`."""

WEIGHTS: Sequence[int] = (*(count.weight for count in COUNTS), *(0 for _ in BESIDE))
"""How much a reader misses each column; what is not shown is not missed."""


def vector_of(case: Profile) -> tuple[int, ...]:
    """Return how often the case counts in each column of `VECTOR`."""
    return tuple(int(of(case)) for of in VECTOR)
