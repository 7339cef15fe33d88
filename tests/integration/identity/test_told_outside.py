"""What whoever signs in is told when something within is wrong, or when he must wait."""

import pytest

from policy_match.config import ACCOUNT_KEYS, VariableNotSet, WrongAccountKeys
from policy_match.errors import InputError, PolicyMatchError, SeveralMistakes
from policy_match.payment_settings import PaymentSettingsUnfit
from policy_match.web.guard import shown
from tests.support.signed_in import Entrance

UNSET = VariableNotSet(asked_by="web.toml: gov", name="INVENTED_SECRET")
WRONG_KEYS = WrongAccountKeys(source=ACCOUNT_KEYS, number=2)
WRONG_FILE = PaymentSettingsUnfit(file="payments.toml", problem="`channel` is missing", problem_zh="缺少“channel”")


@pytest.mark.parametrize("error", [UNSET, WRONG_KEYS, WRONG_FILE, SeveralMistakes([UNSET, WRONG_FILE])])
def test_a_setting_that_does_not_fit_is_told_to_nobody_outside(entrance: Entrance, error: PolicyMatchError) -> None:
    with entrance.app.test_request_context():
        told = shown(error)
    assert (told.code, told.http_status, told.fields) == ("service.unavailable", 503, {})


def test_mistakes_of_who_asks_are_told_to_him(entrance: Entrance) -> None:
    error = SeveralMistakes([InputError(detail="one"), InputError(detail="two")])
    with entrance.app.test_request_context():
        assert shown(error) is error


def test_who_guessed_too_often_is_told_when_to_try_again(entrance: Entrance) -> None:
    entrance.account("wang.fang")
    browser = entrance.browser()
    answers = [browser.post("/sign-in", {"name": "wang.fang", "password": "wrong"}) for _ in range(6)]
    assert [each.status_code for each in answers] == [401] * 5 + [429]
    assert answers[-1].get_json()["code"] == "sign-in.wait"
    assert answers[-1].headers["Retry-After"] == "1"
    assert "Retry-After" not in answers[0].headers
