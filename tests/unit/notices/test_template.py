"""Templates: a wrong one is a clear line with file and field when it is loaded; a good one can only put values in."""

import pytest

from policy_match.cases.model import NoticeKind
from policy_match.notices.fields import fields_of
from policy_match.notices.template import (
    LIMITS,
    SHORT_LIMIT,
    SIGNATURE_ROOM,
    SMS_SEGMENT,
    NotSayable,
    TemplateDefect,
    TemplateText,
    parse_templates,
    trial_values,
)
from policy_match.notices.wording import units
from tests.support.prepared import shipped
from tests.support.template_texts import shipped_texts, with_change

FROM, TO = "{{ deadline }}", "{{ deadlin }}"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (
            "paid",
            "{{ paid_to }}",
            "{{ paidto }}",
            r"own/paid\.toml: \[zh\] body: field `paidto` is unknown; .* `paid_to`",
        ),
        ("paid", "{{ paid_to }}", "{{ deadline }}", r"\[zh\] body: field `deadline` is unknown"),
        ("paid", "{{ paid_to }}", "…", r"\[zh\] body does not say `paid_to`"),
        ("reminder", "{{ deadline }}前登录", "本周登录", r"\[zh\] short does not say `deadline`"),
        ("frame", "{{ articles }}", "…", r"information\.toml: \[zh\] body does not say `articles`"),
        ("frame", "{{ today }}", "{{ days_left }}", r"own/frame\.toml: \[zh\] firm_foot: field `days_left` is unknown"),
        ("paid", "{{ paid_to }}", "{{ paid_to", r"\[zh\] body, line \d+: "),
        ("paid", "{% endif %}", "", r"\[zh\] body, line \d+: "),
        ("paid", "[en]", "[fr]", r"own/paid\.toml: en is missing|fr is unknown"),
        ("paid", 'short = "', 'sms = "', r"\[zh\] (short is missing|sms is unknown)"),
        ("paid", 'subject = "', 'subject = "" # "', r"\[zh\] subject is no text"),
        ("paid", 'subject = "', "subject = ", r"own/paid\.toml: is not TOML"),
        ("paid", 'subject = "', 'subject = "一\\n二', r"\[zh\] subject: has several lines"),
        ("paid", 'short = "', 'short = "' + "很长" * 40, r"\[zh\] short: \d+ signs, at most 122"),
    ],
)
def test_a_wrong_template_is_named_with_its_file_and_field(name: str, old: str, new: str, says: str) -> None:
    with pytest.raises(TemplateDefect, match=says):
        parse_templates(with_change(name, old, new))


@pytest.mark.parametrize(
    "code",
    [
        "{{ paid_to.__class__ }}",
        "{{ paid_to|upper }}",
        "{{ range(9) }}",
        "{{ 1 + 1 }}",
        "{% for sign in paid_to %}{{ sign }}{% endfor %}",
        "{% set firm = paid_to %}",
        "{% include 'paid' %}",
        "{% if paid_to == 'x' %}x{% endif %}",
        "{% macro f() %}{% endmacro %}",
    ],
)
def test_a_template_can_do_nothing_but_put_values_in(code: str) -> None:
    with pytest.raises(TemplateDefect, match="is not allowed"):
        parse_templates(with_change("paid", "{{ paid_to }}", "{{ paid_to }}" + code))


def test_a_kind_without_a_template_is_named() -> None:
    texts = [each for each in shipped_texts() if each.name != "waived"]
    with pytest.raises(TemplateDefect, match=r"waived\.toml: the file is missing"):
        parse_templates(texts)


def test_a_file_of_no_kind_is_named() -> None:
    with pytest.raises(TemplateDefect, match=r"own/payed\.toml: `payed` is no kind of notice"):
        parse_templates([*shipped_texts(), TemplateText(file="own/payed.toml", name="payed", text="")])


def test_a_later_file_replaces_the_one_of_the_package() -> None:
    templates = parse_templates(with_change("paid", "已付款", "款已付"))
    values = next(trial_values(NoticeKind.PAID, "zh"))
    assert templates.choose(NoticeKind.PAID, "zh", "任一部门").render(values).subject.startswith("款已付")


def test_a_departments_own_template_is_for_it_alone() -> None:
    templates = parse_templates(with_change("paid", "已付款", "款已付", department="人社局"))
    values = next(trial_values(NoticeKind.PAID, "zh"))
    assert templates.choose(NoticeKind.PAID, "zh", "人社局").render(values).subject.startswith("款已付")
    assert templates.choose(NoticeKind.PAID, "zh", "科技局").render(values).subject.startswith("已付款")
    assert templates.choose(NoticeKind.WAIVED, "zh", "人社局") is templates.choose(NoticeKind.WAIVED, "zh", "科技局")


def test_a_departments_own_frame_is_around_all_its_letters() -> None:
    templates = parse_templates(with_change("frame", "咨询", "有问题请找", department="人社局"))
    for kind in (NoticeKind.PAID, NoticeKind.WAIVED):
        values = next(trial_values(kind, "zh"))
        assert "有问题请找" in templates.choose(kind, "zh", "人社局").render(values).body
        assert "有问题请找" not in templates.choose(kind, "zh", "科技局").render(values).body


def test_another_wording_has_another_digest() -> None:
    one, other = shipped(), parse_templates(with_change("paid", "已付款", "款已付"))
    for language in ("zh", "en"):
        same = one.choose(NoticeKind.PAID, language, "").digest == other.choose(NoticeKind.PAID, language, "").digest  # type: ignore[arg-type]
        assert same == (language == "en")


def test_a_value_that_is_missing_holds_the_notice_and_names_the_field() -> None:
    values = next(trial_values(NoticeKind.PAID, "zh"))
    del values["paid_to"]
    with pytest.raises(NotSayable, match="body: field 'paid_to' has no value"):
        shipped().choose(NoticeKind.PAID, "zh", "").render(values)


def test_a_chinese_short_text_fits_two_messages_with_the_gateways_signature() -> None:
    assert SHORT_LIMIT["zh"] + SIGNATURE_ROOM <= 2 * SMS_SEGMENT == 134
    assert SHORT_LIMIT["en"] + SIGNATURE_ROOM <= 4 * SMS_SEGMENT


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_value_however_long_breaks_a_limit(kind: NoticeKind, language: str) -> None:
    template = shipped().choose(kind, language, "")  # type: ignore[arg-type]
    for values in trial_values(kind, language):  # type: ignore[arg-type]
        assert values.keys() == fields_of(kind)
        text = template.render(values)
        for part, limit in LIMITS.items():
            assert 0 < units(getattr(text, part)) <= limit[language]  # type: ignore[index]
