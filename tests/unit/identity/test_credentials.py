"""What a good password and a good account name are."""

import pytest

from policy_match.identity.accounts import WrongAccountName, checked_name
from policy_match.identity.credentials import WeakPassword, check_password, recovery_code_spelling, same_spelling


@pytest.mark.parametrize("password", ["correct horse battery", "一二三四五六七八九十甲乙", "x1y2z3" * 3])
def test_a_long_password_of_different_signs_is_good(password: str) -> None:
    check_password(password, "li.ming")


@pytest.mark.parametrize("password", ["short 12345", "a" * 40, "abab" * 5, "x" * 257, "my LI.MING password", ""])
def test_a_password_that_is_easy_to_guess_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        check_password(password, "li.ming")
    assert not password or password not in caught.value.message("en") + caught.value.message("zh")


def test_one_password_has_one_spelling() -> None:
    assert same_spelling("e\u0301") == same_spelling("\u00e9")


def test_a_recovery_code_is_the_same_however_it_is_typed() -> None:
    assert recovery_code_spelling("ABCD efgh-JKMN") == recovery_code_spelling("abcdefghjkmn")


@pytest.mark.parametrize("name", ["li.ming", "王芳", "37A-1", "li@example.test"])
def test_names_of_people_are_good(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "x", "system", "firm:91370212MA3C4E5F6X", "machine:x", "two words", "x" * 65])
def test_a_name_that_could_be_taken_for_something_else_is_refused(name: str) -> None:
    with pytest.raises(WrongAccountName):
        checked_name(name)
