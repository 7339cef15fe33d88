"""What the invented firms do: they answer what really arrived, late or never, change their minds and their accounts.

Guarantees the same behaviour for the same seed, and that a firm which heard of nothing does nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.model import NoticeKind
from policy_match.errors import PolicyMatchError
from policy_match.notices.model import NoticeId
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases
from policy_match.services.contacts import StatedContact, take_contacts
from policy_match.services.notice_inbox import read_messages
from policy_match.services.objections import lodge_objection
from policy_match.services.payee_accounts import take_accounts
from policy_match.services.policy_reviews import suggest
from policy_match.services.sample_region.accounts import corrected_account
from policy_match.values import PolicyId, Uscc
from tests.support.provider_faults import share
from tests.year.world import World

ASKS = frozenset({NoticeKind.CONFIRMATION_ASKED, NoticeKind.ACCOUNT_ASKED, NoticeKind.CONSENT_ASKED})
AGAIN = frozenset({NoticeKind.REMINDER, NoticeKind.WINDOW_EXTENDED})
COMPETITOR = "invented.competitor"

ALL_CONTACTS, MAIL_ONLY, LETTER_ONLY = 0.70, 0.15, 0.12
"""Firms with a phone, a mail address and a postal address; with a mail address; with a postal address. Others: none."""

CONFIRMS, WAITS_FOR_REMINDER, DECLINES, THINKS_AGAIN = 0.72, 0.12, 0.04, 0.01
"""What a firm does when it is asked. The others are silent."""

OBJECTED, SUGGESTS, READS_INBOX = 0.004, 0.01, 0.08
LETTER_DAYS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What a firm has learned: of which case, as what."""

    notice_id: int
    case_id: int
    uscc: Uscc
    policy_id: PolicyId
    kind: NoticeKind
    channel: str


