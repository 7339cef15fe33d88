"""The stages in which a case waits: for whom, for how many working days at most, and where the limit comes from.

Guarantees that every status in which something is still to be done has its stages, and no other has. The database
reads the same table (`sql_rules`) and finds when a stage began (`case_stages`); the colours are `colours`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy_match.cases.model import Route, Status
from policy_match.cases.words import Words


class Stage(StrEnum):
    """What a case waits for. The values that a policy may limit are those of `policy.model.LimitedStage`."""

    NOTIFY = "notify"
    ANSWER = "answer"
    WINDOW_END = "window_end"
    REVIEW = "review"
    BUDGET = "budget"
    APPROVAL = "approval"
    PUBLISH = "publish"
    PUBLICITY = "publicity"
    OBJECTION = "objection"
    ORDER = "order"
    SEND = "send"
    BANK = "bank"
    CORRECTION = "correction"
    CLOSING = "closing"
    CONTRACT = "contract"
    PERFORMANCE = "performance"
    RECOVERY = "recovery"


class Party(StrEnum):
    """Who has to act. What waits for the firm, or for a display to end, never counts against staff."""

    DEPARTMENT = "department"
    FINANCE = "finance"
    BANK = "bank"
    FIRM = "firm"


UNIT_WORDS: Mapping[Party, Words] = {
    Party.FINANCE: Words("财政部门", "the finance department"),
    Party.BANK: Words("代理银行", "the agent bank"),
    Party.FIRM: Words("企业", "the firm"),
}
"""Who answers for a stage that is not the policy's department's; the Chinese name is that of its duties."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageTerms:
    """Who has to act in a stage, and within how many working days unless the policy says otherwise.

    `days` is `None` where the stage ends by itself (a window, a display, a contract's own term) or where the policy's
    own key gives the days (an objection). `source` says where the days come from; `(n)` are listed on the manual's
    page, and *own* says that none was seen published.
    """

    words: Words
    party: Party
    days: int | None
    source: Words


_OWN = Words("自定", "own")

STAGES: Mapping[Stage, StageTerms] = {
    Stage.NOTIFY: StageTerms(words=Words("通知企业", "tell the firm"), party=Party.DEPARTMENT, days=3, source=_OWN),
    Stage.ANSWER: StageTerms(
        words=Words("企业答复", "the firm's answer"),
        party=Party.FIRM,
        days=None,
        source=Words("政策 confirm_days", "the policy's confirm_days"),
    ),
    Stage.WINDOW_END: StageTerms(
        words=Words("答复期满处理", "the end of the firm's window"), party=Party.DEPARTMENT, days=3, source=_OWN
    ),
    Stage.REVIEW: StageTerms(
        words=Words("审核", "recheck and review"),
        party=Party.DEPARTMENT,
        days=3,
        source=Words("台州 3 个工作日 (30)", "Taizhou, 3 working days (30)"),
    ),
    Stage.BUDGET: StageTerms(
        words=Words("预算安排", "a share of the budget"),
        party=Party.FINANCE,
        days=10,
        source=Words("四川、庐山 7–10 个工作日 (24, 25)", "Sichuan, Lushan, 7 to 10 working days (24, 25)"),
    ),
    Stage.APPROVAL: StageTerms(
        words=Words("审批", "approval"),
        party=Party.DEPARTMENT,
        days=3,
        source=Words("台州 3 个工作日 (30)", "Taizhou, 3 working days (30)"),
    ),
    Stage.PUBLISH: StageTerms(
        words=Words("上网公示", "putting on public display"), party=Party.DEPARTMENT, days=2, source=_OWN
    ),
    Stage.PUBLICITY: StageTerms(
        words=Words("公示期", "public display"),
        party=Party.DEPARTMENT,
        days=None,
        source=Words("政策 publicity_days", "the policy's publicity_days"),
    ),
    Stage.OBJECTION: StageTerms(
        words=Words("异议复核", "an objection's recheck"),
        party=Party.DEPARTMENT,
        days=None,
        source=Words("政策 recheck_days (52)", "the policy's recheck_days (52)"),
    ),
    Stage.ORDER: StageTerms(words=Words("下达支付令", "the payment order"), party=Party.FINANCE, days=5, source=_OWN),
    Stage.SEND: StageTerms(words=Words("送交银行", "sending to the bank"), party=Party.FINANCE, days=2, source=_OWN),
    Stage.BANK: StageTerms(
        words=Words("银行付款", "the bank's payment"),
        party=Party.BANK,
        days=1,
        source=Words("江西 1 个工作日 (23)", "Jiangxi, 1 working day (23)"),
    ),
    Stage.CORRECTION: StageTerms(
        words=Words("退票后更正账户", "another account after a return"),
        party=Party.DEPARTMENT,
        days=10,
        source=Words("自定；年底前 (54, 58)", "own; before the year ends (54, 58)"),
    ),
    Stage.CLOSING: StageTerms(
        words=Words("对账办结", "reconciling and closing"), party=Party.FINANCE, days=10, source=_OWN
    ),
    Stage.CONTRACT: StageTerms(words=Words("签约", "the contract"), party=Party.DEPARTMENT, days=10, source=_OWN),
    Stage.PERFORMANCE: StageTerms(
        words=Words("履约", "carrying the contract out"),
        party=Party.DEPARTMENT,
        days=None,
        source=Words("合同期限", "the contract's own term"),
    ),
    Stage.RECOVERY: StageTerms(
        words=Words("追回", "getting the money back"), party=Party.DEPARTMENT, days=30, source=_OWN
    ),
}
"""The limits that platforms in use have published, put together, and our own where none was seen."""

