"""One transaction for a whole request: what services commit in it is there when the request is, or not at all."""

from datetime import UTC, datetime

import pytest

from policy_match.errors import StorageError
from policy_match.ports import Database as AnyDatabase
from policy_match.ports.approvals import RoleRow
from policy_match.services.roles import grant_role, roles_held
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock

CLOCK = MovableClock()


def grant(database: AnyDatabase, person: str) -> None:
    grant_role(database, CLOCK, person=person, role="reviewer", by="chief")


def people(database: AnyDatabase) -> list[str]:
    return [row.person for row in roles_held(database)]


def of(person: str) -> RoleRow:
    return RoleRow(person=person, role="reviewer", granted=True, at=datetime(2026, 3, 2, tzinfo=UTC), by="chief")


def test_what_is_not_committed_as_a_whole_never_was(database: Database) -> None:
    with database.request_work(read_only=False) as work:
        grant(work, "wang.fang")
        assert people(work) == ["wang.fang"]
        assert people(database) == []
    assert people(database) == []


def test_what_several_services_committed_is_kept_together(database: Database) -> None:
    with database.request_work(read_only=False) as work:
        grant(work, "wang.fang")
        grant(work, "li.na")
        work.commit()
    assert people(database) == ["li.na", "wang.fang"]


def test_a_part_without_a_commit_is_taken_back_alone(database: Database) -> None:
    with database.request_work(read_only=False) as work:
        grant(work, "wang.fang")
        with work.unit_of_work() as part:
            part.approvals.add_role(of("li.na"))
        work.commit()
    assert people(database) == ["wang.fang"]


def test_what_is_written_after_the_commit_of_a_part_is_taken_back(database: Database) -> None:
    with database.request_work(read_only=False) as work:
        with work.unit_of_work() as part:
            part.approvals.add_role(of("wang.fang"))
            part.commit()
            part.approvals.add_role(of("li.na"))
        work.commit()
    assert people(database) == ["wang.fang"]


def test_a_part_that_the_database_refuses_leaves_the_others(database: Database) -> None:
    with database.request_work(read_only=False) as work:
        grant(work, "wang.fang")
        with work.unit_of_work() as part, pytest.raises(StorageError):
            part.approvals.add_role(of(" "))
        grant(work, "li.na")
        work.commit()
    assert people(database) == ["li.na", "wang.fang"]


def test_parts_may_lie_within_each_other(database: Database) -> None:
    with database.request_work(read_only=False) as work:
        with work.unit_of_work() as outer:
            outer.approvals.add_role(of("wang.fang"))
            with work.unit_of_work() as inner:
                inner.approvals.add_role(of("li.na"))
            outer.commit()
        work.commit()
    assert people(database) == ["wang.fang"]


def test_a_reading_request_sees_one_moment(database: Database) -> None:
    with database.request_work(read_only=True) as work:
        assert people(work) == []
        grant(database, "wang.fang")
        assert people(work) == []
    assert people(database) == ["wang.fang"]


def test_a_reading_request_cannot_write(database: Database) -> None:
    with database.request_work(read_only=True) as work, pytest.raises(StorageError):
        grant(work, "wang.fang")
    assert people(database) == []


def test_the_connection_goes_back_as_it_was(database: Database) -> None:
    for _ in range(20):
        with database.request_work(read_only=True) as work:
            people(work)
    grant(database, "wang.fang")
    assert people(database) == ["wang.fang"]
