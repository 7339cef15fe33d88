"""The second look at the same day, and the accounts of the invented firms."""

import csv
import io
from collections.abc import Mapping
from datetime import date

import pytest
from stdnum.iso7064 import mod_11_10

from policy_match.payments.accounts import AccountNumber, same_name
from policy_match.services.sample_region.accounts import corrected_account, first_account, is_closed
from policy_match.services.sample_region.later import LaterNews, later_news
from policy_match.services.sample_region.population import found_firms
from policy_match.services.sample_region.writing import sample_region_files
from policy_match.values import Uscc

FIRMS, DAY = 2_000, date(2025, 12, 31)
ENCODINGS = {"registry.csv": "gb18030"}
CODE = "统一社会信用代码"


@pytest.fixture(scope="module")
def news() -> LaterNews:
    return later_news(found_firms(FIRMS, 1))


def rows(name: str, *, later: bool) -> Mapping[str, dict[str, str]]:
    files = {each: content for each, _, content in sample_region_files(firms=FIRMS, seed=1, as_of=DAY, later=later)}
    text = files[name].decode(ENCODINGS.get(name, "utf-8"))
    return {row[CODE]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_only_firms_of_which_there_is_news_differ_a_month_later(news: LaterNews) -> None:
    before, after = rows("registry.csv", later=False), rows("registry.csv", later=True)
    changed = {code for code, row in before.items() if after.get(code) != row}
    assert changed == before.keys() & (news.moved | news.closed)
    assert all(after[code]["登记地区划代码"] == "350468" for code in news.moved & after.keys())
    assert not news.closed & after.keys()


def test_a_firm_listed_since_has_an_entry_from_before_the_day(news: LaterNews) -> None:
    before, after = rows("joint-check.csv", later=False), rows("joint-check.csv", later=True)
    changed = {code for code in after if before[code] != after[code]}
    assert changed == news.listed & after.keys()
    assert {after[code]["严重违法失信名单"] for code in changed} == {"2025-12-11/.."}


def test_the_notice_says_that_these_are_the_later_files() -> None:
    notice = next(iter(sample_region_files(firms=FIRMS, seed=1, as_of=DAY, later=True)))[2].decode()
    assert "--later" in notice
    assert "moved away: 8" in notice


def test_every_account_can_be_entered_and_says_that_it_is_invented() -> None:
    firms = found_firms(FIRMS, 1)
    accounts = [
        first_account(row, Uscc(code), name)
        for row, (code, name) in enumerate(zip(firms.codes, firms.names, strict=True))
    ]
    assert all(AccountNumber.parse(each.number).digits.startswith("9999") for each in accounts)
    assert all(mod_11_10.is_valid(each.bank_code) and each.bank_code.startswith("990") for each in accounts)
    assert len({each.number for each in accounts}) == FIRMS


def test_about_one_account_in_a_hundred_is_closed_or_in_another_name() -> None:
    firms = found_firms(FIRMS, 1)
    named = list(zip(firms.codes, firms.names, strict=True))
    accounts = [first_account(1, Uscc(code), name) for code, name in named]
    wrong = sum(not same_name(each.holder, name) for each, (_, name) in zip(accounts, named, strict=True))
    closed = sum(is_closed(each.number) for each in accounts)
    assert 10 <= wrong <= 40
    assert 10 <= closed <= 40


def test_a_corrected_account_is_another_open_one_in_the_firms_name() -> None:
    first, second = (corrected_account(1, Uscc("91370268WWWEXAMPLE"), "样例", version) for version in (2, 3))
    assert first.number != second.number
    assert (first.holder, is_closed(first.number)) == ("样例", False)
