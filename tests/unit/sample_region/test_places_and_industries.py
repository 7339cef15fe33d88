"""Our hand-written codes against the published lists, which are read where they lie and not copied."""

import csv
from pathlib import Path

import pytest

from policy_match.services.sample_region.industries import INDUSTRIES, PLACE_OF_CODE
from policy_match.services.sample_region.kinds import KINDS
from policy_match.services.sample_region.places import PLACES

SHARED = Path(__file__).parents[4] / "shared" / "data"


def column(file: str, name: str) -> set[str]:
    path = SHARED / file
    if not path.is_file():
        pytest.skip(f"{file} is not beside the repository")
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return {row[name] for row in csv.DictReader(opened)}


def test_every_class_of_industry_is_in_gb_t_4754() -> None:
    assert {industry.section + industry.code for industry in INDUSTRIES} <= column(
        "gbt4754_2017/gbt4754_2017.csv", "code"
    )


def test_no_division_in_a_credit_code_belongs_to_a_place() -> None:
    assert not {place.issued_by for place in PLACES} & column("cn_divisions/areas.csv", "code")


def test_the_only_real_division_is_the_one_that_a_policy_names() -> None:
    assert {place.division for place in PLACES} & column("cn_divisions/areas.csv", "code") == {"441602"}


def test_every_class_of_industry_stands_once() -> None:
    assert len(PLACE_OF_CODE) == len(INDUSTRIES)


def test_the_kinds_of_bodies_add_up_to_all() -> None:
    assert sum(kind.share for kind in KINDS) == pytest.approx(1)


def test_every_limit_of_a_kind_is_a_known_class() -> None:
    assert {code for kind in KINDS for code in kind.industries} <= PLACE_OF_CODE.keys()
