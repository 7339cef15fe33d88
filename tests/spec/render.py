"""Prints the language page from the spec tables: `python -m tests.spec.render` writes docs/language.md.

Guarantees that the page shows nothing that is not tested; `test_page` fails when the committed page is stale.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from policy_match.facts.catalogue import FactType
from policy_match.values import FactName
from tests.spec.model import (
    AS_OF,
    NOT_PAID,
    Award,
    Glance,
    Missing,
    Part,
    Question,
    Questions,
    Refusals,
    Shape,
    Table,
    Words,
)
from tests.spec.page import CHAPTERS
from tests.spec.vocabulary import CATALOGUE

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
NUMERALS = "①②③④⑤⑥"
WIDE = 60
"""Expressions that together are longer than this are listed above their table."""

OPENING = """\
# 规则语言 · The rule language

政策写成规则之后，同一条规则对每一家企业都得出同一个答案：符合、不符合，或者“无法判定，缺某项数据”。
本页用例子说明规则里能写什么、结果是什么，不需要会编程。

Once a policy is written as rules, the same rule gives the same answer for every firm: eligible, not eligible, or
“cannot tell, this fact is missing”. This page shows by example what a rule can say and what comes out.

**怎样读表 How to read the tables** 左边几列是一家企业的事实，右边**加粗**的是式子的结果。
真 = true，假 = false，未知 = unknown。
“缺 `x`”= 因为没有事实 x 而未知（missing）；“核对 `x`”= 事实 x 有，但用它算不出结果（to be checked）。
决定日期（`as_of`）都是 2025-06-30，另有说明的除外。企业、数字和标准均为虚构。

> 本页由 `python -m tests.spec.render` 从 tests/spec 中的表生成，每一行都在每个引擎上测试。请改表，不要改本页。
> This page is generated from the tables in tests/spec by `python -m tests.spec.render`; every line is tested on every
> engine. Change the tables, not this page.
"""


def page() -> str:
    """Return the whole page."""
    lines = [OPENING]
    for number, chapter in enumerate(CHAPTERS, start=1):
        lines += [f"## {number}. {chapter.title.zh} · {chapter.title.en}", ""]
        lines += paragraph(chapter.text)
        shapes = [part for part in chapter.parts if isinstance(part, Shape)]
        lines += shape_overview(shapes) if shapes else []
        for part in chapter.parts:
            lines += render(part)
    return "\n".join(lines).rstrip() + "\n"


def paragraph(words: Words | None) -> list[str]:
    """Return a text, Chinese first."""
    return [] if words is None else [words.zh, "", words.en, ""]


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table."""
    body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [header, *rows]]
    return [body[0], "|" + "---|" * len(header), *body[1:], ""]


def code(text: str) -> str:
    """Return text as written in a rule."""
    return f"`{text}`"


def show(value: object) -> str:
    """Return a fact or a result as a person reads it."""
    match value:
        case None:
            return "未知"
        case bool():
            return "真" if value else "假"
        case int() | Decimal():
            number = Decimal(value)
            return f"{number:,f}" if abs(number) >= 10_000 else f"{number:f}"
        case date():
            return value.isoformat()
        case str() if value.startswith("="):
            return value[1:].replace(" ", "")
        case str():
            return code(f"'{value}'")
        case tuple() | list():
            return "<br>".join(code(entry or "''") for entry in value) or "空清单"
    raise TypeError(type(value).__name__)


def show_result(value: object, given: Mapping[str, object]) -> str:
    """Return a result in bold; an unknown one says what is missing, or what is to be checked."""
    return f"**未知{reason(value, given)}**" if isinstance(value, Missing) else f"**{show(value)}**"


def reason(missing: Missing, given: Mapping[str, object]) -> str:
    """Return the facts that keep a result unknown: those that are missing, and those that cannot be reckoned with."""
    absent = [code(name) for name in missing.facts if given[name] is None]
    present = [code(name) for name in missing.facts if given[name] is not None]
    said = [f"缺 {'、'.join(absent)}"] if absent else []
    said += [f"核对 {'、'.join(present)}"] if present else []
    return f"({','.join(said)})" if said else ""


def heading(name: str) -> str:
    """Return the heading of a fact's column."""
    fact = CATALOGUE[FactName(name)]
    unit = "（元）" if fact.type is FactType.MONEY else ""
    return f"{fact.label}{unit} {code(name)}"


