"""A TOML file with the line of every key, so that a defect names the place where it is written.

Guarantees that the values are those of `tomllib` (numbers with a point as exact decimals). The lines come from the
tree-sitter grammar for TOML, because `tomllib` keeps none.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import tree_sitter
import tree_sitter_toml

from policy_match.policy.defects import NotToml, RuleDefect, UnreadableFile

Key = tuple[str | int, ...]
"""The way to a value: table names, indexes of arrays of tables, and the key itself."""

MAX_BYTES = 4_000_000
LINE_IN_MESSAGE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class TomlDocument:
    """One file: its data, and the line (from 1) of each key and table."""

    path: str
    data: dict[str, Any]
    lines: Mapping[Key, int]
    text: str

    def line(self, key: Key) -> int:
        """Return the line of `key` (of the first table of an array), or of the nearest table around it."""
        while key:
            for place in (key, (*key, 0)):
                if place in self.lines:
                    return self.lines[place]
            key = key[:-1]
        return 1


def too_large() -> UnreadableFile:
    """Return the defect of a file beyond the limit."""
    return UnreadableFile(detail=f"larger than {MAX_BYTES} bytes", detail_zh=f"超过 {MAX_BYTES} 字节")


def not_utf_8() -> UnreadableFile:
    """Return the defect of a file in another encoding."""
    return UnreadableFile(detail="not UTF-8; save the file as UTF-8", detail_zh="不是 UTF-8 编码；请另存为 UTF-8")


def read_toml(path: Path, shown: str) -> TomlDocument:
    """Return the document at `path`, named `shown` in messages. Raises `RuleDefect`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RuleDefect(shown, 1, too_large())
        source = path.read_bytes()
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise RuleDefect(shown, line, not_utf_8()) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise RuleDefect(shown, 1, UnreadableFile(detail=reason, detail_zh=reason)) from None
    try:
        data = tomllib.loads(text, parse_float=Decimal)
        lines = _lines(text)
    except tomllib.TOMLDecodeError as error:
        found = LINE_IN_MESSAGE.search(str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        raise RuleDefect(shown, line, NotToml(detail=str(error))) from None
    except RecursionError:
        raise RuleDefect(shown, 1, NotToml(detail="nested too deeply")) from None
    except (ValueError, ArithmeticError):
        # tomllib lets through what int() and Decimal() say of numbers with thousands of digits.
        raise RuleDefect(shown, 1, NotToml(detail="a number is too long")) from None
    return TomlDocument(path=shown, data=data, lines=lines, text=text)


def _lines(text: str) -> dict[Key, int]:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    for item in parser.parse(text.encode()).root_node.named_children:
        if item.type == "pair":
            _add_pair(item, (), lines)
        elif item.type in ("table", "table_array_element"):
            name = _resolve(_names(item.named_children[0]), counts, appended=item.type != "table")
            lines.setdefault(name, item.start_point.row + 1)
            for pair in item.named_children[1:]:
                if pair.type == "pair":
                    _add_pair(pair, name, lines)
    return lines


def _resolve(names: tuple[str, ...], counts: dict[Key, int], *, appended: bool) -> Key:
    """Return the key of a table header: an array of tables stands for its last element."""
    key: Key = ()
    for place, name in enumerate(names):
        key = (*key, name)
        if appended and place == len(names) - 1:
            counts[key] = counts.get(key, -1) + 1
        if key in counts:
            key = (*key, counts[key])
    return key


def _add_pair(pair: tree_sitter.Node, table: Key, lines: dict[Key, int]) -> None:
    key = (*table, *_names(pair.named_children[0]))
    lines[key] = pair.start_point.row + 1
    for value in pair.named_children[1:]:
        _add_value(value, key, lines)


def _add_value(value: tree_sitter.Node, key: Key, lines: dict[Key, int]) -> None:
    if value.type == "inline_table":
        for inner in value.named_children:
            if inner.type == "pair":
                _add_pair(inner, key, lines)
    elif value.type == "array":
        members = [member for member in value.named_children if member.type != "comment"]
        for place, member in enumerate(members):
            _add_value(member, (*key, place), lines)


def _names(key: tree_sitter.Node) -> tuple[str, ...]:
    if key.type == "dotted_key":
        return tuple(name for part in key.named_children for name in _names(part))
    text = (key.text or b"").decode()
    return (next(iter(tomllib.loads(f"{text} = 0"))) if key.type == "quoted_key" else text,)
