"""The invented world that other tests stand on is what it says."""

from pathlib import Path

from policy_match.storage.unit_of_work import Database
from tests.support.cases import POLICIES, firms, make_world


def test_every_policy_finds_every_firm_but_the_outsider(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, POLICIES, 4)
    found = {policy.policy_id: (policy.eligible, policy.ineligible) for policy in world.sweep.policies}
    assert found == dict.fromkeys(POLICIES, (4, 1))


def test_a_second_look_is_a_newer_sweep_of_the_same_versions(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir)
    later = world.again(firms(2))
    assert later.sweep.sweep_id != world.sweep.sweep_id
    assert [policy.version for policy in later.sweep.policies] == [policy.version for policy in world.sweep.policies]
    assert later.sweep.policies[0].eligible == 2
