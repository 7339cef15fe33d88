"""What must be so at the end of a year, whatever the providers lost and people did: each law counts what breaks it.

Guarantees that the laws are read from the database and from the providers alone, not from what the year remembers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from policy_match.cases.model import DEAD, Status
from policy_match.notices.model import Channel
from policy_match.services.duties import duties_held
from policy_match.services.ledger_report import ledger_report
from policy_match.services.supervise_cases import supervision_board
from policy_match.supervision.board import BoardLine
from policy_match.supervision.stages import STAGES, Party
from tests.year.world import World

PAID = frozenset({Status.PAID, Status.RECOVERING, Status.RECOVERED})
"""Closed cases are paid when they have an amount and are not those of a policy that only informs."""

COUNTED: Mapping[str, str] = {
    "an eligible decision of an opened sweep has no entitlement": """
        SELECT count(*) FROM opening_policy AS p JOIN decision AS d
               ON d.sweep_number = p.sweep_number AND d.place = p.place AND d.amount_fen IS NOT NULL
         WHERE NOT EXISTS (SELECT FROM entitlement AS e WHERE e.opening = p.opening AND e.place = p.place
                            AND e.uscc = d.uscc AND e.record_id = coalesce(d.record_id, ''))""",
    "what is owed has no case": """
        SELECT count(*) FROM entitlement AS e
         WHERE e.outcome = 'owed' AND NOT EXISTS (SELECT FROM benefit_case AS c WHERE c.opening = e.opening
               AND c.place = e.place AND c.uscc = e.uscc AND c.record_id = e.record_id)""",
    "a case ended without a reason": """
        SELECT count(*) FROM case_state AS s JOIN case_event AS e ON e.case_id = s.case_id AND e.seq = s.seq
         WHERE s.status IN ('withdrawn', 'rejected', 'declined') AND btrim(e.reason) = ''""",
    "a firm was waived that nobody had reached": """
        SELECT count(*) FROM case_event AS e
         WHERE e.event = 'lapse' AND NOT EXISTS (
               SELECT FROM notice AS n JOIN notice_event AS v USING (notice_id)
                WHERE n.case_id = e.case_id AND n.seq < e.seq AND v.event = 'reach' AND v.at < e.at)""",
    "a step that is told has no notice": """
        SELECT count(*) FROM case_event AS e JOIN benefit_case AS c USING (case_id)
          JOIN notice_rule AS r ON r.route = c.route AND r.event = e.event
         WHERE NOT EXISTS (SELECT FROM notice AS n
                            WHERE n.case_id = e.case_id AND n.seq = e.seq AND n.kind = r.kind)""",
    "a case has moved without its events": """
        SELECT count(*) FROM case_state AS s
         WHERE s.seq <> (SELECT count(*) FROM case_event AS e WHERE e.case_id = s.case_id)""",
    "a notice is neither told nor overtaken nor in somebody's hands after two days": """
        SELECT count(*) FROM notice_state AS s
         WHERE s.status IN ('due', 'held') AND s.since < %(now)s - interval '2 days'""",
    "an open notice has no way": """
        SELECT count(*) FROM notice_state AS s WHERE s.status = 'open' AND s.since < %(now)s - interval '8 days'
           AND NOT EXISTS (SELECT FROM delivery_state AS d WHERE d.notice_id = s.notice_id AND d.provider <> 'inbox'
                            AND d.status IN ('waiting', 'sending'))""",
    "a run of a job failed or is left over": """
        SELECT count(*) FROM job_run_state
         WHERE status NOT IN ('done', 'covered') AND due_at < %(now)s - interval '1 day'""",
    "a payment attempt settled twice": """
        SELECT count(*) FROM (SELECT attempt_id FROM attempt_event WHERE event = 'settle'
                               GROUP BY attempt_id HAVING count(*) > 1) AS twice""",
    "a benefit was paid twice": """
        SELECT count(*) FROM (
            SELECT 1 FROM benefit_case AS c JOIN attempt_state AS a USING (case_id) WHERE a.status = 'settled'
             GROUP BY c.policy_id, c.uscc, c.record_id, c.period, c.instalment HAVING count(*) > 1) AS twice""",
}
"""What must not be, and the query that counts it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """The laws with what breaks each, the ends of all cases, and who the others wait for."""

    broken: Mapping[str, int]
    ends: Mapping[tuple[str, str], tuple[int, int]]
    waiting: tuple[tuple[BoardLine, str], ...]
    possible_duplicates: Mapping[str, int]
    actual_duplicates: Mapping[str, int]
    money: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether no law is broken."""
        return not any(self.broken.values())


def check(world: World) -> Checked:
    """Return what the laws say now."""
    parameters = {"now": world.clock.now()}
    broken = {law: _count(world, query, parameters) for law, query in COUNTED.items()}
    ends = _ends(world)
    waiting = _waiting(world)
    live = sum(cases for (end, _), (cases, _) in ends.items() if end == "waiting")
    broken["a live case waits for nobody"] = live - sum(sum(line.cases.values()) for line, _ in waiting)
    broken["nobody answers for a stage in which cases wait"] = sum(not person for _, person in waiting)
    actual = {
        "texts": world.gateway.duplicates(Channel.SMS),
        "mail": world.mail.duplicates(),
    }
    possible: dict[str, int] = dict(
        world.look.execute("SELECT provider, sum(repeats)::bigint FROM delivery_state GROUP BY provider").fetchall()
    )
    broken["a message came twice through a channel that promises once"] = actual["texts"]
    broken["a mail came twice and was not counted"] = max(0, actual["mail"] - possible.get("mail", 0))
    money = _money(world)
    broken["cases, ledger and bank do not agree, in fen"] = abs(money["cases"] - money["ledger"]) + abs(
        money["ledger"] - money["bank"]
    )
    report = ledger_report(world.database, world.clock)
    broken["a law of the ledger"] = len(report.broken) + len(report.differences)
    return Checked(
        broken=broken,
        ends=ends,
        waiting=waiting,
        possible_duplicates=possible,
        actual_duplicates=actual,
        money=money,
    )


def _count(world: World, query: str, parameters: Mapping[str, object]) -> int:
    row = world.look.execute(query.encode(), parameters if "%(" in query else None).fetchone()
    assert row is not None
    return int(row[0])


def _ends(world: World) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return cases and fen by what became of them: paid, ended with a reason, informed, granted, or waiting."""
    rows = world.look.execute(
        """SELECT route, status, amount_fen > 0, count(*), sum(amount_fen)::bigint FROM case_state
            GROUP BY route, status, amount_fen > 0 ORDER BY 1, 2, 3"""
    ).fetchall()
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for route, status, has_amount, cases, fen in rows:
        key = _end(route, Status(status), has_amount), status
        before = found.get(key, (0, 0))
        found[key] = before[0] + cases, before[1] + int(fen)
    return found


