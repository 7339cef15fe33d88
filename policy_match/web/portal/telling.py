"""How the values of facts, parameters and definitions are told to people, by what they are and not by how they look.

Guarantees one form on every page: a code is never grouped like a number, a year carries no separator, days and periods
are written out, what rules write as a code of their own has its word, and what nobody knows is said to be unknown.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from policy_match.expressions.semantics import FactualValue, read_entry
from policy_match.facts.catalogue import NUMERIC, Fact, FactType
from policy_match.services.decision_json import plain_value
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.value_words import SHARE, UNITS, VALUES, YEAR

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YUAN = "元"


def value_in_words(value: object, fact: Fact | None, say: Saying) -> str:
    """Return a value of a fact, given as in a decision's record; without a fact a text stands as it is."""
    match value:
        case str() if fact is not None and fact.type in NUMERIC and value not in VALUES.get(fact.name, {}):
            return _quantity(value, _unit(fact), say)
        case str() if fact is not None and fact.type is FactType.DATE and ISO_DAY.fullmatch(value):
            return say.day(date.fromisoformat(value))
        case _:
            return _plain(value, "" if fact is None else fact.name, say)


def computed_in_words(value: object, say: Saying, *, is_text: bool) -> str:
    """Return what was computed from facts, given as in a decision's record; `is_text` says that it is no number."""
    if isinstance(value, str) and not is_text:
        if ISO_DAY.fullmatch(value):
            return say.day(date.fromisoformat(value))
        return grouped(value)
    return _plain(value, "", say)


def named_in_words(name: str, value: FactualValue | None, say: Saying) -> str:
    """Return the value of a parameter or definition."""
    match value:
        case Fraction():
            return grouped(plain_value(value))
        case date():
            return say.day(value)
        case _:
            return _plain(plain_value(value), name, say)


def money_in_words(yuan: str, say: Saying) -> str:
    """Return an amount of yuan, given as a text."""
    return _quantity(yuan, YUAN, say)


def grouped(number: str) -> str:
    """Return a number with separators; one that does not end is a fraction, and stays it."""
    if not NUMBER.fullmatch(number):
        return number
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, dot, rest = digits.partition(".")
    return f"{sign}{int(whole):,}{dot}{rest}"


def _plain(value: object, name: str, say: Saying) -> str:
    """Return what is neither a number nor a day."""
    match value:
        case None:
            return say("尚无数据", "not known")
        case bool():
            return say("是", "yes") if value else say("否", "no")
        case list():
            return say("、", ", ").join(_entry(str(each), name, say) for each in value) or say("无", "none")
        case _:
            return _word(str(value), name, say)


def _word(value: str, name: str, say: Saying) -> str:
    words = VALUES.get(name, {}).get(value)
    return value if words is None else say.words(words)


def _entry(text: str, name: str, say: Saying) -> str:
    """Return an entry of a list: its label, and the days on which it is in force where it names them."""
    entry = read_entry(text)
    if entry is None or entry.label == text:
        return _word(text, name, say)
    first, last = say.day(entry.in_force.first), entry.in_force.last
    days = say(f"{first}起", f"since {first}")
    if last is not None:
        days = say(f"{first} 至 {say.day(last)}", f"{first} to {say.day(last)}")
    return days if entry.label is None else f"{_word(entry.label, name, say)} {days}"


def _unit(fact: Fact) -> str:
    return YUAN if fact.type is FactType.MONEY else fact.unit


FORMS: dict[str, Callable[[str, Saying], str]] = {
    YEAR: lambda number, say: say(f"{number}年", number),
    SHARE: lambda number, _: f"{grouped(format((Decimal(number) * 100).normalize(), 'f'))}%",
}
"""How numbers are written whose unit is not a word behind them."""


def _quantity(number: str, unit: str, say: Saying) -> str:
    """Return a number with its unit."""
    if unit in FORMS and NUMBER.fullmatch(number):
        return FORMS[unit](number, say)
    whole, dot, rest = number.partition(".")
    if unit == YUAN and dot:
        number = f"{whole}.{rest.ljust(2, '0')}"
    english = UNITS.get(unit)
    if english is not None:
        unit = say(unit, english.one if number == "1" else english.many)
    return f"{grouped(number)} {unit}".rstrip()
