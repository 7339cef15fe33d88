"""Versions of a policy and what differs between them; snapshots and what differs; sources and what was refused."""

import hashlib
import time
from pathlib import Path

import pytest

from policy_match.policy.loader import load_rules
from policy_match.storage.unit_of_work import Database
from tests.functional.api.test_registry import CSV, FIRMS, HEADER, RegistryDesk
from tests.support.api import ApiClient, WorldDesk, client_of, staff
from tests.support.cases import OUTSIDER, World, chosen, make_world, uscc, write_policies
from tests.support.requests import do_requests

OTHER = {
    "when": "headcount > 5",
    "amount": "premium * 0.6",
}


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path, ["direct", "bank"], 3)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> RegistryDesk:
    return RegistryDesk(database, tmp_path)


@pytest.fixture
def clerk(desk: RegistryDesk) -> ApiClient:
    return client_of(desk, staff("clerk"))


def test_a_version_that_a_sweep_decided_by_stays_listed_and_is_compared(world: World, tmp_path: Path) -> None:
    desk = WorldDesk(world, tmp_path)
    old = desk.rules.policies["direct"].versions[0].fingerprint  # type: ignore[index]
    text = chosen("direct")["direct"]
    folder = tmp_path / "newer"
    write_policies(folder, {"direct": type(text)(head=text.head, tables=text.tables, **OTHER)})
    desk.rules = load_rules(folder)
    clerk = client_of(desk, staff("clerk"))
    listed = clerk.get("/policies/direct/versions").get_json()["items"]
    assert [(each["in_use"], each["sweeps"]) for each in listed] == [(True, 0), (False, 1)]
    new = listed[0]["fingerprint"]
    found = clerk.get(
        "/policies/direct/difference", **{"from": old, "to": new}, headers={"Accept-Language": "zh"}
    ).get_json()
    assert [(each["part"], each["kind"], each["before"], each["after"]) for each in found["changes"]] == [
        ("condition", "changed", "headcount > 0", "headcount > 5"),
        ("amount", "changed", "premium * 0.5", "premium * 0.6"),
    ]
    assert found["changes"][0]["what"] == "条件“有参保人员”的规则"
    assert found["changes"][0]["articles"] == ["一"]
    same = clerk.get("/policies/direct/difference", **{"from": old, "to": old}).get_json()
    assert same["changes"] == []
    gone = clerk.get("/policies/bank/versions").get_json()["items"]
    assert [each["in_use"] for each in gone] == [False]
    strange = clerk.get("/policies/direct/difference", **{"from": old, "to": gone[0]["fingerprint"]})
    assert (strange.status_code, strange.get_json()["code"]) == (404, "policy.no-version")
    assert clerk.get("/policies/none/versions").status_code == 404
    assert clerk.get("/policies/direct/difference", to=old).status_code == 422


def test_examples_are_shown_with_what_the_rules_give(world: World, tmp_path: Path) -> None:
    desk = WorldDesk(world, tmp_path)
    clerk = client_of(desk, staff("clerk"))
    assert clerk.get("/policies/direct/examples").get_json() == {"items": []}
    path = Path(desk.rules.policies["direct"].path)  # type: ignore[index]
    path.with_suffix("").with_suffix(".cases.toml").write_text(
        """
[base]
headcount = 3
premium = 100.5
[[case]]
name = "符合"
as_of = 2025-06-30
outcome = "eligible"
amount = 50.25
[[case]]
name = "写错的例子"
as_of = 2025-06-30
outcome = "eligible"
amount = 1
facts = {premium = 4}
[[case]]
name = "缺人数"
as_of = 2025-06-30
outcome = "undetermined"
unknown = ["headcount"]
missing = ["headcount"]
"""
    )
    first, wrong, unknown = clerk.get("/policies/direct/examples").get_json()["items"]
    assert (first["as_expected"], first["amount_fen"], first["found"]) == (True, 5025, "")
    assert {each["label"]: each["value"] for each in first["facts"]} == {"参保人数": "3", "缴纳失业保险费": "100.5"}
    assert (wrong["as_expected"], wrong["found"]) == (False, "eligible 2.00")
    assert (unknown["expected"], unknown["unknown"]) == ("undetermined", ["参保人数"])


