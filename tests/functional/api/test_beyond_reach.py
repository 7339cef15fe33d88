"""Facts belong to no policy, and staff's accounts to no firm: neither is told to whoever is limited."""

from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.api import WorldDesk, client_of, staff
from tests.support.cases import make_world, uscc
from tests.support.signed_in import open_entrance

ID, EARLIER = "a" * 64, "b" * 64


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> WorldDesk:
    return WorldDesk(make_world(database, tmp_path, firms_or_count=2), tmp_path)


@pytest.mark.parametrize("path", ["difference/rows", "refused", "refused.csv"])
def test_rows_of_snapshots_are_for_those_who_are_limited_to_no_department(desk: WorldDesk, path: str) -> None:
    asked = {"before": EARLIER, "grain": "firm"} if path == "difference/rows" else {}
    limited, everywhere = (client_of(desk, staff("clerk", department=each)) for each in ("财政局", ""))
    assert limited.get(f"/snapshots/{ID}/{path}", **asked).status_code == 403
    assert everywhere.get(f"/snapshots/{ID}/{path}", **asked).status_code == 404


def test_to_a_firm_members_of_staff_are_nobody(database: Database) -> None:
    entrance = open_entrance(database)
    entrance.account("li.ming")
    owner = entrance.firm_user(str(uscc(1)))
    answers = [owner.put(f"/firms/{uscc(1)}/users/{name}", {"is_owner": False}) for name in ("li.ming", "nobody.here")]
    assert [(each.status_code, each.get_json()["code"]) for each in answers] == [(404, "account.unknown")] * 2
