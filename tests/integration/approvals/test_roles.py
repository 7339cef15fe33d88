"""Who holds which role: the last word counts, and nobody speaks for himself."""

import pytest

from policy_match.cases.defects import NotAPerson
from policy_match.services.roles import NobodyNamed, NotARole, OwnRole, grant_role, revoke_role, roles_held
from tests.support.reviewed_cases import Office


def test_a_role_is_held_from_the_grant_until_it_is_taken_back(office: Office) -> None:
    assert grant_role(office.database, office.clock, person="li.ming", role="reviewer", by="admin")
    assert [(each.person, each.role, each.by) for each in roles_held(office.database)] == [
        ("li.ming", "reviewer", "admin")
    ]
    assert revoke_role(office.database, office.clock, person="li.ming", role="reviewer", by="admin")
    assert roles_held(office.database) == []


def test_granting_twice_and_taking_back_what_is_not_held_change_nothing(office: Office) -> None:
    assert not revoke_role(office.database, office.clock, person="li.ming", role="reviewer", by="admin")
    assert grant_role(office.database, office.clock, person="li.ming", role="reviewer", by="admin")
    assert not grant_role(office.database, office.clock, person="li.ming", role="reviewer", by="admin")
    assert office.number("SELECT count(*) FROM role_grant") == 1


def test_the_roles_of_one_person_are_found(office: Office) -> None:
    office.roles(li="reviewer", wang="approver")
    assert [each.role for each in roles_held(office.database, person="wang")] == ["approver"]


def test_nobody_grants_a_role_to_himself(office: Office) -> None:
    with pytest.raises(OwnRole, match=r"may not grant the role approver to the same person"):
        grant_role(office.database, office.clock, person="admin", role="approver", by=" admin ")


@pytest.mark.parametrize("person", ["system", "firm:91370000MA00000001"])
def test_neither_a_firm_nor_the_program_holds_a_role(office: Office, person: str) -> None:
    with pytest.raises(NotAPerson):
        grant_role(office.database, office.clock, person=person, role="approver", by="admin")


@pytest.mark.parametrize("role", ["", " approver", "two words", "x" * 51])
def test_a_role_is_one_word(office: Office, role: str) -> None:
    with pytest.raises(NotARole):
        grant_role(office.database, office.clock, person="li", role=role, by="admin")


@pytest.mark.parametrize("person", ["", "  ", "x" * 101])
def test_a_person_has_a_name(office: Office, person: str) -> None:
    with pytest.raises(NobodyNamed):
        grant_role(office.database, office.clock, person=person, role="approver", by="admin")


def test_a_name_is_one_name_with_or_without_space_around_it(office: Office) -> None:
    grant_role(office.database, office.clock, person=" li ", role="approver", by="admin")
    assert [each.person for each in roles_held(office.database, person="li")] == ["li"]
