"""Tables of payees' accounts that are sent, and their rows that could not be taken.

Guarantees that no account number is in any answer. One account, or a few, are stated as JSON: `payments`.
"""

from typing import Annotated

from pydantic import Field

from policy_match.payments.accounts import AccountSource
from policy_match.services import account_files as service
from policy_match.services.account_files import MOST_BYTES, AccountFileRefused, AccountFileTooLarge, NoSuchAccountFile
from policy_match.web.api.v1.payments import RefusedAccountItem
from policy_match.web.api.v1.registry import SOURCE_TYPES
from policy_match.web.call import Call
from policy_match.web.models import Moment, Number, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Made, Method, Tag, Upload

CHAPTER = Chapter(Tag.PAYMENTS)
OPERATIONS = CHAPTER.operations


class AccountFileKey(Query):
    """Which table."""

    number: Number


class SourceQuery(Query):
    """Who states the accounts."""

    source: Annotated[
        AccountSource | None, Field(description="who states all of them, where the table has no such column")
    ] = None


class AccountFileItem(Output):
    """A table that was taken: how many of its rows were kept, and how many were not."""

    number: int
    digest: Annotated[str, Field(description="the SHA-256 of its content")]
    source: AccountSource | None
    kept: int
    refused: int
    at: Moment
    by: str


@CHAPTER.operation(
    Method.POST, "/payee-account-files", raises=(AccountFileRefused, AccountFileTooLarge), uploads=SOURCE_TYPES
)
def take_account_table(call: Call, query: SourceQuery, upload: Upload) -> Made[AccountFileItem]:
    """Take a table of accounts that payees are paid into: CSV, Excel or Parquet, of at most 50,000 rows.

    It has the columns uscc, holder, number, bank_code and, where needed, source and kind, by these names or in Chinese.
    Every row that can be taken is; the others are kept with their reasons. The table itself is kept sealed.
    """
    call.check_everywhere()
    taken = service.take_sent_accounts(
        call.database,
        call.desk.account_sealer,
        call.clock,
        call.desk.sent_table,
        content=upload.stream.read(MOST_BYTES + 1),
        source=query.source,
        by=call.by,
    )
    return Made(AccountFileItem.model_validate(taken), f"/payee-account-files/{taken.number}")


@CHAPTER.operation(Method.GET, "/payee-account-files")
def list_account_tables(call: Call, query: PageQuery) -> Page[AccountFileItem]:
    """List tables of accounts that were taken, the latest first."""
    call.check_everywhere()
    found = service.account_files(call.database, before=call.cursors.number() or None, most=query.limit + 1)
    return call.page(Page[AccountFileItem], found, query.limit, "number")


@CHAPTER.operation(Method.GET, "/payee-account-files/{number}", raises=(NoSuchAccountFile,))
def show_account_table(call: Call, path: AccountFileKey) -> AccountFileItem:
    """Show one table of accounts that was taken."""
    call.check_everywhere()
    return AccountFileItem.model_validate(service.find_account_file(call.database, path.number))


@CHAPTER.operation(Method.GET, "/payee-account-files/{number}/refusals", raises=(NoSuchAccountFile,))
def list_refused_accounts(call: Call, path: AccountFileKey, query: PageQuery) -> Page[RefusedAccountItem]:
    """List the rows of a table that were not taken, each with its reason, by the number that a person finds it by."""
    call.check_everywhere()
    found = service.account_refusals(call.database, path.number, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[RefusedAccountItem], found, query.limit, "row")
