"""`policy-match accounts` and `tokens`: the first administrator, accounts, delegations, tokens of other systems."""

import json
from datetime import UTC, datetime, timedelta

from tests.functional.region import Command, Ended

FIRM = "91370212MA3C4E5F6X"
BY = ("--by", "chen.jie")


def near() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def told(ended: Ended) -> object:
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def refused(ended: Ended) -> str:
    assert ended.code == 2
    return str(json.loads(ended.err)["error"]["code"])


def test_the_first_administrator_is_made_before_anybody_can_sign_in(command_with_database: Command) -> None:
    type_in = command_with_database
    made = told(type_in("accounts", "administrator", "chen.jie", "--by", "setup", "--json"))
    assert isinstance(made, dict) and len(made["password"]) == 24
    held = told(type_in("approvals", "roles", "--person", "chen.jie", "--json"))
    assert isinstance(held, list)
    assert [(each["role"], each["department"]) for each in held] == [("administrator", "")]
    again = told(type_in("accounts", "administrator", "chen.jie", "--by", "setup", "--json"))
    assert isinstance(again, dict) and again["password"] != made["password"]


def test_an_account_is_made_closed_and_opened_again_by_somebody_else(command_with_database: Command) -> None:
    type_in = command_with_database
    type_in("accounts", "add", "wang.fang", "--kind", "staff", "--label", "王芳", *BY)
    assert refused(type_in("accounts", "add", "wang.fang", "--kind", "staff", *BY, "--json")) == "account.taken"
    assert refused(type_in("accounts", "close", "wang.fang", "--by", "wang.fang", "--json")) == "account.own"
    assert told(type_in("accounts", "close", "wang.fang", *BY, "--json")) == {"name": "wang.fang", "changed": True}
    assert "(nothing changed)" in type_in("accounts", "close", "wang.fang", *BY).out
    assert "已停用" in type_in("accounts", "close", "wang.fang", *BY, "--lang", "zh").out
    type_in("accounts", "open", "wang.fang", "--reason", "返岗", *BY)
    shown = told(type_in("accounts", "show", "wang.fang", "--json"))
    assert isinstance(shown, dict)
    assert [each["event"] for each in shown["events"]] == ["open", "close", "open"]
    assert "返岗" in type_in("accounts", "show", "wang.fang").out
    assert "王芳" in type_in("accounts", "list").out


def test_a_firm_has_users_and_keeps_an_owner_that_staff_name(command_with_database: Command) -> None:
    type_in = command_with_database
    type_in("accounts", "add", "zhao.min", "--kind", "firm", *BY)
    type_in("accounts", "add", "wang.fang", "--kind", "staff", *BY)
    type_in("accounts", "delegate", FIRM, "zhao.min", "--owner", *BY)
    assert refused(type_in("accounts", "delegate", FIRM, "wang.fang", *BY, "--json")) == "account.kind"
    users = told(type_in("accounts", "users", FIRM, "--json"))
    assert users == [{"user": "zhao.min", "owner": True, "by": "chen.jie"}]
    assert told(type_in("accounts", "end-delegation", FIRM, "zhao.min", *BY, "--json")) == {
        "name": "zhao.min",
        "changed": True,
    }


def test_a_token_is_said_once_and_ended(command_with_database: Command) -> None:
    type_in = command_with_database
    until = ("--until", "2126-01-01")
    assert (
        refused(type_in("tokens", "make", "finance", "--scope", "cases:read", *until, *BY, "--json")) == "token.unfit"
    )
    made = type_in("tokens", "make", "finance", "--scope", "cases:read", "--until", near(), *BY, "--json")
    token = told(made)
    assert isinstance(token, dict) and token["secret"].startswith("pmt_")
    listed = type_in("tokens", "list")
    assert token["secret"] not in listed.out and token["secret"][:12] in listed.out
    assert told(type_in("tokens", "end", token["token"], *BY, "--json")) == {"token": token["token"], "changed": True}
    assert refused(type_in("tokens", "end", 99, *BY, "--json")) == "token.unknown"
