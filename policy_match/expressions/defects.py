"""What can be wrong with the text of an expression; each defect has its own class, code and message.

Guarantees one line in English and in Chinese that names the word at fault and what to write instead. The place
(file and line) is added by whoever read the text.
"""

import difflib
from collections.abc import Iterable

from policy_match.errors import InputError

SHOWN_TEXT = 80
"""How much of a text is repeated in a message."""


class ExpressionDefect(InputError):
    """Base: the text of a rule is not an expression of the language."""

    code = "expression"


class SyntaxDefect(ExpressionDefect):
    """The grammar does not know the text."""

    code = "expression.syntax"
    english = "`{text}` is not an expression: {detail}"
    chinese = "“{text}”不是合法的表达式：{detail_zh}"

    def __init__(self, text: str, detail: str, detail_zh: str | None = None) -> None:
        words = " ".join(text.split())
        super().__init__(
            text=words if len(words) <= SHOWN_TEXT else words[:SHOWN_TEXT] + "…",
            detail=detail,
            detail_zh=detail if detail_zh is None else detail_zh,
        )


class UnknownName(ExpressionDefect):
    """A name is neither fact, parameter nor definition."""

    code = "expression.unknown-name"
    english = "fact `{name}` is not in facts.toml, and no parameter or definition has that name{hint}"
    chinese = "facts.toml 中没有事实“{name}”，也没有同名的参数或定义{hint_zh}"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = nearest(name, known)
        super().__init__(
            name=name,
            hint=f"; did you mean `{near}`?" if near else "",
            hint_zh=f"；是否想写“{near}”？" if near else "",
        )


class UnknownFunction(ExpressionDefect):
    """A function is not in the language."""

    code = "expression.unknown-function"
    english = "there is no function `{name}`{hint}"
    chinese = "没有函数“{name}”{hint_zh}"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = nearest(name, known)
        super().__init__(
            name=name,
            hint=f"; did you mean `{near}`?" if near else "",
            hint_zh=f"；是否想写“{near}”？" if near else "",
        )


class ClockRefused(ExpressionDefect):
    """`$now` and `$today`: a decision must not depend on when it is computed."""

    code = "expression.clock"
    english = (
        "`${name}` reads the clock, so the decision could not be replayed; write `as_of`, the date of the decision"
    )
    chinese = "“${name}”读取时钟，决定将无法重放；请改用 as_of(决定所依据的日期)"


class RandomRefused(ExpressionDefect):
    """`$random`: a decision must not depend on chance."""

    code = "expression.random"
    english = "`$random` makes the decision depend on chance; a rule must give the same result every time"
    chinese = "“$random”使决定取决于随机；规则每次必须给出同样的结果"


class BuiltinRefused(ExpressionDefect):
    """Any other `$name` of rule-engine."""

    code = "expression.builtin"
    english = "`${name}` is not part of the language; functions are written without `$`{hint}"
    chinese = "“${name}”不属于本语言；函数不带“$”书写{hint_zh}"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = nearest(name, known)
        super().__init__(
            name=name,
            hint=f": did you mean `{near}`?" if near else "",
            hint_zh=f"：是否想写“{near}”？" if near else "",
        )


class FeatureRefused(ExpressionDefect):
    """Something that rule-engine's grammar has and this language refuses."""

    code = "expression.feature"
    english = "{what} is not part of the language; {instead}"
    chinese = "本语言不支持{what_zh}；{instead_zh}"


class TypeDefect(ExpressionDefect):
    """An operand has the wrong type."""

    code = "expression.type"
    english = "`{where}` needs {expected}, but {operand} is {found}"
    chinese = "“{where}”需要{expected_zh}，而{operand_zh}的类型是{found_zh}"


class NotAllowedValue(ExpressionDefect):
    """A fact is compared with a string that it can never hold."""

    code = "expression.value"
    english = "`{name}` is never '{value}'; its values are {values}"
    chinese = "“{name}”不会取值“{value}”；其取值为 {values}"


class ArgumentDefect(ExpressionDefect):
    """A call has too few, too many or unsuitable arguments."""

    code = "expression.argument"
    english = "`{function}`: {problem}"
    chinese = "“{function}”：{problem_zh}"

    @classmethod
    def of(cls, function: str, problem: str, problem_zh: str) -> "ArgumentDefect":
        """Return the defect of a call, or of a name used wrongly."""
        return cls(function=function, problem=problem, problem_zh=problem_zh)


class TooDeep(ExpressionDefect):
    """The expression nests deeper than any rule needs."""

    code = "expression.depth"
    english = "the expression nests more than {limit} levels deep; write parts of it as definitions"
    chinese = "表达式嵌套超过 {limit} 层；请把其中的部分写成定义"


class TooLarge(ExpressionDefect):
    """The expression, its definitions written out, has more parts than any rule needs."""

    code = "expression.size"
    english = "the expression has more than {limit} parts once its definitions are written out; make it simpler"
    chinese = "展开定义后，表达式超过 {limit} 个部分；请简化"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` most probably meant, if any is close."""
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
