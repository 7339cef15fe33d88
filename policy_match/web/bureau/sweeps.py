"""Sweeps: starting one, what it found by policy and condition, and releasing it: opening the cases of the eligible.

Guarantees that nothing is released by looking at it, and that the page that releases says what will be opened. A policy
that matches all or none is confirmed by a person before anything of its sweep is kept.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.working_days import china_day
from policy_match.ports.requested_work import WorkKind, WorkStatus
from policy_match.sweep.match import Match
from policy_match.values import Money, PolicyId
from policy_match.web.api.v1 import registry as registry_api
from policy_match.web.api.v1 import requests as requests_api
from policy_match.web.api.v1 import sources as sources_api
from policy_match.web.api.v1 import sweeps as api
from policy_match.web.bureau.allowed import first_page, may, reaching
from policy_match.web.bureau.named import Named
from policy_match.web.bureau.policies import labels_of
from policy_match.web.bureau.whole_policies import SayWork
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Name, PageQuery, Query, Text
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)

RECENT = 5
SNAPSHOTS = 50
"""So many of the latest snapshots can be chosen from."""

LISTED = 50


class SweepsQuery(PageQuery):
    """Which page of the sweeps; `snapshot` is chosen in the form that starts one."""

    snapshot: registry_api.Sha256 | None = None
    limit: Annotated[int, Field(ge=1, le=api.MOST_SWEEPS_LISTED)] = 20


class DecisionsQuery(PageQuery):
    """Which page of the decisions."""

    limit: Annotated[int, Field(ge=1, le=500)] = LISTED


class FirmOfSweepQuery(Query):
    """Which firm; none before one was typed."""

    firm: CreditCode | None = None


class ExplainedQuery(Query):
    """Which decision."""

    firm: CreditCode
    policy: Name
    record: Text = ""


class StartForm(Form):
    """Which snapshot is decided, as of which day."""

    snapshot: registry_api.Sha256
    as_of: date


class ReleaseForm(Form):
    """The wish to open the cases, ticked."""

    sure: str


class ConfirmForm(Form):
    """A policy that rightly matches all or none, for the version in force on a day; ticked by who answers for it."""

    policy: Name
    as_of: date
    match: Match
    sure: str
    snapshot: registry_api.Sha256 | None = None


class ConfirmQuery(Query):
    """The request that stopped, whose snapshot and day are meant."""

    request: Annotated[int | None, Field(ge=1)] = None


@PAGES.shows(
    "/bureau/sweeps", "判定", "Sweeps", like="list_sweeps", nav=True, tables=(Table("sweeps", api.list_sweeps),)
)
def sweeps(call: Call, query: SweepsQuery) -> View:
    """List kept sweeps, the latest first; start another."""
    found = api.list_sweeps(call, api.SweepListQuery(limit=query.limit))
    may_start = may(call, "request_sweep")
    snapshots = []
    if may_start:
        within = first_page(reaching(call, "list_imports"))
        snapshots = sources_api.list_imports(within, PageQuery(limit=SNAPSHOTS)).items
    return View(
        "bureau/sweeps.html",
        {
            "found": found,
            "snapshots": [(each.snapshot_id, each) for each in snapshots],
            "chosen": query.snapshot or (snapshots[0].snapshot_id if snapshots else ""),
            "today": china_day(call.now),
            "recent": _recent(call),
            "say_work": SayWork(call),
            "may_start": may_start,
        },
    )


@PAGES.takes("/bureau/sweeps", "开始判定", "Start a sweep", like="request_sweep", again="sweeps")
def start_sweep(call: Call, form: StartForm) -> Redirect:
    """Ask for a sweep of a snapshot."""
    wanted = requests_api.WantedSweep(snapshot_id=form.snapshot, as_of=form.as_of)
    asked = requests_api.request_sweep(call, wanted)
    return Redirect(f"/bureau/work/{asked.body.request_id}", "work-begun")


@PAGES.shows("/bureau/match-confirmations", "确认全部符合或全部不符合", "All or none", like="confirm_match")
def confirm_match_page(call: Call, query: ConfirmQuery) -> View:
    """Ask whether a policy rightly matches all or none."""
    asked = None
    if query.request is not None and may(call, "show_request"):
        within = reaching(call, "show_request")
        found = requests_api.show_request(within, requests_api.RequestPath(request_id=query.request))
        asked = found if found.kind is WorkKind.SWEEP else None
    named = Named(call)
    return View(
        "bureau/confirm_match.html",
        {
            "asked": asked,
            "policies": [(each, f"{title} ({each})") for each, title in named.policies()],
            "as_of": asked.parameters["as_of"] if asked else china_day(call.now).isoformat(),
            "matches": list(Match),
        },
    )


@PAGES.takes(
    "/bureau/match-confirmations",
    "确认全部符合或全部不符合",
    "All or none",
    like="confirm_match",
    again="confirm_match_page",
)
def confirm_match(call: Call, form: ConfirmForm) -> Redirect:
    """Keep the word of who asks."""
    api.confirm_match(call, api.ConfirmedMatch(policy_id=form.policy, as_of=form.as_of, matches=form.match))
    mark = f"?snapshot={form.snapshot}" if form.snapshot else ""
    return Redirect(f"/bureau/sweeps{mark}", "match-confirmed")


@PAGES.shows(
    "/bureau/sweeps/{sweep_id}",
    "判定结果",
    "What a sweep found",
    like="show_kept_sweep",
    tables=(Table("policies", api.show_kept_sweep, "policies"),),
)
def sweep(call: Call, path: api.SweepPath) -> View:
    """Show what a sweep found, policy by policy."""
    found = api.show_kept_sweep(call, path)
    others = api.list_sweeps(call, api.SweepListQuery(limit=SNAPSHOTS)).items
    return View(
        "bureau/sweep.html",
        {
            "found": found,
            "others": [each for each in others if each.sweep_id != found.sweep.sweep_id],
            "named": Named(call),
            "is_kept": any(each.name == found.sweep.snapshot_id for each in call.desk.kept_snapshots()),
            "releases": _releases(call, found.sweep.sweep_id),
            "say_work": SayWork(call),
            "may_release": may(call, "request_opening") and found.sweep.eligible > 0,
        },
    )


@PAGES.shows("/bureau/sweeps/{sweep_id}/release", "发布判定结果", "Release a sweep", like="request_opening")
def release_page(call: Call, path: api.SweepPath) -> View:
    """Say what a release opens."""
    found = api.show_kept_sweep(call, path)
    latest = api.list_sweeps(call, api.SweepListQuery(limit=1)).items
    paying = [each for each in found.policies if each.eligible]
    return View(
        "bureau/release.html",
        {
            "found": found,
            "paying": paying,
            "is_latest": bool(latest) and latest[0].sweep_id == found.sweep.sweep_id,
            "named": Named(call),
        },
    )


@PAGES.takes(
    "/bureau/sweeps/{sweep_id}/release",
    "发布判定结果",
    "Release a sweep",
    like="request_opening",
    again="release_page",
)
def release(call: Call, path: api.SweepPath, form: ReleaseForm) -> Redirect:
    """Ask for the cases of the sweep to be opened."""
    asked = requests_api.request_opening(call, requests_api.WantedOpening(sweep_id=path.sweep_id))
    return Redirect(f"/bureau/work/{asked.body.request_id}", "work-begun")


@PAGES.shows(
    "/bureau/sweeps/{sweep_id}/policies/{policy_id}",
    "政策判定结果",
    "A policy in a sweep",
    like="show_coverage",
    tables=(Table("decisions", api.list_policy_decisions),),
)
def swept_policy(call: Call, path: api.SweepPolicyPath, query: DecisionsQuery) -> View:
    """Show how each condition came out, and the decisions that were kept."""
    coverage = api.show_coverage(call, path)
    return View(
        "bureau/swept_policy.html",
        {
            "path": path,
            "sweep": api.show_kept_sweep(call, path_of_sweep(path)).sweep,
            "coverage": coverage,
            "found": api.list_policy_decisions(call, path, PageQuery(limit=query.limit)),
            "conditions": conditions_of(call, path.policy_id),
            "named": Named(call),
            "labels": labels_of(call),
        },
    )


@PAGES.shows("/bureau/sweeps/{sweep_id}/firm", "企业判定结果", "Decisions on a firm", like="list_firm_decisions")
def firm_of_sweep(call: Call, path: api.SweepPath, query: FirmOfSweepQuery) -> View:
    """Show what a sweep says of one firm."""
    found = None if query.firm is None else api.list_firm_decisions(call, path, api.FirmQuery(firm=query.firm)).items
    sweep = api.show_kept_sweep(call, path).sweep
    given = {"sweep": sweep, "query": query, "found": found, "named": Named(call), "labels": labels_of(call)}
    return View("bureau/firm_of_sweep.html", given)


@PAGES.shows("/bureau/sweeps/{sweep_id}/explanation", "判定说明", "A decision explained", like="explain_decision")
def explanation(call: Call, path: api.SweepPath, query: ExplainedQuery) -> View:
    """Explain one decision: conditions with articles, facts with sources, arithmetic."""
    found = api.explain_decision(call, path, api.RowQuery(firm=query.firm, policy=query.policy, record=query.record))
    return View(
        "bureau/explanation.html",
        {
            "path": path,
            "found": found,
            "used": found.values,
            "amount_fen": _fen(found.amount),
            "labels": labels_of(call),
            "named": Named(call),
        },
    )


def path_of_sweep(path: api.SweepPolicyPath) -> api.SweepPath:
    """Return the sweep of a path that names a policy too."""
    return api.SweepPath(sweep_id=path.sweep_id)


def conditions_of(call: Call, policy_id: str) -> dict[str, tuple[str, str]]:
    """Return the words and the article of each condition of the rules in use, by its id."""
    policy = call.desk.rules.policies.get(PolicyId(policy_id))
    zh = call.language == "zh"
    return {
        each.id: (each.text if zh else each.text_en or each.text, each.article)
        for version in (() if policy is None else policy.versions)
        for each in version.conditions
    }


def _fen(yuan: str | None) -> int | None:
    """Return an amount of a record of decision in fen."""
    return None if yuan is None else Money.from_yuan(yuan).fen


def _recent(call: Call) -> list[requests_api.RequestItem]:
    """Return the sweeps that were asked for last and are not done, where who asks may see them."""
    if not may(call, "list_requests"):
        return []
    within = first_page(reaching(call, "list_requests"))
    wanted = requests_api.RequestQuery(kind=WorkKind.SWEEP, limit=RECENT)
    return [each for each in requests_api.list_requests(within, wanted).items if each.status is not WorkStatus.DONE]


def _releases(call: Call, sweep_id: str) -> list[requests_api.RequestItem]:
    """Return the latest requests to open cases of a sweep that wait or are worked on."""
    if not may(call, "list_requests"):
        return []
    within = reaching(call, "list_requests")
    found = requests_api.list_requests(within, requests_api.RequestQuery(kind=WorkKind.OPEN_CASES, limit=LISTED)).items
    under_way = (WorkStatus.WAITING, WorkStatus.WORKING)
    return [each for each in found if each.parameters.get("sweep_id") == sweep_id and each.status in under_way]
