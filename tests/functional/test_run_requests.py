"""`policy-match run requests`: what was asked for over the API, done once, without a scheduler."""

from policy_match.ports.requested_work import WorkKind
from policy_match.services.ask_for_work import ask_for_opening, ask_for_step, show_request
from policy_match.storage.unit_of_work import Database
from tests.functional.region import Region
from tests.functional.test_scheduler_commands import import_firms


def test_what_waits_is_done_and_what_fails_is_counted(region: Region) -> None:
    region.write_rules("direct", "confirm")
    import_firms(region, 1, 2)
    rules = ("--rules", region.folder / "rules")
    (snapshot,) = region.json("snapshots", "list")
    region("sweeps", "run", "--snapshot", snapshot["snapshot"], "--as-of", "2025-06-30", *rules)
    with Database(region.database_url) as database:
        opening = ask_for_opening(database, region.clock, "latest", by="wang.fang")
        ask_for_step(database, region.clock, WorkKind.NOTIFY, None, by="wang.fang")
        done = region.json("run", "requests", "--by", "li.ming", *rules)
        assert done == {"done": 2, "failed": 0, "again": 0}
        assert show_request(database, opening.request_id).result["cases"] == 4
    assert len(region.cases(status="notified")) == 2
    assert "0 requests done" in region("run", "requests", "--by", "li.ming", *rules, "--lang", "en")


def test_a_firm_does_no_requested_work(region: Region) -> None:
    region.write_rules("direct")
    rules = ("--rules", region.folder / "rules")
    region.refused("run", "requests", "--by", "firm:91370000MA00000001", *rules)
