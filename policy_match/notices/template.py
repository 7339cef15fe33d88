"""Templates of notices: read, checked against the fields of their kind, and rendered.

Guarantees that a template that is loaded says what its kind must say, uses no other field, fits its limits whatever the
values are, and can do nothing but put values in and leave sentences out. Reading the files is `storage`.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from types import MappingProxyType
from typing import get_args

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from policy_match.cases.model import NoticeKind
from policy_match.errors import InputError, Language
from policy_match.notices.fields import (
    FRAME_OF_FIRMS,
    FRAME_OF_NEWS,
    FRAME_OF_STAFF,
    MAY_BE_EMPTY,
    body_says,
    fields_of,
    is_of_a_case,
    is_of_staff,
    short_says,
)
from policy_match.notices.saying import longest_values
from policy_match.notices.wording import cut, units
from policy_match.values import Digest

FRAME = "frame"
"""The name of the file with what stands before and after every text."""

BODY = "body"
PARTS = ("subject", BODY, "short")
FRAME_PARTS = ("firm_head", "firm_foot", "news_head", "news_foot", "staff_head", "staff_foot")

FRAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"firm": FRAME_OF_FIRMS, "news": FRAME_OF_NEWS, "staff": FRAME_OF_STAFF}
)
"""What the parts of a frame may say, by how their names begin."""

SMS_SEGMENT = 67
"""Signs of one part of a long text message in UCS2 (3GPP TS 23.040: 70 less the header that joins the parts)."""

SIGNATURE_ROOM = 12
"""Signs kept free for the signature that gateways in China put before a text, such as 【某某市财政局】."""

SHORT_LIMIT: Mapping[Language, int] = MappingProxyType(
    {"zh": 2 * SMS_SEGMENT - SIGNATURE_ROOM, "en": 4 * SMS_SEGMENT - SIGNATURE_ROOM}
)
"""The longest short text. English is counted as UCS2 too: the names in it are Chinese."""

SUBJECT_LIMIT = 200
BODY_LIMIT = 10_000
LIMITS: Mapping[str, Mapping[Language, int]] = MappingProxyType(
    {
        "subject": {"zh": SUBJECT_LIMIT, "en": SUBJECT_LIMIT},
        "body": {"zh": BODY_LIMIT, "en": BODY_LIMIT},
        "short": SHORT_LIMIT,
    }
)
"""The longest rendered text of each part, in UTF-16 code units."""

VALUE_LIMITS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "subject": MappingProxyType({"title": 40}),
        "body": MappingProxyType({"conditions": 1_000, "basis": 800, "reason": 600, "subject": 600, "said": 600}),
        "short": MappingProxyType(
            {
                "title": 24,
                "department": 12,
                "stage": 16,
                "colour": 10,
                "what": 16,
                "number": 12,
                "fact": 24,
                "grade": 12,
            }
        ),
    }
)
OTHER_VALUES: Mapping[str, int] = MappingProxyType({"subject": 30, "body": 200, "short": 30})
"""To how much a value is cut in each part, so that no name and no reason breaks a limit; in English twice as much."""

TRIAL_LENGTH = 2_001
"""Longer than any value that is let through."""

ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.Name,
    nodes.Not,
    nodes.And,
    nodes.Or,
)
"""What a template may be made of: text, values, and sentences that depend on whether a value is empty."""


_EMPTY_LINES = re.compile(r"\n{3,}")


class TemplateDefect(InputError):
    """A template cannot be used."""

    code = "notice.template"
    english = "{file}: {problem}; correct the template"
    chinese = "{file}：{problem_zh}；请更正模板"


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateText:
    """One file of templates. `department` is the one it is for; empty is for all."""

    file: str
    name: str
    text: str = field(repr=False)
    department: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeText:
    """What is said, word for word."""

    language: Language
    subject: str = field(repr=False)
    body: str = field(repr=False)
    short: str = field(repr=False)
    template: Digest


class NotSayable(Exception):
    """A text could not be rendered; the message says which part and why, without the text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One text of a template: the fields that it uses, each with the longest value, and its own limit."""

    name: str
    template: jinja2.Template = field(repr=False)
    fields: tuple[tuple[str, int], ...]
    limit: int

    def render(self, values: Mapping[str, str]) -> str:
        """Return the text with these values. Raises `NotSayable`."""
        try:
            shown = {name: cut(values[name], most) for name, most in self.fields}
        except KeyError as error:
            raise NotSayable(f"{self.name}: field {error} has no value") from None
        # Shared: the values are not merged with jinja's own globals, which a template cannot name, for every text.
        said = self.template.root_render_func(self.template.new_context(shown, shared=True))
        text = _EMPTY_LINES.sub("\n\n", "".join(said).strip())
        if not text:
            raise NotSayable(f"{self.name}: is empty")
        if self.name != BODY and "\n" in text:
            raise NotSayable(f"{self.name}: has several lines")
        if units(text) > self.limit:
            raise NotSayable(f"{self.name}: {units(text)} signs, at most {self.limit}")
        return text


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """The templates of one kind in one language."""

    kind: NoticeKind
    language: Language
    subject: Part
    body: Part
    short: Part
    digest: Digest

    def render(self, values: Mapping[str, str]) -> NoticeText:
        """Return the text with these values, each on one line. Raises `NotSayable`."""
        return NoticeText(
            language=self.language,
            subject=self.subject.render(values),
            body=self.body.render(values),
            short=self.short.render(values),
            template=self.digest,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Templates:
    """The templates of every kind in both languages, some of them of one department only."""

    found: Mapping[tuple[str, NoticeKind, Language], Template]

    def choose(self, kind: NoticeKind, language: Language, department: str) -> Template:
        """Return the department's own template, else that for all."""
        return self.found.get((department, kind, language)) or self.found["", kind, language]


