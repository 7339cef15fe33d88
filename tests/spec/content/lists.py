"""Facts that are lists: titles, registers, black lists with dates."""

from datetime import date

from tests.spec.model import Chapter, Table, Words, unknown

CHAPTER = Chapter(
    title=Words("名单与期间", "Lists and periods"),
    text=Words(
        "资质称号和失信记录都有起止日期。一项清单事实由若干条目组成，写作 `[名称 ]起/止`，首尾两天都算，`..` 表示至今。"
        "清单为空表示“查过，没有”；清单未知表示“没查到结果”，两者不同。",
        "Titles and records of dishonesty have a first and a last day. A list fact holds entries `[label ]FROM/TO`, "
        "both days included, `..` for an open end. An empty list means “asked, nothing there”; an unknown list means "
        "“no answer”. They differ.",
    ),
    parts=(
        Table(
            title=Words("某一天在不在名单上", "On the list on a day"),
            columns=("marks", "day"),
            expressions=("on_list(marks, day)",),
            lines=(
                ((("2023-05-01/2024-06-30",), date(2023, 4, 30)), (False,)),
                ((("2023-05-01/2024-06-30",), date(2023, 5, 1)), (True,)),
                ((("2023-05-01/2024-06-30",), date(2024, 6, 30)), (True,)),
                ((("2023-05-01/2024-06-30",), date(2024, 7, 1)), (False,)),
                ((("2025-01-01/..",), date(9999, 12, 31)), (True,)),
                (((), date(2024, 1, 1)), (False,)),
                ((None, date(2024, 1, 1)), (unknown("marks"),)),
                ((("2025-01-01/..",), None), (unknown("day"),)),
                ((None, None), (unknown("day", "marks"),)),
            ),
        ),
        Table(
            title=Words("只看某个名称的条目", "Only entries with a label"),
            columns=("title_dates",),
            expressions=(
                "on_list(title_dates, as_of)",
                "on_list(title_dates, as_of, '瞪羚')",
                "'瞪羚 2024-01-01/2026-12-31' in title_dates",
            ),
            text=Words(
                "没有日期的条目一直有效。`'…' in 清单` 问的是有没有一字不差的条目。",
                "An entry without dates is always in force. `'…' in list` asks for exactly this entry.",
            ),
            lines=(
                ((("瞪羚 2024-01-01/2026-12-31",),), (True, True, True)),
                ((("瞪羚 2020-01-01/2022-12-31", "独角兽 2025-01-01/.."),), (True, False, False)),
                ((("瞪羚",),), (True, True, False)),
                (((),), (False, False, False)),
                ((None,), (unknown("title_dates"),) * 3),
            ),
        ),
        Table(
            title=Words("一段时间内有几次：回看", "How many within a window: looking back"),
            text=Words(
                "“近 36 个月内没有”写成数量等于 0。条目只要有一天落在窗口内就算一次。",
                "“None in the last 36 months” is a count of 0. An entry counts when one of its days is in the window.",
            ),
            columns=("dishonesty",),
            expressions=(
                "list_count(dishonesty, add_months(as_of, -36), as_of)",
                "list_count(dishonesty, add_months(as_of, -36), as_of) == 0",
            ),
            lines=(
                (((),), (0, True)),
                ((("2019-01-01/2022-06-29",),), (0, True)),
                ((("2019-01-01/2022-06-30",),), (1, False)),
                ((("2025-06-30/..",),), (1, False)),
                ((("2025-07-01/..",),), (0, True)),
                ((("2023-01-01/2023-01-02", "2024-01-01/..", "2010-01-01/2011-01-01"),), (2, False)),
                ((None,), (unknown("dishonesty"), unknown("dishonesty"))),
            ),
        ),
        Table(
            title=Words("窗口与名称", "Windows and labels"),
            columns=("title_dates", "day", "day2"),
            expressions=("list_count(title_dates, day, day2, '甲')", "list_count(title_dates, day, day2)"),
            lines=(
                ((("甲 2024-01-01/..", "乙 2024-01-01/.."), date(2024, 1, 1), date(2024, 1, 1)), (1, 2)),
                ((("甲 2024-01-01/..", "甲 2020-01-01/.."), date(2023, 1, 1), date(2023, 12, 31)), (1, 1)),
                ((("甲 2024-01-01/..",), None, date(2024, 1, 1)), (unknown("day"), unknown("day"))),
                ((("甲 2024-01-01/..",), date(2024, 1, 1), None), (unknown("day2"), unknown("day2"))),
                (
                    (("甲 2024-01-01/..",), date(2024, 1, 2), date(2024, 1, 1)),
                    (unknown("day", "day2", "title_dates"), unknown("day", "day2", "title_dates")),
                ),
            ),
        ),
        Table(
            title=Words("读不懂的条目使结果未知", "An entry that cannot be read makes the result unknown"),
            text=Words(
                "日期写错的条目不会被悄悄忽略：宁可“无法判定”，也不把失信企业当成清白。",
                "An entry with a wrong date is not passed over in silence: better undetermined than taken for clean.",
            ),
            columns=("dishonesty",),
            expressions=("on_list(dishonesty, as_of)", "on_list(dishonesty, as_of, '甲')"),
            lines=(
                ((("2025-02-30/..",),), (unknown("dishonesty"), unknown("dishonesty"))),
                ((("2025-01-01/2024-01-01",),), (unknown("dishonesty"), unknown("dishonesty"))),
                ((("2025/2026",),), (unknown("dishonesty"), unknown("dishonesty"))),
                ((("",),), (unknown("dishonesty"), unknown("dishonesty"))),
                ((("甲 2025-01-01/..", "20250101/.."),), (unknown("dishonesty"), unknown("dishonesty"))),
            ),
        ),
        Table(
            title=Words("条目本身是事实", "The entry may be a fact"),
            columns=("text", "marks"),
            expressions=("text in marks", "text not in marks"),
            lines=(
                (("甲", ("甲", "乙")), (True, False)),
                (("甲", ("甲乙",)), (False, True)),
                (("", ("甲",)), (False, True)),
                (("甲", ()), (False, True)),
                ((None, ("甲",)), (unknown("text"), unknown("text"))),
                (("甲", None), (unknown("marks"), unknown("marks"))),
                ((None, ()), (unknown("text"), unknown("text"))),
            ),
        ),
    ),
)
