"""Formulas as a firm reads them: the labels of facts and parameters, the signs of a school book, conditions in words.

Guarantees that brackets stand where the sum needs them. What a formula means, and its exact text, are the rule's.
"""

from collections.abc import Mapping

from policy_match.expressions.defects import ExpressionDefect
from policy_match.expressions.parser import read
from policy_match.expressions.syntax import (
    CallOf,
    Constant,
    DayText,
    Infix,
    ListOf,
    Membership,
    Name,
    NumberText,
    Prefix,
    SliceOf,
    Syntax,
    Ternary,
)
from policy_match.web.portal.saying import Saying

SIGNS: Mapping[str, str] = {"*": "×", "/": "÷", "-": "−", "==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "**": "^"}
"""The signs that differ from those of a rule."""

LOOSE, ATOM = 0, 9
BINDING: Mapping[str, int] = {
    "or": 1,
    "and": 2,
    "==": 4,
    "!=": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "//": 6,
    "%": 6,
    "**": 8,
}
"""How tightly the operands of an operator hold together; a conditional holds loosest."""
SIGN = 7
"""The same of a negation."""


def in_words(formula: str, labels: Mapping[str, str], say: Saying) -> str:
    """Return a formula for people; one that cannot be read any more stands as it is written."""
    try:
        told = _Formula(labels, say).told(read(formula))
    except ExpressionDefect:
        return formula
    return told.replace(" （", "（").replace("） ", "）")


class _Formula:
    """Writes the parts of one formula."""

    def __init__(self, labels: Mapping[str, str], say: Saying) -> None:
        self.labels = labels
        self.say = say

    def told(self, form: Syntax) -> str:
        """Return a part without brackets around it."""
        match form:
            case Ternary(condition, when_true, when_false):
                when, then, other = self.truth(condition), self.inner(when_true, LOOSE), self.told(when_false)
                return self.say(f"若{when}，则{then}，否则{other}", f"if {when} then {then}, otherwise {other}")
            case Infix("and" | "or"):
                return self.truth(form)
            case Infix(operator, left, right):
                binding = BINDING[operator]
                sign = SIGNS.get(operator, operator)
                return f"{self.inner(left, binding - 1)} {sign} {self.inner(right, binding)}"
            case Membership(item, container):
                return self.say(
                    f"{self.told(item)} 属于 {self.told(container)}", f"{self.told(item)} is in {self.told(container)}"
                )
            case Prefix("not"):
                return self.truth(form)
            case Prefix(_, operand):
                return f"−{self.inner(operand, SIGN)}"
            case _:
                return self.atom(form)

    def atom(self, form: Syntax) -> str:
        """Return what needs no brackets: a name, a constant, a call, a list."""
        match form:
            case Name(name):
                return self.labels.get(name, name)
            case NumberText(text) | DayText(text):
                return text
            case Constant(bool() as value):
                return self.say("是", "yes") if value else self.say("否", "no")
            case Constant(value):
                return f"“{value}”"
            case CallOf(function, arguments):
                return f"{self.told(function)}{self.bracketed(self.joined(arguments))}"
            case ListOf(members):
                return f"[{self.joined(members)}]"
            case SliceOf(text, start, stop):
                ends = ("" if end is None else self.told(end) for end in (start, stop))
                return f"{self.told(text)}[{':'.join(ends)}]"
            case _:
                return self.say("未知", "unknown")

    def truth(self, form: Syntax) -> str:
        """Return a part that is true or false, as a sentence says it."""
        say = self.say
        match form:
            case Infix("and" | "or" as operator, left, right):
                word = say(*{"and": ("且", " and "), "or": ("或", " or ")}[operator])
                sides = (
                    self.truth(side) if _binding(side) >= BINDING[operator] else self.whole(side)
                    for side in (left, right)
                )
                return word.join(sides)
            case Prefix("not", Name() | CallOf() as operand):
                return say(f"“{self.told(operand)}”不成立", f"“{self.told(operand)}” does not hold")
            case Prefix("not", operand):
                return say(f"并非{self.whole(operand)}", f"not {self.whole(operand)}")
            case Name() | CallOf():
                return say(f"“{self.told(form)}”成立", f"“{self.told(form)}” holds")
            case Ternary():
                return self.bracketed(self.told(form))
            case _:
                return self.told(form)

    def whole(self, form: Syntax) -> str:
        """Return a truth in brackets."""
        return self.bracketed(self.truth(form))

    def inner(self, form: Syntax, around: int) -> str:
        """Return an operand, in brackets unless it binds tighter than what stands around it."""
        text = self.told(form)
        return text if _binding(form) > around else self.bracketed(text)

    def joined(self, forms: tuple[Syntax, ...]) -> str:
        """Return the members of a list, or the arguments of a function."""
        return self.say("，", ", ").join(self.inner(each, LOOSE) for each in forms)

    def bracketed(self, text: str) -> str:
        """Return a part in the brackets of the language."""
        return self.say(f"（{text}）", f"({text})")


def _binding(form: Syntax) -> int:
    match form:
        case Ternary():
            return LOOSE
        case Infix(operator):
            return BINDING[operator]
        case Membership():
            return BINDING["=="]
        case Prefix(operator):
            return BINDING["=="] if operator == "not" else SIGN
        case _:
            return ATOM