def render(part: Part, level: str = "###") -> Iterator[str]:
    """Yield the lines of one part."""
    match part:
        case Glance():
            yield from grid(
                ["写法 Written", "意思", "Meaning"],
                [[code(line.written), line.words.zh, line.words.en] for line in part.lines],
            )
        case Table():
            yield from titled(part.title, level)
            yield from paragraph(part.text)
            yield from table(part)
        case Award():
            yield from titled(part.title, level)
            yield from paragraph(part.text)
            yield from award(part)
        case Shape():
            yield from titled(Words(f"写法 {part.number}：{part.title.zh}", part.title.en), level)
            yield from paragraph(part.text)
            if part.stage is not None:
                yield from [f"**语言之外** {part.stage.zh}", "", f"**Outside the language** {part.stage.en}", ""]
            for example in part.parts:
                yield from render(example, "####")
        case Refusals():
            yield from titled(part.title, level)
            yield from paragraph(part.text)
            yield from grid(
                ["写法 Written", "提示 Message"],
                [[code(line.expression), f"{line.message.zh}<br>{line.message.en}"] for line in part.lines],
            )
        case Questions():
            yield from titled(part.title, level)
            yield from paragraph(part.text)
            yield from grid(["问题 Question", "写法 Written", "答案 Answer"], [question(line) for line in part.lines])


def titled(title: Words, level: str) -> list[str]:
    """Return a heading in both languages."""
    return [f"{level} {title.zh} · {title.en}", ""]


def table(part: Table) -> Iterator[str]:
    """Yield the grid of a table; long expressions stand above it."""
    headers = [code(text) for text in part.expressions]
    if sum(map(len, part.expressions)) > WIDE or max(map(len, part.expressions)) > WIDE // 2:
        headers = [NUMERALS[place] for place in range(len(part.expressions))]
        for numeral, text in zip(headers, part.expressions, strict=True):
            yield from [f"{numeral} {code(text)}", ""]
    yield from as_of(part)
    yield from grid(
        [*map(heading, part.columns), *headers],
        [
            [*map(show, given), *(show_result(result, dict(zip(part.columns, given, strict=True))) for result in gives)]
            for given, gives in part.lines
        ],
    )


def as_of(part: Table | Award) -> list[str]:
    """Return the date of the decision where it is not that of the page."""
    return [] if part.as_of == AS_OF else [f"决定日期 as of {part.as_of}", ""]


def award(part: Award) -> Iterator[str]:
    """Yield the rules of an award, then what is paid."""
    if part.conditions != ("true",):
        yield "- 条件 conditions: " + ";".join(map(code, part.conditions))
    yield f"- 金额 amount: {code(part.amount)}"
    if part.minimum:
        yield f"- 起付 minimum: {code(str(part.minimum))}"
    if part.cap is not None:
        yield f"- 上限 cap: {code(part.cap)}"
    if part.grain != "firm":
        yield f"- 每笔一个决定 per: {code(part.grain)}"
    yield ""
    yield from as_of(part)
    rows = [
        [*map(show, given), f"**{paid(result, dict(zip(part.columns, given, strict=True)))}**"]
        for given, result in part.lines
    ]
    yield from grid([*map(heading, part.columns), "结果 Result"], rows)


def paid(result: Decimal | str | Missing, given: Mapping[str, object]) -> str:
    """Return what becomes of one firm."""
    match result:
        case Missing():
            return f"无法判定 undetermined{reason(result, given)}"
        case Decimal():
            return f"{result:,.2f} 元"
        case _:
            assert result == NOT_PAID
            return "不符合 ineligible"


def shape_overview(shapes: Sequence[Shape]) -> list[str]:
    """Return the list of shapes, with who does what."""
    rows = []
    for shape in shapes:
        done_by = ["语言 language"] if shape.parts else []
        done_by += ["语言之外 outside"] if shape.stage is not None else []
        rows.append([str(shape.number), shape.title.zh, shape.title.en, " + ".join(done_by)])
    return grid(["#", "写法", "Shape", "由谁完成 Done by"], rows)


def question(line: Question) -> list[str]:
    """Return one question and its answer."""
    facts = "、".join(f"{code(name)} = {show(value)}" for name, value in line.facts.items())
    answer = f"拒绝 refused:{line.gives.zh}" if isinstance(line.gives, Words) else show_result(line.gives, line.facts)
    return [f"{line.words.zh}<br>{line.words.en}", code(line.expression) + (f"<br>{facts}" if facts else ""), answer]


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
