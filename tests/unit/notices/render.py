"""Writes the generated parts of docs/notices.md: `python -m tests.unit.notices.render`.

Guarantees that the kinds, steps, fields and limits on the page are those of the program; `test_page` fails when the
committed page is stale. The sentences between the parts are written by hand.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from policy_match.cases.model import Event, NoticeKind
from policy_match.cases.words import Words
from policy_match.notices.fields import GIVEN, NEWS_FOR_FIRMS, fields_of, is_of_a_case, is_of_staff
from policy_match.notices.overtaking import ANY_STEP, OVERTAKEN_BY
from policy_match.notices.rules import told_steps
from policy_match.notices.subscriptions import SUBSCRIPTION_WORDS, Subscription, subscription_of
from policy_match.notices.template import LIMITS, SIGNATURE_ROOM, SMS_SEGMENT
from policy_match.notices.transitions import (
    DELIVERY_TRANSITIONS,
    NOTICE_TRANSITIONS,
    DeliveryTransition,
    NoticeTransition,
)
from policy_match.notices.words import (
    CHANNEL_WORDS,
    DELIVERY_EVENT_WORDS,
    DELIVERY_STATUS_WORDS,
    EVENT_WORDS,
    KIND_WORDS,
    STATUS_WORDS,
)
from policy_match.policy.model import Benefit

PAGE = Path(__file__).parents[3] / "docs" / "notices.md"
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in [header, *rows]]
    return [lines[0], "|" + "---|" * len(header), *lines[1:]]


def code(names: Sequence[str]) -> str:
    """Return names as code."""
    return ", ".join(f"`{name}`" for name in names)


def kinds() -> Iterator[str]:
    """Yield the table of kinds: after which steps, and what overtakes them."""
    steps: dict[NoticeKind, set[Event]] = {kind: set() for kind in NoticeKind}
    for _, event, kind in told_steps():
        steps[kind].add(event)
    rows = [
        [
            f"`{kind}` {KIND_WORDS[kind].zh}",
            KIND_WORDS[kind].en,
            code([event for event in Event if event in steps[kind]]) or _whom(kind),
            _overtaken(kind),
        ]
        for kind in NoticeKind
    ]
    yield from grid(["种类 Kind", "", "因何步骤 After", "因何失效 Overtaken by"], rows)


def _whom(kind: NoticeKind) -> str:
    if is_of_a_case(kind):
        return "—"
    return "员工 staff" if is_of_staff(kind) else "企业 firm"


def _overtaken(kind: NoticeKind) -> str:
    events = OVERTAKEN_BY[kind]
    if len(events) * 2 <= len(Event):
        return code([event for event in Event if event in events]) or "—"
    but = code([event for event in Event if event in ANY_STEP - events])
    return f"任一步骤 any{f' but {but}' if but else ''}"


def fields() -> Iterator[str]:
    """Yield the table of fields of each kind."""
    common = frozenset.intersection(*(fields_of(kind) for kind in NoticeKind if is_of_a_case(kind)))
    news = frozenset.intersection(*(fields_of(kind) for kind in NEWS_FOR_FIRMS))
    staff = frozenset.intersection(*(fields_of(kind) for kind in NoticeKind if is_of_staff(kind)))
    rows = [
        ["企业事项 every kind of a case", code(sorted(common))],
        ["企业其他 every other kind for firms", code(sorted(news))],
        ["员工 every kind for staff", code(sorted(staff))],
    ]
    for kind in NoticeKind:
        own = fields_of(kind) - (staff if is_of_staff(kind) else common if is_of_a_case(kind) else news)
        given = GIVEN.get(kind, {})
        shown = [f"`{name}` ({given[name]})" if name in given else f"`{name}`" for name in sorted(own)]
        if shown:
            rows.append([f"`{kind}`", ", ".join(shown)])
    yield from grid(["种类 Kind", "字段 Fields"], rows)


def limits() -> Iterator[str]:
    """Yield the longest texts."""
    rows = [[f"`{part}`", *(f"{limit[language]:,}" for language in ("zh", "en"))] for part, limit in LIMITS.items()]
    yield from grid(["部分 Part", "zh", "en"], rows)
    yield ""
    yield (
        f"`short` (zh) = 2 × {SMS_SEGMENT} − {SIGNATURE_ROOM}: "
        f"两条短信减去签名的 {SIGNATURE_ROOM} 字 two parts of a text message, less {SIGNATURE_ROOM} signs for the "
        "gateway's signature."
    )


def subscriptions() -> Iterator[str]:
    """Yield the table of what a firm may leave out."""
    kinds: dict[Subscription, list[str]] = {each: [] for each in Subscription}
    for kind in NoticeKind:
        chosen = subscription_of(kind, Benefit.REMINDER)
        if chosen is not None:
            kinds[chosen].append(kind)
    rows = [
        [f"`{each}` {SUBSCRIPTION_WORDS[each].zh}", SUBSCRIPTION_WORDS[each].en, code(kinds[each])] for each in kinds
    ]
    yield from grid(["选择 Choice", "", "种类 Kinds"], rows)


def notice_steps() -> Iterator[str]:
    """Yield the diagram and table of the steps of a notice."""
    yield from _diagram(NOTICE_TRANSITIONS, {str(key): words for key, words in STATUS_WORDS.items()}, "due")
    yield from ["", *_steps(NOTICE_TRANSITIONS, {str(key): words for key, words in EVENT_WORDS.items()})]


def delivery_steps() -> Iterator[str]:
    """Yield the diagram and table of the steps of a delivery."""
    words = {str(key): words for key, words in DELIVERY_STATUS_WORDS.items()}
    yield from _diagram(DELIVERY_TRANSITIONS, words, "waiting")
    yield from ["", *_steps(DELIVERY_TRANSITIONS, {str(key): words for key, words in DELIVERY_EVENT_WORDS.items()})]


Transitions = Sequence[NoticeTransition] | Sequence[DeliveryTransition]


def _diagram(steps: Transitions, words: Mapping[str, Words], first: str) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f"    {status}: {status} {each.zh}" for status, each in words.items())
    yield f"    [*] --> {first}"
    for before in words:
        for after in words:
            events = [step.event for step in steps if (step.before, step.after) == (before, after)]
            if events:
                yield f"    {before} --> {after}: {' / '.join(sorted(events))}"
    yield "```"


def _steps(steps: Transitions, words: Mapping[str, Words]) -> list[str]:
    rows = [
        [
            f"`{event}` {each.zh}",
            each.en,
            code([step.before for step in steps if step.event == event]),
            code(sorted({step.after for step in steps if step.event == event})),
        ]
        for event, each in words.items()
    ]
    return grid(["步骤 Event", "", "从 From", "到 To"], rows)


def channels() -> Iterator[str]:
    """Yield the table of channels."""
    yield from grid(["渠道 Channel", ""], [[f"`{each}` {words.zh}", words.en] for each, words in CHANNEL_WORDS.items()])


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "kinds": kinds,
    "fields": fields,
    "limits": limits,
    "notice_steps": notice_steps,
    "delivery_steps": delivery_steps,
    "channels": channels,
    "subscriptions": subscriptions,
}


def page(text: str) -> str:
    """Return a page with its generated parts made anew."""
    return PART.sub(lambda found: found[1] + "\n".join(["", *PARTS[found[2]](), "", ""]) + found[3], text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
