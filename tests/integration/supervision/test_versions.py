"""What supervision reads of the policies: department, titles and limits of the very versions of the cases."""

from pathlib import Path

from policy_match.services.supervise_cases import read_versions, supervised_cases, supervision_board
from policy_match.storage.unit_of_work import Database
from policy_match.supervision.colours import Colour
from policy_match.supervision.stages import Stage
from tests.support.cases import (
    CALENDAR,
    amended,
    budget,
    make_world,
    notify_world,
    open_world,
    process,
    tables,
)

TITLED = 'title_en = "An example"'


def policies() -> dict[str, object]:
    own = process().replace("[process]", "[process]\nlimits = { review = 12 }\nrecheck_days = 4")
    head = amended("direct").head
    return {
        "slow": amended("direct", head=f"{head}\n{TITLED}", tables=tables(budget(), own)),
        "direct": amended("direct"),
        "confirm": amended("confirm"),
    }


def test_the_board_counts_the_cases_of_real_policies(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, policies(), 3)  # type: ignore[arg-type]
    open_world(world)
    notify_world(world)
    found = supervision_board(database, CALENDAR, world.clock, per_policy=True)
    lines = {(line.policy_id, line.stage): line for line in found.board.lines}
    assert {key: sum(line.cases.values()) for key, line in lines.items()} == {
        ("slow", Stage.REVIEW): 3,
        ("direct", Stage.REVIEW): 3,
        ("confirm", Stage.ANSWER): 3,
    }
    assert lines["slow", Stage.REVIEW].unit == "人社局"
    assert (found.terms["slow"].title, found.terms["slow"].title_en) == ("示例 slow", "An example")  # type: ignore[index]
    world.clock.move(7)
    late = supervised_cases(database, CALENDAR, world.clock, colour=Colour.RED, most=100).cases
    assert {(case.policy_id, case.limit_days) for case in late} == {("direct", 3)}
    assert {case.name for case in late} == {f"示例{number}有限公司" for number in (1, 2, 3)}


def test_each_version_is_read_once(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, policies(), 1)  # type: ignore[arg-type]
    assert read_versions(database) == 0
    open_world(world)
    assert read_versions(database) == 3
    assert read_versions(database) == 0
    with database.unit_of_work() as work:
        limits = {terms.policy_id: terms for terms in work.supervision.stages.versions()}
    assert dict(limits["slow"].own_limits) == {Stage.REVIEW: 12, Stage.OBJECTION: 4}  # type: ignore[index]
    assert dict(limits["direct"].own_limits) == {Stage.OBJECTION: 5}  # type: ignore[index]
