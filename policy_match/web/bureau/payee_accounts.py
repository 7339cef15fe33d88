"""Tables of payees' accounts: sending one, and the rows that could not be taken.

Guarantees that no account number is on a page; a single account that came back is corrected in `returned`.
"""

from policy_match.cases.words import Words
from policy_match.payments.accounts import AccountSource
from policy_match.payments.words import SOURCE_WORDS
from policy_match.web.api.v1 import account_files as api
from policy_match.web.bureau.allowed import everywhere, may
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.operation import Upload
from policy_match.web.portal.forms import Attached, Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)

ANY_TYPE = "application/octet-stream"


class AccountTableForm(Form):
    """A table, and who states its accounts where it has no such column."""

    file: Attached
    source: AccountSource | None = None


@PAGES.shows(
    "/bureau/payments/accounts",
    "收款账户表",
    "Tables of accounts",
    like="list_account_tables",
    tables=(Table("account-tables", api.list_account_tables),),
)
def account_tables(call: Call, query: PageQuery) -> View:
    """List tables that were taken, and offer to send one."""
    return View(
        "bureau/account_tables.html",
        {
            "found": api.list_account_tables(call, query),
            "source_words": [(each.value, _words(each, call.language)) for each in AccountSource],
            "may_take": everywhere(call, "take_account_table"),
        },
    )


@PAGES.takes(
    "/bureau/payments/accounts",
    "上传收款账户表",
    "Send a table of accounts",
    like="take_account_table",
    again="account_tables",
    uploads=True,
)
def take_account_table(call: Call, form: AccountTableForm) -> Redirect:
    """Take a table of accounts."""
    upload = Upload(media_type=ANY_TYPE, stream=form.file.stream)
    taken = api.take_account_table(call, api.SourceQuery(source=form.source), upload).body
    return Redirect(f"/bureau/payments/accounts/{taken.number}", "accounts-taken")


@PAGES.shows(
    "/bureau/payments/accounts/{number}",
    "收款账户表",
    "A table of accounts",
    like="list_refused_accounts",
    tables=(
        Table("refused-accounts", api.list_refused_accounts, words=Words("未登记的行", "Rows that were not taken")),
    ),
)
def account_table(call: Call, path: api.AccountFileKey, query: PageQuery) -> View:
    """Show what became of a table: how many rows were kept, and each that was not with its reason."""
    return View(
        "bureau/account_table.html",
        {
            "table": api.show_account_table(call, path),
            "refusals": api.list_refused_accounts(call, path, query),
            "may_take": may(call, "take_account_table"),
        },
    )


def _words(source: AccountSource, language: str) -> str:
    words = SOURCE_WORDS[source]
    return words.zh if language == "zh" else words.en