def import_text(desk: RegistryDesk, clerk: ApiClient, text: str) -> str:
    """Import a CSV file; return the id of the snapshot."""
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()
    assert clerk.upload("PUT", f"/uploads/{digest}", content, CSV).status_code == 200
    wanted = {"sources": [{"mapping": "registry", "upload": digest}], "as_of": "2025-06-30"}
    number = clerk.post("/requests/imports", wanted).get_json()["request_id"]
    assert do_requests(desk, desk.database, desk.config.data_dir / "rules") == {"done": 1}
    return str(clerk.get(f"/requests/{number}").get_json()["result"]["snapshot_id"])


def test_two_snapshots_are_compared_fact_by_fact(desk: RegistryDesk, clerk: ApiClient) -> None:
    before = import_text(desk, clerk, HEADER + FIRMS + f"{uscc(3)},示例3有限公司,5,7,\n")
    after = import_text(
        desk,
        clerk,
        HEADER + f"{uscc(1)},示例1有限公司,11,2000,\n{uscc(2)},新企业,1,1,1\n{uscc(3)},示例3有限公司,5,7,9\n",
    )
    found = clerk.get(f"/snapshots/{after}/difference", **{"from": before}).get_json()
    (table,) = found["tables"]
    assert (table["grain"], table["before_rows"], table["after_rows"]) == ("firm", 3, 3)
    assert (table["added"], table["removed"], table["changed"]) == (1, 1, 2)
    facts = {each["fact"]: each for each in table["facts"]}
    assert (facts["headcount"]["changed"], facts["ent_name"]["changed"]) == (1, 0)
    assert (facts["tax_retained"]["became_known"], facts["tax_retained"]["became_unknown"]) == (1, 1)
    moved = clerk.pages(f"/snapshots/{after}/difference/rows", **{"from": before}, limit=1)
    assert sorted((each["uscc"], each["change"]) for each in moved) == sorted(
        [(uscc(2), "added"), (OUTSIDER, "removed")]
    )
    heads = clerk.pages(f"/snapshots/{after}/difference/rows", **{"from": before}, fact="headcount")
    assert [(each["uscc"], each["before"], each["after"]) for each in heads] == [(uscc(1), "10", "11")]
    taxes = clerk.pages(f"/snapshots/{after}/difference/rows", **{"from": before}, fact="tax_retained", limit=1)
    assert [(each["uscc"], each["change"], each["after"]) for each in taxes] == [
        (uscc(1), "became_unknown", None),
        (uscc(3), "became_known", "9"),
    ]
    same = clerk.get(f"/snapshots/{after}/difference", **{"from": after}).get_json()["tables"][0]
    assert (same["added"], same["removed"], same["changed"]) == (0, 0, 0)
    nothing = clerk.get(f"/snapshots/{after}/difference/rows", **{"from": before}, fact="nothing")
    assert (nothing.status_code, nothing.get_json()["code"]) == (404, "snapshot.no-fact")
    assert clerk.get(f"/snapshots/{after}/difference", **{"from": "0" * 64}).status_code == 404


def test_a_hundred_thousand_firms_are_compared_in_seconds(desk: RegistryDesk, clerk: ApiClient) -> None:
    firms = 100_000
    text = HEADER + "".join(
        f"91370000MA{number:08d},示例{number},{number % 50},{number},5\n" for number in range(firms)
    )
    other = HEADER + "".join(
        f"91370000MA{number:08d},示例{number},{number % 51},{number},5\n" for number in range(1000, firms + 500)
    )
    before, after = import_text(desk, clerk, text), import_text(desk, clerk, other)
    began = time.monotonic()
    (table,) = clerk.get(f"/snapshots/{after}/difference", **{"from": before}).get_json()["tables"]
    assert (table["added"], table["removed"]) == (500, 1000)
    assert table["changed"] == sum(number % 50 != number % 51 for number in range(1000, firms))
    assert time.monotonic() - began < 20  # about a second; a machine that is busy takes longer


