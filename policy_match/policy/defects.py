"""What can be wrong with a rules repository; each defect has its own class, code and message.

Guarantees `FILE:LINE: message` with the nearest known word. A defect inside an expression keeps the message of
`expressions.defects`.
"""

from collections.abc import Iterable, Sequence

from policy_match.errors import InputError, Language, PolicyMatchError, RulesError
from policy_match.expressions.defects import nearest

Said = tuple[str, str]
"""The same words in English and in Chinese."""


class FileDefect(InputError):
    """Base: a rules file cannot be used as it is."""

    code = "rules.file"


class UnreadableFile(FileDefect):
    """The file cannot be read as text."""

    code = "rules.unreadable"
    english = "cannot be read: {detail}"
    chinese = "无法读取：{detail_zh}"


class NotToml(FileDefect):
    """The text is not TOML."""

    code = "rules.toml"
    english = "not valid TOML: {detail}"
    chinese = "不是合法的 TOML:{detail}"


class UnknownKey(FileDefect):
    """A key that the format does not have."""

    code = "rules.unknown-key"
    english = "unknown key `{key}`{hint}"
    chinese = "未知的键“{key}”{hint_zh}"

    def __init__(self, key: str, known: Iterable[str]) -> None:
        words = sorted(known)
        near = nearest(key, words)
        super().__init__(
            key=key,
            hint=f"; did you mean `{near}`?" if near else f"; known keys are {', '.join(words)}",
            hint_zh=f"；是否想写“{near}”？" if near else f"；可用的键：{', '.join(words)}",
        )


class MissingKey(FileDefect):
    """A required key is absent."""

    code = "rules.missing-key"
    english = "`{key}` is missing; {about}"
    chinese = "缺少“{key}”；{about_zh}"

    def __init__(self, key: str, about: str = "it is required", about_zh: str = "此键必填") -> None:
        super().__init__(key=key, about=about, about_zh=about_zh)


class MissingArticle(FileDefect):
    """A condition that names no article has no legal basis."""

    code = "rules.missing-article"
    english = "condition `{id}` has no `article`; name the article of the document that asks for it"
    chinese = "条件“{id}”没有 article；请写明依据文件的条款"


class WrongType(FileDefect):
    """A value has the wrong TOML type."""

    code = "rules.wrong-type"
    english = "`{key}` must be {expected}, not {found}"
    chinese = "“{key}”应为{expected_zh}，而不是{found_zh}"

    def __init__(self, key: str, expected: Said, found: Said) -> None:
        super().__init__(key=key, expected=expected[0], found=found[0], expected_zh=expected[1], found_zh=found[1])


class NotOneOf(FileDefect):
    """A word outside its list."""

    code = "rules.not-one-of"
    english = "`{key}` cannot be '{value}'{hint}; it is one of {choices}"
    chinese = "“{key}”不能是“{value}”{hint_zh}；可选：{choices}"

    def __init__(self, key: str, value: str, choices: Sequence[str]) -> None:
        near = nearest(value, choices)
        super().__init__(
            key=key,
            value=value,
            choices=", ".join(choices),
            hint=f", did you mean '{near}'?" if near else "",
            hint_zh=f"，是否想写“{near}”？" if near else "",
        )


class DuplicateName(FileDefect):
    """One name is given to two things."""

    code = "rules.duplicate"
    english = "`{name}` is already defined in {other}; every name means one thing"
    chinese = "“{name}”已在{other_zh}中定义；一个名称只能有一个含义"

    def __init__(self, name: str, other: str, other_zh: str | None = None) -> None:
        super().__init__(name=name, other=other, other_zh=f" {other} " if other_zh is None else other_zh)


class OverlappingVersions(FileDefect):
    """Two versions of one policy are in force on one day."""

    code = "rules.overlap"
    english = "version {later} starts while version {earlier} is still in force; end {earlier} before {later} begins"
    chinese = "版本 {later} 生效时版本 {earlier} 尚未失效；请先结束 {earlier}"


class BackwardsPeriod(FileDefect):
    """A version ends before it begins."""

    code = "rules.backwards"
    english = "`effective_to` {last} is before `effective_from` {first}"
    chinese = "effective_to {last} 早于 effective_from {first}"


class UndatedOrder(FileDefect):
    """The dated values of a parameter do not rise."""

    code = "rules.dated-order"
    english = "`effective_from` {day} comes twice or out of order; list dated values from the earliest to the latest"
    chinese = "effective_from {day} 重复或顺序不对；请按日期先后排列"


class WrongName(FileDefect):
    """The policy's id and its file name differ, or a name has letters that an expression cannot hold."""

    code = "rules.name"
    english = "`{name}` {problem}"
    chinese = "“{name}”{problem_zh}"


class CyclicDefinition(FileDefect):
    """A definition uses itself."""

    code = "rules.cycle"
    english = "definition `{name}` uses itself: {path}"
    chinese = "定义“{name}”引用了自身：{path}"


class WrongGrain(FileDefect):
    """A policy reads a fact of a record table that it does not decide on."""

    code = "rules.grain"
    english = (
        'fact `{fact}` belongs to {fact_grain} records, but this policy decides per {grain}; set `per = "{fact_grain}"`'
    )
    chinese = '事实“{fact}”属于 {fact_grain} 记录，而本政策按 {grain} 判定；请设 per = "{fact_grain}"'


