"""What the invented staff do: budgets, lists and signatures, objections, the firms that nobody reached, orders to act.

Guarantees that every step is one of the services that a person would use, by somebody who may. For some
weeks nobody signs, on purpose: stages turn yellow and red.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Status
from policy_match.cases.objection import ObjectionOutcome
from policy_match.entitlements.cost_share import shares_of, split_cost
from policy_match.ledger.accounts import LineAccount, LineId
from policy_match.notices.model import NoticeId, NoticeStatus
from policy_match.policy.model import PayeeKind, Policy
from policy_match.services.approval_lists import lists, make_lists, show_list
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.decide_lists import approve_list
from policy_match.services.duties import grant_duty
from policy_match.services.hand_over_notices import hand_over
from policy_match.services.objections import answer_objection, open_objections
from policy_match.services.orders_to_act import accept_answer, answer_order, issue_order, list_orders
from policy_match.services.payee_accounts import take_accounts
from policy_match.services.rehearsal.asking import lines_of
from policy_match.services.roles import grant_role
from policy_match.services.sample_region.accounts import OLD_NAME, first_accounts
from policy_match.services.supervise_cases import supervision_board
from policy_match.supervision.colours import Colour
from policy_match.supervision.stages import STAGES, UNIT_WORDS, Party
from policy_match.values import Uscc
from tests.support.provider_faults import share
from tests.year.firms import Firms
from tests.year.world import World

CLERK, BUDGET, CASHIER = "invented.clerk", "invented.budget", "invented.cashier"
PERSONNEL, INSPECTOR, MESSENGER, OBJECTIONS = (
    "invented.personnel",
    "invented.inspector",
    "invented.messenger",
    "invented.objections",
)
BUDGET_PERCENT = 96
THOUSAND_YUAN_FEN = 100_000
SIGNS_TODAY = 0.4
"""The chance that somebody who has to sign a list does so on a working day."""

ON_LEAVE = range(48, 66)
"""Working days of the year on which nobody signs: stages turn yellow and red."""

UPHELD = 0.3
MOST_NOTICES = 500


class Staff:
    """The bureau and the departments."""

    def __init__(self, world: World, firms: Firms) -> None:
        self._world = world
        self._firms = firms
        self._working_day = 0
        self._paid: set[Uscc] = set()
        self._called: set[Uscc] = set()
        self._departments = sorted({policy.department for policy in world.rules.policies.values()})
        self.did: Counter[str] = Counter()

    def begin(self) -> None:
        """Give roles and duties, before the first day."""
        database, clock = self._world.database, self._world.clock
        for policy in self._world.rules.policies.values():
            for stage in policy.process.approvals:
                for number in range(1, stage.count + 1):
                    grant_role(database, clock, person=signer(stage.role, number), role=stage.role, by=PERSONNEL)
        grant_role(database, clock, person=BUDGET, role="budget", by=PERSONNEL)
        units = [*self._departments, *(UNIT_WORDS[party].zh for party in (Party.FINANCE, Party.BANK))]
        for number, unit in enumerate(units, 1):
            for level in (1, 2, 3):
                person = f"invented.unit{number}.level{level}"
                grant_duty(database, clock, unit=unit, level=level, person=person, by=PERSONNEL)
                if level == 1:
                    grant_role(database, clock, person=person, role=f"policy:{unit}", by=PERSONNEL)

    @property
    def funded(self) -> Sequence[Policy]:
        """The policies that say who pays."""
        return [each for each in self._world.rules.policies.values() if each.budget is not None or each.cost_shares]

    def act(self) -> None:
        """Do the work of a working day."""
        self._working_day += 1
        self._know_accounts()
        self._find_money()
        self._sign()
        self._answer_objections()
        self._reach_by_hand()
        if self._working_day % 20 == 0:
            self._inspect()
        self._answer_orders()

    def _know_accounts(self) -> None:
        """Take from tax and insurance the accounts of the firms that are to be paid; telephone where one is wrong."""
        rows = self._world.look.execute(
            """SELECT DISTINCT s.uscc, (SELECT max(f.name) FROM firm_name AS f WHERE f.uscc = s.uscc)
                 FROM case_state AS s WHERE s.status IN ('approved', 'published', 'confirmed')"""
        ).fetchall()
        names = {Uscc(uscc): name for uscc, name in rows if uscc not in self._paid}
        if not names:
            return
        self._paid.update(names)
        with self._world.database.unit_of_work() as work:
            known = work.payments.accounts(names.keys(), PayeeKind.FIRM)
        stated = list(first_accounts((uscc, name) for uscc, name in sorted(names.items()) if uscc not in known))
        sealer = self._world.application.account_sealer
        taken = take_accounts(stated, self._world.database, sealer, self._world.clock, by=CASHIER)
        self.did["accounts taken over"] += taken.kept
        calendar = self._world.application.working_days
        for each in stated:
            if each.holder.endswith(OLD_NAME) and Uscc(each.uscc) not in self._called:
                self._called.add(Uscc(each.uscc))
                self._firms.correct_account(Uscc(each.uscc), calendar.add_working_days(self._world.clock.day, 8))

    def _find_money(self) -> None:
        """Appropriate, for each line once, a little less than what was asked for when it was first asked."""
        database, clock = self._world.database, self._world.clock
        year = clock.day.year
        for fund in sorted({part.line for policy in self.funded for part in shares_of(policy)}):
            line = add_line(database, clock, fund=fund, year=year, label=f"{fund}（演练）", by=BUDGET).line
            if line.balances[LineAccount.APPROPRIATION] or self._working_day < 20:
                continue
            asked = self._asked(line.line, year)
            fen = asked * BUDGET_PERCENT // 100 // THOUSAND_YUAN_FEN * THOUSAND_YUAN_FEN
            if fen:
                appropriate(database, clock, line=line.line, amount_fen=fen, by=BUDGET, about=f"演练〔{year}〕1 号")
                self.did["lines appropriated"] += 1

    def _asked(self, line: LineId, year: int) -> int:
        return sum(
            part.fen
            for policy in self.funded
            if any(f"{each.line}-{year}" == line for each in shares_of(policy))
            for case in lines_of(self._world.database, CaseFilter(policy_id=policy.id, status=Status.REVIEWED))
            for part in split_cost(case.amount_fen, shares_of(policy), year)
            if part.line == line
        )

    def _sign(self) -> None:
        """Make the lists, and sign what is due when its time has come; each signature takes a day at least."""
        if self._working_day in ON_LEAVE:
            return
        database, clock = self._world.database, self._world.clock
        for policy in self.funded:
            make_lists(database, clock, policy_id=policy.id, by=CLERK)
            for kept in lists(database, policy_id=policy.id, only_open=True):
                due = next(iter(show_list(database, kept.list_id, most=1).due), None)
                if due is None or share(self._world.seed, "signs", kept.list_id, self._working_day) > SIGNS_TODAY:
                    continue
                approve_list(database, clock, list_id=kept.list_id, by=signer(due.role, due.missing))
                self.did["signatures"] += 1

    def _answer_objections(self) -> None:
        for objection in open_objections(self._world.database, clock=self._world.clock):
            number = objection.objection_id
            if share(self._world.seed, "objection answered", number, self._working_day) < 0.35:
                upheld = share(self._world.seed, "upheld", number) < UPHELD
                answer_objection(
                    self._world.database,
                    number,
                    ObjectionOutcome.UPHOLD if upheld else ObjectionOutcome.DISMISS,
                    by=OBJECTIONS,
                    reason="已核查（演练）",
                    clock=self._world.clock,
                )
                self.did["objections answered"] += 1

    def _reach_by_hand(self) -> None:
        """Work the list of what reached nobody: the messenger finds most firms at their door."""
        with self._world.database.unit_of_work() as work:
            waiting = work.notices.take(NoticeStatus.UNREACHED, NoticeId(0), MOST_NOTICES)
        if self._working_day % 5 == 0 and waiting:
            found = [each for each in waiting if share(self._world.seed, "door", each) < 0.9]
            done = hand_over(
                self._world.database, self._world.clock, notices=found, by=MESSENGER, reason="上门送达（演练）"
            )
            self.did["handed over by hand"] += done.reached

    def _inspect(self) -> None:
        """Issue an order to act for each unit whose stages are red."""
        database, clock, calendar = self._world.database, self._world.clock, self._world.application.working_days
        held = {order.unit for order in list_orders(database, clock, only_open=True)}
        for line in supervision_board(database, calendar, clock).board.lines:
            firm = STAGES[line.stage].party is Party.FIRM
            if line.cases[Colour.RED] and not firm and line.unit not in held:
                held.add(line.unit)
                issue_order(
                    database,
                    calendar,
                    clock,
                    unit=line.unit,
                    ground="逾期事项请说明并办理（演练）",
                    days=5,
                    by=INSPECTOR,
                    stage=line.stage,
                )
                self.did["orders to act"] += 1

    def _answer_orders(self) -> None:
        database, clock = self._world.database, self._world.clock
        units = [*self._departments, *(UNIT_WORDS[party].zh for party in (Party.FINANCE, Party.BANK))]
        for order in list_orders(database, clock, only_open=True):
            person = f"invented.unit{units.index(order.unit) + 1}.level1"
            if order.status.value in ("issued", "sent_back"):
                if share(self._world.seed, "order", order.order_id, self._working_day) < 0.4:
                    answer_order(database, clock, order.order_id, text="已安排专人办理（演练）", by=person)
            else:
                accept_answer(database, clock, order.order_id, text="同意（演练）", by=INSPECTOR)
                self.did["orders to act accepted"] += 1


def signer(role: str, number: int) -> str:
    """Return the invented person who is the `number`th, from 1, of a role."""
    return f"invented.{role}.{number}"


def is_working_day(world: World, day: date) -> bool:
    """Return whether staff work on a day."""
    return world.application.working_days.is_workday(day)
