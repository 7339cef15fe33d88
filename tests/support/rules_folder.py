"""A small rules repository on disk that a test may spoil, and the defects that are then found.

Guarantees that the repository is sound before it is spoilt. Everything in it is invented.
"""

from collections.abc import Callable
from pathlib import Path

from policy_match.errors import Language
from policy_match.policy.defects import RulesDefective
from policy_match.policy.loader import load_rules

FACTS = """\
[employees]
label = "员工人数"
type = "integer"
unit = "人"
minimum = 0

[growth_rate]
label = "增速"
type = "decimal"
scale = 4
minimum = -1
maximum = 10.5

[revenue]
label = "营业收入"
label_en = "Revenue"
type = "money"
source = "税务局"
fresh_days = 400
sensitivity = "S"

[size_class]
label = "规模"
type = "string"
values = ["large", "small"]

[industry]
label = "行业代码"
type = "string"

[founded]
label = "成立日期"
type = "date"

[arrears]
label = "欠费"
type = "boolean"

[titles]
label = "称号"
type = "string_list"

[loan_principal]
label = "贷款本金"
type = "money"
grain = "loan"
"""

PARAMETERS = """\
[target]
label = "控制目标"
type = "decimal"
reference = "某文件第一条"
[[target.value]]
effective_from = 2024-01-01
value = 0.055
[[target.value]]
effective_from = 2025-01-01
value = 0.05

[large_staff]
label = "大型企业人数"
type = "table"
result = "integer"
reference = "某办法"
[[large_staff.value]]
effective_from = 2018-01-01
rows = { "13" = 1000, "51" = 200 }

[closed_codes]
label = "限制行业"
type = "code_list"
reference = "某目录"
[[closed_codes.value]]
effective_from = 2018-01-01
value = ["16", "90"]
"""

DEFINITIONS = """\
[is_large]
label = "大型企业"
reference = "某办法第二条"
formula = "employees >= lookup(large_staff, industry)"

[is_open]
label = "可支持行业"
reference = "某目录"
formula = "not has_prefix(industry, closed_codes) and not is_large"
"""

POLICY = """\
id = "some-grant"
title = "某项补贴"
title_en = "Some grant"
department = "某局"
jurisdiction = "370200"
benefit = "grant"
delivery = "confirm"
period = "year"
encoding_grade = "A"

[[basis]]
document = "某通知"
number = "某发〔2025〕1号"

[stacking]
group = "some-group"
rule = "highest"

[budget]
fund = "some-fund"
allocation = "pro_rata"

[process]
confirm_days = 10
silence = "accepted"
publicity_days = 5
approvals = ["reviewer", "approver"]

[[version]]
effective_from = 2025-01-01
effective_to = 2025-12-31
amount = "revenue * 0.01"
cap = 50000
minimum = 100.50
  [[version.condition]]
  id = "open"
  text = "行业可支持"
  text_en = "Open industry"
  article = "一"
  when = "is_open"
  [[version.condition]]
  id = "growth"
  text = "增速不低于控制目标"
  article = "二"
  when = "growth_rate >= target"

[[version]]
effective_from = 2026-01-01
amount = "revenue * 0.02"
cap = "employees * 1000"
  [[version.condition]]
  id = "open"
  text = "行业可支持"
  article = "一"
  when = "is_open"
"""

CASES = """\
[base]
employees = 100
industry = "1310"
growth_rate = 0.05
revenue = 1_000_000

[[case]]
name = "符合"
as_of = 2025-06-30
outcome = "eligible"
amount = 10000.00

[[case]]
name = "增速不足"
as_of = 2025-06-30
outcome = "ineligible"
  [case.facts]
  growth_rate = 0.0499

[[case]]
name = "行业未知"
as_of = 2025-06-30
outcome = "undetermined"
missing = ["industry"]
unknown = ["industry"]

[[case]]
name = "施行前"
as_of = 2024-12-31
outcome = "not_in_force"
"""

FACTS_FILE = "facts.toml"
PARAMETERS_FILE = "parameters/some.toml"
DEFINITIONS_FILE = "definitions/some.toml"
POLICY_FILE = "370200/some/some-grant.toml"
CASES_FILE = "370200/some/some-grant.cases.toml"

SOUND = {
    FACTS_FILE: FACTS,
    PARAMETERS_FILE: PARAMETERS,
    DEFINITIONS_FILE: DEFINITIONS,
    POLICY_FILE: POLICY,
    CASES_FILE: CASES,
}


class RulesFolder:
    """A sound repository under `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for file, text in SOUND.items():
            self.write(file, text)

    def write(self, file: str, text: str) -> Path:
        """Put a file there, in place of an older one."""
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def read(self, file: str) -> str:
        """Return the text of a file."""
        return (self.path / file).read_text(encoding="utf-8")

    def spoil(self, file: str, old: str, new: str) -> None:
        """Replace the first `old` by `new`."""
        text = self.read(file)
        assert old in text, f"{file} has no {old!r}"
        self.write(file, text.replace(old, new, 1))

    def line(self, file: str, words: str) -> int:
        """Return the line, from 1, on which `words` first stands."""
        text = self.read(file)
        assert words in text, f"{file} has no {words!r}"
        return text[: text.index(words)].count("\n") + 1

    def defects(self, language: Language = "en", load: Callable[[Path], object] = load_rules) -> list[str]:
        """Return every defect as `FILE:LINE: message`, the file relative to the repository."""
        try:
            load(self.path)
        except RulesDefective as defective:
            prefix = f"{self.path.as_posix()}/"
            return [line.removeprefix(prefix) for line in defective.message(language).splitlines()]
        return []
