"""Attempts and the ledger together, under any order of the bank's news.

The laws: paid <= approved <= budget, each attempt settles once, balances sum to zero, and the reconciliation of a
truthful bank comes to zero once everything has been heard.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from policy_match.ledger.accounts import LineAccount, LineId, Transfer, TransferKind
from policy_match.ledger.balances import BudgetExceeded, Ledger, after_return, broken_laws
from policy_match.payments.attempts import AttemptEvent, AttemptStatus, News, apply, may_try_again, news
from policy_match.payments.reconciliation import OPEN, LineTotals, reconcile

LINE = LineId("city-2025")
BUDGET_FEN = 1_000
DAYS = (date(2025, 6, 30), date(2026, 1, 10))


@dataclass(kw_only=True)
class Attempt:
    """What we know (`status`, `news`) and what the bank really did (`booked`, `came_back`, `refused`)."""

    attempt_id: str
    order_id: int
    amount_fen: int
    status: AttemptStatus = AttemptStatus.STORED
    settled: int = 0
    booked: bool = False
    came_back: bool = False
    refused: bool = False
    unheard: list[AttemptEvent] = field(default_factory=list)


class MoneyMachine(RuleBasedStateMachine):
    """A bank that does one true thing to each attempt, and tells of it late, twice and in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.attempts: list[Attempt] = []
        self.approved_fen: dict[int, int] = {}
        self.day = DAYS[0]
        self.post(TransferKind.APPROPRIATE, BUDGET_FEN, None)

    def post(self, kind: TransferKind, amount_fen: int, attempt_id: str | None) -> None:
        transfer = Transfer(kind=kind, line=LINE, amount_fen=amount_fen, booked_on=self.day, attempt_id=attempt_id)
        self.ledger.post(transfer)

    def next_attempt_id(self) -> str:
        return f"PM{len(self.attempts) + 1}"

    def in_bank(self) -> list[Attempt]:
        """What the bank was sent and has neither booked nor refused."""
        return [
            each
            for each in self.attempts
            if each.status is not AttemptStatus.STORED and not each.booked and not each.refused
        ]

    def kept(self) -> list[Attempt]:
        """What the bank booked and did not give back."""
        return [each for each in self.attempts if each.booked and not each.came_back]

    def untold(self) -> list[Attempt]:
        """What the bank has news of."""
        return [each for each in self.attempts if each.unheard]

    def ended(self) -> list[Attempt]:
        """The latest attempts of orders that may be tried again."""
        latest = {each.order_id: each for each in self.attempts}.values()
        return [each for each in latest if may_try_again(each.status)]

    @precondition(lambda self: self.day == DAYS[0])
    @rule(amount_fen=st.integers(1, 600))
    def order(self, amount_fen: int) -> None:
        order_id, attempt_id = len(self.approved_fen) + 1, self.next_attempt_id()
        available = self.ledger.balance(LINE, LineAccount.AVAILABLE)
        try:
            self.post(TransferKind.RESERVE, amount_fen, attempt_id)
        except BudgetExceeded:
            assert amount_fen > available
            return
        self.approved_fen[order_id] = amount_fen
        self.attempts.append(Attempt(attempt_id=attempt_id, order_id=order_id, amount_fen=amount_fen))

    @precondition(lambda self: any(each.status is AttemptStatus.STORED for each in self.attempts))
    @rule()
    def send_all(self) -> None:
        for attempt in self.attempts:
            self.hear(attempt, AttemptEvent.SEND)

    @precondition(lambda self: self.in_bank())
    @rule(data=st.data(), accepts=st.booleans())
    def bank_acts(self, data: st.DataObject, accepts: bool) -> None:
        attempt = data.draw(st.sampled_from(self.in_bank()))
        attempt.booked, attempt.refused = accepts, not accepts
        attempt.unheard += [AttemptEvent.ACCEPT, AttemptEvent.SETTLE if accepts else AttemptEvent.REJECT]

    @precondition(lambda self: self.kept())
    @rule(data=st.data())
    def bank_returns(self, data: st.DataObject) -> None:
        attempt = data.draw(st.sampled_from(self.kept()))
        attempt.came_back = True
        attempt.unheard.append(AttemptEvent.RETURN)

    @precondition(lambda self: self.untold())
    @rule(data=st.data(), again=st.booleans())
    def bank_tells(self, data: st.DataObject, again: bool) -> None:
        attempt = data.draw(st.sampled_from(self.untold()))
        event = data.draw(st.sampled_from(attempt.unheard))
        if not again:
            attempt.unheard.remove(event)
        self.hear(attempt, event)

    @precondition(lambda self: self.in_bank())
    @rule(data=st.data())
    def reply_is_lost(self, data: st.DataObject) -> None:
        self.hear(data.draw(st.sampled_from(self.in_bank())), AttemptEvent.LOSE)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), event=st.sampled_from(AttemptEvent))
    def what_contradicts_or_repeats_changes_nothing(self, data: st.DataObject, event: AttemptEvent) -> None:
        attempt = data.draw(st.sampled_from(self.attempts))
        if news(attempt.status, event) is not News.APPLY:
            before = (attempt.status, self.ledger.balances)
            self.hear(attempt, event)
            assert (attempt.status, self.ledger.balances) == before

    @precondition(lambda self: self.day == DAYS[0] and self.ended())
    @rule(data=st.data())
    def try_again(self, data: st.DataObject) -> None:
        ended, attempt_id = data.draw(st.sampled_from(self.ended())), self.next_attempt_id()
        try:
            self.post(TransferKind.RESERVE, ended.amount_fen, attempt_id)
        except BudgetExceeded:
            assert ended.amount_fen > self.ledger.balance(LINE, LineAccount.AVAILABLE)
            return
        self.attempts.append(Attempt(attempt_id=attempt_id, order_id=ended.order_id, amount_fen=ended.amount_fen))

    @precondition(lambda self: len(self.attempts) > 3)
    @rule()
    def year_ends(self) -> None:
        self.day = DAYS[1]

    def hear(self, attempt: Attempt, event: AttemptEvent) -> None:
        if news(attempt.status, event) is not News.APPLY:
            return
        before, attempt.status = attempt.status, apply(attempt.status, event)
        if event is AttemptEvent.REJECT:
            self.post(TransferKind.VOID, attempt.amount_fen, attempt.attempt_id)
        if event is AttemptEvent.SETTLE or (event is AttemptEvent.RETURN and before is not AttemptStatus.SETTLED):
            attempt.settled += 1
            self.post(TransferKind.POST, attempt.amount_fen, attempt.attempt_id)
        if event is AttemptEvent.RETURN:
            self.post(TransferKind.RETURN, attempt.amount_fen, attempt.attempt_id)
            self.post(after_return(LINE, self.day), attempt.amount_fen, attempt.attempt_id)

    @invariant()
    def balances_obey_the_laws(self) -> None:
        assert broken_laws(self.ledger.balances) == ()

    @invariant()
    def each_attempt_settles_once_and_only_if_booked(self) -> None:
        assert all(each.settled <= each.booked for each in self.attempts)

    @invariant()
    def paid_is_within_the_approved_and_that_within_the_budget(self) -> None:
        for order_id, approved_fen in self.approved_fen.items():
            held = [
                self.ledger.balance_of_attempt(LINE, account, each.attempt_id)
                for account in (LineAccount.RESERVED, LineAccount.PAID)
                for each in self.attempts
                if each.order_id == order_id
            ]
            assert sum(held) <= approved_fen
        used = self.ledger.balance(LINE, LineAccount.RESERVED) + self.ledger.balance(LINE, LineAccount.PAID)
        assert used <= -self.ledger.balance(LINE, LineAccount.APPROPRIATION) <= BUDGET_FEN

    @invariant()
    def one_order_has_at_most_one_attempt_that_pays(self) -> None:
        live = Counter(each.order_id for each in self.attempts if each.status in (*OPEN, AttemptStatus.SETTLED))
        assert max(live.values(), default=0) <= 1

    def teardown(self) -> None:
        for attempt in self.attempts:
            for event in attempt.unheard:
                self.hear(attempt, event)
        reconcile([self.totals()]).require_agreement()

    def totals(self) -> LineTotals:
        attempts: Counter[AttemptStatus] = Counter()
        for each in self.attempts:
            attempts[each.status] += each.amount_fen
        transfers: Counter[TransferKind] = Counter()
        for transfer in self.ledger.transfers:
            transfers[transfer.kind] += transfer.amount_fen
        return LineTotals(
            line=LINE,
            attempts=attempts,
            transfers=transfers,
            balances={account: self.ledger.balance(LINE, account) for account in LineAccount},
            booked_fen=sum(each.amount_fen for each in self.attempts if each.booked),
            returned_fen=sum(each.amount_fen for each in self.attempts if each.came_back),
        )


TestMoney = MoneyMachine.TestCase
TestMoney.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
