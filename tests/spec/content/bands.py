"""Banded rates and awards per step."""

from decimal import Decimal

from tests.spec.model import Chapter, Table, Words, unknown

D = Decimal

CHAPTER = Chapter(
    title=Words("分档与按步计奖", "Bands and awards per step"),
    text=Words(
        "“100 万元以内 1%，超过部分 0.5%”与“满 100 万元的按 0.5%”是两回事，金额相差很大。因此用两个不同的函数，"
        "写规则的人必须选定一种。每档只写下限，下限属于本档。",
        "“1 % up to a million, 0.5 % of the part above” and “0.5 % for whoever reaches a million” are different "
        "things. So there are two functions, and the author of a rule must choose. A band is written by its lower "
        "bound, which belongs to it.",
    ),
    parts=(
        Table(
            title=Words("三种分档对照", "The three kinds of bands side by side"),
            text=Words(
                "`whole_bands` 全额按所在档的比例；`marginal_bands` 各段按各段的比例再相加；`band_value` 取所在档的值。"
                "低于第一个下限的，政策没有规定，结果未知。",
                "`whole_bands`: the whole amount at the rate of its band. `marginal_bands`: each part at the rate of "
                "its own band, added up. `band_value`: the value of the band. Below the first bound the policy says "
                "nothing: unknown.",
            ),
            columns=("contract_amount",),
            expressions=(
                "whole_bands(contract_amount, [0, 100000, 1000000], [0.01, 0.005, 0.001])",
                "marginal_bands(contract_amount, [0, 100000, 1000000], [0.01, 0.005, 0.001])",
                "band_value(contract_amount, [0, 100000, 1000000], [1, 2, 3])",
            ),
            lines=(
                ((D("-0.01"),), (unknown("contract_amount"),) * 3),
                ((0,), (0, 0, 1)),
                ((50_000,), (500, 500, 1)),
                ((D("99999.99"),), (D("999.9999"), D("999.9999"), 1)),
                ((100_000,), (500, 1000, 2)),
                ((D("100000.01"),), (D("500.00005"), D("1000.00005"), 2)),
                ((D("999999.99"),), (D("4999.99995"), D("5499.99995"), 2)),
                ((1_000_000,), (1000, 5500, 3)),
                ((D("1000000.01"),), (D("1000.00001"), D("5500.00001"), 3)),
                ((3_000_000,), (3000, 7500, 3)),
                ((None,), (unknown("contract_amount"),) * 3),
            ),
        ),
        Table(
            title=Words("第一档不从零开始", "A first band that does not begin at zero"),
            text=Words(
                "低于起点的企业如果按政策是“零”，要写出来：`x < 10 ? 0 : …`，或在分档里加一个比例为 0 的首档。",
                "When the policy gives nothing below the first bound, say so: `x < 10 ? 0 : …`, or a first band with "
                "rate 0.",
            ),
            columns=("x",),
            expressions=(
                "marginal_bands(x, [10, 20], [0.1, 0.2])",
                "x < 10 ? 0 : marginal_bands(x, [10, 20], [0.1, 0.2])",
                "whole_bands(x, [0, 10], [0, 0.1])",
            ),
            lines=(
                ((9,), (unknown("x"), 0, 0)),
                ((10,), (0, 0, 1)),
                ((15,), (D("0.5"), D("0.5"), D("1.5"))),
                ((20,), (1, 1, 2)),
                ((25,), (2, 2, D("2.5"))),
                ((None,), (unknown("x"), unknown("x"), unknown("x"))),
            ),
        ),
        Table(
            title=Words("每满一步奖多少：取整方式必须写明", "An award for each step: the rounding must be stated"),
            text=Words(
                "“每增加 1000 万元奖 5 万元”，不满 1000 万元的部分怎么算？`floor` 不计，`ceiling` 按一步计，"
                "`proportional` 按比例计。",
                "“50,000 for each 10 million”: what of a part of a step? `floor` leaves it out, `ceiling` counts it as "
                "a step, `proportional` counts it in proportion.",
            ),
            columns=("revenue",),
            expressions=(
                "per_step(revenue, 10000000, 50000, 'floor')",
                "per_step(revenue, 10000000, 50000, 'ceiling')",
                "per_step(revenue, 10000000, 50000, 'proportional')",
            ),
            lines=(
                ((0,), (0, 0, 0)),
                ((D("9999999.99"),), (0, 50_000, D("49999.99995"))),
                ((10_000_000,), (50_000, 50_000, 50_000)),
                ((D("10000000.01"),), (50_000, 100_000, D("50000.00005"))),
                ((25_000_000,), (100_000, 150_000, 125_000)),
                ((-5_000_000,), (-50_000, 0, -25_000)),
                ((None,), (unknown("revenue"),) * 3),
            ),
        ),
        Table(
            title=Words("每步的奖励可以是事实或式子", "The award of a step may be a fact or a sum"),
            columns=("x", "y"),
            expressions=(
                "per_step(x, 0.5, y * 2, 'floor')",
                "per_step(x, 0.5, y * 2, 'ceiling')",
                "per_step(x, 0.5, y * 2, 'proportional')",
            ),
            lines=(
                ((D("1.2"), 3), (12, 18, D("14.4"))),
                ((D("1.2"), None), (unknown("y"),) * 3),
                ((None, 3), (unknown("x"),) * 3),
                ((None, None), (unknown("x", "y"),) * 3),
            ),
        ),
    ),
)
