"""What a rehearsal looks at before it acts on every case of a database."""

from policy_match.services.rehearsal.play import look_around
from policy_match.storage.unit_of_work import Database
from tests.support.payment_flow import DAY, cases, fill


def test_a_case_of_a_firm_that_may_be_real_keeps_a_rehearsal_away(database: Database, database_url: str) -> None:
    fill(database, database_url, cases(100))
    found = look_around(database)
    assert not found.only_invented
    assert found.last_day == DAY


def test_an_empty_database_may_be_rehearsed_in(database: Database) -> None:
    found = look_around(database)
    assert (found.only_invented, found.last_day) == (True, None)
