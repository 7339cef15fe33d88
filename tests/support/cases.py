"""A small invented world for tests of cases, approvals and payments: rules, firms, and a kept sweep in a database.

Guarantees that every named policy finds all firms of the world but the outsider, who fits none of them; a second look
at other facts (`World.again`) is a newer kept sweep of the same day and the same policy versions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from policy_match.cases.apply import apply
from policy_match.cases.history import CaseFilter
from policy_match.cases.model import CaseEvent, Event, Status
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.cases.working_days import WorkingDays
from policy_match.engines.arrow import ArrowEngine
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases
from policy_match.services.case_history import list_cases
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.notify_cases import notify_cases, publish_cases
from policy_match.services.open_cases import Opening, open_cases
from policy_match.services.recheck_cases import Rechecks, recheck_cases
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.kept import KeptSweep
from policy_match.values import PolicyId, Uscc
from tests.support.kept import MemorySnapshot
from tests.support.tables import FactRow

DAY = date(2025, 6, 30)
"""The as-of date of the sweep."""

OPENED = datetime(2025, 7, 1, 1, 0, tzinfo=UTC)
"""When the clock of a world begins: a Tuesday, nine o'clock in Beijing."""

CALENDAR = WorkingDays()
"""The working days of mainland China."""

PREMIUM_YUAN = 2000
"""What the first firm paid; each further firm paid one yuan more."""

FACTS = """
[ent_name]
label = "企业名称"
type = "string"
source = "市场监管局"

[headcount]
label = "参保人数"
type = "integer"
source = "人社局"

[premium]
label = "缴纳失业保险费"
type = "money"
source = "人社局"

[tax_retained]
label = "地方留存税收"
type = "money"
source = "税务局"

[loan_interest]
label = "贷款利息"
type = "money"
source = "人民银行"
grain = "loan"
"""

POLICY = """
id = "{name}"
title = "示例 {name}"
department = "人社局"
jurisdiction = "370000"
encoding_grade = "A"
{head}

{tables}

[[version]]
effective_from = 2024-01-01
amount = "{amount}"
  [[version.condition]]
  id = "size"
  text = "有参保人员"
  article = "一"
  when = "{when}"
"""

LOAN_AMOUNT = "loan_interest * 0.2"


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyText:
    """One policy in TOML: `head` are its plain keys, `tables` its tables before the version."""

    head: str
    tables: str = ""
    amount: str = "premium * 0.5"
    when: str = "headcount > 0"

    def written(self, name: str) -> str:
        """Return the file of a policy of this name."""
        return POLICY.format(name=name, head=self.head, tables=self.tables, amount=self.amount, when=self.when)


def head(delivery: str, benefit: str = "grant", period: str = "year", per: str = "firm") -> str:
    """Return the plain keys of a policy."""
    return f'benefit = "{benefit}"\ndelivery = "{delivery}"\nperiod = "{period}"\nper = "{per}"'


def process(
    *, approvals: str = '["reviewer", "approver"]', publicity_days: int = 0, confirm_days: int = 5, **more: object
) -> str:
    """Return a `[process]` table; further keys are written as they are, strings in quotes."""
    lines = [
        "[process]",
        f"approvals = {approvals}",
        f"publicity_days = {publicity_days}",
        f"confirm_days = {confirm_days}",
    ]
    lines += [f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in more.items()]
    return "\n".join(lines)


def budget(fund: str = "jobs", allocation: str = "first_come") -> str:
    """Return a `[budget]` table."""
    return f'[budget]\nfund = "{fund}"\nallocation = "{allocation}"'


def stacking(group: str, rule: str) -> str:
    """Return a `[stacking]` table."""
    return f'[stacking]\ngroup = "{group}"\nrule = "{rule}"'


def tables(*parts: str) -> str:
    """Return several TOML tables as one text."""
    return "\n\n".join(parts)


HALVES = """
[[instalment]]
share = 0.6
[[instalment]]
share = 0.4
months = 12
still = "registered"
"""

