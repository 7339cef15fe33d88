"""A clerk reads words, not names: every count that a job or background work keeps has words in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.cases.rechecking import RecheckOutcome
from policy_match.events.webhooks import TRIES, WebhookStep
from policy_match.notices.model import DeliveryEvent
from policy_match.services import event_jobs, message_jobs, requested_kinds, requested_work, standing_jobs
from policy_match.services.order_payments import Blocked
from policy_match.services.repair_notices import FindingKind
from policy_match.supervision.colours import Colour
from policy_match.web.bureau.figures import FIGURE_WORDS, figure_words

TOLD_OTHERWISE = {
    "import_sources",
    "take_prior_aid",
    "sweep_snapshot",
    "open_cases_of_sweep",
}
"""What these give is said in a sentence (`bureau/work_next.html`)."""

NO_COUNTS = {"case_id", "code", "detail", "detail_zh", "refused_cases", "outcomes", "steps", "blocked"}
"""Parts of a list of refused cases, and names of groups of counts."""

COUNTED = (*RecheckOutcome, *Blocked, *DeliveryEvent, *FindingKind, *Colour, *TRIES, WebhookStep.PASS)


def written_names() -> Iterator[str]:
    """Give the names that are written out where jobs and background work return what they did."""
    for module in (standing_jobs, message_jobs, event_jobs, requested_work, requested_kinds):
        assert module.__file__ is not None
        for function in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name not in TOLD_OTHERWISE:
                for each in ast.walk(function):
                    if isinstance(each, ast.Dict):
                        yield from (key.value for key in each.keys if isinstance(key, ast.Constant))


def test_names_are_found_where_they_are_written() -> None:
    assert {"notified", "granted", "without_reply", "taken", "done", "events"} <= set(written_names())


@pytest.mark.parametrize("name", sorted({*written_names(), *(each.value for each in COUNTED)} - NO_COUNTS))
def test_every_count_has_words(name: str) -> None:
    words = FIGURE_WORDS[name]
    assert words.en
    assert not words.zh.isascii()


def test_what_was_repaired_says_so() -> None:
    assert figure_words("lost_send_repaired").zh == "发送中断（已修复）"
    assert figure_words("lost_send_repaired").en == "its sender died (repaired)"


def test_a_count_without_words_is_shown_by_its_name() -> None:
    assert figure_words("of_a_later_version").zh == "of_a_later_version"
