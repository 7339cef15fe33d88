"""The accounts into which a firm is paid: its own word, and what offices stated; shown masked.

Guarantees that a number that a firm states is checked and sealed before it is kept, and never given back; and that an
account in another name is kept, as a registered name may be late, and said to be one. Which of several accounts is paid
into, and whether its holder fits, is decided before each order.
"""

from collections.abc import Sequence

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.firm_view import StatedPayee
from policy_match.errors import InputError
from policy_match.payments.accounts import AccountSource, same_name
from policy_match.payments.sealing import AccountSealer
from policy_match.policy.model import PayeeKind
from policy_match.ports import Clock, Database
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.values import Uscc


class AccountRefused(InputError):
    """What was stated is no account that money can be paid into."""

    code = "firm.account"
    english = "the account was not kept: {reason}; correct it and send it again"
    chinese = "账户未保存：{reason_zh}；请更正后重新提交"


def firm_accounts(database: Database, uscc: Uscc) -> Sequence[StatedPayee]:
    """Return the newest account of each source, masked."""
    with database.unit_of_work() as work:
        return work.firm.accounts(uscc)


def holder_differs(account: StatedPayee, registered_name: str) -> bool:
    """Return whether an order into an account would stop at its holder, as `order_payments.account_defects` has it.

    The account of a bank or utility is the department's word. An empty name is not known, and differs from none.
    """
    return (
        account.purpose is PayeeKind.FIRM and registered_name != "" and not same_name(account.holder, registered_name)
    )


def state_account(
    database: Database, sealer: AccountSealer, clock: Clock, uscc: Uscc, *, holder: str, number: str, bank_code: str
) -> Sequence[StatedPayee]:
    """Keep an account that a firm states for itself, and return its accounts. Raises `AccountRefused`."""
    stated = StatedAccount(
        row=1, uscc=uscc, holder=holder, number=number, bank_code=bank_code, source=AccountSource.FIRM
    )
    taken = take_accounts([stated], database, sealer, clock, by=f"{FIRM_PREFIX}{uscc}")
    for refusal in taken.refusals:
        raise AccountRefused(reason=refusal.reason_en, reason_zh=refusal.reason_zh)
    return firm_accounts(database, uscc)
