"""The accounts into which a firm is paid, masked, and the form with which it states another.

Guarantees that an account in another name than the firm's registered one is said to be one, at once and until it is
corrected.
"""

from typing import Annotated

from pydantic import SecretStr, StringConstraints

from policy_match.payments.accounts import AccountSource
from policy_match.web.api.v1 import firm_inbox
from policy_match.web.api.v1.firm_inbox import NewAccount
from policy_match.web.call import Call
from policy_match.web.enterprise.telling import source_words
from policy_match.web.models import BLANK, Number, Query
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.ENTERPRISE)


class ForCase(Query):
    """From which case the firm comes, to be led back to."""

    case: Number | None = None


class AccountForm(Form):
    """An account. Its number is written as banks print it, with spaces."""

    holder: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]
    number: Annotated[SecretStr, StringConstraints(min_length=1, max_length=40)]
    bank_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    case: Number | None = None


@PAGES.shows("/enterprise/accounts", "收款账户", "Accounts", like="list_firm_accounts", nav=True)
def show_accounts(call: Call, query: ForCase) -> View:
    """Show the firm's accounts and the form."""
    accounts = firm_inbox.list_firm_accounts(call).items
    return View(
        "enterprise/accounts.html",
        {
            "accounts": accounts,
            "any_differs": any(each.holder_differs for each in accounts),
            "case": query.case,
            "sources": source_words(Saying(call.language)),
        },
    )


@PAGES.takes("/enterprise/accounts", "收款账户", "Accounts", like="state_firm_account", again="show_accounts")
def state_account(call: Call, form: AccountForm) -> Redirect:
    """Keep the account that the firm states; lead back to the case that needed it unless its holder is another."""
    stated = NewAccount(holder=form.holder, number=form.number, bank_code=form.bank_code)
    kept = firm_inbox.state_firm_account(call, stated).items
    if form.case is None:
        return Redirect("/enterprise/accounts", "account-stated")
    differs = any(each.holder_differs for each in kept if each.source == AccountSource.FIRM)
    back = f"/enterprise/accounts?case={form.case}" if differs else f"/enterprise/cases/{form.case}"
    return Redirect(back, "account-stated")
