"""Comparing values, choosing between them, and looking into texts."""

from datetime import date
from decimal import Decimal

from tests.spec.model import Chapter, Table, Words, unknown

D = Decimal

CHAPTER = Chapter(
    title=Words("比较、选择与文本", "Comparing, choosing, texts"),
    text=Words(
        "政策里的“不低于”“属于”“其中之一”在这里写成比较。只能比较同一类的值：数字比数字，日期比日期，文本比文本。",
        "“At least”, “belongs to” and “one of” become comparisons. Only values of one kind compare: numbers with "
        "numbers, dates with dates, texts with texts.",
    ),
    parts=(
        Table(
            title=Words("比较两个数字", "Comparing two numbers"),
            text=Words("任何一边未知，结果就是未知。", "When either side is unknown the result is unknown."),
            columns=("x", "y"),
            expressions=("x == y", "x != y", "x < y", "x <= y", "x > y", "x >= y"),
            lines=(
                ((1, 2), (False, True, True, True, False, False)),
                ((2, 2), (True, False, False, True, False, True)),
                ((3, D("2.5")), (False, True, False, False, True, True)),
                ((-1, 0), (False, True, True, True, False, False)),
                ((None, 2), (unknown("x"),) * 6),
                ((2, None), (unknown("y"),) * 6),
                ((None, None), (unknown("x", "y"),) * 6),
            ),
        ),
        Table(
            title=Words("比较日期", "Comparing dates"),
            columns=("day",),
            expressions=("day == d'2025-01-01'", "day >= d'2025-01-01'", "day < as_of"),
            text=Words(
                "日期没有时刻。`as_of` 是作出决定所依据的日期，本页除另有说明外为 2025-06-30；规则不能读取系统时钟。",
                "A date has no time of day. `as_of` is the date of the decision, 2025-06-30 on this page unless said; "
                "a rule cannot read the clock.",
            ),
            lines=(
                ((date(2024, 12, 31),), (False, False, True)),
                ((date(2025, 1, 1),), (True, True, True)),
                ((date(2025, 6, 30),), (False, True, False)),
                ((date(1, 1, 1),), (False, False, True)),
                ((date(9999, 12, 31),), (False, True, False)),
                ((None,), (unknown("day"),) * 3),
            ),
        ),
        Table(
            title=Words("比较文本和是否", "Comparing texts and yes/no facts"),
            text=Words(
                "文本按字符编码逐字比较，区分大小写；空文本是已知的值，不是未知。",
                "Texts compare character by character, by code point, case included. An empty text is known.",
            ),
            columns=("text", "a"),
            expressions=("text == 'B'", "text != 'B'", "text < 'B'", "text >= 'B'", "a == true", "a != true"),
            lines=(
                (("B", True), (True, False, False, True, True, False)),
                (("b", False), (False, True, False, True, False, True)),
                (("A9", True), (False, True, True, False, True, False)),
                (("", True), (False, True, True, False, True, False)),
                (("青岛", True), (False, True, False, True, True, False)),
                ((None, None), (*(unknown("text"),) * 4, unknown("a"), unknown("a"))),
            ),
        ),
        Table(
            title=Words("是不是其中之一", "One of a list"),
            columns=("tax_rating",),
            expressions=("tax_rating in ['A', 'B']", "tax_rating not in ['A', 'B']"),
            lines=(
                (("A",), (True, False)),
                (("M",), (False, True)),
                ((None,), (unknown("tax_rating"), unknown("tax_rating"))),
            ),
        ),
        Table(
            title=Words("数字和日期也可以列出", "Numbers and dates can be listed too"),
            columns=("x", "day"),
            expressions=("x in [1, 2.50]", "day in [d'2025-01-01', d'2025-07-01']"),
            lines=(
                ((D("2.5"), date(2025, 7, 1)), (True, True)),
                ((2, date(2025, 7, 2)), (False, False)),
                ((None, None), (unknown("x"), unknown("day"))),
            ),
        ),
        Table(
            title=Words("两种情况取两个值", "One value or another"),
            text=Words(
                "`条件 ? 甲 : 乙`：条件为真取甲，为假取乙，未知则未知。没有选中的那一支缺数据也无妨。",
                "`condition ? first : second`. The branch that is not chosen may be unknown.",
            ),
            columns=("a", "x", "y"),
            expressions=("a ? x : y",),
            lines=(
                ((True, 1, 2), (1,)),
                ((False, 1, 2), (2,)),
                ((True, 1, None), (1,)),
                ((True, None, 2), (unknown("x"),)),
                ((None, 1, 2), (unknown("a"),)),
                ((None, 1, 1), (unknown("a"),)),
            ),
        ),
        Table(
            title=Words("选出的可以是文本、日期或是否", "What is chosen may be a text, a date or yes/no"),
            columns=("a", "text", "day"),
            expressions=("a ? text : '无'", "a ? day : as_of", "a ? day < as_of : true"),
            lines=(
                ((True, "甲", date(2025, 1, 1)), ("甲", date(2025, 1, 1), True)),
                ((False, None, None), ("无", date(2025, 6, 30), True)),
                ((True, None, None), (unknown("text"), unknown("day"), unknown("day"))),
            ),
        ),
        Table(
            title=Words("文本里有没有某个片段", "Whether a text holds a part"),
            text=Words("空片段在任何文本里。", "The empty part is in every text."),
            columns=("text", "part"),
            expressions=("'开发' in text", "'开发' not in text", "part in text"),
            lines=(
                (("软件开发", "件开"), (True, False, True)),
                (("开 发", "发开"), (False, True, False)),
                (("", ""), (False, True, True)),
                (("软件", None), (False, True, unknown("part"))),
                ((None, "软"), (unknown("text"), unknown("text"), unknown("text"))),
                ((None, None), (unknown("text"), unknown("text"), unknown("part", "text"))),
            ),
        ),
        Table(
            title=Words("取文本的一段", "Taking a piece of a text"),
            text=Words(
                "从 0 数起，含头不含尾；负数从末尾数起。文本太短时有多少取多少。",
                "Counting starts at 0; the first bound is in, the last is out; negative bounds count from the end. A "
                "short text gives what is there.",
            ),
            columns=("text",),
            expressions=("text[0:2]", "text[2:]", "text[:1]", "text[-1:]", "text[:-1]", "text[3:1]"),
            lines=(
                (("C3911",), ("C3", "911", "C", "1", "C391", "")),
                (("青",), ("青", "", "青", "青", "", "")),
                (("",), ("", "", "", "", "", "")),
                ((None,), (unknown("text"),) * 6),
            ),
        ),
        Table(
            title=Words("行业代码以什么开头", "What an industry code starts with"),
            columns=("industry",),
            expressions=("has_prefix(industry, ['13', '651'])", "not has_prefix(industry, ['13', '651'])"),
            lines=(
                (("1311",), (True, False)),
                (("6513",), (True, False)),
                (("6520",), (False, True)),
                (("1",), (False, True)),
                (("",), (False, True)),
                ((None,), (unknown("industry"), unknown("industry"))),
            ),
        ),
    ),
)
