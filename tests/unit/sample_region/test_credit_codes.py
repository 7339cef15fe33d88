import pytest
from stdnum.cn import uscc

from policy_match.services.sample_region.credit_codes import NUMBERS, credit_code, number_of, organisation_check


@pytest.mark.parametrize("number", [0, 1, 30, 31, 19_999, NUMBERS - 1])
def test_a_code_has_the_right_check_character(number: int) -> None:
    assert uscc.is_valid(credit_code("91", "370268", number))


@pytest.mark.parametrize("number", [0, 1, 30, 31, 19_999, NUMBERS - 1])
def test_the_number_of_a_firm_can_be_read_from_its_code(number: int) -> None:
    assert number_of(credit_code("91", "370268", number)) == number


def test_the_organisation_number_has_the_check_character_of_gb_11714() -> None:
    assert organisation_check("D2143569") == "X"  # the example in GB 11714-1997


def test_no_two_firms_have_one_code() -> None:
    assert len({credit_code("91", "370268", number) for number in range(50_000)}) == 50_000


def test_the_organisation_number_is_from_the_series_that_is_not_in_use() -> None:
    assert credit_code("52", "350468", 7)[8:11] == "WWW"