def parse_templates(files: Sequence[TemplateText]) -> Templates:
    """Return the templates of all kinds; of two files of one name and department the later counts.

    A department that brings its own frame has it around the texts of all kinds. Raises `TemplateDefect` for the first
    file that is wrong, and for a kind without a template.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    latest = {(each.department, each.name): each for each in files}
    for department, name in latest:
        if name != FRAME and name not in list(NoticeKind):
            raise _defect(latest[department, name], *_not_a_kind(name))
    for (_, name), source in latest.items():
        if name == FRAME:
            _check_frame(environment, source)
    wanted = [(department, kind) for department in sorted({"", *(each[0] for each in latest)}) for kind in NoticeKind]
    found: dict[tuple[str, NoticeKind, Language], Template] = {}
    for department, kind in wanted:
        if department and not {(department, kind.value), (department, FRAME)} & latest.keys():
            continue
        source, frame = _source(latest, department, kind.value), _source(latest, department, FRAME)
        for language in get_args(Language):
            found[department, kind, language] = _template(environment, source, frame, kind, language)
    return Templates(found=MappingProxyType(found))


def _source(latest: Mapping[tuple[str, str], TemplateText], department: str, name: str) -> TemplateText:
    found = latest.get((department, name)) or latest.get(("", name))
    if found is None:
        raise TemplateDefect(file=f"{name}.toml", problem="the file is missing", problem_zh="缺少该文件")
    return found


def _template(
    environment: jinja2.Environment, source: TemplateText, frame: TemplateText, kind: NoticeKind, language: Language
) -> Template:
    texts = _texts(source, PARTS)[language]
    around = _texts(frame, FRAME_PARTS)[language]
    whom = "staff" if is_of_staff(kind) else "firm" if is_of_a_case(kind) else "news"
    head, foot = around[f"{whom}_head"], around[f"{whom}_foot"]
    whole = {**texts, BODY: f"{head.strip()}\n\n{texts['body'].strip()}\n\n{foot.strip()}\n"}
    must_say = {"subject": frozenset[str](), BODY: body_says(kind), "short": short_says(kind)}
    parts = {}
    for name, text in whole.items():
        where = f"[{language}] {name}"
        used = _checked(environment, source, where, text, fields_of(kind))
        for missing in sorted(must_say[name] - used):
            raise _defect(source, f"{where} does not say `{missing}`", f"{where} 未写明“{missing}”")
        parts[name] = Part(
            name=name,
            template=environment.from_string(text),
            fields=tuple((each, _longest(name, each, language)) for each in sorted(used)),
            limit=LIMITS[name][language],
        )
    made = "\0".join([language, *(whole[part] for part in PARTS)])
    template = Template(kind=kind, language=language, digest=Digest(sha256(made.encode()).hexdigest()), **parts)
    _try(template, source)
    return template


def _longest(part: str, name: str, language: Language) -> int:
    return (1 if language == "zh" else 2) * VALUE_LIMITS[part].get(name, OTHER_VALUES[part])


def _check_frame(environment: jinja2.Environment, source: TemplateText) -> None:
    for language, texts in _texts(source, FRAME_PARTS).items():
        for part, text in texts.items():
            _checked(environment, source, f"[{language}] {part}", text, FRAMES[part.partition("_")[0]])


def _texts(source: TemplateText, parts: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Return the texts of a file by language and part."""
    try:
        content = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _defect(source, f"is not TOML: {error}", f"不是 TOML:{error}") from None
    _check_keys(source, content, get_args(Language), "")
    for language, texts in content.items():
        if not isinstance(texts, dict):
            raise _defect(source, f"[{language}] is not a table", f"[{language}] 不是表")
        _check_keys(source, texts, parts, f"[{language}] ")
        for part, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise _defect(source, f"[{language}] {part} is no text", f"[{language}] {part} 不是文本")
    return content


