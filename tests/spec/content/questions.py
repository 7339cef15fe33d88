"""Questions on which other engines disagree, with our answer.

Guarantees one line for every row of the survey of five engines; `asked` is that row's wording.
"""

from datetime import date
from decimal import Decimal

from tests.spec.model import Chapter, Question, Questions, Words, unknown

D = Decimal

CLOCKLESS = Words(
    "本语言不支持日期“2025-01-01T00:00:00+08:00”；日期请写作 d'2025-01-31'，不带时间",
    "the date `2025-01-01T00:00:00+08:00` is not part of the language; write a day as d'2025-01-31', without a time",
)
NO_REGEX = Words(
    "本语言不支持正则表达式；请用 'part' in text、切片或 has_prefix(…)",
    "a regular expression is not part of the language; write `'part' in text`, a slice or has_prefix(…)",
)
NULL_ASKED = Words(
    "本语言不支持此处的 null；请用 x == null 或 x != null 判断未知",
    "`null` here is not part of the language; unknown is asked with `x == null` or `x != null`",
)

CHAPTER = Chapter(
    title=Words("与其他系统的差别", "Where other systems differ"),
    text=Words(
        "同一个式子在不同系统里结果可能不同。下面逐条写明本语言的答案；“拒绝”表示加载规则时就报错。",
        "The same expression gives different results in different systems. This is our answer to each such question; "
        "“refused” means an error when the rules are loaded.",
    ),
    parts=(
        Questions(
            title=Words("逐条回答", "Question by question"),
            lines=(
                Question(
                    asked="int division 7/2",
                    words=Words("整数相除取整吗？不。", "Do whole numbers divide to a whole number? No."),
                    expression="x / y",
                    facts={"x": 7, "y": 2},
                    gives=D("3.5"),
                ),
                Question(
                    asked="floor div -7//2",
                    words=Words("负数整除：向零。", "Whole division of a negative number: towards zero."),
                    expression="x // y",
                    facts={"x": -7, "y": 2},
                    gives=-3,
                ),
                Question(
                    asked="decimal // 2 (7.50//2)",
                    words=Words("小数整除：也取整。", "Whole division of a decimal: whole too."),
                    expression="x // 2",
                    facts={"x": D("7.50")},
                    gives=3,
                ),
                Question(
                    asked="modulo -7 % 3",
                    words=Words("负数的余数：符号同被除数。", "Remainder of a negative number: its sign."),
                    expression="x % y",
                    facts={"x": -7, "y": 3},
                    gives=-1,
                ),
                Question(
                    asked="1/3 exact?",
                    words=Words("三分之一精确吗？精确。", "Is a third exact? Yes."),
                    expression="x / y",
                    facts={"x": 1, "y": 3},
                    gives="=1 / 3",
                ),
                Question(
                    asked="(1/3)*3 == 1",
                    words=Words("三分之一乘三等于一。", "Three thirds are one."),
                    expression="x / y * y == x",
                    facts={"x": 1, "y": 3},
                    gives=True,
                ),
                Question(
                    asked="x / 0",
                    words=Words("除以零：未知。", "Division by zero: unknown."),
                    expression="x / y",
                    facts={"x": 1, "y": 0},
                    gives=unknown("x", "y"),
                ),
                Question(
                    asked="z > 0 and i/z > 1",
                    words=Words("前一个条件已为假时，除以零不再要紧。", "A false first condition settles it."),
                    expression="y > 0 and x / y > 1",
                    facts={"x": 1, "y": 0},
                    gives=False,
                ),
                Question(
                    asked="0.1+0.2 == 0.3 (float facts)",
                    words=Words("0.1 加 0.2 等于 0.3。", "0.1 and 0.2 are 0.3."),
                    expression="x + y == 0.3",
                    facts={"x": D("0.1"), "y": D("0.2")},
                    gives=True,
                ),
                Question(
                    asked="round 2.5 / 0.125 to cents",
                    words=Words("正好一半时向上。", "An exact half goes up."),
                    expression="round_half_up(x, 0) * 100 + round_half_up(y, 2)",
                    facts={"x": D("2.5"), "y": D("0.125")},
                    gives=D("300.13"),
                ),
                Question(
                    asked="int32 overflow 2e9*2",
                    words=Words("整数没有 32 位的上限。", "Whole numbers are not limited to 32 bits."),
                    expression="n * 2",
                    facts={"n": 2_000_000_000},
                    gives=4_000_000_000,
                ),
                Question(
                    asked="decimal overflow 99999999999999.99*1000.5",
                    words=Words("大的小数也精确。", "Large decimals are exact."),
                    expression="money * 1000.5",
                    facts={"money": D("99999999999999.99")},
                    gives=D("100049999999999989.995"),
                ),
                Question(
                    asked="null > 5",
                    words=Words("未知大于 5 吗？未知。", "Is unknown greater than 5? Unknown."),
                    expression="x > 5",
                    facts={"x": None},
                    gives=unknown("x"),
                ),
                Question(
                    asked="null == null",
                    words=Words("两项未知相等吗？未知。", "Are two unknown facts equal? Unknown."),
                    expression="x == y",
                    facts={"x": None, "y": None},
                    gives=unknown("x", "y"),
                ),
                Question(
                    asked="null != 5",
                    words=Words("未知不等于 5 吗？未知。", "Does unknown differ from 5? Unknown."),
                    expression="x != 5",
                    facts={"x": None},
                    gives=unknown("x"),
                ),
                Question(
                    asked="null >= null",
                    words=Words("未知之间比大小：未知。", "Unknown at least unknown: unknown."),
                    expression="x >= y",
                    facts={"x": None, "y": None},
                    gives=unknown("x", "y"),
                ),
                Question(
                    asked="null and false / false and null",
                    words=Words("未知并且假：假。", "Unknown and false: false."),
                    expression="(a and b) or (b and a)",
                    facts={"a": None, "b": False},
                    gives=False,
                ),
                Question(
                    asked="not null",
                    words=Words("未知的反面：未知。", "Not unknown: unknown."),
                    expression="not a",
                    facts={"a": None},
                    gives=unknown("a"),
                ),
                Question(
                    asked="null or true",
                    words=Words("未知或者真：真。", "Unknown or true: true."),
                    expression="a or b",
                    facts={"a": None, "b": True},
                    gives=True,
                ),
                Question(
                    asked="null in [1,2]",
                    words=Words("未知在清单里吗？未知。", "Is unknown in a list? Unknown."),
                    expression="x in [1, 2]",
                    facts={"x": None},
                    gives=unknown("x"),
                ),
                Question(
                    asked="null not in [1,2]",
                    words=Words("未知不在清单里吗？未知。", "Is unknown not in a list? Unknown."),
                    expression="x not in [1, 2]",
                    facts={"x": None},
                    gives=unknown("x"),
                ),
                Question(
                    asked="5 in [1,null]",
                    words=Words("清单里写 null：拒绝。", "`null` in a list: refused."),
                    expression="x in [1, null]",
                    gives=NULL_ASKED,
                ),
                Question(
                    asked="min(null, 5)",
                    words=Words("有未知的最小值：未知。", "The smallest of unknown and 5: unknown."),
                    expression="min(x, 5)",
                    facts={"x": None},
                    gives=unknown("x"),
                ),
                Question(
                    asked="null =~ regex",
                    words=Words("正则表达式：拒绝。", "Regular expressions: refused."),
                    expression="text =~ 'C.*'",
                    gives=NO_REGEX,
                ),
                Question(
                    asked='"10" < 9 (string vs number)',
                    words=Words("文本与数字比大小：拒绝。", "A text compared with a number: refused."),
                    expression="text < 9",
                    gives=Words("“<”需要文本，而“9”的类型是数字", "`<` needs a string, but `9` is a number"),
                ),
                Question(
                    asked='"10" == 10',
                    words=Words("文本与数字相等吗：拒绝。", "A text equal to a number: refused."),
                    expression="text == 10",
                    gives=Words("“==”需要文本，而“10”的类型是数字", "`==` needs a string, but `10` is a number"),
                ),
                Question(
                    asked="true == 1",
                    words=Words("真等于 1 吗：拒绝。", "Is true equal to 1: refused."),
                    expression="a == 1",
                    gives=Words("“==”需要是否（真假），而“1”的类型是数字", "`==` needs a boolean, but `1` is a number"),
                ),
                Question(
                    asked='"abc" < "B" (collation)',
                    words=Words("文本按字符编码比较，大写在前。", "Texts compare by code point; capitals come first."),
                    expression="text < 'B'",
                    facts={"text": "abc"},
                    gives=False,
                ),
                Question(
                    asked='substring: "府" in name',
                    words=Words("片段查找。", "A part of a text."),
                    expression="'府' in text",
                    facts={"text": "市政府"},
                    gives=True,
                ),
                Question(
                    asked='"" in name',
                    words=Words("空片段在任何文本里。", "The empty part is in every text."),
                    expression="'' in text",
                    facts={"text": ""},
                    gives=True,
                ),
                Question(
                    asked="\\w+ on Chinese",
                    words=Words("正则表达式：拒绝。", "Regular expressions: refused."),
                    expression="text =~ 'w+'",
                    gives=NO_REGEX,
                ),
                Question(
                    asked="\\d on Arabic digit",
                    words=Words("正则表达式：拒绝。", "Regular expressions: refused."),
                    expression="text =~~ 'd'",
                    gives=NO_REGEX,
                ),
                Question(
                    asked="look-ahead",
                    words=Words("正则表达式：拒绝。", "Regular expressions: refused."),
                    expression="text !~ '(?=C)'",
                    gives=NO_REGEX,
                ),
                Question(
                    asked="$ before final newline",
                    words=Words("正则表达式：拒绝。", "Regular expressions: refused."),
                    expression="text !~~ 'C$'",
                    gives=NO_REGEX,
                ),
                Question(
                    asked="s[-1:]",
                    words=Words("负的切片界限从末尾数。", "A negative bound counts from the end."),
                    expression="text[-1:]",
                    facts={"text": "2310"},
                    gives="0",
                ),
                Question(
                    asked="s[1:2] base/inclusive",
                    words=Words("切片从 0 数，含头不含尾。", "Slices count from 0; the last bound is out."),
                    expression="text[1:2]",
                    facts={"text": "210"},
                    gives="1",
                ),
                Question(
                    asked='upper("ß")',
                    words=Words("没有大小写转换函数：拒绝。", "There is no change of case: refused."),
                    expression="upper(text) == 'C'",
                    gives=Words("没有函数“upper”", "there is no function `upper`"),
                ),
                Question(
                    asked="empty string is null?",
                    words=Words("空文本是已知的。", "An empty text is known."),
                    expression="text == null",
                    facts={"text": ""},
                    gives=False,
                ),
                Question(
                    asked="NaN == NaN",
                    words=Words("没有“非数字”这种值：拒绝。", "There is no “not a number”: refused."),
                    expression="x == nan",
                    gives=Words(
                        "本语言不支持数字“nan”；请用十进制数字书写",
                        "the number `nan` is not part of the language; write it in decimal digits",
                    ),
                ),
                Question(
                    asked="days between 01-01 12:00 and 01-02 10:00",
                    words=Words("日期没有时刻：带时刻的日期被拒绝。", "A date has no time of day: refused."),
                    expression="days_between(d'2025-01-01T12:00', day) == 1",
                    gives=Words(
                        "本语言不支持日期“2025-01-01T12:00”；日期请写作 d'2025-01-31'，不带时间",
                        "the date `2025-01-01T12:00` is not part of the language; write a day as d'2025-01-31', "
                        "without a time",
                    ),
                ),
                Question(
                    asked="2025-06-30 - 36 months (end of month)",
                    words=Words("减 36 个月：对应日。", "36 months earlier: the corresponding day."),
                    expression="add_months(day, -36)",
                    facts={"day": date(2025, 6, 30)},
                    gives=date(2022, 6, 30),
                ),
                Question(
                    asked="months between 01-31 and 02-28",
                    words=Words("1 月 31 日到 2 月 28 日：一个月。", "From 31 January to 28 February: one month."),
                    expression="months_between(day, day2)",
                    facts={"day": date(2025, 1, 31), "day2": date(2025, 2, 28)},
                    gives=1,
                ),
                Question(
                    asked="date literal with +08:00 vs DATE (tz utc)",
                    words=Words("日期没有时区：拒绝。", "A date has no time zone: refused."),
                    expression="day == d'2025-01-01T00:00:00+08:00'",
                    gives=CLOCKLESS,
                ),
                Question(
                    asked="case 1 / unit: 1e3 literal type",
                    words=Words("1e3 就是 1000。", "1e3 is 1000."),
                    expression="x == 1e3",
                    facts={"x": 1000},
                    gives=True,
                ),
                Question(
                    asked="truthiness: number as condition",
                    words=Words("数字当条件：拒绝。", "A number as a condition: refused."),
                    expression="x and a",
                    gives=Words(
                        "“and”需要是否（真假），而“x”的类型是数字", "`and` needs a boolean, but `x` is a number"
                    ),
                ),
            ),
        ),
    ),
)