def test_what_was_refused_is_listed_and_fetched(desk: RegistryDesk, clerk: ApiClient) -> None:
    snapshot = import_text(desk, clerk, HEADER + FIRMS + "坏代码,=危险,1,1,1\n" + f"{uscc(4)},x,many,1,1\n")
    found = clerk.pages(f"/snapshots/{snapshot}/refused", limit=1)
    assert [(each["row"], each["whole_row"], each["reason"], each["value"]) for each in found] == [
        (4, True, "unusable_key", ""),
        (5, False, "not_a_number", "many"),
    ]
    assert found[1]["told"]
    file = clerk.get(f"/snapshots/{snapshot}/refused.csv")
    assert (file.status_code, file.mimetype) == (200, "text/csv")
    assert "unusable_key" in file.get_data(as_text=True)
    assert clerk.get(f"/snapshots/{'0' * 64}/refused").status_code == 404


def test_sources_are_judged_against_the_delivery_before(desk: RegistryDesk, clerk: ApiClient) -> None:
    assert clerk.get("/sources").get_json()["items"] == []
    rows = [f"{uscc(number)},示例{number},1,1,1\n" for number in range(1, 11)]
    import_text(desk, clerk, HEADER + "".join(rows))
    (source,) = clerk.get("/sources").get_json()["items"]
    assert (source["source"], source["health"], source["findings"], source["before"]) == ("样例", "blue", [], None)
    assert source["age_days"] == 1
    import_text(desk, clerk, HEADER + "".join(rows[:6]).replace(",1,1,1", ",,1,1") + "x,x,1,1,1\n")
    (source,) = clerk.get("/sources").get_json()["items"]
    assert source["latest"]["rows_refused"] == 1
    assert source["health"] == "red"
    assert {each["finding"] for each in source["findings"]} == {"refused", "missing", "fewer_rows"}


def test_policies_are_found_by_their_words_and_their_standing(world: World, tmp_path: Path) -> None:
    clerk = client_of(WorldDesk(world, tmp_path), staff("clerk"))
    assert [each["id"] for each in clerk.pages("/policies", text="示例 BANK")] == ["bank"]
    assert len(clerk.pages("/policies", text="参保人员")) == 2
    assert clerk.pages("/policies", text="示例 无此词") == []
    assert len(clerk.pages("/policies", state="in_force")) == 2
    assert clerk.pages("/policies", state="to_come") == []
    assert clerk.get("/policies", state="never").status_code == 422


def test_imports_and_files_are_listed_the_latest_first(desk: RegistryDesk, clerk: ApiClient) -> None:
    assert clerk.pages("/imports") == []
    first = import_text(desk, clerk, HEADER + FIRMS)
    desk.clock.move(1)  # type: ignore[attr-defined]
    second = import_text(desk, clerk, HEADER + FIRMS + "x,x,1,1,1\n")
    found = clerk.pages("/imports", limit=1)
    assert {each["snapshot_id"] for each in found} == {first, second}
    by_id = {each["snapshot_id"]: each for each in found}
    assert (by_id[second]["rows"], by_id[second]["rows_refused"], by_id[second]["sources"]) == (
        {"firm": 2},
        1,
        ["样例"],
    )
    files = clerk.pages("/uploads", order="latest", limit=1)
    assert [each["at"] for each in files] == sorted((each["at"] for each in files), reverse=True)
    assert {each["digest"] for each in files} == {each["digest"] for each in clerk.pages("/uploads")}


def test_a_sweep_says_by_whom_it_was_released(world: World, tmp_path: Path) -> None:
    desk = WorldDesk(world, tmp_path)
    clerk = client_of(desk, staff("clerk"))
    assert clerk.get("/sweeps/latest").get_json()["openings"] == []
    clerk.post("/requests/openings", {"sweep_id": "latest"})
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"done": 1}
    (opening,) = clerk.get("/sweeps/latest").get_json()["openings"]
    assert opening["by"] == "wang.fang"
