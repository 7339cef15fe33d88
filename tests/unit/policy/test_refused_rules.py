"""Each defect of a rules repository: one spoilt place, one message with file and line, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from policy_match.errors import PolicyMatchError
from policy_match.expressions.defects import ExpressionDefect
from policy_match.policy.defects import FileDefect
from tests.support.rules_folder import (
    DEFINITIONS_FILE,
    FACTS_FILE,
    PARAMETERS,
    PARAMETERS_FILE,
    POLICY,
    POLICY_FILE,
    RulesFolder,
)


@dataclass(frozen=True, kw_only=True)
class Spoilt:
    """Replace `old` by `new` in `file`; the only defect is then at the line of `at` (by default of `new`)."""

    file: str
    old: str
    new: str
    english: str
    chinese: str
    at: str | None = None


def spoilt(file: str, old: str, new: str, english: str, chinese: str, at: str | None = None) -> Spoilt:
    return Spoilt(file=file, old=old, new=new, english=english, chinese=chinese, at=at)


EXPRESSIONS = [
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "growth_rate >=",
        "`growth_rate >=` is not an expression: syntax error at: EOF",
        "“growth_rate >=”不是合法的表达式：syntax error at: EOF",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "not " * 101 + "arrears",
        "the expression nests more than 100 levels deep; write parts of it as definitions",
        "表达式嵌套超过 100 层；请把其中的部分写成定义",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "growth_rat >= target",
        "fact `growth_rat` is not in facts.toml, and no parameter or definition has that name; did you mean "
        "`growth_rate`?",
        "facts.toml 中没有事实“growth_rat”，也没有同名的参数或定义；是否想写“growth_rate”？",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "growth_rate >= '5'",
        "`>=` needs a number, but `5` is a string",
        "“>=”需要数字，而“5”的类型是文本",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "founded <= $now",
        "`$now` reads the clock, so the decision could not be replayed; write `as_of`, the date of the decision",
        "“$now”读取时钟，决定将无法重放；请改用 as_of(决定所依据的日期)",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "founded <= $today",
        "`$today` reads the clock, so the decision could not be replayed; write `as_of`, the date of the decision",
        "“$today”读取时钟，决定将无法重放；请改用 as_of(决定所依据的日期)",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "$random() > 0.5",
        "`$random` makes the decision depend on chance; a rule must give the same result every time",
        "“$random”使决定取决于随机；规则每次必须给出同样的结果",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "$sum(titles) > 1",
        "`$sum` is not part of the language; functions are written without `$`",
        "“$sum”不属于本语言；函数不带“$”书写",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "maxi(growth_rate, 1) > target",
        "there is no function `maxi`; did you mean `max`?",
        "没有函数“maxi”；是否想写“max”？",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "size_class == 'medium'",
        "`size_class` is never 'medium'; its values are large, small",
        "“size_class”不会取值“medium”；其取值为 large, small",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "industry =~ '13.*'",
        "a regular expression is not part of the language; write `'part' in text`, a slice or has_prefix(…)",
        "本语言不支持正则表达式；请用 'part' in text、切片或 has_prefix(…)",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "abs() > target",
        "`abs`: takes 1 argument, not 0",
        "“abs”：需要 1 个参数，而不是 0 个",
    ),
    spoilt(
        POLICY_FILE,
        'when = "growth_rate >= target"',
        'when = "growth_rate"',
        "`when` must give a boolean, but it gives a number",
        "“when”的结果应为是否（真假），实际为数字",
    ),
    spoilt(
        POLICY_FILE,
        '"revenue * 0.01"',
        '"arrears"',
        "`amount` must give a number, but it gives a boolean",
        "“amount”的结果应为数字，实际为是否（真假）",
    ),
    spoilt(
        POLICY_FILE,
        '"employees * 1000"',
        '"industry"',
        "`cap` must give a number, but it gives a string",
        "“cap”的结果应为数字，实际为文本",
    ),
    spoilt(
        POLICY_FILE,
        "growth_rate >= target",
        "loan_principal > 1",
        'fact `loan_principal` belongs to loan records, but this policy decides per firm; set `per = "loan"`',
        '事实“loan_principal”属于 loan 记录，而本政策按 firm 判定；请设 per = "loan"',
    ),
]

POLICY_KEYS = [
    spoilt(
        POLICY_FILE,
        "encoding_grade =",
        "encoding_grad =",
        "unknown key `encoding_grad`; did you mean `encoding_grade`?",
        "未知的键“encoding_grad”；是否想写“encoding_grade”？",
    ),
    spoilt(
        POLICY_FILE,
        'period = "year"',
        'period = "year"\nzzz = 1',
        "unknown key `zzz`; known keys are basis, benefit, budget, cost_share, delivery, department, encoding_grade, "
        "id, instalment, jurisdiction, limits, per, period, prior_aid, process, review_on, stacking, title, "
        "title_en, version",
        "未知的键“zzz”；可用的键：basis, benefit, budget, cost_share, delivery, department, encoding_grade, id, "
        "instalment, jurisdiction, limits, per, period, prior_aid, process, review_on, stacking, title, "
        "title_en, version",
        at="zzz",
    ),
    spoilt(
        POLICY_FILE,
        "number =",
        "nummer =",
        "unknown key `nummer`; did you mean `number`?",
        "未知的键“nummer”；是否想写“number”？",
    ),
    spoilt(
        POLICY_FILE,
        'group = "some-group"',
        'group = "some-group"\nruler = 1',
        "unknown key `ruler`; did you mean `rule`?",
        "未知的键“ruler”；是否想写“rule”？",
        at="ruler",
    ),
    spoilt(
        POLICY_FILE,
        "allocation =",
        "alocation =",
        "unknown key `alocation`; did you mean `allocation`?",
        "未知的键“alocation”；是否想写“allocation”？",
    ),
    spoilt(
        POLICY_FILE,
        "silence =",
        "silense =",
        "unknown key `silense`; did you mean `silence`?",
        "未知的键“silense”；是否想写“silence”？",
    ),
    spoilt(POLICY_FILE, "cap =", "kap =", "unknown key `kap`; did you mean `cap`?", "未知的键“kap”；是否想写“cap”？"),
    spoilt(
        POLICY_FILE,
        "text_en =",
        "texten =",
        "unknown key `texten`; did you mean `text_en`?",
        "未知的键“texten”；是否想写“text_en”？",
    ),
    spoilt(
        POLICY_FILE,
        'department = "某局"',
        "",
        "`department` is missing; it is required",
        "缺少“department”；此键必填",
        at="id =",
    ),
    spoilt(POLICY_FILE, 'title = "某项补贴"', 'title = ""', "`title` is missing; it is empty", "缺少“title”；内容为空"),
    spoilt(
        POLICY_FILE,
        'text = "增速不低于控制目标"',
        "",
        "`text` is missing; it is required",
        "缺少“text”；此键必填",
        at='[[version.condition]]\n  id = "growth"',
    ),
    spoilt(
        POLICY_FILE,
        '  article = "二"\n',
        "",
        "condition `growth` has no `article`; name the article of the document that asks for it",
        "条件“growth”没有 article；请写明依据文件的条款",
        at='[[version.condition]]\n  id = "growth"',
    ),
    spoilt(
        POLICY_FILE,
        'article = "二"',
        'article = " "',
        "condition `growth` has no `article`; name the article of the document that asks for it",
        "条件“growth”没有 article；请写明依据文件的条款",
    ),
    spoilt(
        POLICY_FILE,
        'id = "growth"',
        'id = "open"',
        "`open` is already defined in this version; every name means one thing",
        "“open”已在本版本中定义；一个名称只能有一个含义",
        at='id = "open"\n  text = "增速',
    ),
    spoilt(
        POLICY_FILE,
        'benefit = "grant"',
        'benefit = "grants"',
        "`benefit` cannot be 'grants', did you mean 'grant'?; it is one of grant, interest_subsidy, tax_relief, "
        "fee_waiver, deferral, in_kind, equity, title, reminder",
        "“benefit”不能是“grants”，是否想写“grant”？；可选：grant, interest_subsidy, tax_relief, fee_waiver, deferral, "
        "in_kind, equity, title, reminder",
    ),
    spoilt(
        POLICY_FILE,
        'encoding_grade = "A"',
        'encoding_grade = "Z"',
        "`encoding_grade` cannot be 'Z'; it is one of A, B, C",
        "“encoding_grade”不能是“Z”；可选：A, B, C",
    ),
    spoilt(
        POLICY_FILE,
        'encoding_grade = "A"',
        'per = "lone"',
        "`per` cannot be 'lone', did you mean 'loan'?; it is one of firm, loan",
        "“per”不能是“lone”，是否想写“loan”？；可选：firm, loan",
    ),
    spoilt(
        POLICY_FILE,
        'jurisdiction = "370200"',
        'jurisdiction = "3702"',
        "`jurisdiction` must be six digits of GB/T 2260, not '3702'",
        "“jurisdiction”应为 GB/T 2260 的六位数字，而不是“3702”",
    ),
    spoilt(
        POLICY_FILE,
        "confirm_days = 10",
        "confirm_days = -1",
        "`confirm_days` must be at least 0, not -1",
        "“confirm_days”应为至少 0，而不是 -1",
    ),
    spoilt(
        POLICY_FILE,
        "confirm_days = 10",
        'confirm_days = "10"',
        "`confirm_days` must be a whole number, not a string",
        "“confirm_days”应为整数，而不是文本",
    ),
    spoilt(
        POLICY_FILE,
        '["reviewer", "approver"]',
        '["reviewer", 2]',
        "`approvals` must be a list of strings and tables, not other values",
        "“approvals”应为由文本和表组成的列表，而不是其他值",
    ),
    spoilt(
        POLICY_FILE,
        "minimum = 100.50",
        "minimum = 100.505",
        "`minimum` must be yuan with at most two decimals, not below 0, not 100.505",
        "“minimum”应为不低于 0、最多两位小数的元数，而不是 100.505",
    ),
    spoilt(
        POLICY_FILE,
        "minimum = 100.50",
        "minimum = -1",
        "`minimum` must be yuan with at most two decimals, not below 0, not -1",
        "“minimum”应为不低于 0、最多两位小数的元数，而不是 -1",
    ),
    spoilt(
        POLICY_FILE,
        "effective_to = 2025-12-31",
        "effective_to = 2024-12-31",
        "`effective_to` 2024-12-31 is before `effective_from` 2025-01-01",
        "effective_to 2024-12-31 早于 effective_from 2025-01-01",
    ),
    spoilt(
        POLICY_FILE,
        "effective_from = 2025-01-01",
        "effective_from = 2025-01-01T00:00:00",
        "`effective_from` must be a date, not a date with a time",
        "“effective_from”应为日期，而不是带时刻的日期",
    ),
    spoilt(
        POLICY_FILE,
        "effective_from = 2026-01-01",
        "effective_from = 2025-12-31",
        "version 2025-12-31 starts while version 2025-01-01 is still in force; end 2025-01-01 before 2025-12-31 begins",
        "版本 2025-12-31 生效时版本 2025-01-01 尚未失效；请先结束 2025-01-01",
    ),
    spoilt(
        POLICY_FILE,
        'id = "some-grant"',
        'id = "Some Grant"',
        "`Some Grant` cannot be a policy id: use lower-case letters, digits and hyphens",
        "“Some Grant”不能作政策编号：请用小写字母、数字和连字符",
    ),
    spoilt(
        POLICY_FILE,
        'id = "some-grant"',
        'id = "another-grant"',
        "`another-grant` is not the name of its file; name the file another-grant.toml",
        "“another-grant”与文件名不符；文件应为 another-grant.toml",
    ),
    spoilt(
        POLICY_FILE,
        "[[basis]]",
        "[basis]",
        "`basis` must be a list, not a table",
        "“basis”应为列表，而不是表",
    ),
    spoilt(
        POLICY_FILE,
        "[stacking]",
        "[[stacking]]",
        "`stacking` must be a table, not a list",
        "“stacking”应为表，而不是列表",
    ),
    spoilt(
        POLICY_FILE,
        POLICY[POLICY.index("[[version]]\neffective_from = 2026") :],
        '[[version]]\neffective_from = 2026-01-01\namount = "1"\n',
        "`condition` is missing; a version without a [[version.condition]] would match everybody",
        "缺少“condition”；没有条件的版本会匹配所有企业",
    ),
    spoilt(
        POLICY_FILE,
        POLICY[POLICY.index("[[version]]\neffective_from = 2026") :],
        '[[version]]\neffective_from = 2026-01-01\namount = "1"\ncondition = ["true"]\n',
        "`condition` must be tables `[[…]]`, not other values",
        "“condition”应为表 [[…]]，而不是其他值",
        at="condition = [",
    ),
    spoilt(
        POLICY_FILE,
        POLICY[POLICY.index("[[version]]") :],
        "",
        "`version` is missing; a policy has at least one [[version]]",
        "缺少“version”；政策至少要有一个 [[version]]",
        at="id =",
    ),
    spoilt(
        POLICY_FILE,
        'amount = "revenue * 0.01"',
        'amount = ""',
        "`amount` is missing; it is empty",
        "缺少“amount”；内容为空",
    ),
]

NAMES = [
    spoilt(
        PARAMETERS_FILE,
        PARAMETERS[PARAMETERS.index("[[closed_codes.value]]") :],
        "",
        "`value` is missing; give at least one dated value `[[….value]]`",
        "缺少“value”；请至少给出一个带日期的值",
        at="[closed_codes]",
    ),
    spoilt(
        FACTS_FILE,
        "unit =",
        "unitt =",
        "unknown key `unitt`; did you mean `unit`?",
        "未知的键“unitt”；是否想写“unit”？",
    ),
    spoilt(
        FACTS_FILE,
        'label = "员工人数"\ntype = "integer"',
        'label = "员工人数"\ntype = "int"',
        "`type` cannot be 'int', did you mean 'integer'?; it is one of integer, decimal, money, string, boolean, date, "
        "string_list",
        "“type”不能是“int”，是否想写“integer”？；可选：integer, decimal, money, string, boolean, date, string_list",
        at='type = "int"',
    ),
    spoilt(
        FACTS_FILE,
        'label = "员工人数"\n',
        "",
        "`label` is missing; it is required",
        "缺少“label”；此键必填",
        at="[employees]",
    ),
    spoilt(
        FACTS_FILE,
        "fresh_days = 400",
        "fresh_days = 0",
        "`fresh_days` must be at least 1, not 0",
        "“fresh_days”应为至少 1，而不是 0",
    ),
    spoilt(FACTS_FILE, "scale = 4", "scale = 10", "`scale` must be at most 9, not 10", "“scale”应为至多 9，而不是 10"),
    spoilt(
        FACTS_FILE,
        'sensitivity = "S"',
        'sensitivity = "R"',
        "`sensitivity` cannot be 'R'; it is one of P, I, S",
        "“sensitivity”不能是“R”；可选：P, I, S",
    ),
    spoilt(
        FACTS_FILE,
        "[founded]",
        "[Founded]",
        "`Founded` cannot be a name: use lower-case letters, digits and _, and no word of the language",
        "“Founded”不能作名称：请用小写字母、数字和下划线，且不与语言中的词相同",
    ),
    *(
        spoilt(
            FACTS_FILE,
            "[founded]",
            f"[{word}]",
            f"`{word}` cannot be a name: use lower-case letters, digits and _, and no word of the language",
            f"“{word}”不能作名称：请用小写字母、数字和下划线，且不与语言中的词相同",
        )
        for word in ("as_of", "uscc", "min", "on_list", "not", "null", "else", "elif", "while", "inf")
    ),
    spoilt(
        FACTS_FILE,
        "[founded]",
        "[revenue__observed]",
        "`revenue__observed` cannot be a name: it is the name of a column that a table of facts has anyway",
        "“revenue__observed”不能作名称：事实表中已有同名的列",
    ),
    spoilt(
        FACTS_FILE,
        "[founded]",
        "[loan_id]",
        "`loan_id` cannot be a name: it is the name of a column that a table of facts has anyway",
        "“loan_id”不能作名称：事实表中已有同名的列",
    ),
    spoilt(
        FACTS_FILE,
        'grain = "loan"',
        'grain = "../loan"',
        "`../loan` cannot be a name: use lower-case letters, digits and _, and no word of the language",
        "“../loan”不能作名称：请用小写字母、数字和下划线，且不与语言中的词相同",
    ),
    spoilt(
        PARAMETERS_FILE,
        "[target]",
        '[revenue]\nlabel = "某"\n[target]',
        "`revenue` is already defined in facts.toml:14; every name means one thing",
        "“revenue”已在 facts.toml:14 中定义；一个名称只能有一个含义",
        at="[revenue]",
    ),
    spoilt(
        PARAMETERS_FILE,
        'reference = "某文件第一条"',
        "",
        "`reference` is missing; it is required",
        "缺少“reference”；此键必填",
        at="[target]",
    ),
    spoilt(
        PARAMETERS_FILE,
        "value = 0.055",
        'value = "0.055"',
        "`value` must be a whole number or a number, not a string",
        "“value”应为整数或数字，而不是文本",
    ),
    spoilt(
        PARAMETERS_FILE,
        "effective_from = 2025-01-01",
        "effective_from = 2024-01-01",
        "`effective_from` 2024-01-01 comes twice or out of order; list dated values from the earliest to the latest",
        "effective_from 2024-01-01 重复或顺序不对；请按日期先后排列",
        at="effective_from = 2024-01-01\nvalue = 0.05\n",
    ),
    spoilt(
        PARAMETERS_FILE,
        "effective_from = 2024-01-01\n",
        "",
        "`effective_from` is missing; it is required",
        "缺少“effective_from”；此键必填",
        at="[[target.value]]",
    ),
    spoilt(
        PARAMETERS_FILE,
        "value = 0.055",
        "value = 0.055\nvalu = 1",
        "unknown key `valu`; did you mean `value`?",
        "未知的键“valu”；是否想写“value”？",
        at="valu = 1",
    ),
    spoilt(
        PARAMETERS_FILE,
        'rows = { "13" = 1000, "51" = 200 }',
        "rows = {}",
        '`rows` is missing; give rows = { "prefix" = value }',
        '缺少“rows”；请给出 rows = { "前缀" = 值 }',
        at="[[large_staff.value]]",
    ),
    spoilt(
        PARAMETERS_FILE,
        '"13" = 1000',
        '"13" = 1000.5',
        "`13` must be a whole number, not a number",
        "“13”应为整数，而不是数字",
    ),
    spoilt(
        PARAMETERS_FILE,
        '["16", "90"]',
        "[16]",
        "`value` must be a list of strings, not other values",
        "“value”应为文本列表，而不是其他值",
    ),
    spoilt(
        PARAMETERS_FILE,
        '["16", "90"]',
        '["16", ""]',
        "`value` must be a list of strings that are not empty, not one that is empty",
        "“value”应为非空文本的列表，而不是含空文本的列表",
    ),
    spoilt(
        PARAMETERS_FILE,
        'result = "integer"',
        'result = "table"',
        "`result` cannot be 'table'; it is one of decimal, money, integer, string, boolean, date",
        "“result”不能是“table”；可选：decimal, money, integer, string, boolean, date",
    ),
    spoilt(
        DEFINITIONS_FILE,
        'formula = "not',
        'formule = "x"\nformula = "not',
        "unknown key `formule`; did you mean `formula`?",
        "未知的键“formule”；是否想写“formula”？",
        at="formule",
    ),
    spoilt(
        DEFINITIONS_FILE,
        "employees >=",
        "employee >=",
        "fact `employee` is not in facts.toml, and no parameter or definition has that name; did you mean `employees`?",
        "facts.toml 中没有事实“employee”，也没有同名的参数或定义；是否想写“employees”？",
    ),
    spoilt(
        DEFINITIONS_FILE,
        "employees >= lookup(large_staff, industry)",
        "is_open",
        "definition `is_large` uses itself: is_large → is_open → is_large",
        "定义“is_large”引用了自身：is_large → is_open → is_large",
    ),
    spoilt(
        DEFINITIONS_FILE,
        "employees >= lookup(large_staff, industry)",
        "is_large",
        "definition `is_large` uses itself: is_large → is_large",
        "定义“is_large”引用了自身：is_large → is_large",
        at='formula = "is_large"',
    ),
]


def name_of(spoil: Spoilt) -> str:
    return f"{spoil.file.rpartition('/')[2]}: {spoil.new or 'without ' + spoil.old}: {spoil.english[:30]}"


@pytest.mark.parametrize("spoil", [*EXPRESSIONS, *POLICY_KEYS, *NAMES], ids=name_of)
def test_the_defect_is_named_at_its_line_in_both_languages(rules: RulesFolder, spoil: Spoilt) -> None:
    rules.spoil(spoil.file, spoil.old, spoil.new)
    place = f"{spoil.file}:{rules.line(spoil.file, spoil.at or spoil.new)}: "
    assert without_path(rules, rules.defects("en")) == [place + spoil.english]
    assert without_path(rules, rules.defects("zh")) == [place + spoil.chinese]


def without_path(rules: RulesFolder, defects: list[str]) -> list[str]:
    return [line.replace(f"{rules.path.as_posix()}/", "") for line in defects]


def all_below(kind: type[PolicyMatchError]) -> Iterator[type[PolicyMatchError]]:
    """Yield every class below a class of errors."""
    for child in kind.__subclasses__():
        yield child
        yield from all_below(child)


def test_every_defect_has_a_code_of_its_own_and_two_languages() -> None:
    kinds = [*all_below(ExpressionDefect), *all_below(FileDefect)]
    assert len({kind.code for kind in kinds}) == len(kinds) > 25
    assert all(kind.english != kind.chinese != PolicyMatchError.chinese for kind in kinds)


def test_the_repository_is_sound_before_it_is_spoilt(rules: RulesFolder) -> None:
    assert rules.defects() == []
