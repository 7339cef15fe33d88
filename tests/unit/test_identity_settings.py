"""The table `[identity]`: what it sets, and one clear line for each mistake, without the value."""

import tomllib
from datetime import timedelta

import pytest

from policy_match.identity.accounts import AccountKind
from policy_match.identity.rules import IdentityRules
from policy_match.identity_settings import IdentitySettingsUnfit, read_identity

GOOD = """
local_accounts = true
staff_second_factor = false

[sessions]
idle = "15m"
absolute = "8h"
provider_check = "30m"

[throttle]
free = 3
first = "2s"
longest = "10m"
window = "12h"

[[provider]]
name = "gov"
label = "统一身份认证"
kind = "firm"
issuer = "https://id.example.test"
client_id = "policy-match"
client_secret_env = "GOV_SECRET"
makes_accounts = true
claims = { name = "sub", firm = "uscc" }
"""
ADDRESS = "https://policy-match.test/"


def test_a_table_sets_what_it_says() -> None:
    rules = read_identity(tomllib.loads(GOOD), address=ADDRESS)
    assert rules.sessions.idle == timedelta(minutes=15)
    assert (rules.per_account.free, rules.per_account.longest) == (3, timedelta(minutes=10))
    assert not rules.staff_second_factor
    (provider,) = rules.providers
    assert (provider.kind, provider.claims.firm, provider.second_factor) == (AccountKind.FIRM, "uscc", True)
    assert rules.address == "https://policy-match.test"


def test_without_a_table_the_defaults_hold() -> None:
    assert read_identity({}) == IdentityRules()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("local_accounts = true", 'local_accounts = "s3cret"', "`local_accounts` is true or false"),
        ("local_accounts = true", "local_accounts = false", "nobody could sign in"),
        ("local_accounts = true", "s3cret = 1", "has an unknown key"),
        ('idle = "15m"', 'idle = "s3cret"', "`idle` is a time such as"),
        ('idle = "15m"', 'idle = "9h"', "`idle` is longer than `absolute`"),
        ('first = "2s"', 'first = "11m"', "needs `first` <= `longest`"),
        ("free = 3", "free = 0", "`free` is a whole number"),
        ('name = "gov"', 'name = "GOV s3cret"', "provider 1: `name` is not"),
        ('kind = "firm"', 'kind = "s3cret"', "provider 1: `kind` is staff or firm"),
        ('kind = "firm"', 'kind = "staff"', "staff have no claim `firm`"),
        ('"https://id.example.test"', '"http://id.example.test"', "`issuer` is no https address"),
        ('"GOV_SECRET"', '"s3cret-itself"', "`client_secret_env` is not the name of an environment variable"),
        ('client_id = "policy-match"', 'scopes = ["email"]\nclient_id = "policy-match"', "one of them openid"),
        ("[sessions]", "[sessions]\nextra = 1", "sessions: has an unknown key"),
    ],
)
def test_a_wrong_table_is_one_line_that_repeats_no_value(old: str, new: str, says: str) -> None:
    with pytest.raises(IdentitySettingsUnfit) as caught:
        read_identity(tomllib.loads(GOOD.replace(old, new, 1)), address=ADDRESS)
    message = caught.value.message("en")
    assert says in message
    assert "s3cret" not in message + caught.value.message("zh")


def test_two_providers_are_told_apart() -> None:
    twice = GOOD + GOOD[GOOD.index("[[provider]]") :]
    with pytest.raises(IdentitySettingsUnfit, match="same name"):
        read_identity(tomllib.loads(twice), address=ADDRESS)


def test_providers_need_the_address_of_the_service() -> None:
    with pytest.raises(IdentitySettingsUnfit, match="public_url"):
        read_identity(tomllib.loads(GOOD))