POLICIES: Mapping[str, PolicyText] = {
    "direct": PolicyText(head=head("direct"), tables=tables(budget(), process())),
    "confirm": PolicyText(
        head=head("confirm"), tables=tables(budget(), process(publicity_days=5, silence="waived", recheck_days=3))
    ),
    "silent": PolicyText(
        head=head("confirm"), tables=tables(budget(allocation="pro_rata"), process(silence="accepted"))
    ),
    "collect": PolicyText(
        head=head("list_then_collect"), tables=tables(budget(allocation="rank"), process(publicity_days=5))
    ),
    "bank": PolicyText(
        head=head("bank", "interest_subsidy", per="loan"),
        tables=tables(budget("loans"), process(payee="bank")),
        amount=LOAN_AMOUNT,
        when="loan_interest > 0",
    ),
    "title": PolicyText(head=head("direct", "title"), tables=process(), amount="premium * 0"),
    "reminder": PolicyText(head=head("none", "reminder"), amount="premium * 0"),
    "relief": PolicyText(head=head("self_declare", "tax_relief")),
    "equity": PolicyText(head=head("confirm", "equity", "once"), tables=process(publicity_days=3)),
    "high": PolicyText(
        head=head("direct"), tables=tables(stacking("jobs", "highest"), budget(), process()), amount="premium * 0.4"
    ),
    "low": PolicyText(
        head=head("direct"), tables=tables(stacking("jobs", "highest"), budget(), process()), amount="premium * 0.3"
    ),
    "capped": PolicyText(
        head=head("direct"), tables=tables(budget(), process(), "[limits]\nyear = 600.00\nminimum_payout = 100.00")
    ),
    "retained": PolicyText(
        head=head("direct"),
        tables=tables(budget(), process(), '[limits.retained_tax]\nfact = "tax_retained"\nshare = 0.5'),
    ),
    "prior": PolicyText(
        head=head("direct"), tables=tables(budget(), process(), '[prior_aid]\nmatters = ["equipment"]')
    ),
    "halves": PolicyText(head=head("direct"), tables=tables(budget(), process(), HALVES)),
    "shared": PolicyText(
        head=head("direct"),
        tables=tables(
            process(),
            '[[cost_share]]\nline = "city-jobs"\nshare = 0.6',
            '[[cost_share]]\nline = "county-jobs"\nshare = 0.4',
        ),
    ),
}
"""Policies of every route, with budgets, stacking and limits. Each pays half of the premium unless it says else."""


class MovableClock:
    """A clock that moves when a test says so."""

    def __init__(self, now: datetime = OPENED) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the time at which it stands."""
        return self._now

    def seconds(self) -> float:
        """Return the seconds since 1970."""
        return self._now.timestamp()

    def move(self, days: float) -> None:
        """Move on by so many days."""
        self._now += timedelta(days=days)

    def move_to(self, day: date) -> None:
        """Move to nine o'clock in Beijing of a day."""
        self._now = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class World:
    """Rules, facts and a kept sweep of them; the clock stands the morning after the as-of date."""

    database: Database
    rules: RuleBook
    snapshot: MemorySnapshot
    sweep: KeptSweep
    truth_files: TruthFiles
    clock: MovableClock

    def again(self, firms: Sequence[FactRow], loans: Sequence[FactRow] | None = None, *, as_of: date = DAY) -> "World":
        """Keep a newer sweep of these firms, and of no other than the outsider, by the same rules."""
        return _kept(self.database, self.rules, firms, loans, self.truth_files, self.clock, as_of)


def uscc(number: int) -> Uscc:
    """Return the invented code of the firm of this number, from 1."""
    return Uscc(f"91370000MA{number:08d}")


OUTSIDER = Uscc("91370000MB00000000")
"""A firm that no policy fits, so that none fits everybody; after all others in order."""


def firm(number: int, **facts: object) -> FactRow:
    """Return one firm; facts given replace its own, `None` makes one unknown."""
    row: dict[str, object] = {
        "uscc": uscc(number),
        "ent_name": f"示例{number}有限公司",
        "headcount": 10,
        "premium": PREMIUM_YUAN + number - 1,
        "tax_retained": 5000,
    }
    return {**row, **facts}  # type: ignore[dict-item]


def firms(count: int, **facts: object) -> list[FactRow]:
    """Return so many firms, all with the facts given."""
    return [firm(number, **facts) for number in range(1, count + 1)]


def loan(number: int, record: int = 1, interest_yuan: int = 1000) -> FactRow:
    """Return a loan of a firm."""
    return {"uscc": uscc(number), "loan_id": f"L{number}-{record}", "loan_interest": interest_yuan}