def _end(route: str, status: Status, has_amount: bool) -> str:
    if status in DEAD:
        return "ended with a reason"
    if route == "inform":
        return "informed" if status is Status.CLOSED else "waiting"
    if status in PAID or (status is Status.CLOSED and has_amount):
        return "waiting" if status in (Status.PAID, Status.RECOVERING) else "paid"
    if status is Status.CLOSED:
        return "given up after a return"
    if status in (Status.APPROVED, Status.PUBLISHED) and not has_amount:
        return "granted without money"
    return "waiting"


def _waiting(world: World) -> tuple[tuple[BoardLine, str], ...]:
    """Return the stages in which cases wait, each with who answers for it: a person by name, or the firm itself."""
    board = supervision_board(world.database, world.application.working_days, world.clock).board
    people = {duty.unit: duty.person for duty in duties_held(world.database) if duty.level == 1}
    return tuple(
        (line, "the firm itself" if STAGES[line.stage].party is Party.FIRM else people.get(line.unit, ""))
        for line in board.lines
    )


def _money(world: World) -> Mapping[str, int]:
    cases = _count(
        world,
        """SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM attempt_state AS a JOIN payment_attempt AS p
             USING (attempt_id) WHERE a.status = 'settled'""",
        {},
    )
    ledger = _count(
        world, "SELECT coalesce(sum(balance_fen), 0)::bigint FROM ledger_balance WHERE account = 'paid'", {}
    )
    with world.database.unit_of_work() as work:
        bank = work.bank_files.net_out_fen()
    return {"cases": cases, "ledger": ledger, "bank": bank}
