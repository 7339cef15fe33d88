"""Supervision in a rehearsal: who answers for which department, what turned yellow or red meanwhile, who is told.

Guarantees that every level of every unit has somebody with a mail address, so that each escalation reaches a person.
"""

from collections.abc import Iterator
from itertools import chain

from policy_match.services.contacts import take_contacts
from policy_match.services.due_dates import POLICY_ROLE
from policy_match.services.duties import grant_duty
from policy_match.services.rehearsal.stage import Said, Staff, Stage, Told, signer
from policy_match.services.rehearsal.telling import tell, visit
from policy_match.services.roles import grant_role
from policy_match.services.sample_region.contacts import staff_contacts
from policy_match.services.supervise_cases import supervise as mark_and_escalate
from policy_match.supervision.colours import Colour
from policy_match.supervision.escalation import LEVELS
from policy_match.supervision.stages import UNIT_WORDS, Party

SUPERVISOR = "supervisor"


def appoint(stage: Stage) -> None:
    """Name who answers for the departments, for finance and for the bank, and who looks after firms without notice."""
    supervisors = {level: signer(SUPERVISOR, level) for level in LEVELS}
    roles = {Staff.DESK.value: POLICY_ROLE, **dict.fromkeys(supervisors.values(), SUPERVISOR)}
    for person, role in roles.items():
        grant_role(stage.database, stage.clock, person=person, role=role, by=Staff.PERSONNEL)
    take_contacts(staff_contacts(list(roles)), stage.database, stage.sealer, stage.clock, by=Staff.REGISTRAR)
    units = {policy.department for policy in stage.policies}
    units |= {UNIT_WORDS[party].zh for party in (Party.FINANCE, Party.BANK)}
    for unit in sorted(units):
        for level, person in supervisors.items():
            grant_duty(stage.database, stage.clock, unit=unit, level=level, person=person, by=Staff.PERSONNEL)


def supervise(stage: Stage) -> Iterator[Told]:
    """Mark what turned yellow or red, and tell those who answer for it."""
    done = mark_and_escalate(stage.database, stage.calendar, stage.clock)
    if any(done.marked.values()):
        yield stage.tell(Said.TURNED, yellow=done.marked[Colour.YELLOW], red=done.marked[Colour.RED])
    for each in done.told:
        yield stage.tell(
            Said.ESCALATED,
            unit=each.unit,
            stage=each.stage,
            level=each.level,
            cases=each.cases,
            people=", ".join(each.told),
        )


def supervise_last(stage: Stage) -> Iterator[Told]:
    """Do so once more, and send what is left to be told."""
    yield stage.tell(Said.CHAPTER_SUPERVISION)
    yield from stage.told_or_done(chain(supervise(stage), tell(stage), visit(stage)))
