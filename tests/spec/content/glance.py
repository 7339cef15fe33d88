"""Everything that can be written, on one page."""

from tests.spec.model import Chapter, Glance, GlanceLine, Words


def line(written: str, zh: str, en: str) -> GlanceLine:
    """Return one line of the overview."""
    return GlanceLine(written=written, words=Words(zh, en))


CHAPTER = Chapter(
    title=Words("速查", "At a glance"),
    text=Words(
        "一条规则由事实的名字、数字、文本、日期和下列写法组成。数字写十进制（`0.055`、`5000000`），文本加引号（`'large'`），"
        "日期写作 `d'2025-01-31'`。",
        "A rule is made of names of facts, numbers, texts, dates and what follows. Numbers are decimal (`0.055`, "
        "`5000000`), texts have quotes (`'large'`), dates are written `d'2025-01-31'`.",
    ),
    parts=(
        Glance(
            lines=(
                line("a and b, a or b, not a", "并且、或者、不是", "and, or, not"),
                line("x == y, x != y", "等于、不等于", "equal, not equal"),
                line("x < y, x <= y, x > y, x >= y", "小于、不高于、大于、不低于", "below, at most, above, at least"),
                line("x == null, x != null", "x 未知吗、x 已知吗", "is x unknown, is x known"),
                line("x in [1, 2], x not in [1, 2]", "是不是其中之一", "one of a list"),
                line("'开发' in text", "文本里有没有某个片段", "whether a text holds a part"),
                line("'甲' in marks", "清单里有没有这个条目", "whether a list holds an entry"),
                line("text[0:2]", "文本的一段", "a piece of a text"),
                line("c ? x : y", "条件成立取 x，否则取 y", "x if c holds, else y"),
                line("x + y, x - y, x * y, x / y, -x", "加减乘除、取反", "plus, minus, times, divided by, negative"),
                line("x // y, x % y", "整除、余数（向零）", "whole division, remainder (towards zero)"),
                line("x ** 2", "乘方，指数为 0 到 12 的整数", "a power, 0 to 12"),
                line("min(x, y), max(x, y), mean(x, y)", "最小、最大、平均", "smallest, largest, mean"),
                line(
                    "abs(x), floor(x), ceiling(x)", "绝对值、向下取整、向上取整", "absolute value, round down, round up"
                ),
                line("round_half_up(x, 2)", "四舍五入到 2 位小数", "round to 2 decimals, half up"),
                line("growth(now, base)", "增长率：本期 ÷ 基期 − 1", "growth: now ÷ base − 1"),
                line("as_of", "决定所依据的日期", "the date of the decision"),
                line("year(day), month(day)", "年份、月份", "year, month"),
                line("add_months(day, 12), add_days(day, -30)", "往后几个月、几天", "months or days later"),
                line(
                    "months_between(from, to), days_between(from, to)",
                    "相隔整几个月、几天",
                    "whole months, days between",
                ),
                line("whole_bands(x, [0, 100], [0.01, 0.02])", "全额分档比例", "rate of the band on the whole amount"),
                line("marginal_bands(x, [0, 100], [0.01, 0.02])", "分段比例相加", "each part at the rate of its band"),
                line("band_value(x, [0, 100], [1, 2])", "所在档的值", "the value of the band"),
                line(
                    "per_step(x, 1000, 50, 'floor')",
                    "每满一步奖多少；取整方式必写",
                    "so much per step; the rounding is stated",
                ),
                line("control_target", "参数在决定日期的值", "a parameter, on the decision's date"),
                line("parameter_at(lpr_1y, day)", "参数在某一天的值", "a parameter, on a day"),
                line("lookup(table, code)", "按代码前缀查表", "a table by code prefix"),
                line("has_prefix(code, ['13', '65'])", "代码以其中之一开头", "the code starts with one of these"),
                line("on_list(marks, day)", "某一天在名单上", "on the list on a day"),
                line("list_count(marks, first, last)", "窗口内有几个条目", "how many entries in a window"),
            ),
        ),
    ),
)
