"""What would have to change for a false condition to become true."""

from datetime import date
from fractions import Fraction

from policy_match.expressions.nodes import Comparator
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import FactualValue, Row
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import Fact, FactCatalogue, FactType
from policy_match.sweep.change import Change, Combination, CombinedChange, Need, SingleChange, changes_needed
from policy_match.values import FactName

FACTS = {
    "staff": FactType.INTEGER,
    "revenue": FactType.MONEY,
    "code": FactType.STRING,
    "dishonest": FactType.BOOLEAN,
    "certificates": FactType.STRING_LIST,
}
VOCABULARY = Vocabulary(
    catalogue=FactCatalogue(
        {FactName(name): Fact(name=FactName(name), label=name, type=kind) for name, kind in FACTS.items()}
    )
)


def needed(text: str, **facts: FactualValue) -> Change:
    row = Row({FactName(name): value for name, value in facts.items()}, date(2025, 6, 30))
    return changes_needed(parse(text, VOCABULARY), row)


def single(change: Change) -> SingleChange:
    assert isinstance(change, SingleChange)
    return change


def test_a_threshold_names_the_target_and_the_gap() -> None:
    change = single(needed("staff >= 10", staff=Fraction(7)))
    assert (change.need, change.target, change.current, change.gap) == (Comparator.GE, (10,), 7, 3)
    assert change.facts == ("staff",)


def test_a_threshold_written_the_other_way_round_is_turned() -> None:
    change = single(needed("10 <= staff", staff=Fraction(7)))
    assert (change.need, change.target) == (Comparator.GE, (10,))


def test_a_negated_comparison_needs_its_opposite() -> None:
    assert single(needed("not (staff > 300)", staff=Fraction(301))).need is Comparator.LE


def test_of_a_conjunction_only_the_false_parts_are_named() -> None:
    change = needed("staff >= 10 and revenue < 5 and code == 'a'", staff=Fraction(7), revenue=Fraction(1), code="b")
    assert isinstance(change, CombinedChange)
    assert change.combination is Combination.ALL
    assert [single(part).facts for part in change.parts] == [("staff",), ("code",)]


def test_of_a_disjunction_any_part_suffices() -> None:
    change = needed("staff >= 10 or revenue >= 5", staff=Fraction(7), revenue=Fraction(1))
    assert isinstance(change, CombinedChange)
    assert change.combination is Combination.ANY


def test_a_negated_disjunction_needs_all_its_parts() -> None:
    change = needed("not (staff > 1 or revenue > 1)", staff=Fraction(7), revenue=Fraction(7))
    assert isinstance(change, CombinedChange)
    assert change.combination is Combination.ALL


def test_a_list_of_options_is_named() -> None:
    change = single(needed("code in ['a', 'b']", code="c"))
    assert (change.need, change.target) == (Need.ONE_OF, ("a", "b"))


def test_an_excluded_option_is_named() -> None:
    assert single(needed("code not in ['a', 'b']", code="a")).need is Need.NOT_ONE_OF


def test_prefixes_are_named() -> None:
    change = single(needed("has_prefix(code, ['13', '65'])", code="51"))
    assert (change.need, change.target) == (Need.STARTS_WITH, ("13", "65"))


def test_a_flag_must_turn() -> None:
    assert single(needed("not dishonest", dishonest=True)).need is Need.FALSE


def test_a_list_entry_must_leave_or_enter() -> None:
    change = single(needed("not on_list(certificates, as_of)", certificates=("2020-01-01/..",)))
    assert (change.need, change.target, change.current) == (Comparator.LE, (0,), 1)


def test_the_chosen_branch_may_change_or_the_other_branch_may_be_reached() -> None:
    change = needed("staff <= 30 ? revenue >= 5 : true", staff=Fraction(7), revenue=Fraction(1))
    assert isinstance(change, CombinedChange)
    assert [single(part).need for part in change.parts] == [Comparator.GE, Comparator.GT]


def test_when_the_other_branch_does_not_help_only_the_chosen_one_is_named() -> None:
    change = needed("staff <= 30 ? revenue >= 5 : revenue >= 9", staff=Fraction(7), revenue=Fraction(1))
    assert single(change).target == (5,)


def test_an_unknown_target_is_left_open() -> None:
    assert single(needed("staff >= revenue", staff=Fraction(7))).target == ()
