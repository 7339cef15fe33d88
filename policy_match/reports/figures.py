"""The one table of figures: what each counts, and of what each share is a share.

Guarantees that the report, its page and the manual say the same, as all are made from here. A count is added up over
cases (`counts`); a share is made of counts; days are neither.
"""

from collections.abc import Iterator, Mapping, Sequence

from policy_match.cases.words import Words
from policy_match.reports.counts import ALWAYS_OWED, COUNTS, END_WORDS, ENDED_WINDOWS, NEVER_OWED, OWED
from policy_match.reports.figure_kinds import Amount, Figure, Section, Share, Unit
from policy_match.reports.model import EndState

OWED_WORDS: Mapping[EndState, tuple[Words, Words]] = {
    **{
        state: (
            Words(f"{words.zh}金额", f"yuan {words.en}"),
            Words(f"{words.zh}的应付金额", f"what is owed of the cases {words.en}"),
        )
        for state, (words, _) in END_WORDS.items()
        if state is not EndState.PAID and state not in NEVER_OWED
    },
    EndState.CLAIMED_BACK: (
        Words("追回事项金额", "yuan of cases claimed back"),
        Words(
            "发生追回的事项的应付金额，追回部分款项的也计全额",
            "what is owed of the cases of which money was claimed back: all of it, also where only a part was",
        ),
    ),
}
"""What is owed of the cases that ended so: its words, and its meaning."""

AMOUNTS: Sequence[Amount] = (
    Amount(
        name="owed_fen",
        beside="owed",
        words=Words("应付金额", "yuan owed"),
        meaning=Words("发起时的金额", "what the cases were opened with"),
    ),
    Amount(
        name="paid_fen",
        beside="paid",
        words=Words("兑付金额", "yuan paid"),
        meaning=Words(
            "银行付讫的金额，不含发生追回的事项", "what the bank paid, without cases of which money was claimed back"
        ),
        settled=True,
    ),
    *(
        Amount(
            name=f"{state}_fen",
            beside=state.value if state in ALWAYS_OWED else f"{state}{OWED}",
            words=words,
            meaning=meaning,
        )
        for state, (words, meaning) in OWED_WORDS.items()
    ),
)
"""All amounts in fen. What is owed of paid cases is left out: an amended case is paid less."""

SHARES: Sequence[Share] = (
    Share(
        name="firm_coverage",
        section=Section.REACH,
        words=Words("企业受惠面", "firms paid of firms eligible"),
        numerator=("paid_firms",),
        denominator=("firms",),
        meaning=Words("有应享事项的企业中已得到兑付的", "of the firms with something due, so many were paid"),
    ),
    Share(
        name="reached_share",
        section=Section.REACH,
        words=Words("送达率", "reached"),
        numerator=("reached",),
        denominator=("eligible",),
        meaning=Words("应享事项中已送达的", "of what was due, the firm was reached"),
    ),
    Share(
        name="read_share",
        section=Section.REACH,
        words=Words("阅读率", "read"),
        numerator=("read",),
        denominator=("eligible",),
        meaning=Words("应享事项中已阅的", "of what was due, the firm read of it"),
    ),
    Share(
        name="confirmed_share",
        section=Section.REACH,
        words=Words("确认占比", "confirmed"),
        numerator=("confirmed",),
        denominator=("eligible",),
        meaning=Words(
            "应享事项中企业确认的；直接兑付的无须确认", "of what was due, the firm confirmed; some policies do not ask"
        ),
    ),
    Share(
        name="paid_share",
        section=Section.REACH,
        words=Words("兑付占比", "paid"),
        numerator=("paid",),
        denominator=("eligible",),
        meaning=Words("应享事项中已兑付的；有的政策不付款", "of what was due, it was paid; some policies pay nothing"),
    ),
    Share(
        name="coverage",
        section=Section.REACH,
        words=Words("受惠面", "coverage"),
        numerator=("paid",),
        denominator=("owed",),
        meaning=Words("应付款事项中已兑付的", "of what was owed, it was paid"),
    ),
    Share(
        name="money_coverage",
        section=Section.REACH,
        words=Words("资金兑付率", "coverage in money"),
        numerator=("paid_fen",),
        denominator=("owed_fen",),
        meaning=Words("应付金额中已兑付的", "of the yuan owed, so many were paid"),
    ),
    Share(
        name="confirm_rate",
        section=Section.ANSWERS,
        words=Words("确认率", "confirm rate"),
        numerator=("confirmed",),
        denominator=ENDED_WINDOWS,
        meaning=Words("答复期已结束的事项中，企业确认的", "of the windows that ended, the firm confirmed"),
    ),
    Share(
        name="decline_rate",
        section=Section.ANSWERS,
        words=Words("放弃率", "decline rate"),
        numerator=("declined",),
        denominator=ENDED_WINDOWS,
        meaning=Words("答复期已结束的事项中，企业自愿放弃的", "of the windows that ended, the firm declined"),
    ),
    Share(
        name="silence_rate",
        section=Section.ANSWERS,
        words=Words("未答复率", "silence rate"),
        numerator=("waived", "accepted"),
        denominator=ENDED_WINDOWS,
        meaning=Words("答复期已结束的事项中，企业未答复的", "of the windows that ended, the firm did not answer"),
    ),
    Share(
        name="return_rate",
        section=Section.CORRECTIONS,
        words=Words("退回率", "return rate"),
        numerator=("came_back",),
        denominator=("attempts",),
        meaning=Words("支付次数中被退回的", "of the payment attempts, so many came back"),
    ),
    Share(
        name="error_rate",
        section=Section.CORRECTIONS,
        words=Words("差错率", "error rate"),
        numerator=("corrected",),
        denominator=("eligible",),
        meaning=Words("应享事项中经异议或追回更正的", "of what was due, an objection or a recovery put it right"),
    ),
    Share(
        name="amended_rate",
        section=Section.CORRECTIONS,
        words=Words("调整率", "rate of changed amounts"),
        numerator=("amended",),
        denominator=("eligible",),
        meaning=Words("应享事项中付款前调整过金额的", "of what was due, the amount was changed before the payment"),
    ),
)
"""All shares, in the order in which they are shown."""

