"""What the quality page shows of a profile. All values are invented."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from policy_match.facts.canonical import stored_type
from policy_match.facts.catalogue import Fact, FactType
from policy_match.facts.quality import FactQuality
from policy_match.services.fact_profiles import TableProfiles
from policy_match.storage.profile_view import Bar, Card, cards
from tests.support.registry import fact


def card_of(what: Fact, values: Sequence[object]) -> Card:
    profiles = TableProfiles([what])
    profiles.add(pa.record_batch({what.name: pa.array(values, stored_type(what))}))
    quality = FactQuality(
        fact=what.name,
        label=what.label,
        label_en=what.label_en,
        type=what.type,
        unit=what.unit,
        grain=what.grain,
        rows=len(values),
        known=sum(value is not None for value in values),
        missing=sum(value is None for value in values),
        stale=0,
        fresh_days=None,
        conflicts=0,
        given_by={},
        first_observed=None,
        last_observed=None,
        profile=profiles.profiles()[what.name],
    )
    (card,) = cards([quality])
    return card


def lines(bars: Sequence[Bar]) -> list[tuple[str, int | None]]:
    return [(bar.chinese, bar.rows) for bar in bars]


def test_a_mix_of_units_shows_as_two_groups_with_a_gap() -> None:
    card = card_of(fact("revenue", FactType.MONEY), [300_00] * 10 + [3_000_000_00] * 90)
    assert lines(card.bars) == [("100 – 1,000", 10), ("⋮", None), ("100万 – 1,000万", 90)]
    assert [bar.english for bar in card.bars] == ["100 – 1k", "", "1m – 10m"]
    assert [bar.percent for bar in card.bars] == [11.1, 0.0, 100.0]


def test_money_is_shown_with_all_digits_and_in_ten_thousands() -> None:
    card = card_of(fact("revenue", FactType.MONEY), [123_456_789_12, 50_00])
    shown = {figure.english: (figure.text, figure.more) for figure in card.figures}
    assert shown["Maximum"] == ("123,456,789.12", "1.235 亿元")
    assert shown["Minimum"] == ("50", "")
    assert shown["Zeros"] == ("0", "")


def test_bars_of_whole_numbers_name_their_first_and_last() -> None:
    card = card_of(fact("employees", FactType.INTEGER), [-7, *range(40)])
    assert [bar.chinese for bar in card.bars] == ["-9 – -5", "⋮", "0", "1", "2 – 4", "5 – 9", "10 – 19", "20 – 49"]


def test_few_numbers_have_a_bar_each() -> None:
    card = card_of(fact("ratio", FactType.DECIMAL), [500_000] * 3 + [0])
    assert lines(card.bars) == [("0", 1), ("0.5", 3)]


def test_many_years_are_put_together_and_an_impossible_one_stands_apart() -> None:
    founded = fact("founded", FactType.DATE)
    assert lines(card_of(founded, [date(2019, 1, 1), date(2021, 1, 1)]).bars) == [
        ("2019", 1),
        ("⋮", None),
        ("2021", 1),
    ]
    many = card_of(founded, [date(200, 1, 1), *(date(1980 + number, 1, 1) for number in range(40))])
    assert lines(many.bars)[:3] == [("200 – 204", 1), ("⋮", None), ("1980 – 1984", 5)]
    assert len(many.bars) == 10


def test_words_are_cut_and_what_is_not_shown_is_counted() -> None:
    card = card_of(fact("scope", FactType.STRING), ["长" * 200] * 6 + ["乙"])
    assert lines(card.bars) == [("长" * 59 + "…", 6)]
    assert "其他值共 1 行" in card.notes[0][0]


def test_a_fact_without_known_values_has_no_card() -> None:
    assert cards([]) == []
