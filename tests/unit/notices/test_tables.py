"""What the schema knows of notices is made from the tables of the program; everything has words in two languages."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from policy_match.cases.model import NoticeKind
from policy_match.cases.words import Words
from policy_match.notices.model import Channel, DeliveryEvent, DeliveryStatus, NoticeEvent, NoticeStatus
from policy_match.notices.sql_rules import insert_notice_rules, insert_notice_transitions
from policy_match.notices.words import (
    CHANNEL_WORDS,
    DELIVERY_EVENT_WORDS,
    DELIVERY_STATUS_WORDS,
    EVENT_WORDS,
    KIND_WORDS,
    STATUS_WORDS,
)

STORAGE = Path(__file__).parents[3] / "policy_match" / "storage"


@pytest.mark.parametrize("file", ["schema.sql", "migrations/0005_notices.sql"])
def test_the_schema_has_the_rows_of_the_tables(file: str) -> None:
    text = (STORAGE / file).read_text(encoding="utf-8")
    assert insert_notice_rules() in text
    assert insert_notice_transitions() in text


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (KIND_WORDS, NoticeKind),
        (CHANNEL_WORDS, Channel),
        (STATUS_WORDS, NoticeStatus),
        (EVENT_WORDS, NoticeEvent),
        (DELIVERY_STATUS_WORDS, DeliveryStatus),
        (DELIVERY_EVENT_WORDS, DeliveryEvent),
    ],
)
def test_everything_has_words_in_both_languages(words: Mapping[str, Words], names: type) -> None:
    assert list(words) == list(names)
    assert all(each.zh and each.en for each in words.values())