def write_policies(folder: Path, policies: Mapping[str, PolicyText]) -> RuleBook:
    """Write the rules under `folder` and load them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "facts.toml").write_text(FACTS, encoding="utf-8")
    for name, policy in policies.items():
        (folder / f"{name}.toml").write_text(policy.written(name), encoding="utf-8")
    return load_rules(folder)


def chosen(*names: str, **changed: PolicyText) -> Mapping[str, PolicyText]:
    """Return the named ones of `POLICIES`, and further policies by name."""
    return {**{name: POLICIES[name] for name in names}, **changed}


def amended(name: str, **fields: str) -> PolicyText:
    """Return one of `POLICIES` with other fields."""
    return replace(POLICIES[name], **fields)


def make_world(
    database: Database,
    folder: Path,
    policies: Mapping[str, PolicyText] | Iterable[str] = ("direct", "confirm"),
    firms_or_count: Sequence[FactRow] | int = 3,
    loans: Sequence[FactRow] | None = None,
    *,
    batch_rows: int = 50_000,
) -> World:
    """Return a world with the policies (texts, or names of `POLICIES`) and firms (rows, or how many).

    Without `loans` each firm has one. Rules and truth files are written below `folder`; facts are read `batch_rows`
    at a time.
    """
    texts = policies if isinstance(policies, Mapping) else chosen(*policies)
    rules = write_policies(folder / "rules", texts)
    rows = firms(firms_or_count) if isinstance(firms_or_count, int) else firms_or_count
    return _kept(database, rules, rows, loans, TruthFiles(folder / "truth"), MovableClock(), DAY, batch_rows)


def _kept(
    database: Database,
    rules: RuleBook,
    rows: Sequence[FactRow],
    loans: Sequence[FactRow] | None,
    truth_files: TruthFiles,
    clock: MovableClock,
    as_of: date,
    batch_rows: int = 50_000,
) -> World:
    outsider: FactRow = {"uscc": OUTSIDER, "ent_name": "局外有限公司", "headcount": 0, "premium": 0}
    if loans is None:
        loans = [{"uscc": row["uscc"], "loan_id": "L1", "loan_interest": 1000} for row in rows]
    outside_loan: FactRow = {"uscc": OUTSIDER, "loan_id": "L0", "loan_interest": 0}
    snapshot = MemorySnapshot(rules.catalogue, {"firm": [*rows, outsider], "loan": [*loans, outside_loan]}, batch_rows)
    kept = keep_sweep(rules, snapshot, ArrowEngine(), database, truth_files, as_of=as_of)
    return World(
        database=database, rules=rules, snapshot=snapshot, sweep=kept.sweep, truth_files=truth_files, clock=clock
    )


def open_world(world: World, *, by: str = "system") -> Opening:
    """Open the cases of a world's sweep."""
    return open_cases(world.database, lambda _, __: world.snapshot, world.sweep, clock=world.clock, by=by)


def notify_world(world: World) -> int:
    """Notify whose turn it is."""
    return notify_cases(world.database, CALENDAR, clock=world.clock, by="system")


def answer(world: World, case_id: int, kind: AnswerKind = AnswerKind.CONFIRM, reason: str = "") -> None:
    """Let the firm of a case answer; raise the reason if it is refused."""
    with world.database.unit_of_work() as work:
        (case,) = work.cases.steps.cases([case_id])
    given = Answer(case_id=case_id, kind=kind, by=f"firm:{case.uscc}", reason=reason)
    for refused in answer_cases(world.database, CALENDAR, [given], clock=world.clock).refused:
        raise refused.error


def recheck_world(world: World, purpose: RecheckPurpose = RecheckPurpose.APPROVAL) -> Rechecks:
    """Recheck every case that waits for it."""
    return recheck_cases(world.database, world.truth_files, purpose=purpose, clock=world.clock, by="system")


def approve_world(world: World) -> int:
    """Approve every reviewed case without lists, for tests that are not about approval; return how many."""
    with world.database.unit_of_work() as work:
        lines = work.cases.history.lines(CaseFilter(status=Status.REVIEWED), after=0, most=10_000)
        cases = work.cases.steps.cases([line.case_id for line in lines])
        event = CaseEvent(event=Event.APPROVE, at=world.clock.now(), by="system")
        for case in cases:
            apply(case, event)
        taken = work.cases.steps.add([(case, event) for case in cases])
        work.commit()
    return len(taken)


def publish_world(world: World) -> int:
    """Put approved cases on display."""
    return publish_cases(world.database, CALENDAR, clock=world.clock, by="system")


def statuses(world: World, policy: str | None = None) -> list[Status]:
    """Return the status of every case, by number; of one policy or of all."""
    wanted = CaseFilter(policy_id=None if policy is None else PolicyId(policy))
    return [line.status for line in list_cases(world.database, wanted, most=10_000)]
