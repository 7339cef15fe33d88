"""Prints the manual's page of cases from the table of transitions: `python -m tests.unit.cases.render` writes it.

Guarantees that routes, steps, reasons and time limits on the page are those of the program; `test_page` fails when
the committed page is stale.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from policy_match.cases.apply import AFTER_PUBLICITY, KEEPS_DEADLINE, NEEDS_REASON, UNTIL_DEADLINE
from policy_match.cases.approval import Task
from policy_match.cases.approval_list import FORMAT
from policy_match.cases.diagram import diagram
from policy_match.cases.model import DEAD, Event, Route, Status
from policy_match.cases.routes import event_of_silence, route_of
from policy_match.cases.transitions import AMENDED, TRANSITIONS
from policy_match.cases.words import EVENT_WORDS, ROUTE_WORDS, STATUS_WORDS
from policy_match.policy.model import Benefit, Delivery, Silence
from tests.unit.cases.examples import a_policy

PAGE = Path(__file__).parents[3] / "docs" / "cases.md"

OPENING = """\
# 事项 · Cases

一项应享的政策待遇，对一家企业（或一笔记录）、一个期间、一期款项，是一个*事项*。
本页说明事项走哪些步骤、何时可以走、谁可以办。

A *case* is one benefit due to one firm (or record) for one period and instalment. This page says which steps a case
takes, when, and who may take them.

> 本页由 `python -m tests.unit.cases.render` 从 `policy_match.cases.transitions` 的步骤表生成，
> 数据库按同一张表检查每一步。请改表，不要改本页。
>
> This page is generated from the table in `policy_match.cases.transitions`; the database checks every step against
> the same table. Change the table, not this page.

每一步都是一条不可更改的记录，事项的状态由其全部记录得出。

Every step is an event: a row with what, when, by whom and why, which is never changed or removed. Where a case stands
is what its events add up to.
"""

TIMES = """\
期限按工作日计算，当日不计入，以北京时间为准，最后一日当天仍有效。

Limits are in working days, counted from the day after; a day begins and ends by Beijing time. On the last day it is
still in time.
"""

REACHED = """\
**未送达的不视同放弃。** 通知没有送达企业的，期满也不办理 `lapse`：事项停在 `notified`，列入未送达清单
（`policy-match deadlines list not-reached`），由经办人员处理。晚于通知当日送达的，系统自动 `extend`，
使企业自送达之日起仍有完整的 `confirm_days`；经办人员也可说明理由后延期，须延至将来的工作日。
`accept_silence` 不使企业失去权利，不以送达为前提。

**Who was not told waives nothing.** `lapse` is taken only when the notice of the window reached the firm. Otherwise the
case stays `notified` after its last day, is listed (`policy-match deadlines list not-reached`) and waits for a person.
Where the notice arrived on a later day than it was owed, the window is extended by itself, so that the firm has its
full `confirm_days` from that day. A person may extend a window too, with a reason, to a working day still ahead.
`accept_silence` takes nothing from the firm and waits for no notice.
"""

PUBLICITY = """\
`publicity_days = 0` 表示不公示，批准后即可办理下一步；否则须在公示期满之后。异议不成立的，不重新公示。

With `publicity_days = 0` a policy asks for no publicity: what follows approval may be done at once. Otherwise only
after the last day of the publicity. A dismissed objection starts no new publicity.
"""

APPROVAL = """\
审批环节、角色、人数和起点金额写在政策里（`process.approvals`）。名单中有一个事项达到起点金额，该环节即适用。

Stages, roles, counts and thresholds are in the policy. A stage with `from` is asked as soon as one case of the list
reaches that amount.

**一人一环节。** 同一事项中，任何人（包括管理员）只能办理下列环节之一，系统和企业不得办理。

**One person, one stage.** Whoever took one of these may take no other of the same case, with whatever roles,
administrators included; the program and firms take none.
"""

LIST = """\
**签署的内容。** 审批签署的是名单全文的 SHA-256：事项、金额、政策版本、记录序号或快照有任何变化即失效。
任何人都可以重算。

**What is signed.** An approval signs the SHA-256 of the exact list, so any change of a case, amount, version, event
or snapshot voids it. Anybody can compute it again: one line of [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)
JSON for the header, one for each case in order of `case_id`, each ended by a line feed.
"""

OBJECTION = """\
公示期内，任何具名并说明理由的人都可以提出异议；前一异议尚在复核的，仍可另行提出。
异议须在 `recheck_days` 个工作日内答复，一次决定答复该事项的全部异议，
由未参与本事项、也未提出异议的工作人员作出并说明理由。

Anyone who gives a name and grounds may object until the last day of the publicity, also while another objection is
open. The answer is due within `recheck_days` working days, and one decision answers all open objections on the case.
It is taken by a person who took no other part in the case and did not object, and gives its grounds.
"""

WORKING_DAYS = """\
工作日取自 `chinesecalendar`。它不知道的年份会报错，不会猜测：请按国务院办公厅的放假通知写入下面的文件。
文件中的年份优先。

Working days come from the package `chinesecalendar`. A year that it does not know is an error, not a guess: the State
Council announces each year's days off late in the year before. Put them into the override file; a year there replaces
the package's.

