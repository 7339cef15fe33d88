"""A rehearsal's notices: really sent to providers on this machine, and firms that act on what arrived."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from connectors.notification_channels.invented_post import InventedPost
from connectors.payment_channels import open_channel
from connectors.payment_channels.invented_bank import PAYER, InventedBank
from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Event, Status
from policy_match.cases.working_days import china_day
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.history import NoticeFilter
from policy_match.notices.model import Channel, NoticeStatus
from policy_match.services.case_history import list_cases, show_case
from policy_match.services.notice_history import list_notices
from policy_match.services.rehearsal.asking import end_windows, open_and_notify, take_answers
from policy_match.services.rehearsal.firms import Firms
from policy_match.services.rehearsal.play import look_around
from policy_match.services.rehearsal.stage import Said, SimulatedClock, Stage, Told
from policy_match.services.rehearsal.telling import AT_THE_DOOR, IN_THE_PORTAL
from policy_match.services.rehearsal.watching import supervise
from policy_match.services.sample_region.accounts import chance, is_closed
from policy_match.services.sample_region.contacts import contacts_of, is_dead
from policy_match.services.sample_region.credit_codes import credit_code
from policy_match.storage.address_opener import AddressOpener
from policy_match.storage.unit_of_work import Database
from policy_match.values import Uscc
from tests.support.cases import CALENDAR, OPENED, PolicyText, World, budget, firm, head, make_world, process, tables
from tests.support.payment_flow import DAY, SEALER, cases, fill
from tests.support.prepared import wording

POLICY = PolicyText(head=head("confirm"), tables=tables(budget(), process(confirm_days=15, silence="waived")))

OF_EACH_KIND, OF_ANY = 3, 50
"""So many firms of each kind below, and of whatever kind comes."""

ALL_CODES = 20_000


def channels(code: Uscc) -> list[Channel]:
    return [channel for channel, _ in contacts_of(code)]


def dead(code: Uscc) -> list[bool]:
    return [is_dead(address) for _, address in contacts_of(code)]


def went_on_from(code: Uscc) -> int:
    """Return how many messages to a firm go on by the next channel: those to dead addresses before another one."""
    found = dead(code)
    return next((place for place, is_gone in enumerate(found) if not is_gone), max(len(found) - 1, 0))


KINDS: Sequence[Callable[[Uscc], bool]] = (
    lambda code: not contacts_of(code) and chance("door", code) < AT_THE_DOOR,
    lambda code: not contacts_of(code) and chance("door", code) >= AT_THE_DOOR + IN_THE_PORTAL,
    lambda code: channels(code) == [Channel.LETTER],
    lambda code: channels(code)[:1] == [Channel.EMAIL] and not any(dead(code)),
    lambda code: channels(code)[:2] == [Channel.SMS, Channel.EMAIL] and dead(code)[:2] == [True, False],
    lambda code: channels(code) == [Channel.SMS, Channel.EMAIL, Channel.LETTER] and dead(code) == [True, True, False],
)
"""No address, but at home; no address, and never there; a postal address; a mailbox; a dead number and a mailbox; a
dead number, a dead mailbox and a postal address."""


def codes() -> list[Uscc]:
    every = [Uscc(credit_code("91", "370268", number)) for number in range(ALL_CODES)]
    chosen = {code for kind in KINDS for code in islice(filter(kind, every), OF_EACH_KIND)}
    return sorted(chosen.union(every[:OF_ANY]))


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A stage for one run at a time; the folder and the database last."""

    world: World
    folder: Path

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """Give the stage of one run, as a new process has it."""
        found = look_around(self.world.database)
        clock = SimulatedClock(found.last_day or china_day(OPENED))
        policies = list(self.world.rules.policies.values())
        with InventedPost(self.folder / "post", clock, is_dead) as post:
            yield Stage(
                database=self.world.database,
                clock=clock,
                calendar=CALENDAR,
                wording=wording(),
                delivery_rules=DeliveryRules(),
                address_opener=AddressOpener(SEALER),
                post=post,
                firms=Firms(post.arrived, policies),
                truth_files=self.world.truth_files,
                open_snapshot=lambda _, __: self.world.snapshot,
                channel=open_channel("iso20022", PAYER),
                bank=InventedBank(self.folder / "bank", is_closed),
                sealer=SEALER,
                sweep=self.world.sweep,
                policies=policies,
            )

    def lines(self, status: Status | None = None) -> Sequence[CaseLine]:
        """Return the cases, all or those of a status."""
        return list_cases(self.world.database, CaseFilter(status=status), most=1_000)

    def addresses(self) -> set[str]:
        """Return every address at which something arrived."""
        return {address for address, _ in InventedPost(self.folder / "post", SimulatedClock(DAY), is_dead).arrived()}

    def told(self) -> set[Uscc]:
        """Return the firms at which something arrived, or to which somebody gave it, or that read it."""
        found = self.addresses()
        by_somebody = list_notices(self.world.database, NoticeFilter(status=NoticeStatus.REACHED), most=1_000)
        given = {Uscc(each.recipient.removeprefix(FIRM_PREFIX)) for each in by_somebody}
        return {
            line.uscc
            for line in self.lines()
            if any(address in found for _, address in contacts_of(line.uscc))
            or (all(dead(line.uscc)) and line.uscc in given)
        }


