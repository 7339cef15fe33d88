"""The table `[identity]`: what it sets, and one clear line for each mistake, without the value."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from policy_match.errors import InputError, Language, each_mistake
from policy_match.identity.accounts import AccountKind
from policy_match.identity.rules import IdentityRules
from policy_match.identity_settings import IdentitySettingsUnfit, read_identity
from policy_match.settings_file import SettingsFile
from policy_match.web_settings import WebSettingsUnfit, read_web_settings

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


def read(text: str) -> IdentityRules:
    """Read a table as the file of the web does."""
    file = SettingsFile(Path("web.toml"), WebSettingsUnfit)
    rules = read_identity(tomllib.loads(text), file.noting(IdentitySettingsUnfit), address=ADDRESS)
    file.tell()
    return rules


def mistakes(text: str, language: Language = "en") -> list[str]:
    with pytest.raises(InputError) as refused:
        read(text)
    assert all(isinstance(each, IdentitySettingsUnfit) for each in each_mistake(refused.value))
    return refused.value.message(language).splitlines()


def test_a_table_sets_what_it_says() -> None:
    rules = read(GOOD)
    assert rules.sessions.idle == timedelta(minutes=15)
    assert (rules.per_account.free, rules.per_account.longest) == (3, timedelta(minutes=10))
    assert not rules.staff_second_factor
    (provider,) = rules.providers
    assert (provider.kind, provider.claims.firm, provider.second_factor) == (AccountKind.FIRM, "uscc", True)
    assert rules.address == "https://policy-match.test"


def test_without_a_table_the_defaults_hold() -> None:
    assert read("") == IdentityRules(address=ADDRESS.rstrip("/"))


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
    wrong = GOOD.replace(old, new, 1)
    (line,), (chinese,) = mistakes(wrong), mistakes(wrong, "zh")
    assert says in line
    assert line.startswith("web.toml: [identity] ") and chinese.startswith("web.toml：[identity] ")
    assert "s3cret" not in line + chinese


def test_two_providers_are_told_apart() -> None:
    twice = GOOD + GOOD[GOOD.index("[[provider]]") :]
    same_name, same_client = mistakes(twice)
    assert "same name" in same_name
    assert "same issuer and client" in same_client


def test_every_mistake_is_a_line_of_its_own() -> None:
    wrong = """
local_accounts = false
staff_second_factor = 1
[sessions]
idle = "soon"
absolute = 8
[throttle]
free = 0
free_per_address = 0
first = "never"
[[provider]]
name = "GOV"
kind = "firm"
issuer = "http://id.example.test"
client_id = "a b"
scopes = []
claims = { name = 1, extra = "x" }
[[provider]]
"""
    lines = mistakes(wrong)
    told = ("staff_second_factor", "idle", "absolute", "free", "free_per_address", "first")
    assert [sum(f"`{key}` is" in line for line in lines) for key in told] == [1] * len(told)
    first = [line for line in lines if "provider 1: " in line]
    keys = ("`name`", "`client_secret_env`", "`client_id`", "`issuer`", "`scopes`", "claims: has an", "claims: holds")
    assert [sum(key in line for line in first) for key in keys] == [1] * len(keys)
    assert len(first) == len(keys)
    assert sum("provider 2: " in line for line in lines) == 5
    assert len(set(lines)) == len(lines) == len(told) + len(first) + 5


def test_providers_need_the_address_of_the_service(tmp_path: Path) -> None:
    table = GOOD.replace("[sessions]", "[identity.sessions]").replace("[throttle]", "[identity.throttle]")
    file = tmp_path / "web.toml"
    file.write_text("[identity]\n" + table.replace("[[provider]]", "[[identity.provider]]"), encoding="utf-8")
    with pytest.raises(IdentitySettingsUnfit, match=r"web\.toml: .*public_url"):
        read_web_settings(file)