StagePair = tuple[Stage, Stage]


def _both(stage: Stage) -> StagePair:
    return stage, stage


_DECIDED: Mapping[Status, Stage] = {
    Status.OBJECTED: Stage.OBJECTION,
    Status.PAID: Stage.CLOSING,
    Status.RETURNED: Stage.CORRECTION,
    Status.RECOVERING: Stage.RECOVERY,
}

_PAID_ROUTE: Mapping[Status, StagePair] = {
    Status.REVIEWED: (Stage.BUDGET, Stage.APPROVAL),
    Status.ORDERED: (Stage.SEND, Stage.BANK),
    **{status: _both(stage) for status, stage in _DECIDED.items()},
}

STAGES_OF: Mapping[tuple[Route, Status], StagePair] = {
    (route, status): pair
    for route, pairs in {
        Route.DIRECT: {
            Status.MATCHED: _both(Stage.REVIEW),
            Status.APPROVED: (Stage.PUBLISH, Stage.ORDER),
            Status.PUBLISHED: (Stage.PUBLICITY, Stage.ORDER),
            **_PAID_ROUTE,
        },
        Route.CONFIRM: {
            Status.MATCHED: _both(Stage.NOTIFY),
            Status.NOTIFIED: (Stage.ANSWER, Stage.WINDOW_END),
            Status.CONFIRMED: _both(Stage.REVIEW),
            Status.APPROVED: (Stage.PUBLISH, Stage.ORDER),
            Status.PUBLISHED: (Stage.PUBLICITY, Stage.ORDER),
            **_PAID_ROUTE,
        },
        Route.LIST_THEN_COLLECT: {
            Status.MATCHED: _both(Stage.REVIEW),
            Status.APPROVED: (Stage.PUBLISH, Stage.NOTIFY),
            Status.PUBLISHED: (Stage.PUBLICITY, Stage.NOTIFY),
            Status.NOTIFIED: (Stage.ANSWER, Stage.WINDOW_END),
            Status.CONFIRMED: _both(Stage.ORDER),
            **_PAID_ROUTE,
        },
        Route.CONTRACT: {
            Status.MATCHED: _both(Stage.NOTIFY),
            Status.NOTIFIED: (Stage.ANSWER, Stage.WINDOW_END),
            Status.CONFIRMED: _both(Stage.REVIEW),
            Status.REVIEWED: _both(Stage.APPROVAL),
            Status.APPROVED: (Stage.PUBLISH, Stage.CONTRACT),
            Status.PUBLISHED: (Stage.PUBLICITY, Stage.CONTRACT),
            Status.OBJECTED: _both(Stage.OBJECTION),
            Status.CONTRACTED: _both(Stage.PERFORMANCE),
        },
        Route.INFORM: {
            Status.MATCHED: _both(Stage.NOTIFY),
            Status.NOTIFIED: _both(Stage.WINDOW_END),
        },
    }.items()
    for status, pair in pairs.items()
}
"""Per route and status, what the case waits for at first, and what for once that is over.

A window or a display is over after its last day, budget once it is granted, sending once the bank has the payment; a
policy without publicity needs none to be put up, and a case without an amount no budget.
"""

ENDS_WITHOUT_MONEY: frozenset[tuple[Route, Status]] = frozenset(
    (route, status)
    for route in (Route.DIRECT, Route.CONFIRM, Route.LIST_THEN_COLLECT)
    for status in (Status.APPROVED, Status.PUBLISHED)
)
"""Where a case of no amount, such as a title, has come to its end once it was shown: nothing more is to be done."""


def unit_of(stage: Stage, department: str) -> str:
    """Return who answers for a stage: the policy's department, or the finance department, the bank, the firm."""
    party = STAGES[stage].party
    return department if party is Party.DEPARTMENT else UNIT_WORDS[party].zh
