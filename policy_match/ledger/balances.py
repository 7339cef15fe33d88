"""The ledger in memory: small, obvious, and the judge of what the database's triggers allow.

Guarantees that every transfer moves money from one account to another, that no account but the appropriation falls
below zero, and that the money of one attempt never settles another. Keeping transfers is `storage`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.errors import QuestionError
from policy_match.ledger.accounts import (
    ACCOUNTS_OF_ATTEMPTS,
    DIRECTIONS,
    REPEATABLE,
    LineAccount,
    LineId,
    Transfer,
    TransferKind,
    year_of,
)
from policy_match.values import Money

ACCOUNT_NAMES_ZH: Mapping[LineAccount, str] = {
    LineAccount.APPROPRIATION: "预算下达",
    LineAccount.AVAILABLE: "可用额度",
    LineAccount.RESERVED: "已预留",
    LineAccount.PAID: "已支付",
    LineAccount.RETURNED: "已退回",
    LineAccount.RECOVERED: "已追回",
}


class BudgetExceeded(QuestionError):
    """A transfer of more than its account holds; nothing was written."""

    code = "ledger.budget"
    english = (
        "{line}: {kind} of {amount} yuan is refused, {account} holds {balance}; wait for budget, or correct the amount"
    )
    chinese = "{line}：{kind} {amount} 元被拒绝，{account_zh}余额为 {balance} 元；请等待预算下达或更正金额"


class AttemptExceeded(QuestionError):
    """A transfer of more than the attempt itself has, though the line has enough; nothing was written."""

    code = "ledger.attempt"
    english = (
        "{line}: {kind} of {amount} yuan is refused, of attempt {attempt_id} {account} holds {balance}; "
        "look at the transfers of this attempt"
    )
    chinese = (
        "{line}：{kind} {amount} 元被拒绝，支付尝试 {attempt_id} 的{account_zh}余额为 {balance} 元；"
        "请核对该支付尝试的分录"
    )


class MovedAlready(QuestionError):
    """An attempt moves its money of one line once in each way; nothing was written."""

    code = "ledger.repeated"
    english = "{line}: attempt {attempt_id} did its {kind} before; look at its transfers, and add nothing"
    chinese = "{line}：支付尝试 {attempt_id} 已做过 {kind}；请核对其分录，不要重复记账"


class Law(StrEnum):
    """What holds on every budget line, always."""

    SUM_IS_ZERO = "sum_is_zero"
    NOT_NEGATIVE = "not_negative"


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenLaw:
    """A law that does not hold: the account below zero, or `None` and the sum of all accounts of the line, in fen."""

    line: LineId
    law: Law
    account: LineAccount | None
    fen: int


class Ledger:
    """Balances in fen, made only by transfers. It begins empty."""

    def __init__(self) -> None:
        self._transfers: list[Transfer] = []
        self._lines: defaultdict[tuple[LineId, LineAccount], int] = defaultdict(int)
        self._attempts: defaultdict[tuple[LineId, LineAccount, str], int] = defaultdict(int)
        self._done: set[tuple[LineId, TransferKind, str]] = set()

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """Everything that was posted, in order."""
        return tuple(self._transfers)

    @property
    def balances(self) -> Mapping[tuple[LineId, LineAccount], int]:
        """A copy of the balances of all lines that money ever touched."""
        lines = {line for line, _ in self._lines}
        return {(line, account): self.balance(line, account) for line in sorted(lines) for account in LineAccount}

    def balance(self, line: LineId, account: LineAccount) -> int:
        """Return what an account holds; 0 for a line that nobody knows."""
        return self._lines.get((line, account), 0)

    def balance_of_attempt(self, line: LineId, account: LineAccount, attempt_id: str) -> int:
        """Return what of an account belongs to one attempt."""
        return self._attempts.get((line, account, attempt_id), 0)

    def post(self, transfer: Transfer) -> None:
        """Post one transfer. Raises `MovedAlready`, `BudgetExceeded` or `AttemptExceeded` before a change."""
        self._refuse_repetition(transfer)
        direction = DIRECTIONS[transfer.kind]
        self._refuse_overdraft(transfer, direction.debit)
        for account, fen in ((direction.debit, -transfer.amount_fen), (direction.credit, transfer.amount_fen)):
            self._lines[transfer.line, account] += fen
            if account in ACCOUNTS_OF_ATTEMPTS and transfer.attempt_id is not None:
                self._attempts[transfer.line, account, transfer.attempt_id] += fen
        self._transfers.append(transfer)
        if transfer.attempt_id is not None:
            self._done.add((transfer.line, transfer.kind, transfer.attempt_id))

    def post_all(self, transfers: Iterable[Transfer]) -> None:
        """Post transfers in order, all or none. Raises as `post`."""
        trial = Ledger()
        trial._transfers, trial._done = self._transfers[:], self._done.copy()
        trial._lines, trial._attempts = self._lines.copy(), self._attempts.copy()
        for transfer in transfers:
            trial.post(transfer)
        self._transfers, self._done = trial._transfers, trial._done
        self._lines, self._attempts = trial._lines, trial._attempts

    def _refuse_repetition(self, transfer: Transfer) -> None:
        if transfer.attempt_id is None or transfer.kind in REPEATABLE:
            return
        if (transfer.line, transfer.kind, transfer.attempt_id) in self._done:
            raise MovedAlready(line=transfer.line, kind=transfer.kind, attempt_id=transfer.attempt_id)

    def _refuse_overdraft(self, transfer: Transfer, account: LineAccount) -> None:
        if account is LineAccount.APPROPRIATION:
            return
        balance = self.balance(transfer.line, account)
        if balance < transfer.amount_fen:
            raise BudgetExceeded(**_fields(transfer, account, balance))
        if account in ACCOUNTS_OF_ATTEMPTS and transfer.attempt_id is not None:
            of_attempt = self.balance_of_attempt(transfer.line, account, transfer.attempt_id)
            if of_attempt < transfer.amount_fen:
                raise AttemptExceeded(**_fields(transfer, account, of_attempt))


def _fields(transfer: Transfer, account: LineAccount, balance: int) -> dict[str, object]:
    return {
        "line": transfer.line,
        "kind": transfer.kind,
        "attempt_id": transfer.attempt_id,
        "amount": Money(transfer.amount_fen),
        "account": account,
        "account_zh": ACCOUNT_NAMES_ZH[account],
        "balance": Money(balance),
    }


def broken_laws(balances: Mapping[tuple[LineId, LineAccount], int]) -> tuple[BrokenLaw, ...]:
    """Return what does not hold of some balances, by line; they may come from anywhere, such as database rows."""
    sums: dict[LineId, int] = {}
    broken = []
    for (line, account), fen in sorted(balances.items()):
        sums[line] = sums.get(line, 0) + fen
        if fen < 0 and account is not LineAccount.APPROPRIATION:
            broken.append(BrokenLaw(line=line, law=Law.NOT_NEGATIVE, account=account, fen=fen))
    broken += [BrokenLaw(line=line, law=Law.SUM_IS_ZERO, account=None, fen=fen) for line, fen in sums.items() if fen]
    return tuple(broken)


def after_return(line: LineId, booked_on: date) -> TransferKind:
    """Return what follows when money has come back: the quota is restored in its budget year, else it lapses.

    Raises `WrongLine`.
    """
    return TransferKind.RESTORE if booked_on.year == year_of(line) else TransferKind.LAPSE