FIRMS = Figure(
    name="firms",
    section=Section.ENDS,
    words=Words("企业", "firms"),
    meaning=Words(
        "有应享事项的企业，每家计一次；各组不能相加", "firms with something due, each once; groups do not add up"
    ),
    unit=Unit.FIRMS,
)
"""Shown exactly when `eligible` is. One firm may be in several groups."""

PAID_FIRMS = Figure(
    name="paid_firms",
    section=Section.ENDS,
    words=Words("已兑付企业", "firms paid"),
    meaning=Words(
        "至少一件已兑付的企业，每家计一次；各组不能相加", "firms with something paid, each once; groups do not add up"
    ),
    unit=Unit.FIRMS,
)
"""Hidden with `paid`, and where fewer than the fewest firms were paid, or were not."""

DAYS: Sequence[Figure] = (
    Figure(
        name="median_days",
        section=Section.TIMES,
        words=Words("到账天数（中位）", "days to money, median"),
        meaning=Words(
            "从发起事项（或该期到期）至到账的日历天数，一半不超过",
            "calendar days from the opening of the case, or the day its instalment fell due, to the payment: half took "
            "no longer",
        ),
        unit=Unit.DAYS,
    ),
    Figure(
        name="slow_days",
        section=Section.TIMES,
        words=Words("到账天数（九成）", "days to money, nine of ten"),
        meaning=Words("同上，九成不超过", "the same: nine of ten took no longer"),
        unit=Unit.DAYS,
    ),
)
"""Hidden with `paid`, and where fewer than the fewest firms were paid."""


def _shown() -> Iterator[Figure]:
    for count in COUNTS:
        yield Figure(name=count.name, section=count.section, words=count.words, meaning=count.meaning, unit=count.unit)
        if count.name == "eligible":
            yield FIRMS
        if count.name == "paid":
            yield PAID_FIRMS
    for amount in AMOUNTS:
        yield Figure(name=amount.name, section=Section.MONEY, words=amount.words, meaning=amount.meaning, unit=Unit.FEN)
    for share in SHARES:
        yield Figure(
            name=share.name,
            section=share.section,
            words=share.words,
            meaning=share.meaning,
            unit=Unit.SHARE,
            numerator=share.numerator,
            denominator=share.denominator,
        )
    yield from DAYS


FIGURES: Sequence[Figure] = sorted(_shown(), key=lambda figure: list(Section).index(figure.section))
"""Every figure of a table, section by section."""
