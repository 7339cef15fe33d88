"""The bank's files, lines that nobody has explained, and reconciling.

Guarantees that the books are closed only at zero; a comparison that does not come to zero is kept with every
difference, and shown.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.working_days import china_day
from policy_match.payments.reconciliation import DifferenceStands
from policy_match.services import reconcile_payments
from policy_match.web.api.v1 import bank_files as api
from policy_match.web.bureau.allowed import may
from policy_match.web.call import Call
from policy_match.web.models import PageQuery, Text
from policy_match.web.operation import File, Upload
from policy_match.web.portal.forms import Attached, Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)


class BankFileForm(Form):
    """A file of the bank."""

    file: Attached


class ExplanationForm(Form):
    """What the line is."""

    reason: Annotated[Text, Field(min_length=1)]


class ReconcileForm(Form):
    """Up to which day; `close` closes paid cases when all agrees."""

    up_to: date
    close: bool = False


@PAGES.shows(
    "/bureau/payments/bank-files",
    "银行文件",
    "Files of the bank",
    like="list_bank_files",
    tables=(Table("bank-files", api.list_bank_files),),
)
def bank_files(call: Call, query: PageQuery) -> View:
    """List files that were taken or refused."""
    return View(
        "bureau/bank_files.html",
        {
            "files": api.list_bank_files(call, query),
            "may_take": may(call, "take_file_of_bank"),
            "may_fetch": may(call, "fetch_bank_file"),
        },
    )


@PAGES.takes(
    "/bureau/payments/bank-files",
    "上传银行文件",
    "Take a file of the bank",
    like="take_file_of_bank",
    again="bank_files",
    uploads=True,
)
def take_bank_file(call: Call, form: BankFileForm) -> Redirect:
    """Take a status report or a statement."""
    upload = Upload(media_type=api.ANY_FILE, stream=form.file.stream)
    taken = api.take_file_of_bank(call, api.NameQuery(name=form.file.name), upload)
    return Redirect("/bureau/payments/bank-files", "bank-file-repeated" if taken.repeated else "bank-file-taken")


@PAGES.shows("/bureau/payments/bank-files/{digest}", "银行文件", "A file of the bank", like="fetch_bank_file")
def bank_file(call: Call, path: api.FileKey) -> File:
    """Fetch the content of a file."""
    return api.fetch_bank_file(call, path)


@PAGES.shows(
    "/bureau/payments/bank-lines",
    "待说明明细",
    "Unexplained lines",
    like="list_unexplained_lines",
    tables=(Table("bank-lines", api.list_unexplained_lines),),
)
def bank_lines(call: Call, query: PageQuery) -> View:
    """List lines that need a person."""
    return View("bureau/bank_lines.html", {"lines": api.list_unexplained_lines(call, query)})


@PAGES.shows(
    "/bureau/payments/bank-lines/{digest}/{number}", "说明明细", "Explain a line", like="show_unexplained_line"
)
def bank_line(call: Call, path: api.LineKey) -> View:
    """Show one line that needs a person."""
    line = api.show_unexplained_line(call, path)
    return View("bureau/bank_line.html", {"line": line, "may_explain": may(call, "explain_bank_line")})


@PAGES.takes(
    "/bureau/payments/bank-lines/{digest}/{number}",
    "说明明细",
    "Explain a line",
    like="explain_bank_line",
    again="bank_line",
)
def explain_line(call: Call, path: api.LineKey, form: ExplanationForm) -> Redirect:
    """Say what the line is."""
    api.explain_bank_line(call, path, api.Explanation(reason=form.reason))
    return Redirect("/bureau/payments/bank-lines", "line-explained")


@PAGES.shows(
    "/bureau/payments/reconciliations",
    "对账",
    "Reconciliation",
    like="list_reconciliations",
    tables=(Table("reconciliations", api.list_reconciliations),),
)
def reconciliations(call: Call, query: PageQuery) -> View:
    """List comparisons, and offer to compare."""
    return View(
        "bureau/reconciliations.html",
        {
            "found": api.list_reconciliations(call, query),
            "today": china_day(call.now),
            "may_reconcile": may(call, "reconcile_bank"),
        },
    )


@PAGES.takes("/bureau/payments/reconciliations", "对账", "Reconcile", like="reconcile_bank", again="reconciliations")
def reconcile(call: Call, form: ReconcileForm) -> Redirect:
    """Compare, and close what agrees; a difference that stands is shown with the comparison that was kept."""
    call.check_everywhere()
    try:
        number = reconcile_payments.reconcile_payments(
            call.database, call.clock, up_to=form.up_to, by=call.by, close=form.close
        ).number
        done = "books-closed" if form.close else "books-compared"
    except DifferenceStands:
        number, done = api.list_reconciliations(call, PageQuery(limit=1)).items[0].number, "books-open"
    return Redirect(f"/bureau/payments/reconciliations/{number}", done)


@PAGES.shows("/bureau/payments/reconciliations/{number}", "对账结果", "A reconciliation", like="show_reconciliation")
def reconciliation(call: Call, path: api.ReconciliationKey) -> View:
    """Show one comparison with its differences."""
    found = api.show_reconciliation(call, path)
    return View("bureau/reconciliation.html", {"found": found, "record": found.reconciliation})
