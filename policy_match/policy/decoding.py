"""Rules read back from their canonical text, so that a decision can be made again when their files are long gone.

Guarantees that what comes back is equal to what was written, and that a text which says anything else is refused, never
read as far as it goes. Follows the types of the model's fields, so a new dataclass or field needs no code here.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import rfc8785

from policy_match.errors import InputError
from policy_match.expressions import nodes
from policy_match.expressions.nodes import Node
from policy_match.facts.catalogue import Fact, FactCatalogue
from policy_match.policy.fingerprint import FORMAT, KIND, NOT_KEPT, digest, plain
from policy_match.policy.model import ParameterSource, Policy, PolicyVersion
from policy_match.values import Digest, FactName, Money

MAX_BYTES = 64_000_000
"""No text of rules is larger: a version has at most some thousands of nodes, each with the values of a parameter."""

MOST_SHOWN = 60
"""How many characters of a wrong value a message shows."""

NODE_CLASSES: tuple[type, ...] = tuple(
    found for found in vars(nodes).values() if isinstance(found, type) and issubclass(found, Node) and found is not Node
)
"""What may stand where the model says `Node`."""

SCALARS: Mapping[str, tuple[type, re.Pattern[str], Callable[[str], Any]]] = {
    "decimal": (Decimal, re.compile(r"-?\d+(\.\d+)?", re.ASCII), Decimal),
    "date": (date, re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), date.fromisoformat),
    "integer": (int, re.compile(r"-?\d+", re.ASCII), int),
    "money_fen": (Money, re.compile(r"-?\d+", re.ASCII), lambda text: Money(int(text))),
}
"""Values written as an object with one string: under which key, of which type, in which form, and how it is read."""


class OtherFormat(InputError):
    """A text of rules in a form that this program does not know."""

    code = "rules.other-format"
    english = (
        "the kept text of the rules has format {found}, and this program reads format {known}; "
        "use the release that wrote it, or a later one"
    )
    chinese = "保存的规则文本格式为 {found}，本程序可读格式 {known}；请使用写入该文本的版本或更新的版本"


class UnreadableRules(InputError):
    """A text of rules that is not one, or that another release wrote."""

    code = "rules.unreadable-text"
    english = (
        "the kept text of the rules cannot be read at {place}: {problem}; "
        "compare it with its fingerprint, or use the release that wrote it"
    )
    chinese = "保存的规则文本在 {place} 处无法读取：{problem_zh}；请核对其指纹，或使用写入该文本的版本"

    def __init__(self, place: str, problem: str, problem_zh: str) -> None:
        super().__init__(place=place or "$", problem=problem, problem_zh=problem_zh)


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesText:
    """A whole repository as its canonical text has it: facts and versions by fingerprint, sources by name."""

    facts: Digest
    sources: Mapping[str, ParameterSource]
    versions: tuple[Digest, ...]


def decode_version(text: bytes) -> tuple[Policy, PolicyVersion]:
    """Return the policy and its one version of `fingerprint.canonical_version`, with the fingerprint of the text.

    The policy has no other version, and neither path nor lines. Raises `OtherFormat` or `UnreadableRules`.
    """
    found = _read(text, "policy", "version")
    version: PolicyVersion = replace(_decode(PolicyVersion, found["version"], "version"), fingerprint=digest(text))
    policy: Policy = replace(_decode(Policy, found["policy"], "policy"), versions=(version,))
    return policy, version


def decode_catalogue(text: bytes) -> FactCatalogue:
    """Return the facts of `fingerprint.canonical_catalogue` by name. Raises `OtherFormat` or `UnreadableRules`."""
    found = _by_name(Fact, _read(text, "facts")["facts"], "facts")
    return FactCatalogue({FactName(name): fact for name, fact in found.items()})


def decode_rules(text: bytes) -> RulesText:
    """Return what `fingerprint.canonical_rules` says. Raises `OtherFormat` or `UnreadableRules`."""
    found = _read(text, "facts", "sources", "versions")
    return RulesText(
        facts=_decode(Digest, found["facts"], "facts"),
        sources=_by_name(ParameterSource, found["sources"], "sources"),
        versions=_decode(tuple[Digest, ...], found["versions"], "versions"),
    )


def _read(text: bytes, *keys: str) -> Mapping[str, Any]:
    """Return the object in `text`, which has these keys and the format."""
    if len(text) > MAX_BYTES:
        raise UnreadableRules("", f"it is larger than {MAX_BYTES} bytes", f"超过 {MAX_BYTES} 字节")
    try:
        data = json.loads(text)
        same = rfc8785.dumps(data) == text
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        data, same = None, False
    if isinstance(data, dict):
        found = data.get("format", "—")
        if type(found) is not int or found != FORMAT:
            raise OtherFormat(found=str(found)[:MOST_SHOWN], known=FORMAT)
    if not same or not isinstance(data, dict):
        raise UnreadableRules("", "it is not an object in canonical JSON (RFC 8785)", "不是规范 JSON（RFC 8785）对象")
    _check_keys(data, {"format", *keys}, {"format", *keys}, "")
    return data


def _by_name(kind: type, data: Any, place: str) -> Mapping[str, Any]:
    """Return dataclasses of one kind, each under its own name."""
    if not isinstance(data, dict):
        raise _other_value(place, data)
    found = {name: _decode(kind, item, f"{place}.{name}") for name, item in data.items()}
    for name, item in found.items():
        if item.name != name:
            raise UnreadableRules(f"{place}.{name}", f"it holds `{item.name}`", f"内容属于“{item.name}”")
    return found


def _decode(hint: Any, data: Any, place: str) -> Any:
    """Return the value that `data` holds of the type that a field has.

    It takes few frames for each level of an expression: the deepest has a hundred, and Python stops at a thousand.
    """
    option = _option(hint, data, place)
    match data:
        case list():
            return _tuple(get_args(option), data, place)
        case {"kind": _}:
            return _dataclass(option, data, place)
        case dict():
            return _scalar(data, place)
        case str() if option is not str:
            return option(data)
        case _:
            return data


def _option(hint: Any, data: Any, place: str) -> Any:
    """Return which of the types that a hint allows `data` is written as."""
    for option in _options(hint):
        if _is_written_as(option, data):
            return option
    raise _other_value(place, data)


@cache
def _options(hint: Any) -> tuple[Any, ...]:
    """Return the types that a hint allows, one by one."""
    if isinstance(hint, NewType):
        return _options(hint.__supertype__)
    if get_origin(hint) in (Union, UnionType):
        return tuple(option for each in get_args(hint) for option in _options(each))
    return NODE_CLASSES if hint is Node else (hint,)


def _is_written_as(option: Any, data: Any) -> bool:
    """Return whether `data` looks like a value of the type; what is inside is not looked at."""
    match data:
        case str() if isinstance(option, type) and issubclass(option, StrEnum):
            return data in [word.value for word in option]
        case None | bool() | int() | str():
            return type(data) is option
        case list():
            return get_origin(option) is tuple
        case {"kind": str(kind)}:
            return is_dataclass(option) and option is not Money and getattr(option, "__name__", "") == kind
        case dict() if len(data) == 1:
            (key,) = data
            return key in SCALARS and SCALARS[key][0] is option
        case _:
            return False


def _scalar(data: Mapping[str, Any], place: str) -> Any:
    """Return the value of an object with one string. Another way to write the same value is refused."""
    ((key, text),) = data.items()
    _, form, read = SCALARS[key]
    try:
        value = read(text) if isinstance(text, str) and form.fullmatch(text) else None
    except ValueError:
        value = None
    if value is None or plain(value) != data:
        raise _other_value(place, data)
    return value


def _tuple(items: tuple[Any, ...], data: list[Any], place: str) -> tuple[Any, ...]:
    hints = [items[0]] * len(data) if items[-1] is Ellipsis else items
    if len(hints) != len(data):
        raise UnreadableRules(place, f"{len(data)} values instead of {len(hints)}", f"应有 {len(hints)} 个值")
    values = []
    for at, hint in enumerate(hints):
        values.append(_decode(hint, data[at], f"{place}[{at}]"))
    return tuple(values)


def _dataclass(kind: type, data: Mapping[str, Any], place: str) -> Any:
    """Return the dataclass. A field that the text does not have is younger than the text, and has its default."""
    hints, needed = _fields(kind)
    _check_keys(data, {KIND, *hints}, {KIND, *needed}, place)
    found = {}
    for name, hint in hints.items():
        if name in data:
            found[name] = _decode(hint, data[name], f"{place}.{name}")
    return kind(**NOT_KEPT.get(kind, {}), **found)


@cache
def _fields(kind: Any) -> tuple[Mapping[str, Any], frozenset[str]]:
    """Return the types of the fields that a text has, and the names of those without a default."""
    kept = [field for field in fields(kind) if field.name not in NOT_KEPT.get(kind, {})]
    hints = get_type_hints(kind)
    needed = [field.name for field in kept if field.default is MISSING and field.default_factory is MISSING]
    return {field.name: hints[field.name] for field in kept}, frozenset(needed)


def _check_keys(data: Mapping[str, Any], known: set[str], needed: set[str], place: str) -> None:
    for key in sorted(data.keys() - known):
        raise UnreadableRules(place, f"`{key}` is not known here", f"此处没有“{key}”")
    for key in sorted(needed - data.keys()):
        raise UnreadableRules(place, f"`{key}` is missing", f"缺少“{key}”")


def _other_value(place: str, data: Any) -> UnreadableRules:
    shown = f"kind {data['kind']}" if isinstance(data, dict) and KIND in data else json.dumps(data)
    shown = shown[:MOST_SHOWN]
    return UnreadableRules(place, f"{shown} has no meaning here", f"此处不能是 {shown}")
