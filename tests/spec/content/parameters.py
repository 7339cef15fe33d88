"""Dated parameters, tables by code prefix, code lists."""

from datetime import date
from decimal import Decimal

from tests.spec.model import Chapter, Table, Words, unknown

D = Decimal

CHAPTER = Chapter(
    title=Words("随时间变化的标准", "Standards that change over time"),
    text=Words(
        "控制目标、利率、规模标准会调整。它们写在 parameters/ 中，每个值注明从哪天起施行和依据。规则里只写名字，"
        "系统取决定日期（`as_of`）当时施行的值；也可以按事件日期取值，例如贷款合同签订日。",
        "Targets, interest rates and size limits change. They stand under parameters/, each value with its first day "
        "and its reference. A rule writes the name and gets the value in force on the decision's date (`as_of`), or "
        "on the date of an event, such as the day on which a loan was signed.",
    ),
    parts=(
        Table(
            title=Words("按决定日期取值", "The value on the decision's date"),
            text=Words(
                "示例参数 `control_target`：2024-01-01 起为 0.055，2026-01-01 起为 0.05。本表的决定日期是 2025-12-31，"
                "下表是一天之后。",
                "The example `control_target` is 0.055 from 2024-01-01 and 0.05 from 2026-01-01. Decision date here: "
                "2025-12-31; in the next table, one day later.",
            ),
            columns=("layoff_rate",),
            expressions=("control_target", "layoff_rate <= control_target"),
            lines=(
                ((D("0.055"),), (D("0.055"), True)),
                ((D("0.055001"),), (D("0.055"), False)),
                ((None,), (D("0.055"), unknown("layoff_rate"))),
            ),
            as_of=date(2025, 12, 31),
        ),
        Table(
            title=Words("同一规则，2026-01-01", "The same rule on 2026-01-01"),
            columns=("layoff_rate",),
            expressions=("control_target", "layoff_rate <= control_target"),
            lines=(((D("0.055"),), (D("0.05"), False)), ((D("0.05"),), (D("0.05"), True))),
            as_of=date(2026, 1, 1),
        ),
        Table(
            title=Words("第一个值施行之前", "Before the first value"),
            text=Words(
                "决定日期 2023-12-31 早于第一个值，结果未知。此时没有缺事实可列：要补的是参数文件。",
                "2023-12-31 is before the first value: unknown. No fact is missing; the parameter file is to be "
                "completed.",
            ),
            columns=("layoff_rate",),
            expressions=("control_target", "layoff_rate <= control_target"),
            lines=(((D("0.01"),), (unknown(), unknown())), ((None,), (unknown(), unknown("layoff_rate")))),
            as_of=date(2023, 12, 31),
        ),
        Table(
            title=Words("按事件日期取值", "The value on an event's date"),
            text=Words(
                "示例参数 `lpr_1y`：2025-01-01 起 0.0310，2025-05-20 起 0.0300。",
                "The example `lpr_1y` is 0.0310 from 2025-01-01 and 0.0300 from 2025-05-20.",
            ),
            columns=("day",),
            expressions=("parameter_at(lpr_1y, day)", "parameter_at(lpr_1y, add_months(day, -1))", "lpr_1y"),
            lines=(
                ((date(2025, 5, 19),), (D("0.031"), D("0.031"), D("0.03"))),
                ((date(2025, 5, 20),), (D("0.03"), D("0.031"), D("0.03"))),
                ((date(2025, 6, 20),), (D("0.03"), D("0.03"), D("0.03"))),
                ((date(2025, 1, 1),), (D("0.031"), unknown("day"), D("0.03"))),
                ((date(2024, 12, 31),), (unknown("day"), unknown("day"), D("0.03"))),
                ((None,), (unknown("day"), unknown("day"), D("0.03"))),
            ),
        ),
        Table(
            title=Words("按行业代码查表：最长的前缀优先", "A table by industry code: the longest prefix wins"),
            text=Words(
                "示例表 `large_employees`：2018-01-01 起，51 → 200、52 → 300、6 → 300、65 → 100；"
                "2025-07-01 起只有 51 → 250。"
                "表中没有的行业，结果未知，不会猜。第三个参数是取表的日期，不写就是决定日期。",
                "The example `large_employees`: from 2018-01-01 51 → 200, 52 → 300, 6 → 300, 65 → 100; from 2025-07-01 "
                "only 51 → 250. An industry that is not in the table is unknown: nothing is guessed. The third "
                "argument is the day of the table; without it, the decision's date.",
            ),
            columns=("industry",),
            expressions=("lookup(large_employees, industry)", "lookup(large_employees, industry, d'2025-07-01')"),
            lines=(
                (("5131",), (200, 250)),
                (("51",), (200, 250)),
                (("6513",), (100, unknown("industry"))),
                (("6420",), (300, unknown("industry"))),
                (("5",), (unknown("industry"), unknown("industry"))),
                (("7010",), (unknown("industry"), unknown("industry"))),
                (("",), (unknown("industry"), unknown("industry"))),
                ((None,), (unknown("industry"), unknown("industry"))),
            ),
        ),
        Table(
            title=Words("查表的日期也可以是事实", "The day of the table may be a fact"),
            columns=("industry", "day"),
            expressions=("lookup(large_employees, industry, day)",),
            lines=(
                (("5131", date(2025, 6, 30)), (200,)),
                (("5131", date(2025, 7, 1)), (250,)),
                (("5131", date(2017, 12, 31)), (unknown("day", "industry"),)),
                (("5131", None), (unknown("day"),)),
                ((None, date(2025, 6, 30)), (unknown("industry"),)),
                ((None, None), (unknown("day", "industry"),)),
            ),
        ),
        Table(
            title=Words("行业清单", "A list of industries"),
            text=Words(
                "示例清单 `restricted_codes`：2023-01-01 起为 16、61，2025-01-01 起为 16、90。",
                "The example `restricted_codes` is 16, 61 from 2023-01-01 and 16, 90 from 2025-01-01.",
            ),
            columns=("industry", "day"),
            expressions=("has_prefix(industry, restricted_codes)", "has_prefix(industry, restricted_codes, day)"),
            lines=(
                (("1610", date(2024, 12, 31)), (True, True)),
                (("6110", date(2024, 12, 31)), (False, True)),
                (("6110", date(2025, 1, 1)), (False, False)),
                (("9000", date(2024, 12, 31)), (True, False)),
                (("9000", date(2022, 12, 31)), (True, unknown("day", "industry"))),
                ((None, date(2024, 12, 31)), (unknown("industry"), unknown("industry"))),
                (("1610", None), (True, unknown("day"))),
            ),
        ),
    ),
)
