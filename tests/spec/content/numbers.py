"""Arithmetic and the functions of numbers."""

from decimal import Decimal

from tests.spec.model import Chapter, Table, Words, unknown

D = Decimal

CHAPTER = Chapter(
    title=Words("计算", "Arithmetic"),
    text=Words(
        "计算全程精确：三分之一就是三分之一，不先取小数。只有最后的金额按分四舍五入一次。金额单位是元。",
        "Arithmetic is exact all the way: a third is a third. Only the final amount is rounded, once, to the fen. "
        "Money is in yuan.",
    ),
    parts=(
        Table(
            title=Words("加、减、乘、除、取反", "Plus, minus, times, divided by, negative"),
            text=Words(
                "任何一边未知，结果未知；除以零的结果也是未知，不是零，也不是无穷大。",
                "An unknown operand makes the result unknown. So does a division by zero: it is neither zero nor "
                "infinity.",
            ),
            columns=("x", "y"),
            expressions=("x + y", "x - y", "x * y", "x / y", "-x"),
            lines=(
                ((7, 2), (9, 5, 14, D("3.5"), -7)),
                ((D("0.1"), D("0.2")), (D("0.3"), D("-0.1"), D("0.02"), D("0.5"), D("-0.1"))),
                ((1, 3), (4, -2, 3, "=1 / 3", -1)),
                ((-6, 4), (-2, -10, -24, D("-1.5"), 6)),
                ((5, 0), (5, 5, 0, unknown("x", "y"), -5)),
                ((0, 0), (0, 0, 0, unknown("x", "y"), 0)),
                ((None, 2), (*(unknown("x"),) * 4, unknown("x"))),
                ((7, None), (*(unknown("y"),) * 4, -7)),
                ((None, 0), (*(unknown("x"),) * 4, unknown("x"))),
                ((None, None), (*(unknown("x", "y"),) * 4, unknown("x"))),
            ),
        ),
        Table(
            title=Words("整除与余数：向零取整", "Whole division and remainder: towards zero"),
            columns=("x", "y"),
            expressions=("x // y", "x % y"),
            lines=(
                ((7, 2), (3, 1)),
                ((-7, 2), (-3, -1)),
                ((7, -2), (-3, 1)),
                ((D("7.5"), 2), (3, D("1.5"))),
                ((6, 2), (3, 0)),
                ((7, 0), (unknown("x", "y"), unknown("x", "y"))),
                ((None, 2), (unknown("x"), unknown("x"))),
                ((7, None), (unknown("y"), unknown("y"))),
            ),
        ),
        Table(
            title=Words("乘方：指数是写定的整数", "Powers: the exponent is a whole number written in the rule"),
            text=Words(
                "“两年年均增长 20%”写成 `本年 >= 前年 * 1.2 ** 2`，不需要开方，因此没有误差。",
                "“20 % a year over two years” is `now >= then * 1.2 ** 2`: no root is taken, so nothing is lost.",
            ),
            columns=("x",),
            expressions=("x ** 2", "x ** 0", "-x ** 2", "(-x) ** 3"),
            lines=(
                ((3,), (9, 1, -9, -27)),
                ((D("1.1"),), (D("1.21"), 1, D("-1.21"), D("-1.331"))),
                ((0,), (0, 1, 0, 0)),
                ((None,), (unknown("x"),) * 4),
            ),
        ),
        Table(
            title=Words("太大的数是未知", "A number that is too large is unknown"),
            text=Words(
                "结果达到 10 的 36 次方就是溢出：那不会是真实的金额或人数，而是数据有误。",
                "A result of 10 to the power 36 or more is an overflow: no real amount is so large, so the data are "
                "wrong.",
            ),
            columns=("x",),
            expressions=("x ** 12 > 0", "x ** 11 * x > 0"),
            lines=(
                ((999,), (True, True)),
                ((1000,), (unknown("x"), unknown("x"))),
                ((-1000,), (unknown("x"), unknown("x"))),
                ((None,), (unknown("x"), unknown("x"))),
            ),
        ),
        Table(
            title=Words("先后次序", "Which comes first"),
            text=Words(
                "先乘方，再乘除，后加减；再比较；然后“不是”、“并且”、“或者”。拿不准就加括号。",
                "Powers, then times and divided by, then plus and minus; then comparisons; then not, and, or. When in "
                "doubt, write brackets.",
            ),
            columns=("x", "a", "b"),
            expressions=("1 + 2 * x", "(1 + 2) * x", "2 * x ** 2", "a or b and a", "not x > 2", "10 - x - 1"),
            lines=(
                ((3, True, False), (7, 9, 18, True, False, 6)),
                ((2, False, True), (5, 6, 8, False, True, 7)),
                ((None, True, None), (unknown("x"), unknown("x"), unknown("x"), True, unknown("x"), unknown("x"))),
            ),
        ),
        Table(
            title=Words("最小、最大、平均", "Smallest, largest, mean"),
            text=Words(
                "有一个未知，结果就未知：缺的那个可能正是最小的。",
                "One unknown makes the result unknown: the missing one may be the smallest.",
            ),
            columns=("x", "y"),
            expressions=("min(x, y, 5)", "max(x, y, 5)", "mean(x, y)", "mean(x)"),
            lines=(
                ((3, 8), (3, 8, D("5.5"), 3)),
                ((6, 7), (5, 7, D("6.5"), 6)),
                ((-1, -2), (-2, 5, D("-1.5"), -1)),
                ((None, 8), (unknown("x"),) * 4),
                ((3, None), (*(unknown("y"),) * 3, 3)),
                ((None, None), (*(unknown("x", "y"),) * 3, unknown("x"))),
            ),
        ),
        Table(
            title=Words("绝对值与取整", "Absolute value and rounding"),
            text=Words(
                "`floor` 向下，`ceiling` 向上，`round_half_up(x, 位数)` 四舍五入；正好一半时向上，负数也一样。",
                "`floor` goes down, `ceiling` up, `round_half_up(x, digits)` to the nearest; an exact half goes up, "
                "for negative numbers too.",
            ),
            columns=("x",),
            expressions=("abs(x)", "floor(x)", "ceiling(x)", "round_half_up(x, 0)", "round_half_up(x, 2)"),
            lines=(
                ((D("2.5"),), (D("2.5"), 2, 3, 3, D("2.5"))),
                ((D("-2.5"),), (D("2.5"), -3, -2, -2, D("-2.5"))),
                ((D("0.125"),), (D("0.125"), 0, 1, 0, D("0.13"))),
                ((D("-0.125"),), (D("0.125"), -1, 0, 0, D("-0.12"))),
                ((7,), (7, 7, 7, 7, 7)),
                ((None,), (unknown("x"),) * 5),
            ),
        ),
        Table(
            title=Words("增长率", "Growth"),
            text=Words(
                "`growth(本期, 基期)` = 本期 ÷ 基期 − 1。基期缺失、为零或为负时，增长率没有意义，结果未知："
                "零基数企业要另写条件（见政策写法 4）。",
                "`growth(now, base)` = now ÷ base − 1. With a base that is missing, zero or negative there is no rate: "
                "the result is unknown, and a rule for a zero base is written of its own (see shape 4).",
            ),
            columns=("revenue", "revenue_y1"),
            expressions=("growth(revenue, revenue_y1)",),
            lines=(
                ((106, 100), (D("0.06"),)),
                ((50, 100), (D("-0.5"),)),
                ((-50, 100), (D("-1.5"),)),
                ((400, 300), ("=1 / 3",)),
                ((0, 100), (-1,)),
                ((100, 0), (unknown("revenue", "revenue_y1"),)),
                ((0, 0), (unknown("revenue", "revenue_y1"),)),
                ((100, -100), (unknown("revenue", "revenue_y1"),)),
                ((100, None), (unknown("revenue_y1"),)),
                ((None, 100), (unknown("revenue"),)),
                ((None, 0), (unknown("revenue"),)),
            ),
        ),
        Table(
            title=Words("事先写好的定义", "Definitions written once"),
            text=Words(
                "常用的算法在 definitions/ 中写一次，起一个名字。这里 `mean_staff` 是四个季度人数的平均。"
                "名字的意思就是那个算法，缺哪项事实也照样列出。",
                "A formula that many policies use is written once under definitions/ and named. Here `mean_staff` is "
                "the mean of four quarters. A name means its formula, and the missing facts are named all the same.",
            ),
            columns=("staff_q1", "staff_q2", "staff_q3", "staff_q4"),
            expressions=("mean_staff", "mean_staff <= 300"),
            lines=(
                ((300, 300, 300, 300), (300, True)),
                ((290, 300, 310, 302), (D("300.5"), False)),
                ((None, 300, None, 302), (unknown("staff_q1", "staff_q3"), unknown("staff_q1", "staff_q3"))),
                ((290, None, 310, None), (unknown("staff_q2", "staff_q4"), unknown("staff_q2", "staff_q4"))),
            ),
        ),
    ),
)