def _check_keys(source: TemplateText, found: Mapping[str, object], wanted: Sequence[str], where: str) -> None:
    for key in sorted(found.keys() ^ set(wanted)):
        if key in found:
            known = ", ".join(wanted)
            raise _defect(source, f"{where}{key} is unknown, known: {known}", f"{where}{key} 未知，可用：{known}")
        raise _defect(source, f"{where}{key} is missing", f"{where}缺少 {key}")


def _checked(
    environment: jinja2.Environment, source: TemplateText, where: str, text: str, known: frozenset[str]
) -> frozenset[str]:
    """Return the fields that a text uses. Raises `TemplateDefect`."""
    try:
        tree = environment.parse(text)
    except jinja2.TemplateSyntaxError as error:
        line = f"{where}, line {error.lineno}"
        raise _defect(source, f"{line}: {error.message}", f"{line}:{error.message}") from None
    for node in chain([tree], tree.find_all(nodes.Node)):
        if not isinstance(node, ALLOWED):
            what = type(node).__name__
            raise _defect(
                source,
                f"{where}, line {node.lineno}: {what} is not allowed; use {{{{ field }}}} and {{% if field %}} only",
                f"{where} 第 {node.lineno} 行：不允许 {what}；只可用 {{{{ 字段 }}}} 和 {{% if 字段 %}}",
            )
    used = frozenset(meta.find_undeclared_variables(tree))
    for name in sorted(used - known):
        near = difflib.get_close_matches(name, known, n=1)
        hint, hint_zh = (f"did you mean `{near[0]}`?", f"是否应为“{near[0]}”？") if near else _list(known)
        raise _defect(source, f"{where}: field `{name}` is unknown; {hint}", f"{where}：字段“{name}”不存在；{hint_zh}")
    return used


def _list(known: frozenset[str]) -> tuple[str, str]:
    names = ", ".join(sorted(known))
    return f"the fields are {names}", f"可用字段：{names}"


def _try(template: Template, source: TemplateText) -> None:
    """Render with values as long as they can be, and with empty ones. Raises `TemplateDefect`."""
    for values in trial_values(template.kind, template.language):
        try:
            template.render(values)
        except NotSayable as error:
            empty = ", ".join(sorted(name for name, value in values.items() if not value)) or "-"
            where = f"[{template.language}] {error}"
            raise _defect(source, f"{where} (empty: {empty})", f"{where}（为空的字段：{empty}）") from None


def trial_values(kind: NoticeKind, language: Language) -> Iterator[dict[str, str]]:
    """Yield the longest value of every field of a kind; then with each of those empty that may be; then with all."""
    longest = {
        **dict.fromkeys(fields_of(kind), "国" * TRIAL_LENGTH),
        **{name: value for name, value in longest_values(language).items() if name in fields_of(kind)},
    }
    optional = sorted(longest.keys() & MAY_BE_EMPTY)
    yield longest
    yield from ({**longest, name: ""} for name in optional)
    yield {**longest, **dict.fromkeys(optional, "")}


def _not_a_kind(name: str) -> tuple[str, str]:
    known = ", ".join([FRAME, *NoticeKind])
    return f"`{name}` is no kind of notice; the files are {known}", f"“{name}”不是通知种类；可用文件名：{known}"


def _defect(source: TemplateText, problem: str, problem_zh: str) -> TemplateDefect:
    return TemplateDefect(file=source.file, problem=problem, problem_zh=problem_zh)
