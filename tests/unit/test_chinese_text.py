"""Chinese texts carry Chinese punctuation, as GB/T 15834-2011 asks: no comma, colon or bracket of half a width."""

import io
import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HALF = re.compile(
    r"[一-鿿”》][,:;?!](?! )"  # behind a Chinese sign; what an English sentence quotes is followed by a space
    r"|(?<![a-z])[,:;?!][一-鿿“《]"  # before one; `firm:信用代码` is a code
    r"|[一-鿿”》]\("
    r"|(?<![ a-z_])\([一-鿿“《]"  # `as_of(…)` is a call
)
REGISTERED = ROOT / "connectors/registry_sources/mappings/national_registry.toml"
"""Maps words as registries write them."""


def strings(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string of a program that is no pattern."""
    for token in tokenize.generate_tokens(io.StringIO(file.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.STRING and not re.match("r|f?r", token.string) and "(?:" not in token.string:
            yield token.start[0], token.string


def lines(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that are no comment."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("#"):
            yield number, line


Reader = Callable[[Path], Iterator[tuple[int, str]]]

PROGRAMS = sorted((ROOT / "policy_match").rglob("*.py")) + sorted((ROOT / "connectors").rglob("*.py"))
TEXTS = sorted(
    file
    for folder in ("policy_match", "connectors", "rules")
    for ending in ("html", "toml")
    for file in (ROOT / folder).rglob(f"*.{ending}")
    if file != REGISTERED
)


@pytest.mark.parametrize(
    ("files", "read"), [(PROGRAMS, strings), (TEXTS, lines)], ids=["programs", "templates and rules"]
)
def test_chinese_texts_have_chinese_punctuation(files: list[Path], read: Reader) -> None:
    assert len(files) > 40
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {' '.join(text.split())[:100]}"
        for file in files
        for line, text in read(file)
        if HALF.search(re.sub("`[^`]*`", "", text))
    ]
    assert wrong == []


@pytest.mark.parametrize("text", ["事项:已支付", "金额(元)", "“甲”,请更正", "共3项;见附件", "(虚构)", "7:不是编号"])
def test_half_a_width_is_found(text: str) -> None:
    assert HALF.search(text)
