"""Functions of dates."""

from datetime import date
from decimal import Decimal

from tests.spec.model import Chapter, Table, Words, unknown

CHAPTER = Chapter(
    title=Words("日期与期限", "Dates and periods"),
    text=Words(
        "成立满几年、合同满一年、证书三年有效，都用这几个函数。“月”按《民法典》第二百零二条："
        "到对应的那一天为一个月；没有对应日的，以月末日为准。",
        "Firm age, contracts of a year, certificates of three years. A month is as in article 202 of the Civil Code: "
        "it ends on the corresponding day, or on the last day of a month that has none.",
    ),
    parts=(
        Table(
            title=Words("年份和月份", "Year and month"),
            columns=("day",),
            expressions=("year(day)", "month(day)"),
            lines=(
                ((date(2024, 2, 29),), (2024, 2)),
                ((date(1, 1, 1),), (1, 1)),
                ((date(9999, 12, 31),), (9999, 12)),
                ((None,), (unknown("day"), unknown("day"))),
            ),
        ),
        Table(
            title=Words("加几个月", "Adding months"),
            text=Words(
                "月数可以是负数。不是整月数，或算到公元 1 年以前、9999 年以后，结果未知。",
                "The number may be negative. A part of a month, or a day outside the years 1 to 9999, is unknown.",
            ),
            columns=("day", "x"),
            expressions=("add_months(day, x)",),
            lines=(
                ((date(2025, 1, 31), 1), (date(2025, 2, 28),)),
                ((date(2024, 1, 31), 1), (date(2024, 2, 29),)),
                ((date(2025, 6, 30), -36), (date(2022, 6, 30),)),
                ((date(2025, 3, 31), -1), (date(2025, 2, 28),)),
                ((date(2025, 12, 15), 1), (date(2026, 1, 15),)),
                ((date(2025, 6, 30), Decimal("0.5")), (unknown("day", "x"),)),
                ((date(9999, 12, 1), 1), (unknown("day", "x"),)),
                ((date(1, 1, 31), -1), (unknown("day", "x"),)),
                ((None, 1), (unknown("day"),)),
                ((date(2025, 6, 30), None), (unknown("x"),)),
                ((None, None), (unknown("day", "x"),)),
            ),
        ),
        Table(
            title=Words("加几天", "Adding days"),
            columns=("day", "x"),
            expressions=("add_days(day, x)",),
            lines=(
                ((date(2025, 2, 28), 1), (date(2025, 3, 1),)),
                ((date(2024, 2, 28), 1), (date(2024, 2, 29),)),
                ((date(2025, 1, 1), -1), (date(2024, 12, 31),)),
                ((date(2025, 1, 1), Decimal("1.5")), (unknown("day", "x"),)),
                ((date(9999, 12, 31), 1), (unknown("day", "x"),)),
                ((date(2025, 1, 1), 900_000_000_000), (unknown("day", "x"),)),
                ((None, 1), (unknown("day"),)),
                ((date(2025, 1, 1), None), (unknown("x"),)),
            ),
        ),
        Table(
            title=Words("相隔整几个月、几天", "Whole months and days between"),
            text=Words(
                "不足一个月不算。顺序反过来，结果为负。",
                "A month that is not complete does not count. In the wrong order the result is negative.",
            ),
            columns=("day", "day2"),
            expressions=("months_between(day, day2)", "days_between(day, day2)"),
            lines=(
                ((date(2025, 1, 31), date(2025, 2, 28)), (1, 28)),
                ((date(2025, 1, 31), date(2025, 2, 27)), (0, 27)),
                ((date(2024, 2, 29), date(2025, 2, 28)), (12, 365)),
                ((date(2022, 6, 30), date(2025, 6, 29)), (35, 1095)),
                ((date(2022, 6, 30), date(2025, 6, 30)), (36, 1096)),
                ((date(2025, 3, 31), date(2025, 2, 28)), (-1, -31)),
                ((date(2025, 3, 1), date(2025, 2, 28)), (-1, -1)),
                ((date(2025, 3, 1), date(2025, 3, 1)), (0, 0)),
                ((date(1, 1, 1), date(9999, 12, 31)), (119_987, 3_652_058)),
                ((None, date(2025, 3, 1)), (unknown("day"), unknown("day"))),
                ((date(2025, 3, 1), None), (unknown("day2"), unknown("day2"))),
                ((None, None), (unknown("day", "day2"), unknown("day", "day2"))),
            ),
        ),
    ),
)
