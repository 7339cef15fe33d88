"""For auditors: one box to search with, lists that add up, what a person did, a firm's money; each as a file too.

Guarantees that nothing is written, and that what belongs to no single policy is for those alone who are limited to
none.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.audit.evidence import HitKind, StepKind
from policy_match.audit.question import MOST_LETTERS
from policy_match.ledger.accounts import LineAccount
from policy_match.payments.attempts import AttemptStatus
from policy_match.ports.audit import AuditFilter, Group, TotalsBy
from policy_match.services import audit_people, audit_totals
from policy_match.services.audit_search import search_audit
from policy_match.services.audit_totals import GroupList, TotalsDisagree
from policy_match.services.explain import NoSuchFirm
from policy_match.services.table_files import FileFormat, TooManyRows
from policy_match.values import Uscc
from policy_match.web.api.v1.audit import CSV, PARQUET, CheckItem, LedgerEntryItem, Year, file_of
from policy_match.web.api.v1.budget import LineKey
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Fen, Moment, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, File, Method, Tag

CHAPTER = Chapter(Tag.AUDIT)
OPERATIONS = CHAPTER.operations

Person = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00/]+$")]
"""A staff account, `firm:` with a code, or `machine:` with a name."""


class SearchQuery(Query):
    """What is looked for."""

    text: Annotated[
        str,
        StringConstraints(min_length=1, max_length=MOST_LETTERS, pattern=r"^[^\x00]*$"),
        Field(description="a credit code, a number of a case or list, a payment, a policy, line, fund, person or days"),
    ]


class FormatQuery(Query):
    """Written as what."""

    format: FileFormat = FileFormat.CSV


class HitItem(Output):
    """Something that the text names."""

    kind: HitKind
    name: str
    case_id: Annotated[int | None, Field(description="the case, for a case and for a payment")]


class SearchAnswer(Output):
    """What the text names; `cases` are parameters of `GET /audit/cases` that list the cases it stands for."""

    hits: list[HitItem]
    cases: dict[str, str] | None


class GroupQuery(Query):
    """Which group of the totals, of which budget year or of all."""

    by: TotalsBy
    group: Annotated[
        str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$"), Field(description="empty: what is about no case")
    ] = ""
    year: Year | None = None


class GroupPage(GroupQuery, PageQuery):
    """Which page of which group."""


class GroupExport(GroupQuery, FormatQuery):
    """Which group, written as what."""


class TotalsExport(FormatQuery):
    """What the totals are of, written as what."""

    by: TotalsBy = TotalsBy.POLICY
    year: Year | None = None


class CaseMoneyItem(Output):
    """What the transfers about one case added to each account."""

    case_id: int
    policy_id: str
    uscc: str
    name: str
    available_fen: Fen
    reserved_fen: Fen
    paid_fen: Fen
    returned_fen: Fen
    recovered_fen: Fen
    appropriation_fen: Fen


class GroupSumsItem(Output):
    """What the whole group adds up to by account: with all its cases, and apart from them what is about no case."""

    cases: int
    of_cases: dict[LineAccount, Fen]
    apart: dict[LineAccount, Fen]


class GroupAnswer(Page[CaseMoneyItem]):
    """A page of the cases, the sums over all pages, and their proof where the ledger keeps lines for the group."""

    sums: GroupSumsItem
    checks: list[CheckItem]
    in_order: bool


class PersonPath(Query):
    """Who."""

    person: Person


class PersonStepItem(Output):
    """One thing that a person did; steps of one moment on many cases are one, with the first case and how many."""

    at: Moment
    kind: StepKind
    place: str
    what: str
    about: str
    case_id: int | None
    count: Annotated[int, Field(description="of a request over the web the status that answered it")]
    amount_fen: Fen | None


class FirmPath(Query):
    """Which firm."""

    uscc: CreditCode


class AuditedAccountItem(Output):
    """An account that was stated for a firm; `tail` are its last digits."""

    account_id: int
    purpose: str
    holder: str
    tail: str
    bank_code: str
    source: str
    at: Moment
    by: str


class FirmAnswer(Output):
    """A firm with a case: its registered names, the latest first, and its accounts."""

    uscc: str
    names: list[str]
    accounts: list[AuditedAccountItem]


class FirmPaymentItem(Output):
    """One attempt to pay a firm."""

    case_id: int
    number: int
    attempt_id: str
    policy_id: str
    amount_fen: Fen
    status: AttemptStatus
    since: Moment
    tail: str
    at: Moment
    by: str


@CHAPTER.operation(Method.GET, "/audit/search")
def search_everything(call: Call, query: SearchQuery) -> SearchAnswer:
    """Say what a text names: a case, payment, firm, policy, fund, line, list or person, or days.

    What names nothing else is looked for in the registered names of firms.
    """
    within = AuditFilter(policies=call.policies)
    found = search_audit(call.database, query.text, within, call.desk.rules.policies.values())
    cases = None if found.cases is None else parameters_of(found.cases)
    return SearchAnswer(hits=[HitItem.model_validate(each) for each in found.hits], cases=cases)


@CHAPTER.operation(
    Method.GET, "/audit/totals/export", raises=(TotalsDisagree, TooManyRows), media_type=CSV, also=(PARQUET,)
)
def export_audit_totals(call: Call, query: TotalsExport) -> File:
    """Give the totals as a CSV or Parquet file; what is not the ledger is refused."""
    call.check_everywhere()
    content = audit_totals.totals_file(call.database, query.by, query.format, year=query.year)
    return file_of(content, query.format, "totals")


@CHAPTER.operation(Method.GET, "/audit/totals/cases")
def list_group_cases(call: Call, query: GroupPage) -> GroupAnswer:
    """List the cases of one group of the totals with their money, and what all of them add up to."""
    found = group_of(call, query)
    page = call.page(Page[CaseMoneyItem], found.cases, query.limit, "case_id")
    return GroupAnswer(
        items=page.items,
        next=page.next,
        sums=GroupSumsItem.model_validate(found.sums),
        checks=[CheckItem.model_validate(each) for each in found.checks],
        in_order=found.in_order,
    )


@CHAPTER.operation(Method.GET, "/audit/totals/cases/export", raises=(TooManyRows,), media_type=CSV, also=(PARQUET,))
def export_group_cases(call: Call, query: GroupExport) -> File:
    """Give the cases of one group of the totals with their money as a CSV or Parquet file."""
    call.check_everywhere()
    group = Group(by=query.by, name=query.group, year=query.year)
    return file_of(audit_totals.group_file(call.database, group, query.format), query.format, "cases-of-group")


@CHAPTER.operation(Method.GET, "/audit/lines/{line}")
def list_line_transfers(call: Call, path: LineKey, query: PageQuery) -> Page[LedgerEntryItem]:
    """List the transfers of a budget line by number, with the case of each."""
    call.check_everywhere()
    found = audit_people.line_transfers(call.database, path.line, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[LedgerEntryItem], found, query.limit, "transfer_id")


@CHAPTER.operation(Method.GET, "/audit/lines/{line}/export", raises=(TooManyRows,), media_type=CSV, also=(PARQUET,))
def export_line_transfers(call: Call, path: LineKey, query: FormatQuery) -> File:
    """Give the transfers of a budget line as a CSV or Parquet file."""
    call.check_everywhere()
    content = audit_people.transfers_file(call.database, path.line, query.format)
    return file_of(content, query.format, path.line)


@CHAPTER.operation(Method.GET, "/audit/people/{person}")
def list_person_steps(call: Call, path: PersonPath, query: PageQuery) -> Page[PersonStepItem]:
    """List everything that one person did, the latest first: steps, signatures, money, files, roles, requests."""
    call.check_everywhere()
    before = call.cursors.place(datetime, str, str)
    found = audit_people.person_steps(call.database, path.person, before=before, most=query.limit + 1)
    kept = [PersonStepItem.model_validate(each) for each in found[: query.limit]]
    last = kept[-1] if kept else None
    more = call.cursors.write(last.at, last.kind, last.place) if last and len(found) > query.limit else None
    return Page[PersonStepItem](items=kept, next=more)


@CHAPTER.operation(Method.GET, "/audit/people/{person}/export", raises=(TooManyRows,), media_type=CSV, also=(PARQUET,))
def export_person_steps(call: Call, path: PersonPath, query: FormatQuery) -> File:
    """Give everything that one person did as a CSV or Parquet file."""
    call.check_everywhere()
    return file_of(audit_people.person_file(call.database, path.person, query.format), query.format, "person")


@CHAPTER.operation(Method.GET, "/audit/firms/{uscc}", raises=(NoSuchFirm,))
def show_audited_firm(call: Call, path: FirmPath) -> FirmAnswer:
    """Show a firm with a case within reach: its registered names, and its accounts without their numbers."""
    return FirmAnswer.model_validate(audit_people.audited_firm(call.database, Uscc(path.uscc), call.policies))


@CHAPTER.operation(Method.GET, "/audit/firms/{uscc}/payments")
def list_payments_of_firm(call: Call, path: FirmPath, query: PageQuery) -> Page[FirmPaymentItem]:
    """List the attempts to pay a firm by case."""
    after = call.cursors.place(int, int) or (0, 0)
    found = audit_people.firm_payments(call.database, Uscc(path.uscc), call.policies, after=after, most=query.limit + 1)
    kept = [FirmPaymentItem.model_validate(each) for each in found[: query.limit]]
    more = call.cursors.write(kept[-1].case_id, kept[-1].number) if len(found) > query.limit else None
    return Page[FirmPaymentItem](items=kept, next=more)


@CHAPTER.operation(
    Method.GET, "/audit/firms/{uscc}/payments/export", raises=(TooManyRows,), media_type=CSV, also=(PARQUET,)
)
def export_payments_of_firm(call: Call, path: FirmPath, query: FormatQuery) -> File:
    """Give the attempts to pay a firm as a CSV or Parquet file."""
    content = audit_people.payments_file(call.database, Uscc(path.uscc), call.policies, query.format)
    return file_of(content, query.format, f"payments-{path.uscc}")


def group_of(call: Call, query: GroupPage) -> GroupList:
    """Return a page of a group with its sums, for whoever is limited to no policy. Raises `NotAllowed`."""
    call.check_everywhere()
    group = Group(by=query.by, name=query.group, year=query.year)
    return audit_totals.group_list(call.database, group, after=call.cursors.number(), most=query.limit + 1)


def parameters_of(wanted: AuditFilter) -> dict[str, str]:
    """Return a filter as the parameters of a search for cases."""
    given = {
        "firm": wanted.uscc,
        "name": wanted.name,
        "policy": wanted.policy_id,
        "district": wanted.district,
        "fund": wanted.fund,
        "person": wanted.person,
        "status": wanted.status,
        "first": wanted.first,
        "last": wanted.last,
    }
    return {name: str(value) for name, value in given.items() if value is not None}
