"""The amount: rounding, minimum, cap; per firm and per record."""

from datetime import date
from decimal import Decimal

from tests.spec.model import NOT_PAID, Award, Chapter, Words, unknown

D = Decimal

CHAPTER = Chapter(
    title=Words("金额：取整、起付、封顶", "The amount: rounding, minimum, cap"),
    text=Words(
        "所有条件为真，企业才符合。金额按这个次序得出：先精确计算；按分四舍五入一次；低于起付线（`minimum`）的不付；"
        "最后不超过上限（`cap`）。金额算不出来时，企业是“无法判定”，不是零。",
        "A firm is eligible when every condition is true. The amount is computed exactly, rounded once to the fen, "
        "half up; below `minimum` nothing is paid; at last it is limited by `cap`. When the amount cannot be "
        "computed, the firm is undetermined, not paid zero.",
    ),
    parts=(
        Award(
            title=Words("按分四舍五入一次", "Rounded once to the fen"),
            text=Words(
                "0.005 元是 0.01 元。先四舍五入再相乘会差一分甚至更多，所以只在最后取整。",
                "0.005 yuan is 0.01. Rounding before multiplying would lose a fen or more, so it is done at the end.",
            ),
            columns=("x",),
            amount="x / 2",
            lines=(
                ((D("0.01"),), D("0.01")),
                ((D("0.009998"),), D("0.00")),
                ((D("0.03"),), D("0.02")),
                ((D("2.00"),), D("1.00")),
                ((0,), D("0.00")),
                ((-5,), D("0.00")),
                ((None,), unknown("x")),
            ),
        ),
        Award(
            title=Words("循环小数只在最后取整", "A third is kept until the end"),
            columns=("x", "y"),
            amount="x / y * 3",
            lines=(((100, 3), D("100.00")), ((1, 7), D("0.43")), ((1, 0), unknown("x", "y"))),
        ),
        Award(
            title=Words("条件与金额", "Conditions and amount"),
            text=Words(
                "有一个条件为假就是不符合，哪怕别的条件未知。条件都真而金额未知，是无法判定。",
                "One false condition makes the firm ineligible, whatever else is unknown. All true and an unknown "
                "amount: undetermined.",
            ),
            columns=("a", "employees", "premium"),
            conditions=("a", "employees > 10"),
            amount="premium * 0.6",
            lines=(
                ((True, 11, 1000), D("600.00")),
                ((True, 10, 1000), NOT_PAID),
                ((False, None, None), NOT_PAID),
                ((None, 10, None), NOT_PAID),
                ((True, None, 1000), unknown("employees")),
                ((None, None, None), unknown("a", "employees")),
                ((True, 11, None), unknown("premium")),
            ),
        ),
        Award(
            title=Words("起付线：低于 30000 元不付", "Minimum: below 30,000 nothing is paid"),
            text=Words(
                "企业仍然符合条件，只是金额为零。比较的是取整后的金额。",
                "The firm is eligible all the same, with an amount of zero. The rounded amount is compared.",
            ),
            columns=("x",),
            amount="x",
            minimum=D("30000"),
            lines=(
                ((D("29999.994999"),), D("0.00")),
                ((D("29999.995"),), D("30000.00")),
                ((30_000,), D("30000.00")),
                ((-1,), D("0.00")),
                ((None,), unknown("x")),
            ),
        ),
        Award(
            title=Words("封顶 50000 元", "Cap of 50,000"),
            columns=("x",),
            amount="x",
            cap="50000",
            lines=(
                ((D("49999.994"),), D("49999.99")),
                ((50_000,), D("50000.00")),
                ((D("50000.01"),), D("50000.00")),
                ((None,), unknown("x")),
            ),
        ),
        Award(
            title=Words("上限也可以是算式", "The cap may be computed"),
            text=Words(
                "上限同样按分四舍五入。上限未知时，金额未知：不知道该付多少就不付。先比起付线，再封顶；上限为负时付零。",
                "The cap is rounded in the same way. When it is unknown, so is the amount. The minimum comes first, "
                "then the cap; a cap below zero pays nothing.",
            ),
            columns=("x", "tax_paid_local"),
            amount="x",
            cap="tax_paid_local * 0.5",
            minimum=D("100"),
            lines=(
                ((1000, 5000), D("1000.00")),
                ((1000, 500), D("250.00")),
                ((1000, D("100.01")), D("50.01")),
                ((99, 500), D("0.00")),
                ((1000, 0), D("0.00")),
                ((1000, -10), D("0.00")),
                ((1000, None), unknown("tax_paid_local")),
                ((99, None), unknown("tax_paid_local")),
                ((None, None), unknown("tax_paid_local", "x")),
            ),
        ),
        Award(
            title=Words("大得不像真的金额", "An amount too large to be true"),
            text=Words(
                "10 的 16 次方元（一亿亿元）或以上是溢出，企业无法判定。",
                "10 to the power 16 yuan or more is an overflow, and the firm undetermined.",
            ),
            columns=("x", "n"),
            amount="x * n",
            lines=(
                ((100_000_000_000, 99_999), D("9999900000000000.00")),
                ((100_000_000_000, 100_000), unknown("n", "x")),
                ((D("0.5"), 1), D("0.50")),
            ),
        ),
        Award(
            title=Words("上限低于零", "A cap below zero"),
            text=Words(
                "按算式得出的上限低于零时，金额为零：奖补不会变成欠款。",
                "Where a computed cap is below zero the award is nothing: a benefit never becomes a debt.",
            ),
            columns=("x", "n"),
            amount="x",
            cap="n - 100",
            lines=(((500, 300), D("200.00")), ((500, 100), D("0.00")), ((500, 50), D("0.00"))),
        ),
        Award(
            title=Words("溢出之前封顶", "A cap that brings it back"),
            columns=("x", "n"),
            amount="x * n",
            cap="1000",
            lines=(((100_000_000_000, 100_000), D("1000.00")), ((1, 1), D("1.00"))),
        ),
        Award(
            title=Words("按笔计算：每笔贷款一个决定", "Per record: one decision for each loan"),
            text=Words(
                '政策写 `per = "loan"`，每笔贷款单独判定和计息；条件里可以用企业的事实（如规模）。利率按签订日取值。',
                'With `per = "loan"` each loan is decided and computed alone; firm facts, such as the size, may be '
                "used beside loan facts. The rate is that of the day of signing.",
            ),
            columns=("size_class", "loan_principal", "loan_days", "loan_signed"),
            grain="loan",
            conditions=("size_class in ['small', 'micro']", "loan_signed >= d'2025-01-01'"),
            amount="min(loan_principal, 10000000) * parameter_at(lpr_1y, loan_signed) / 2 * loan_days / 360",
            lines=(
                (("small", 1_000_000, 360, date(2025, 3, 1)), D("15500.00")),
                (("small", 1_000_000, 360, date(2025, 6, 1)), D("15000.00")),
                (("micro", 50_000_000, 90, date(2025, 6, 1)), D("37500.00")),
                (("small", 1_000_000, 7, date(2025, 6, 1)), D("291.67")),
                (("large", None, None, date(2025, 6, 1)), NOT_PAID),
                (("small", None, 90, date(2025, 6, 1)), unknown("loan_principal")),
                ((None, 1_000_000, 90, date(2025, 6, 1)), unknown("size_class")),
                (("small", 1_000_000, 90, None), unknown("loan_signed")),
            ),
        ),
    ),
)
