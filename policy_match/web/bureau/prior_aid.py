"""Aid that others paid before: sending a file of it, so that releases deduct it, and what became of former files.

Guarantees that a file is kept before its lines are taken, and that what was asked for is followed on a page of its own.
"""

from policy_match.ports.requested_work import WorkKind
from policy_match.services.import_prior_aid import COLUMNS
from policy_match.web.api.v1 import registry as uploads
from policy_match.web.api.v1 import requests as api
from policy_match.web.bureau.allowed import may, reaching
from policy_match.web.bureau.whole_policies import SayWork
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.forms import Attached, Form
from policy_match.web.portal.page import Door, Pages, Redirect, View
from policy_match.web.problems import NotAllowed

PAGES = Pages(Door.BUREAU)


class PriorAidForm(Form):
    """A file of aid that others paid."""

    file: Attached


@PAGES.shows("/bureau/data/prior-aid", "已享补助", "Prior aid", like="request_prior_aid")
def prior_aid(call: Call, query: PageQuery) -> View:
    """Show which files were taken in, and offer to send one."""
    found = None
    if may(call, "list_requests"):
        asked = api.RequestQuery(kind=WorkKind.PRIOR_AID, limit=query.limit)
        found = api.list_requests(reaching(call, "list_requests"), asked)
    return View("bureau/prior_aid.html", {"found": found, "columns": COLUMNS, "say_work": SayWork(call)})


@PAGES.takes(
    "/bureau/data/prior-aid",
    "上传已享补助",
    "Send prior aid",
    like="request_prior_aid",
    again="prior_aid",
    uploads=True,
)
def send_prior_aid(call: Call, form: PriorAidForm) -> Redirect:
    """Keep the file, and ask for its lines to be taken in."""
    if not may(call, "put_upload"):
        raise NotAllowed
    digest = form.file.digest
    call.check_everywhere()
    uploads.keep_sent(call, digest, form.file.stream, form.file.name)
    asked = api.request_prior_aid(call, api.WantedPriorAid(upload=digest))
    return Redirect(f"/bureau/work/{asked.body.request_id}", "work-begun")