```toml
[2027]
holidays = [2027-01-01, 2027-01-02, 2027-01-03]   # days off; weekend days may be named too 放假日
workdays = [2027-01-09]                           # weekend days that are worked 调休上班日
```
"""


def page() -> str:
    """Return the whole page."""
    lines = [
        OPENING,
        *routes(),
        "## 状态 · Statuses",
        "",
        *statuses(),
        "## 期限 · Time limits",
        "",
        TIMES,
        *time_limits(),
        REACHED,
        PUBLICITY,
        "## 步骤 · Events",
        "",
        *events(),
        "## 审批 · Approval",
        "",
        APPROVAL,
        *(f"- `{task}`" for task in Task),
        "",
        LIST,
        *list_format(),
        "## 异议 · Objections",
        "",
        OBJECTION,
        "## 工作日 · Working days",
        "",
        WORKING_DAYS,
    ]
    return "\n".join(lines).rstrip() + "\n"


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table."""
    body = ["| " + " | ".join(row) + " |" for row in [header, *rows]]
    return [body[0], "|" + "---|" * len(header), *body[1:], ""]


def code(names: Sequence[str]) -> str:
    """Return names as code."""
    return ", ".join(f"`{name}`" for name in names)


def routes() -> Iterator[str]:
    """Yield which delivery takes which route, then the diagram of each route."""
    yield from ["## 路线 · Routes", ""]
    rows = []
    for route in Route:
        deliveries = [each for each in Delivery if route_of(a_policy(Benefit.GRANT, each)) is route]
        rows.append([f"`{route}` {ROUTE_WORDS[route].zh}", ROUTE_WORDS[route].en, code(deliveries), ALSO[route]])
    yield from grid(["路线 Route", "", "`delivery`", "另 also"], rows)
    for route in Route:
        yield from [f"### {ROUTE_WORDS[route].zh} · {ROUTE_WORDS[route].en}", "", "```mermaid"]
        yield from [diagram(route).rstrip(), "```", ""]


ALSO = {
    Route.DIRECT: "",
    Route.CONFIRM: "",
    Route.LIST_THEN_COLLECT: "",
    Route.INFORM: "`benefit = reminder`; `encoding_grade` B, C",
    Route.CONTRACT: "`benefit = equity`",
}


def statuses() -> list[str]:
    """Return the table of statuses."""
    rows = []
    for status in Status:
        dead = "可重新开立 may be opened again" if status in DEAD else ""
        rows.append([f"`{status}`", STATUS_WORDS[status].zh, STATUS_WORDS[status].en, dead])
    return grid(["状态 Status", "", "", ""], rows)


def time_limits() -> list[str]:
    """Return the table of windows."""
    accepting = [route for route in Route if event_of_silence(route, Silence.ACCEPTED) is Event.ACCEPT_SILENCE]
    silence = f"`lapse`; `accept_silence` when `silence = accepted`, on {code(accepting)} only"
    answers = [event for event in Event if event in UNTIL_DEADLINE and event is not Event.OBJECT]
    afterwards = [event for event in Event if event in AFTER_PUBLICITY]
    kept = [event for event in Event if event in KEEPS_DEADLINE]
    return [
        *grid(
            ["期间 Window", "长度 Length", "期内 Within it", "期满后 After it"],
            [
                ["答复 the firm's answer", "`confirm_days`", code(answers), silence],
                ["公示 publicity", "`publicity_days`", code([Event.OBJECT]), code(afterwards)],
            ],
        ),
        f"期限不变的步骤 Steps that leave the window as it is: {code(kept)}.",
        "",
    ]


def events() -> list[str]:
    """Return the table of events: where from, where to, and whether a reason is asked."""
    rows = []
    for event in Event:
        steps = [step for step in TRANSITIONS if step.event is event]
        before = [status for status in Status if any(step.before is status for step in steps)]
        after = [status for status in Status if any(step.after is status for step in steps)]
        reason = "✓" if event in NEEDS_REASON else ""
        words = EVENT_WORDS[event]
        rows.append([f"`{event}` {words.zh}", words.en, code(before), code(after), reason])
    back = "; ".join(f"`{route}`: `{status}`" for route, status in AMENDED.items())
    return [
        *grid(["步骤 Event", "", "从 From", "到 To", "理由 Reason"], rows),
        f"- `amend` and `requeue` lead back to before the review 退回审核之前: {back}.",
        "- `close` of a returned payment needs a reason and sets the amount to 0; nothing can be claimed back then.",
        "  退票后办结的，须说明理由，金额记为 0。",
        "- `reconsider` is refused when the same benefit has another live case.",
        "  同一待遇已有其他在办事项的，不得撤回放弃。",
        "",
    ]


def list_format() -> list[str]:
    """Return the two kinds of lines of an approval list."""
    header = '{"count":…,"format":"' + FORMAT + '","snapshot":"…","sweep":"…","total_fen":…}'
    case = (
        '{"amount_fen":…,"case_id":…,"instalment":…,"period":"…","policy_id":"…","record_id":"…","seq":…,'
        '"uscc":"…","version":"…"}'
    )
    return ["```", header, case, "```", ""]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
