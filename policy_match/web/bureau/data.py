"""Data of the departments: how each source stands, imports with their reports, and how to make one.

Guarantees that a file is kept before it is imported, and that what was asked for is followed on a page of its own.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.words import Words
from policy_match.cases.working_days import china_day
from policy_match.ports.requested_work import WorkKind
from policy_match.web.api.v1 import registry as api
from policy_match.web.api.v1 import requests as requests_api
from policy_match.web.api.v1 import sources as sources_api
from policy_match.web.bureau.allowed import first_page, may, reaching
from policy_match.web.bureau.whole_policies import SayWork
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.forms import Attached, Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.problems import Place, WrongFields

PAGES = Pages(Door.BUREAU)

RECENT = 5
"""So many imports that were asked for are shown beside those that were made."""

LISTED = 20

Chosen = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64}) (\S{1,100})$")]
"""The digest of a file, and the name of the mapping by which it is read."""


class DataQuery(PageQuery):
    """Which page of the imports."""

    limit: Annotated[int, Field(ge=1, le=100)] = LISTED


class UploadsQuery(PageQuery):
    """Which page of the files that were sent; `chosen` was sent just now."""

    chosen: api.Sha256 | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = LISTED


class UploadForm(Form):
    """A source file."""

    file: Attached


class ImportForm(Form):
    """The files of one snapshot with their mappings, those that decide first; and the day for stale values."""

    sources: tuple[Chosen, ...] = ()
    as_of: date


@PAGES.shows(
    "/bureau/data",
    "数据",
    "Data",
    like="list_sources",
    nav=True,
    tables=(
        Table("sources", sources_api.list_sources, words=Words("数据来源", "Sources")),
        Table("imports", sources_api.list_imports, words=Words("导入记录", "Imports")),
    ),
)
def data(call: Call, query: DataQuery) -> View:
    """Show how each source stands, and the imports that were made."""
    board = sources_api.list_sources(call)
    found = sources_api.list_imports(call, PageQuery(limit=query.limit))
    return View(
        "bureau/data.html",
        {
            "board": board,
            "found": found,
            "recent": _recent(call),
            "say_work": SayWork(call),
            "may_import": may(call, "request_import"),
            "may_take_aid": may(call, "request_prior_aid"),
        },
    )


@PAGES.shows(
    "/bureau/data/import",
    "导入数据",
    "Import data",
    like="request_import",
    tables=(Table("uploads", api.list_uploads),),
)
def import_page(call: Call, query: UploadsQuery) -> View:
    """Show what was sent, and ask which of it is imported by which mapping."""
    found = api.list_uploads(call, api.UploadListQuery(limit=query.limit, order=api.UploadOrder.LATEST))
    return View(
        "bureau/data_import.html",
        {
            "found": found,
            "chosen": query.chosen,
            "mappings": api.list_mappings(call).items,
            "today": china_day(call.now),
        },
    )


@PAGES.takes("/bureau/data/uploads", "上传文件", "Send a file", like="put_upload", again="import_page", uploads=True)
def send_file(call: Call, form: UploadForm) -> Redirect:
    """Keep a source file under the digest of its content, with the name that it has where it comes from."""
    digest = form.file.digest
    api.keep_sent(call, digest, form.file.stream, form.file.name)
    return Redirect(f"/bureau/data/import?chosen={digest}", "file-kept")


@PAGES.takes("/bureau/data/import", "导入数据", "Import data", like="request_import", again="import_page")
def ask_import(call: Call, form: ImportForm) -> Redirect:
    """Ask for a snapshot of the chosen files."""
    if not form.sources:
        told = "请至少为一个文件选择映射" if call.language == "zh" else "choose a mapping for at least one file"
        raise WrongFields([Place(where="sources", detail=told)])
    pairs = [each.split(" ") for each in form.sources]
    wanted = requests_api.WantedImport(
        sources=[requests_api.MappedUpload(upload=digest, mapping=mapping) for digest, mapping in pairs],
        as_of=form.as_of,
    )
    asked = requests_api.request_import(call, wanted)
    return Redirect(f"/bureau/work/{asked.body.request_id}", "work-begun")


def _recent(call: Call) -> list[requests_api.RequestItem]:
    """Return the imports that were asked for last, where who asks may see them."""
    if not may(call, "list_requests"):
        return []
    within = reaching(call, "list_requests")
    wanted = requests_api.RequestQuery(kind=WorkKind.IMPORT, limit=RECENT)
    found: list[requests_api.RequestItem] = requests_api.list_requests(first_page(within), wanted).items
    return found
