"""What changed from one sweep to another: by policy in numbers, and firm by firm with the reasons.

Guarantees that reasons are told in words of the language of the page; which they are is the API's to say.
"""

from typing import Annotated, Any

from pydantic import Field

from policy_match.sweep.difference import Presence, Transition
from policy_match.web.api.v1 import sweep_differences as api
from policy_match.web.api.v1 import sweeps as sweeps_api
from policy_match.web.bureau.named import Named
from policy_match.web.bureau.policies import labels_of
from policy_match.web.bureau.sweeps import conditions_of, path_of_sweep
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.page import Door, Pages, Table, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.BUREAU)


class ChangedRowsQuery(PageQuery):
    """The earlier sweep, and which page of the rows."""

    before: sweeps_api.SweepName
    limit: Annotated[int, Field(ge=1, le=api.MOST_ROWS)] = 50


@PAGES.shows(
    "/bureau/sweeps/{sweep_id}/difference",
    "两次判定的差异",
    "Sweeps compared",
    like="compare_kept_sweeps",
    tables=(Table("difference", api.compare_kept_sweeps, "policies"),),
)
def sweep_difference(call: Call, path: sweeps_api.SweepPath, query: api.BeforeQuery) -> View:
    """Say how every policy's decisions moved."""
    found = api.compare_kept_sweeps(call, path, query)
    sides = [
        sweeps_api.show_kept_sweep(call, sweeps_api.SweepPath(sweep_id=each)).sweep
        for each in (found.before, found.after)
    ]
    return View(
        "bureau/sweep_difference.html",
        {"found": found, "before": sides[0], "after": sides[1], "named": Named(call), "transitions": list(Transition)},
    )


@PAGES.shows(
    "/bureau/sweeps/{sweep_id}/policies/{policy_id}/difference",
    "变化的企业",
    "Firms that changed",
    like="list_changed_rows",
    tables=(Table("changed-rows", api.list_changed_rows),),
)
def changed_rows(call: Call, path: sweeps_api.SweepPolicyPath, query: ChangedRowsQuery) -> View:
    """List the firms and records that changed for one policy, with the reasons."""
    found = api.list_changed_rows(call, path, api.RowsQuery(before=query.before, limit=query.limit))
    sweep = sweeps_api.show_kept_sweep(call, path_of_sweep(path)).sweep
    return View(
        "bureau/changed_rows.html",
        {
            "path": path,
            "query": query,
            "sweep": sweep,
            "found": found,
            "named": Named(call),
            "reasons": _Reasons(call),
            "conditions": {
                f"condition {each}": words for each, (words, _) in conditions_of(call, path.policy_id).items()
            },
        },
    )


class _Reasons:
    """Says why a decision changed."""

    def __init__(self, call: Call) -> None:
        self._say = Saying(call.language)
        self._labels = labels_of(call)

    def __call__(self, reason: api.ReasonItem) -> str:
        """Return the words of one reason."""
        moved = f"{self._value(reason.before)} → {self._value(reason.after)}"
        match reason.kind:
            case "fact":
                return f"{self._labels.get(reason.name, reason.name)} {moved}"
            case "rule":
                return f"{self._say('规则', 'rule')} {reason.name}: {moved}"
            case "parameter":
                return f"{self._say('标准', 'value')} {reason.name}: {moved}"
            case "as_of":
                return f"{self._say('判定日期', 'as of')} {moved}"
            case _:
                return self._say.word(Presence(reason.name))

    def _value(self, value: Any) -> str:
        match value:
            case None:
                return self._say("未知", "unknown")
            case bool():
                return self._say("是", "yes") if value else self._say("否", "no")
            case list():
                return "、".join(map(str, value))
            case _:
                return str(value)