@pytest.fixture
def rehearsal(database: Database, tmp_path: Path) -> Rehearsal:
    """Firms of every kind, with a case each that asks them; nothing is opened yet."""
    rows = [firm(number, uscc=code) for number, code in enumerate(codes(), 1)]
    return Rehearsal(world=make_world(database, tmp_path, {"asks": POLICY}, rows), folder=tmp_path)


def said(told: Sequence[Told], wanted: Said) -> list[Told]:
    return [each for each in told if each.said is wanted]


def test_what_a_dead_address_does_not_take_goes_by_the_next_channel(rehearsal: Rehearsal) -> None:
    with rehearsal.stage() as stage:
        told = list(open_and_notify(stage))
    assert not any(map(is_dead, rehearsal.addresses()))
    assert {line.uscc for line in rehearsal.lines()} - rehearsal.told() == {code for code in codes() if all(dead(code))}
    (messages,) = said(told, Said.MESSAGES)
    by_letter = [code for code in codes() if channels(code)[-1:] == [Channel.LETTER] and all(dead(code)[:-1])]
    assert messages.facts["letters"] == len(by_letter)
    (went_on,) = said(told, Said.WENT_ON)
    assert went_on.facts["messages"] == sum(map(went_on_from, codes()))


def test_only_firms_that_were_told_answer_or_give_anything_up(rehearsal: Rehearsal) -> None:
    with rehearsal.stage() as stage:
        for step in (open_and_notify, take_answers, end_windows):
            list(step(stage))
    assert {line.status for line in rehearsal.lines()} == {
        Status.NOTIFIED,
        Status.CONFIRMED,
        Status.DECLINED,
        Status.WAIVED,
    }
    told = rehearsal.told()
    assert all((line.status is Status.NOTIFIED) == (line.uscc not in told) for line in rehearsal.lines())


def test_who_was_told_at_the_door_has_the_full_time_and_what_nobody_heard_of_waits_for_a_person(
    rehearsal: Rehearsal,
) -> None:
    with rehearsal.stage() as stage:
        told = [each for step in (open_and_notify, take_answers, end_windows) for each in step(stage)]
        red = list(supervise(stage))
    assert said(told, Said.VISITED)
    (extended,) = said(told, Said.EXTENDED)
    steps = [each.event for line in rehearsal.lines() for each in show_case(stage.database, line.case_id).events]
    assert steps.count(Event.EXTEND) == extended.facts["cases"]
    (not_reached,) = said(told, Said.NOT_REACHED)
    assert not_reached.facts["cases"] == len(rehearsal.lines(Status.NOTIFIED))
    assert not_reached.facts["people"] == "invented.desk"
    assert {each.facts["people"] for each in said(red, Said.ESCALATED)} >= {"invented.supervisor.1"}


def test_some_answer_only_when_they_are_reminded(rehearsal: Rehearsal) -> None:
    with rehearsal.stage() as stage:
        list(open_and_notify(stage))
        first = said(list(take_answers(stage)), Said.ANSWERED)
        later = list(end_windows(stage))
    assert len(first) == 1
    assert said(later, Said.REMINDED)
    assert said(later, Said.ANSWERED)[0].day == said(later, Said.REMINDED)[0].day


def test_playing_again_sends_nothing_and_moves_nothing(rehearsal: Rehearsal) -> None:
    steps = (open_and_notify, take_answers, end_windows)
    with rehearsal.stage() as stage:
        for step in steps:
            list(step(stage))
    before = rehearsal.lines()
    with rehearsal.stage() as stage:
        told = [each for step in steps for each in step(stage)]
        assert len(stage.post.arrived()) == 0, "the firms listened to what lay there"
    assert rehearsal.lines() == before
    kinds = {each.said for each in told} - {Said.CHAPTER_OPENING, Said.CHAPTER_ANSWERS, Said.CHAPTER_WINDOWS}
    assert kinds == {Said.DONE_BEFORE, Said.NOT_REACHED}


def test_a_case_of_a_firm_that_may_be_real_keeps_a_rehearsal_away(database: Database, database_url: str) -> None:
    fill(database, database_url, cases(100))
    found = look_around(database)
    assert not found.only_invented
    assert found.last_day == DAY


def test_an_empty_database_may_be_rehearsed_in(database: Database) -> None:
    found = look_around(database)
    assert (found.only_invented, found.last_day) == (True, None)
