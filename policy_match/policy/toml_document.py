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
        """Return the line of `key`, or of the nearest table around it."""
        while key:
            if key in self.lines:
                return self.lines[key]
            key = key[:-1]
        return 1


def read_toml(path: Path, shown: str) -> TomlDocument:
    """Return the document at `path`, named `shown` in messages. Raises `RuleDefect`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RuleDefect(shown, 1, UnreadableFile(detail=f"larger than {MAX_BYTES} bytes"))
        source = path.read_bytes()
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise RuleDefect(shown, line, UnreadableFile(detail="not UTF-8; save the file as UTF-8")) from None
    except OSError as error:
        raise RuleDefect(shown, 1, UnreadableFile(detail=error.strerror or str(error))) from None
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = LINE_IN_MESSAGE.search(str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        raise RuleDefect(shown, line, NotToml(detail=str(error))) from None
    except RecursionError:
        raise RuleDefect(shown, 1, NotToml(detail="nested too deeply")) from None
    return TomlDocument(path=shown, data=data, lines=_lines(text), text=text)


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
        if value.type == "inline_table":
            for inner in value.named_children:
                if inner.type == "pair":
                    _add_pair(inner, key, lines)


def _names(key: tree_sitter.Node) -> tuple[str, ...]:
    if key.type == "dotted_key":
        return tuple(name for part in key.named_children for name in _names(part))
    text = (key.text or b"").decode()
    return (text.strip("\"'") if key.type == "quoted_key" else text,)