class Firms:
    """All firms of the year."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: defaultdict[date, list[Answer]] = defaultdict(list)
        self._accounts: defaultdict[date, set[tuple[Uscc, str]]] = defaultdict(set)
        self._letters: defaultdict[date, list[str]] = defaultdict(list)
        self._known: set[Uscc] = set()
        self._states: Counter[Uscc] = Counter()
        self._seen = 0
        self._displays_seen = world.clock.now()
        self.did: Counter[str] = Counter()

    def state_contacts(self) -> None:
        """Let the departments hand over what they know of the firms that have a case since the last time."""
        rows = self._world.look.execute("SELECT DISTINCT uscc FROM benefit_case").fetchall()
        new = sorted(Uscc(row[0]) for row in rows if row[0] not in self._known)
        self._known.update(new)
        stated = [each for uscc in new for each in self._contacts(uscc)]
        if stated:
            application = self._world.application
            taken = take_contacts(
                stated, self._world.database, application.account_sealer, self._world.clock, by="invented.registrar"
            )
            assert not taken.refused, taken.refusals[0]

    def _contacts(self, uscc: Uscc) -> Iterator[StatedContact]:
        drawn = self._drawn("contacts", uscc)
        phone = f"+86139{int(self._drawn('phone', uscc) * 10**8):08}"
        mail = f"notices.{uscc.lower()}@firm.example"
        postal = f"虚构区演练路{int(self._drawn('street', uscc) * 900) + 1}号\n452099 虚构市"
        channels = {"sms": phone, "email": mail, "letter": postal}
        if drawn >= ALL_CONTACTS:
            del channels["sms"]
        if drawn >= ALL_CONTACTS + MAIL_ONLY:
            del channels["email"]
        if drawn >= ALL_CONTACTS + MAIL_ONLY + LETTER_ONLY:
            channels.clear()
        for channel, address in channels.items():
            yield StatedContact(row=1, recipient=uscc, channel=channel, address=address, source="registry")

    def act(self) -> None:
        """Do what a day brings: read, answer what was due to be answered, correct accounts, object, suggest."""
        today = self._world.clock.day
        for heard in self._heard(today):
            self._react(heard, today)
        self._read_inboxes()
        self._say(self._answers.pop(today, []))
        self._correct(sorted(self._accounts.pop(today, set())))
        self._object()

    def _heard(self, today: date) -> Sequence[Heard]:
        keys = self._world.arrived()
        numbers = {int(key.removeprefix("PMN")) for key in keys}
        for number, channel in self._channels(numbers):
            days = LETTER_DAYS if channel == "letter" else 0
            self._letters[today + timedelta(days=days)].append(str(number))
        arrived = [int(number) for number in self._letters.pop(today, [])]
        rows = self._world.look.execute(
            """SELECT DISTINCT ON (n.notice_id) n.notice_id, n.case_id, c.uscc, c.policy_id, n.kind, d.channel
                 FROM delivery AS d JOIN notice AS n USING (notice_id) JOIN benefit_case AS c USING (case_id)
                WHERE d.delivery_id = ANY(%s) ORDER BY n.notice_id""",
            [arrived],
        ).fetchall()
        return [
            Heard(
                notice_id=notice,
                case_id=case,
                uscc=Uscc(uscc),
                policy_id=PolicyId(policy),
                kind=NoticeKind(kind),
                channel=channel,
            )
            for notice, case, uscc, policy, kind, channel in rows
        ]

    def _channels(self, numbers: set[int]) -> Sequence[tuple[int, str]]:
        query = "SELECT delivery_id, channel FROM delivery WHERE delivery_id = ANY(%s) ORDER BY delivery_id"
        return self._world.look.execute(query, [sorted(numbers)]).fetchall()

    def _react(self, heard: Heard, today: date) -> None:
        self.did[f"heard by {heard.channel}"] += 1
        if heard.kind in ASKS:
            self._decide(heard, today)
        elif heard.kind in AGAIN:
            drawn = self._drawn("answer", heard.uscc, heard.policy_id)
            if CONFIRMS <= drawn < CONFIRMS + WAITS_FOR_REMINDER:
                self._plan(today, heard, AnswerKind.CONFIRM, 2)
        elif heard.kind is NoticeKind.ACCOUNT_CORRECTION_ASKED:
            self._accounts[self._later(today, heard, 12)].add((heard.uscc, self._name(heard.uscc)))
        elif heard.kind is NoticeKind.PAID and self._drawn("suggests", heard.case_id) < SUGGESTS:
            by = f"{FIRM_PREFIX}{heard.uscc}"
            suggest(self._world.database, self._world.clock, heard.policy_id, "希望更早告知（演练）", by=by)
            self.did["suggested"] += 1

    def _decide(self, heard: Heard, today: date) -> None:
        drawn = self._drawn("answer", heard.uscc, heard.policy_id)
        if drawn < CONFIRMS:
            self._plan(today, heard, AnswerKind.CONFIRM, 9)
        elif CONFIRMS + WAITS_FOR_REMINDER <= drawn < CONFIRMS + WAITS_FOR_REMINDER + DECLINES + THINKS_AGAIN:
            self._plan(today, heard, AnswerKind.DECLINE, 6)
            if drawn >= CONFIRMS + WAITS_FOR_REMINDER + DECLINES:
                day = self._later(today, heard, 6) + timedelta(days=1)
                for kind in (AnswerKind.RECONSIDER, AnswerKind.CONFIRM):
                    self._answers[day].append(self._answer(heard, kind))

    def _plan(self, today: date, heard: Heard, kind: AnswerKind, within_days: int) -> None:
        self._answers[self._later(today, heard, within_days)].append(self._answer(heard, kind))

    def _later(self, today: date, heard: Heard, within_days: int) -> date:
        return today + timedelta(days=int(self._drawn("days", heard.notice_id) * within_days) + 1)

    def _answer(self, heard: Heard, kind: AnswerKind) -> Answer:
        because, reason = None, ""
        if kind is AnswerKind.DECLINE:
            because = list(DeclineReason)[int(self._drawn("because", heard.case_id) * len(DeclineReason))]
            reason = "本企业不需要（演练）"
        return Answer(case_id=heard.case_id, kind=kind, by=f"{FIRM_PREFIX}{heard.uscc}", reason=reason, because=because)

    def _say(self, answers: Sequence[Answer]) -> None:
        """Say first what every firm says once, then what it says on top."""
        waiting = list(answers)
        while waiting:
            now, seen, rest = list[Answer](), set[int](), list[Answer]()
            for answer in waiting:
                (rest if answer.case_id in seen else now).append(answer)
                seen.add(answer.case_id)
            done = answer_cases(
                self._world.database, self._world.application.working_days, now, clock=self._world.clock
            )
            self.did["answers taken"] += done.taken
            self.did["answers refused"] += len(done.refused)
            waiting = rest

    def _correct(self, firms: Sequence[tuple[Uscc, str]]) -> None:
        accounts = []
        for row, (uscc, name) in enumerate(firms, 1):
            self._states[uscc] += 1
            accounts.append(corrected_account(row, uscc, name, 1 + self._states[uscc]))
        if accounts:
            application = self._world.application
            taken = take_accounts(
                accounts, self._world.database, application.account_sealer, self._world.clock, by="invented.cashier"
            )
            self.did["accounts corrected"] += taken.kept

    def _name(self, uscc: Uscc) -> str:
        row = self._world.look.execute("SELECT max(name) FROM firm_name WHERE uscc = %s", [uscc]).fetchone()
        assert row is not None
        return str(row[0])

    def correct_account(self, uscc: Uscc, day: date) -> None:
        """Plan that a firm states another account, as somebody telephoned."""
        self._accounts[day].add((uscc, self._name(uscc)))

    def _read_inboxes(self) -> None:
        """Let some firms look into the portal."""
        rows = self._world.look.execute(
            "SELECT notice_id, recipient FROM notice JOIN notice_text USING (notice_id) WHERE notice_id > %s"
            " AND recipient LIKE 'firm:%%' ORDER BY notice_id",
            [self._seen],
        ).fetchall()
        for notice_id, recipient in rows:
            self._seen = max(self._seen, notice_id)
            if self._drawn("reads", recipient) < READS_INBOX:
                read_messages(
                    self._world.database, self._world.clock, recipient=recipient, notices=[NoticeId(notice_id)]
                )
                self.did["read in the portal"] += 1

    def _object(self) -> None:
        """Let a competitor object to a few of what went on display since he looked last."""
        rows = self._world.look.execute(
            "SELECT case_id FROM case_state WHERE status = 'published' AND since > %s ORDER BY case_id",
            [self._displays_seen],
        ).fetchall()
        self._displays_seen = self._world.clock.now()
        for (case_id,) in rows:
            if self._drawn("objected", case_id) < OBJECTED:
                try:
                    lodge_objection(
                        self._world.database,
                        self._world.application.working_days,
                        case_id,
                        by=COMPETITOR,
                        ground="不符合条件（演练）",
                        clock=self._world.clock,
                    )
                except PolicyMatchError:
                    self.did["objections refused"] += 1
                else:
                    self.did["objections"] += 1

    def _drawn(self, *about: object) -> float:
        return share(self._world.seed, *about)
