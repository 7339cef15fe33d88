"""Work in the background on all cases of a policy whose turn it is, and how far such work is.

Guarantees that it is asked for after one page that says among how many cases it looks; what it does is its kind's.
"""

import json

from policy_match.cases.rechecking import RecheckPurpose
from policy_match.ports.requested_work import WorkKind, WorkStatus
from policy_match.services.import_prior_aid import REASONS, RefusedBecause
from policy_match.web.api.v1 import cases, requests
from policy_match.web.bureau.allowed import may, reaching
from policy_match.web.bureau.figures import figures_in_words
from policy_match.web.bureau.many_steps import KINDS, OPERATIONS, WAITING, WholePolicy, chosen_words, words_of
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Name, Query
from policy_match.web.operation import Accepted, File
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.problems import NotAllowed

PAGES = Pages(Door.BUREAU)

TOLD_OTHERWISE = frozenset({WorkKind.IMPORT, WorkKind.PRIOR_AID, WorkKind.SWEEP, WorkKind.OPEN_CASES})
"""What these gave is said in a sentence."""

OVER = frozenset({WorkStatus.DONE, WorkStatus.FAILED, WorkStatus.CANCELLED})
STATUS_WORDS = {
    WorkStatus.WAITING: ("等待办理", "waits"),
    WorkStatus.WORKING: ("正在办理", "being worked on"),
    WorkStatus.DONE: ("已完成", "done"),
    WorkStatus.FAILED: ("未能完成", "failed"),
    WorkStatus.CANCELLED: ("已取消", "cancelled"),
}


class WholePath(Query):
    """Which work on which policy."""

    work: WholePolicy
    policy: Name


class WholeForm(Form):
    """Nothing but the wish."""


class WholeQuery(Query):
    """Which work on which policy, chosen from a list."""

    work: WholePolicy
    policy: Name


@PAGES.shows("/bureau/whole", "整体办理", "Work on a whole policy", like="request_notification")
def choose_whole(call: Call, query: WholeQuery) -> Redirect:
    """Lead to the page of the work."""
    return Redirect(f"/bureau/whole/{query.work}/{query.policy}")


@PAGES.shows("/bureau/whole/{work}/{policy}", "确认整体办理", "Confirm work on a policy", like="request_notification")
def confirm_whole(call: Call, path: WholePath) -> View:
    """Say among how many cases the work looks."""
    within = reaching(call, "request_notification")
    found = cases.count_cases(within, cases.CaseCountQuery(policy=path.policy)).items
    waiting = [each for each in found if each.status in WAITING[path.work]]
    return View(
        "bureau/confirm_whole.html",
        {
            "path": path,
            "words": words_of(call, path.work),
            "named": Named(call),
            "waiting": waiting,
            "count": sum(each.cases for each in waiting),
            "amount_fen": sum(each.amount_fen for each in waiting),
        },
    )


@PAGES.takes(
    "/bureau/whole/{work}/{policy}", "整体办理", "Work on a policy", like="request_notification", again="confirm_whole"
)
def ask_whole(call: Call, path: WholePath, form: WholeForm) -> Redirect:
    """Ask for the work."""
    if not may(call, OPERATIONS[path.work]):
        raise NotAllowed
    asked = _asked(call, path.work, path.policy)
    return Redirect(f"/bureau/work/{asked.body.request_id}", "work-begun")


@PAGES.shows(
    "/bureau/work", "后台办理", "Background work", like="list_requests", tables=(Table("work", requests.list_requests),)
)
def work_list(call: Call, query: requests.RequestQuery) -> View:
    """List what was asked for, the latest first."""
    return View(
        "bureau/work_list.html",
        {"query": query, "found": requests.list_requests(call, query), "say_work": SayWork(call), "named": Named(call)},
    )


@PAGES.shows("/bureau/work/{request_id}", "后台办理进度", "Progress", like="show_request")
def work(call: Call, path: requests.RequestPath) -> View:
    """Show how far one request is, and what it gave."""
    found = requests.show_request(call, path)
    counted = {name: value for name, value in found.result.items() if name != "refused_cases"}
    return View(
        "bureau/work.html",
        {
            "found": found,
            "over": found.status in OVER,
            "figures": () if found.kind in TOLD_OTHERWISE else figures_in_words(call, counted),
            "say_work": SayWork(call),
            "named": Named(call),
            "may_cancel": may(call, "cancel_request"),
        },
    )


@PAGES.shows("/bureau/work/{request_id}/progress", "进度", "Progress", like="show_request")
def work_progress(call: Call, path: requests.RequestPath) -> File:
    """Say how far one request is, for the page that waits for it."""
    found = requests.show_request(call, path)
    told = {
        "done": found.done,
        "total": found.total,
        "words": SayWork(call).status(found.status),
        "over": found.status in OVER,
    }
    return File(content=json.dumps(told).encode(), media_type="application/json", name="progress.json")


@PAGES.takes("/bureau/work/{request_id}/cancel", "取消后台办理", "Cancel", like="cancel_request", again="work")
def cancel_work(call: Call, path: requests.RequestPath, form: WholeForm) -> Redirect:
    """Cancel a request that nobody has begun."""
    requests.cancel_request(call, path)
    return Redirect(f"/bureau/work/{path.request_id}", "work-cancelled")


class SayWork:
    """Says kinds and statuses of background work in the language of the page."""

    def __init__(self, call: Call) -> None:
        self._zh = call.language == "zh"

    def kind(self, item: requests.RequestItem) -> str:
        """Return what a request is for."""
        words = KINDS[item.kind]
        return words.zh if self._zh else words.en

    def status(self, status: WorkStatus) -> str:
        """Return how far a request is."""
        return STATUS_WORDS[status][0 if self._zh else 1]

    def refused(self, because: str) -> str:
        """Return why a line of prior aid was refused."""
        english, chinese = REASONS[RefusedBecause(because)]
        return chinese if self._zh else english


def whole_words(call: Call) -> list[tuple[str, str]]:
    """Return the works that may be asked for, for a list to choose from."""
    return [each for each in chosen_words(call, WholePolicy) if may(call, OPERATIONS[WholePolicy(each[0])])]


def _asked(call: Call, work: WholePolicy, policy: str) -> Accepted[requests.RequestItem]:
    match work:
        case WholePolicy.NOTIFY:
            return requests.request_notification(call, requests.OfPolicies(policy_id=policy))
        case WholePolicy.PUBLISH:
            return requests.request_publication(call, requests.OfPolicies(policy_id=policy))
        case WholePolicy.LISTS:
            return requests.request_approval_lists(call, requests.OfPolicy(policy_id=policy))
        case WholePolicy.RECHECK_APPROVAL:
            wanted = requests.WantedRecheck(purpose=RecheckPurpose.APPROVAL, policy_id=policy)
            return requests.request_recheck(call, wanted)
        case WholePolicy.RECHECK_PAYMENT:
            wanted = requests.WantedRecheck(purpose=RecheckPurpose.PAYMENT, policy_id=policy)
            return requests.request_recheck(call, wanted)