class WrongResult(FileDefect):
    """An expression gives the wrong type for its place."""

    code = "rules.result-type"
    english = "`{key}` must give a {expected}, but it gives a {found}"
    chinese = "“{key}”的结果应为{expected_zh}，实际为{found_zh}"


class NeverKnown(FileDefect):
    """A part of an expression that reads no fact cannot be calculated, so nobody could ever be decided by it."""

    code = "rules.never-known"
    english = "{what} has no value on {day}, when the version begins; date its values from then on, or begin later"
    chinese = "版本生效日 {day} 时{what_zh}没有值；请补充该日起的取值，或推迟版本生效日"


class SharesNotOne(FileDefect):
    """Shares of a whole do not make the whole."""

    code = "rules.shares"
    english = "the shares of all [[{key}]] add up to {total}; make them add up to exactly 1"
    chinese = "所有 [[{key}]] 的 share 之和为 {total}；请使其恰好等于 1"


class InstalmentOrder(FileDefect):
    """Instalments do not follow each other in time."""

    code = "rules.instalment-order"
    english = "an instalment after {months} months does not come after the one before it; list them by rising `months`"
    chinese = "{months} 个月后的一期不晚于前一期；请按 months 递增排列"


class PayeeWithoutDelivery(FileDefect):
    """Somebody is paid who does not deliver the benefit."""

    code = "rules.payee"
    english = "`payee` '{payee}' needs `delivery` '{needed}', but it is '{delivery}'; change one of the two"
    chinese = "payee 为“{payee}”时 delivery 应为“{needed}”，现为“{delivery}”；请修改其一"


class CommitmentUnasked(FileDefect):
    """A letter is wanted from firms that are not asked, or whose silence is taken for a yes."""

    code = "rules.commitment"
    english = (
        "`commitment` needs `delivery` 'confirm' or 'list_then_collect' and `silence` 'waived', not '{delivery}' and"
        " '{silence}': nobody signs by silence"
    )
    chinese = (
        "commitment 须与 delivery 为“confirm”或“list_then_collect”且 silence 为“waived”同用，"
        "现为“{delivery}”和“{silence}”：沉默不能视为签署"
    )


class NotMoneyFact(FileDefect):
    """Retained tax is not an amount of the firm."""

    code = "rules.money-fact"
    english = "`{fact}` is not a money fact of the firm in facts.toml{hint}"
    chinese = "“{fact}”不是 facts.toml 中企业的金额类事实{hint_zh}"

    def __init__(self, fact: str, known: Iterable[str]) -> None:
        near = nearest(fact, sorted(known))
        super().__init__(
            fact=fact,
            hint=f"; did you mean `{near}`?" if near else "",
            hint_zh=f"；是否想写“{near}”？" if near else "",
        )


class NeverPaid(FileDefect):
    """A limit below the minimum payout: nobody would ever be paid."""

    code = "rules.never-paid"
    english = "`{limit}` is below `minimum_payout`, so nothing would ever be paid; change one of the two"
    chinese = "{limit} 低于 minimum_payout，永远不会发放；请修改其一"


class NotTheSame(FileDefect):
    """Policies that share something say different things about it."""

    code = "rules.not-the-same"
    english = "`{key}` of '{name}' is {here} here but {there} in policy {other}; it must be the same in all"
    chinese = "“{name}”的 {key} 在此为 {here}，在政策 {other} 中为 {there}；各处必须一致"


class NoRules(FileDefect):
    """The folder has no rules."""

    code = "rules.none"
    english = "no {what} here; a rules repository has facts.toml and at least one policy"
    chinese = "这里没有{what_zh}；规则库需有 facts.toml 和至少一项政策"


class MissingOutcome(FileDefect):
    """A policy has no case for an outcome."""

    code = "rules.missing-outcome"
    english = "no case with outcome '{outcome}'; every policy shows a firm that is {outcome}"
    chinese = "没有 outcome 为“{outcome}”的用例；每项政策须有该结果的示例"


class NoCases(FileDefect):
    """A policy has no cases file."""

    code = "rules.no-cases"
    english = "there is no {file}; write cases for eligible, ineligible and undetermined firms"
    chinese = "缺少 {file}；请为符合、不符合、无法判定各写用例"


class RuleDefect(PolicyMatchError):
    """A defect at its place; its message is `FILE:LINE: message`."""

    code = "rules.defect"

    def __init__(self, path: str, line: int, error: PolicyMatchError) -> None:
        self.path = path
        self.line = line
        self.error = error
        super().__init__(path=path, line=line)

    def message(self, language: Language) -> str:
        """Return `FILE:LINE: message`."""
        return f"{self.path}:{self.line}: {self.error.message(language)}"


class RulesDefective(RulesError):
    """The repository has defects; `defects` holds them all, in the order of files and lines."""

    code = "rules.defective"

    def __init__(self, defects: Sequence[RuleDefect]) -> None:
        self.defects = tuple(sorted(defects, key=lambda defect: (defect.path, defect.line)))
        super().__init__(count=len(self.defects))

    def message(self, language: Language) -> str:
        """Return every defect on a line of its own."""
        return "\n".join(defect.message(language) for defect in self.defects)
