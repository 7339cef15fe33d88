"""What is refused when the rules are loaded, with the message that the author reads."""

from tests.spec.model import Chapter, Refusal, Refusals, Words


def refused(expression: str, zh: str, en: str) -> Refusal:
    """Return one line of the table."""
    return Refusal(expression=expression, message=Words(zh, en))


CHAPTER = Chapter(
    title=Words("写错了会怎样", "What is refused, and the message"),
    text=Words(
        "规则在加载时全部检查一遍，不等到计算某家企业时才出错。每条错误给出文件、行号和改法。",
        "All rules are checked when they are loaded, not when some firm happens to meet the mistake. Every message "
        "comes with file and line, and says what to write instead.",
    ),
    parts=(
        Refusals(
            title=Words("名字写错", "A name that does not exist"),
            lines=(
                refused(
                    "employes > 10",
                    "facts.toml 中没有事实“employes”，也没有同名的参数或定义；是否想写“employees”？",
                    "fact `employes` is not in facts.toml, and no parameter or definition has that name; did you mean "
                    "`employees`?",
                ),
                refused(
                    "qqq > 10",
                    "facts.toml 中没有事实“qqq”，也没有同名的参数或定义",
                    "fact `qqq` is not in facts.toml, and no parameter or definition has that name",
                ),
                refused(
                    "maxx(x, 1) > 1",
                    "没有函数“maxx”；是否想写“max”？",
                    "there is no function `maxx`; did you mean `max`?",
                ),
                refused("employees(1) > 1", "没有函数“employees”", "there is no function `employees`"),
                refused(
                    "size_class == 'huge'",
                    "“size_class”不会取值“huge”；其取值为 large, medium, small, micro",
                    "`size_class` is never 'huge'; its values are large, medium, small, micro",
                ),
                refused(
                    "size_class in ['small', 'tiny']",
                    "“size_class”不会取值“tiny”；其取值为 large, medium, small, micro",
                    "`size_class` is never 'tiny'; its values are large, medium, small, micro",
                ),
            ),
        ),
        Refusals(
            title=Words("类型不合", "Kinds that do not fit"),
            lines=(
                refused(
                    "'10' < 9",
                    "“<”需要文本，而“9”的类型是数字",
                    "`<` needs a string, but `9` is a number",
                ),
                refused(
                    "employees and a",
                    "“and”需要是否（真假），而“employees”的类型是数字",
                    "`and` needs a boolean, but `employees` is a number",
                ),
                refused(
                    "year(day) and a",
                    "“and”需要是否（真假），而“year(…)”的类型是数字",
                    "`and` needs a boolean, but `year(…)` is a number",
                ),
                refused(
                    "not employees",
                    "“not”需要是否（真假），而“employees”的类型是数字",
                    "`not` needs a boolean, but `employees` is a number",
                ),
                refused(
                    "text + '元' == 'x'",
                    "“+”需要数字，而“text”的类型是文本",
                    "`+` needs a number, but `text` is a string",
                ),
                refused(
                    "day - day2 > 30",
                    "“-”需要数字，而“day”的类型是日期",
                    "`-` needs a number, but `day` is a date",
                ),
                refused(
                    "-text == 1",
                    "“-”需要数字，而“text”的类型是文本",
                    "`-` needs a number, but `text` is a string",
                ),
                refused(
                    "text ** 2 > 1",
                    "“**”需要数字，而“text”的类型是文本",
                    "`**` needs a number, but `text` is a string",
                ),
                refused(
                    "a < b",
                    "“<”需要数字、文本或日期，而“a”的类型是是否（真假）",
                    "`<` needs numbers, strings or dates, but `a` is a boolean",
                ),
                refused(
                    "marks == marks",
                    "“==”需要数字、文本或日期，而“marks”的类型是文本列表",
                    "`==` needs numbers, strings or dates, but `marks` is a string list",
                ),
                refused(
                    "x in ['甲']",
                    "“in”需要数字，而“甲”的类型是文本",
                    "`in` needs a number, but `甲` is a string",
                ),
                refused(
                    "1 in marks",
                    "“in”需要文本，而“1”的类型是数字",
                    "`in` needs a string, but `1` is a number",
                ),
                refused(
                    "x in text",
                    "“in”需要文本，而“x”的类型是数字",
                    "`in` needs a string, but `x` is a number",
                ),
                refused(
                    "a ? 1 : '无'",
                    "“? :”需要数字，而“无”的类型是文本",
                    "`? :` needs a number, but `无` is a string",
                ),
                refused(
                    "x ? 1 : 2",
                    "“? :”需要是否（真假），而“x”的类型是数字",
                    "`? :` needs a boolean, but `x` is a number",
                ),
                refused(
                    "x[0:1] == '1'",
                    "“[…:…]”需要文本，而“x”的类型是数字",
                    "`[…:…]` needs a string, but `x` is a number",
                ),
                refused(
                    "min(x, day) > 1",
                    "“min”需要数字，而“day”的类型是日期",
                    "`min` needs a number, but `day` is a date",
                ),
                refused(
                    "add_months(x, 1) > day",
                    "“add_months”需要日期，而“x”的类型是数字",
                    "`add_months` needs a date, but `x` is a number",
                ),
                refused(
                    "lookup(large_employees, x) > 1",
                    "“lookup”需要文本，而“x”的类型是数字",
                    "`lookup` needs a string, but `x` is a number",
                ),
                refused(
                    "lookup(large_employees, industry, x) > 1",
                    "“lookup”需要日期，而“x”的类型是数字",
                    "`lookup` needs a date, but `x` is a number",
                ),
                refused(
                    "parameter_at(lpr_1y, x) > 1",
                    "“parameter_at”需要日期，而“x”的类型是数字",
                    "`parameter_at` needs a date, but `x` is a number",
                ),
                refused(
                    "has_prefix(x, ['1'])",
                    "“has_prefix”需要文本，而“x”的类型是数字",
                    "`has_prefix` needs a string, but `x` is a number",
                ),
                refused(
                    "on_list(text, day)",
                    "“list_count”需要文本列表，而“text”的类型是文本",
                    "`list_count` needs a string list, but `text` is a string",
                ),
                refused(
                    "list_count(marks, day, x) > 0",
                    "“list_count”需要日期，而“x”的类型是数字",
                    "`list_count` needs a date, but `x` is a number",
                ),
                refused(
                    "whole_bands(text, [0], [1]) > 1",
                    "“whole_bands”需要数字，而“text”的类型是文本",
                    "`whole_bands` needs a number, but `text` is a string",
                ),
                refused(
                    "per_step(x, 1, text, 'floor') > 1",
                    "“per_step”需要数字，而“text”的类型是文本",
                    "`per_step` needs a number, but `text` is a string",
                ),
                refused(
                    "(a and b) + 1 > 2",
                    "“+”需要数字，而该运算对象的类型是是否（真假）",
                    "`+` needs a number, but the operand is a boolean",
                ),
            ),
        ),
        Refusals(
            title=Words("时钟与随机", "Clock and chance"),
            text=Words(
                "同样的事实必须永远得到同样的决定，几年后还能重放给审计看。",
                "The same facts must give the same decision for ever, so that an auditor can replay it.",
            ),
            lines=(
                refused(
                    "$now > day",
                    "“$now”读取时钟，决定将无法重放；请改用 as_of(决定所依据的日期)",
                    "`$now` reads the clock, so the decision could not be replayed; write `as_of`, the date of the "
                    "decision",
                ),
                refused(
                    "day < $today",
                    "“$today”读取时钟，决定将无法重放；请改用 as_of(决定所依据的日期)",
                    "`$today` reads the clock, so the decision could not be replayed; write `as_of`, the date of the "
                    "decision",
                ),
                refused(
                    "$random(10) > 5",
                    "“$random”使决定取决于随机；规则每次必须给出同样的结果",
                    "`$random` makes the decision depend on chance; a rule must give the same result every time",
                ),
                refused(
                    "$abs(x) > 1",
                    "“$abs”不属于本语言；函数不带“$”书写：是否想写“abs”？",
                    "`$abs` is not part of the language; functions are written without `$`: did you mean `abs`?",
                ),
                refused(
                    "$pi > x",
                    "“$pi”不属于本语言；函数不带“$”书写",
                    "`$pi` is not part of the language; functions are written without `$`",
                ),
            ),
        ),
        Refusals(
            title=Words("本语言没有的写法", "What the language does not have"),
            lines=(
                refused(
                    "text =~ '^C.*'",
                    "本语言不支持正则表达式；请用 'part' in text、切片或 has_prefix(…)",
                    "a regular expression is not part of the language; write `'part' in text`, a slice or "
                    "has_prefix(…)",
                ),
                refused(
                    "x ?? 0 > 1",
                    "本语言不支持“??”；未知必须保持未知；请用 x == null 判断",
                    "`??` is not part of the language; an unknown fact must stay unknown; ask `x == null`",
                ),
                refused(
                    "x > null",
                    "本语言不支持此处的 null；请用 x == null 或 x != null 判断未知",
                    "`null` here is not part of the language; unknown is asked with `x == null` or `x != null`",
                ),
                refused(
                    "[m for m in marks]",
                    "本语言不支持列表推导；请用 list_count(…) 或按记录的政策（per）",
                    "a comprehension is not part of the language; use list_count(…) or a record policy (`per`)",
                ),
                refused(
                    "day.year > 2020",
                    "本语言不支持“.属性”；请用本语言的函数",
                    "`.attribute` is not part of the language; use a function of the language",
                ),
                refused(
                    "text[0] == 'C'",
                    "本语言不支持“x[项]”；请用切片 code[0:2]、lookup(…) 或 parameter_at(…)",
                    "`x[item]` is not part of the language; use a slice `code[0:2]`, lookup(…) or parameter_at(…)",
                ),
                refused(
                    "x & 1 == 1",
                    "本语言不支持位运算；请用 and、or、not",
                    "a bitwise operator is not part of the language; use `and`, `or`, `not`",
                ),
                refused(
                    "x << 1 > 1",
                    "本语言不支持位运算；请用 * 或 /",
                    "a bitwise operator is not part of the language; use `*` or `/`",
                ),
                refused(
                    "text == b'C'",
                    "本语言不支持字节文本；请写成文本",
                    "a bytes literal is not part of the language; write a string",
                ),
                refused(
                    "day > t'P1D'",
                    "本语言不支持时长；请用 add_days(…) 或 add_months(…)",
                    "a duration is not part of the language; use add_days(…) or add_months(…)",
                ),
                refused(
                    "x in {1, 2}",
                    "本语言不支持集合；请写成列表 […]",
                    "a set is not part of the language; write a list `[…]`",
                ),
                refused(
                    "{'C': 1}",
                    "本语言不支持映射；请在 parameters/ 中写成表",
                    "a mapping is not part of the language; write a table under parameters/",
                ),
                refused(
                    "[1, 2] == [1, 2]",
                    "本语言不支持此处的列表；列表只能出现在 in 之后，或作为分档、前缀",
                    "a list here is not part of the language; a list stands after `in`, or as bands or prefixes",
                ),
                refused(
                    "(a ? min : max)(x) > 1",
                    "本语言不支持计算得出的函数；请写出函数名",
                    "a computed function is not part of the language; write its name",
                ),
                refused(
                    "x > 0x10",
                    "本语言不支持数字“0x10”；请用十进制数字书写",
                    "the number `0x10` is not part of the language; write it in decimal digits",
                ),
                refused(
                    "x > inf",
                    "本语言不支持数字“inf”；请用十进制数字书写",
                    "the number `inf` is not part of the language; write it in decimal digits",
                ),
                refused(
                    "day > d'2025-02-30'",
                    "本语言不支持日期“2025-02-30”；日期请写作 d'2025-01-31'，不带时间",
                    "the date `2025-02-30` is not part of the language; write a day as d'2025-01-31', without a time",
                ),
            ),
        ),
        Refusals(
            title=Words("函数用错", "Functions used wrongly"),
            lines=(
                refused("min() > 1", "“min”：至少需要一个数字", "`min`: needs at least one number"),
                refused(
                    "abs(x, y) > 1",
                    "“abs”：需要 1 个参数，而不是 2 个",
                    "`abs`: takes 1 argument, not 2",
                ),
                refused(
                    "round_half_up(x, y) > 1",
                    "“round_half_up”：小数位数必须是 0 到 12 的整数",
                    "`round_half_up`: the number of digits must be a whole number from 0 to 12",
                ),
                refused(
                    "x ** y > 1",
                    "“**”：指数必须是 0 到 12 的整数",
                    "`**`: the exponent must be a whole number from 0 to 12",
                ),
                refused(
                    "x ** 0.5 > 1",
                    "“**”：指数必须是 0 到 12 的整数",
                    "`**`: the exponent must be a whole number from 0 to 12",
                ),
                refused(
                    "text[x:2] == 'C'",
                    "“[…:…]”：切片的界限必须是 -1000 到 1000 的整数",
                    "`[…:…]`: the bounds must be whole numbers from -1000 to 1000",
                ),
                refused(
                    "x in []",
                    "“in”：列表必须由常量组成，至少一个",
                    "`in`: the list must hold constants, at least one",
                ),
                refused(
                    "x in [1, y]",
                    "“in”：列表必须由常量组成，至少一个",
                    "`in`: the list must hold constants, at least one",
                ),
                refused(
                    "whole_bands(x, 0, 1) > 1",
                    "“whole_bands”：需要常量列表 […]",
                    "`whole_bands`: needs a list of constants `[…]`",
                ),
                refused(
                    "whole_bands(x, ['0'], [1]) > 1",
                    "“whole_bands”：列表必须由数字组成",
                    "`whole_bands`: the list must hold numbers",
                ),
                refused(
                    "whole_bands(x, [0, 10], [0.1]) > 1",
                    "“whole_bands”：有 2 个下限却有 1 个值；每档一个值",
                    "`whole_bands`: 2 lower bounds but 1 values; give one value for each band",
                ),
                refused(
                    "marginal_bands(x, [10, 0], [1, 2]) > 1",
                    "“marginal_bands”：下限必须递增",
                    "`marginal_bands`: the lower bounds must rise",
                ),
                refused(
                    "band_value(x) > 1",
                    "“band_value”：需要 3 个参数",
                    "`band_value`: takes 3 arguments, not 1",
                ),
                refused(
                    "per_step(x, 0, 1, 'floor') > 1",
                    "“per_step”：步长必须是大于 0 的常量",
                    "`per_step`: the step must be a constant above 0",
                ),
                refused(
                    "per_step(x, 10, 1, 'nearest') > 1",
                    "“per_step”：必须写明取整方式：'floor'、'ceiling' 或 'proportional'",
                    "`per_step`: the rounding must be stated: 'floor', 'ceiling' or 'proportional'",
                ),
                refused(
                    "has_prefix(industry, ['C', ''])",
                    "“has_prefix”：前缀必须是非空文本",
                    "`has_prefix`: the prefixes must be strings that are not empty",
                ),
                refused(
                    "has_prefix(industry, lpr_1y)",
                    "“has_prefix”：“lpr_1y”不是代码清单",
                    "`has_prefix`: `lpr_1y` is not a code list",
                ),
                refused(
                    "lookup(lpr_1y, industry) > 1",
                    "“lookup”：“lpr_1y”不是 parameters/ 中的表",
                    "`lookup`: `lpr_1y` is not a table under parameters/",
                ),
                refused(
                    "parameter_at(large_employees, day) > 1",
                    "“parameter_at”：“large_employees”不是参数",
                    "`parameter_at`: `large_employees` is not a parameter",
                ),
                refused(
                    "list_count(marks, day, day2, text) > 1",
                    "“list_count”：标签必须是常量文本",
                    "`list_count`: the label must be a constant string",
                ),
                refused(
                    "large_employees > 1",
                    "“large_employees”：是一张表；请写 lookup(表, 键)",
                    "`large_employees`: is a table; write lookup(table, key)",
                ),
                refused(
                    "restricted_codes == 'C'",
                    "“restricted_codes”：是代码清单；请写 has_prefix(代码, 清单)",
                    "`restricted_codes`: is a code list; write has_prefix(code, list)",
                ),
                refused(
                    "min > 1",
                    "“min”：是函数；请在括号中写出参数",
                    "`min`: is a function; write its arguments in ( )",
                ),
            ),
        ),
    ),
)
