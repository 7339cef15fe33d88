"""Every kind of notice in both languages, with the amounts, names and reasons that nobody would expect."""

import re
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.model import Event, NoticeKind, Route
from policy_match.cases.working_days import CHINA
from policy_match.errors import Language
from policy_match.notices.fields import (
    COUNT_LIMIT,
    GIVEN,
    FieldType,
    NewNotice,
    fields_of,
    fields_to_keep,
    is_of_a_case,
    is_of_staff,
)
from policy_match.notices.rules import told_steps
from policy_match.notices.saying import CaseMatter, PolicyTexts, case_values, given_values
from policy_match.notices.template import LIMITS, NoticeText
from policy_match.notices.wording import one_line, units
from policy_match.policy.model import PayeeKind, Silence
from policy_match.values import MONEY_LIMIT_FEN, Digest, Uscc
from tests.support.prepared import shipped

OF_CASES = [kind for kind in NoticeKind if is_of_a_case(kind)]
TO_FIRMS = [kind for kind in NoticeKind if not is_of_staff(kind)]
STEPS = {kind: [(route, event) for route, event, each in told_steps() if each is kind] for kind in OF_CASES}
STEPS[NoticeKind.REMINDER] = [(Route.CONFIRM, Event.NOTIFY), (Route.DIRECT, Event.BOUNCE)]

HOSTILE = st.sampled_from(
    [
        "{{ amount }}有限公司",
        "{% raw %}有限公司{% endraw %}",
        "{# #}{{ 7 * 7 }}",
        "一有限公司\r\nBcc: invented@example.com",
        "\u202e司公限有",
        "点击http://invented.example/x领取",
        "<b>示例</b>&amp;",
        "%s%n{0}{firm}",
        "示例" * 300,
        "𠮷" * 100,
        "=cmd()",
        "\x00\x07",
    ]
)
NAMES = st.one_of(st.text(max_size=400), HOSTILE)
DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
LANGUAGES: st.SearchStrategy[Language] = st.sampled_from(["zh", "en"])


@st.composite
def case_notices(draw: st.DrawFn) -> tuple[NoticeKind, Language, dict[str, str], str]:
    """Draw a kind, a language and the values of a notice of a case; and its reason as it was written."""
    kind = draw(st.sampled_from(OF_CASES))
    route, event = draw(st.sampled_from(STEPS[kind]))
    fen = st.integers(0, MONEY_LIMIT_FEN - 1)
    instalments = draw(st.integers(1, 9))
    matter = CaseMatter(
        case_id=draw(st.integers(1, 2**62)),
        uscc=Uscc("91370000MA00000001"),
        name=draw(NAMES),
        version=Digest("0" * 64),
        record_id=draw(NAMES),
        period=draw(st.sampled_from(["once", "event", "2025", "2025-H1", "2025-Q4", "2025-12"])),
        instalment=draw(st.integers(1, instalments)),
        instalments=instalments,
        route=route,
        silence=draw(st.sampled_from(Silence)),
        payee=draw(st.sampled_from(PayeeKind)),
        event=event,
        at=datetime(2025, 7, 1, 9, tzinfo=CHINA),
        reason=draw(NAMES),
        step_fen=draw(st.none() | fen),
        claimed_fen=draw(st.none() | fen),
        amount_fen=draw(fen),
        missed=draw(DAYS),
        deadline=draw(DAYS),
        tail=draw(st.sampled_from(["", "9999"])),
        later=(),
    )
    said = {name: one_line(draw(NAMES)) or "一" for name in PolicyTexts.__dataclass_fields__}
    language = draw(LANGUAGES)
    values = case_values(
        kind,
        matter,
        PolicyTexts(**said),
        language,
        today=draw(DAYS),
        deadline=draw(DAYS),
        days_left=draw(st.integers(0, 400)),
    )
    return kind, language, values, matter.name


@st.composite
def given_notices(draw: st.DrawFn) -> tuple[NoticeKind, Language, dict[str, str]]:
    """Draw a kind, a language and the values of a notice of no case, as its writer gives them and it is kept."""
    kind = draw(st.sampled_from(sorted(GIVEN)))
    text = st.one_of(st.text(min_size=1, max_size=400), HOSTILE).filter(lambda found: bool(found.strip()))
    kinds: dict[FieldType, st.SearchStrategy[Any]] = {
        FieldType.TEXT: text,
        FieldType.WORDS: st.fixed_dictionaries({"zh": text, "en": text}),
        FieldType.COUNT: st.integers(0, COUNT_LIMIT - 1),
        FieldType.MONEY: st.integers(0, MONEY_LIMIT_FEN - 1),
        FieldType.DAY: DAYS,
    }
    given_fields = {name: draw(kinds[expected]) for name, expected in GIVEN[kind].items()}
    kept = fields_to_keep(NewNotice(recipient="wang.fang", kind=kind, about="x", fields=given_fields))
    language = draw(LANGUAGES)
    return kind, language, given_values(kind, "wang.fang", kept, language, today=draw(DAYS))


def rendered(kind: NoticeKind, language: Language, values: dict[str, str]) -> NoticeText:
    """Return the text by the shipped template."""
    return shipped().choose(kind, language, "").render(values)


def check(text: NoticeText, language: Language) -> None:
    """Fail when a text breaks a line or a limit, or holds what templates are made of."""
    for part, limits in LIMITS.items():
        said = getattr(text, part)
        assert 0 < units(said) <= limits[language]
        assert part == "body" or len(said.splitlines()) == 1
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e]", said)
        assert "://" not in said


@given(case_notices())
def test_every_notice_of_a_case_can_be_said(drawn: tuple[NoticeKind, Language, dict[str, str], str]) -> None:
    kind, language, values, _ = drawn
    check(rendered(kind, language, values), language)


@given(given_notices())
def test_every_notice_of_no_case_can_be_said(drawn: tuple[NoticeKind, Language, dict[str, str]]) -> None:
    check(rendered(*drawn), drawn[1])


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_placeholder_is_left_and_a_name_is_no_template(kind: NoticeKind, language: Language) -> None:
    plain = dict.fromkeys(["firm", "person", "department", "title", "matter", "subject", "reason"], "{{ today }}")
    values = {name: plain.get(name, f"<{name}>") for name in sorted(fields_of(kind))}
    text = rendered(kind, language, values)
    said = f"{text.subject} {text.body} {text.short}"
    assert said.count("{{") == said.count("{{ today }}") > 0
    assert "{%" not in said
    assert "None" not in said


@pytest.mark.parametrize("kind", TO_FIRMS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_letter_to_a_firm_says_the_official_way_and_holds_no_link(kind: NoticeKind, language: Language) -> None:
    values = {name: f"<{name}>" for name in sorted(fields_of(kind))}
    text = rendered(kind, language, values)
    assert "12345" in text.body
    for word in ("http", "www.", "点击", "click", "!", "!"):
        assert word not in f"{text.subject}{text.body}{text.short}"
