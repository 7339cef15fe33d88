"""Cases in every route and status, written as rows, for tests of supervision: fast, and any number of them.

Guarantees, by the schema's own triggers, that each case took steps of the table to where it stands; how services lead
them there is tested elsewhere. What supervision reads of the policies is written too: their texts are no rules.
"""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

from policy_match.cases.model import Event, Route, Status
from policy_match.cases.transitions import AFTER
from policy_match.cases.working_days import china_day
from policy_match.supervision.stages import Stage
from policy_match.values import Uscc
from tests.support.payment_flow import app_connection

OPENED = datetime(2025, 1, 2, 1, tzinfo=UTC)
DUE_FROM = date(2025, 1, 2)
PUBLICITY = (0, 5)
"""Each route has a policy without publicity and one with so many days of it."""

DEPARTMENTS: Mapping[Route, str] = {
    Route.DIRECT: "人社局",
    Route.CONFIRM: "科技局",
    Route.LIST_THEN_COLLECT: "商务局",
    Route.INFORM: "税务局",
    Route.CONTRACT: "国资委",
}

BASE = (
    "INSERT INTO fact_catalogue (fingerprint, canonical) VALUES (encode(sha256('facts'), 'hex'), 'facts')",
    "INSERT INTO rules (fingerprint, catalogue, canonical)"
    " SELECT encode(sha256('rules'), 'hex'), fingerprint, 'rules' FROM fact_catalogue",
    "INSERT INTO policy_version (fingerprint, policy_id, label, grain, effective_from, canonical)"
    " SELECT encode(sha256(convert_to(id, 'UTF8')), 'hex'), id, 'v1', 'firm', '2024-01-01', id"
    "   FROM unnest(%(policies)s::text[]) AS id",
    "INSERT INTO snapshot (snapshot_id, manifest) VALUES (encode(sha256('snapshot'), 'hex'), '{}')",
    "INSERT INTO sweep (number, sweep_id, snapshot_id, rules, as_of, engine, truth)"
    " SELECT nextval('sweep_number'), encode(sha256('sweep'), 'hex'), snapshot_id, fingerprint, '2024-12-31', 'arrow',"
    "        encode(sha256('truth'), 'hex') FROM snapshot, rules",
    "INSERT INTO sweep_policy (sweep_number, place, version, total, eligible, ineligible, undetermined, amount_fen)"
    " SELECT 1, p.place - 1, encode(sha256(convert_to(p.id, 'UTF8')), 'hex'), 10, 5, 5, 0, 0"
    "   FROM unnest(%(policies)s::text[]) WITH ORDINALITY AS p (id, place)",
    "INSERT INTO opening (number, sweep_number, at, by) VALUES (nextval('opening_number'), 1, %(at)s, 'system')",
    "INSERT INTO opening_policy (opening, place, sweep_number, policy_id, version, route, period, confirm_days,"
    "                            silence, publicity_days, recheck_days, payee, allocation, stages, cost_shares)"
    " SELECT 1, p.place - 1, 1, p.id, encode(sha256(convert_to(p.id, 'UTF8')), 'hex'), p.route::case_route, '2025', 5,"
    "        'waived', p.days, 5, 'firm', 'first_come', '[]', '[]'"
    "   FROM unnest(%(policies)s::text[], %(routes)s::text[], %(days)s::integer[]) WITH ORDINALITY"
    "          AS p (id, route, days, place)",
    "INSERT INTO recheck (number, purpose, sweep_number, policy_id, at, by)"
    " SELECT nextval('recheck_number'), 'payment', 1, 'any', %(at)s, 'system'",
    "INSERT INTO approval_list (list_id, policy_id, sweep_number, snapshot_id, cases, total_fen, stages, digest, at,"
    "                           by)"
    " SELECT nextval('list_number'), 'any', 1, snapshot_id, 1, 1, '[]', encode(sha256('list'), 'hex'), %(at)s, 'system'"
    "   FROM snapshot",
    "INSERT INTO supervised_version (version, policy_id, department, title, title_en, own_limits)"
    " SELECT encode(sha256(convert_to(p.id, 'UTF8')), 'hex'), p.id, p.department, '示例 ' || p.id, '', p.limits::jsonb"
    "   FROM unnest(%(policies)s::text[], %(departments)s::text[], %(limits)s::text[]) AS p (id, department, limits)",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """One case as a test wants it: `since` is when it took its last step; a firm for each case unless one is given.

    A case that took no step yet waits since the day on which it was due, which is then that of `since`.

    `granted_on` is the day on which a budget of `grant_year` granted it, `sent_on` that on which it went to the bank.
    """

    route: Route
    status: Status
    since: datetime
    publicity: int = 0
    deadline: date | None = None
    amount_fen: int = 100_000
    due_from: date | None = None
    granted_at: datetime | None = None
    grant_year: int = 2025
    sent_at: datetime | None = None
    firm: int = 0

    @property
    def due(self) -> date:
        """The day on which it was due."""
        if self.due_from is not None:
            return self.due_from
        return china_day(self.since) if self.status is Status.MATCHED else DUE_FROM

    @property
    def policy(self) -> str:
        """The policy that it belongs to."""
        return policy_of(self.route, self.publicity)


def policy_of(route: Route, publicity: int = 0) -> str:
    """Return the policy of a route with so many days of publicity."""
    return f"{route}-{publicity}".replace("_", "-")


def reachable(route: Route) -> Sequence[Status]:
    """Return every status that a case of the route can stand in, the nearest first."""
    return list(_paths(route))


def way_to(route: Route, status: Status) -> Sequence[Event]:
    """Return the steps that a case of the route took to a status."""
    return [event for event, _, _ in _paths(route)[status]]


def _paths(route: Route) -> Mapping[Status, tuple[tuple[Event, Status, Status], ...]]:
    """Return the shortest way to every status of a route."""
    found: dict[Status, tuple[tuple[Event, Status, Status], ...]] = {Status.MATCHED: ()}
    waiting = deque([Status.MATCHED])
    while waiting:
        before = waiting.popleft()
        for event in Event:
            after = AFTER.get((route, before, event))
            if after is not None and after not in found:
                found[after] = (*found[before], (event, before, after))
                waiting.append(after)
    return found


class Hall:
    """Writes waiting cases into a database with a policy of each route, with and without publicity."""

    def __init__(self, url: str, limits: Mapping[Route, Mapping[Stage, int]] | None = None) -> None:
        """`limits` are those that the policies of a route set themselves."""
        self.url = url
        self._numbers = count(1)
        policies = [(route, days) for route in Route for days in PUBLICITY]
        own = limits or {}
        with app_connection(url) as connection:
            parameters = {
                "at": OPENED,
                "policies": [policy_of(route, days) for route, days in policies],
                "routes": [route.value for route, _ in policies],
                "days": [days for _, days in policies],
                "departments": [DEPARTMENTS[route] for route, _ in policies],
                "limits": [json.dumps({Stage.OBJECTION: 5, **own.get(route, {})}) for route, _ in policies],
            }
            for statement in BASE:
                connection.execute(statement.encode(), parameters)

    def add(self, *wanted: Waiting) -> list[int]:
        """Write the cases and return their numbers, in order."""
        places = {
            policy_of(route, days): place
            for place, (route, days) in enumerate((route, days) for route in Route for days in PUBLICITY)
        }
        paths = {route: _paths(route) for route in Route}
        numbers = [next(self._numbers) for _ in wanted]
        with app_connection(self.url) as connection:
            connection.execute(
                "INSERT INTO benefit_case (case_id, opening, place, policy_id, version, uscc, record_id, period,"
                " instalment, instalments, route, entitled_fen, due_from)"
                " SELECT w.case_id, 1, w.place, p.policy_id, p.version, w.uscc, w.case_id::text, '2025', 1, 1, p.route,"
                "        w.fen, w.due_from"
                "   FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::bigint[], %s::date[])"
                "          AS w (case_id, place, uscc, fen, due_from)"
                "   JOIN opening_policy AS p ON p.opening = 1 AND p.place = w.place",
                (
                    numbers,
                    [places[each.policy] for each in wanted],
                    [uscc_of(each.firm or number) for number, each in zip(numbers, wanted, strict=True)],
                    [each.amount_fen for each in wanted],
                    [each.due for each in wanted],
                ),
            )
            ways = [paths[each.route][each.status] for each in wanted]
            for seq in range(1, max(map(len, ways), default=0) + 1):
                steps = [
                    (number, *way[seq - 1], each.since, each.deadline if seq == len(way) else None)
                    for number, each, way in zip(numbers, wanted, ways, strict=True)
                    if seq <= len(way)
                ]
                connection.execute(
                    "INSERT INTO case_event (case_id, seq, event, before, after, at, deadline, by, reason)"
                    " SELECT case_id, %s, event, before, after, at, deadline, 'system', '示例'"
                    "   FROM unnest(%s::bigint[], %s::case_step[], %s::case_status[], %s::case_status[],"
                    "               %s::timestamptz[], %s::date[]) AS e (case_id, event, before, after, at, deadline)",
                    (seq, *map(list, zip(*steps, strict=True))),
                )
            self._grant(connection, numbers, wanted)
            self._send(connection, numbers, wanted)
        return numbers

    def _grant(self, connection: object, numbers: Sequence[int], wanted: Sequence[Waiting]) -> None:
        for at, year in sorted({(each.granted_at, each.grant_year) for each in wanted if each.granted_at}):
            granted = [
                number
                for number, each in zip(numbers, wanted, strict=True)
                if (each.granted_at, each.grant_year) == (at, year)
            ]
            connection.execute(
                "WITH made AS (INSERT INTO allocation (number, policy_id, year, how, at, by)"
                " SELECT nextval('allocation_number'), 'any', %s, 'first_come', %s, 'system' RETURNING number)"
                " INSERT INTO case_allocation (allocation, case_id, seq, place, asked_fen, granted_fen)"
                " SELECT made.number, s.case_id, s.seq, 1, s.amount_fen, s.amount_fen FROM made, case_state AS s"
                "  WHERE s.case_id = ANY (%s)",
                (year, at, granted),
            )

    def _send(self, connection: object, numbers: Sequence[int], wanted: Sequence[Waiting]) -> None:
        sent = [(number, each.sent_at) for number, each in zip(numbers, wanted, strict=True) if each.sent_at]
        if not sent:
            return
        cases, at = map(list, zip(*sent, strict=True))
        for statement in (
            "INSERT INTO payee_account (uscc, purpose, holder, sealed, key_id, fingerprint, tail, bank_code, source,"
            " at, by) SELECT 'X', 'firm', '示例', 'x', 'x', 'x', '0000', 'x', 'firm', now(), 'system'",
            "INSERT INTO payment_order (order_id, case_id, list_id, recheck, amount_fen, at, by)"
            " SELECT nextval('order_number'), c, 1, 1, 1, at, 'system'"
            "   FROM unnest(%(cases)s::bigint[], %(at)s::timestamptz[]) AS w (c, at)",
            "INSERT INTO payment_attempt (attempt_id, order_id, case_id, number, account_id, amount_fen, at, by)"
            " SELECT 'PM' || lpad(o.case_id::text, 8, '0'), o.order_id, o.case_id, 1, a.account_id, 1, o.at, 'system'"
            "   FROM payment_order AS o, (SELECT max(account_id) AS account_id FROM payee_account) AS a"
            "  WHERE o.case_id = ANY (%(cases)s)",
            "INSERT INTO attempt_event (attempt_id, seq, event, before, after, at, by)"
            " SELECT a.attempt_id, 1, 'send', 'stored', 'sent', a.at, 'system' FROM payment_attempt AS a"
            "  WHERE a.case_id = ANY (%(cases)s)",
        ):
            connection.execute(statement.encode(), {"cases": cases, "at": at})

    def step(self, case: int, event: Event, at: datetime, deadline: date | None = None) -> None:
        """Take one step with a case."""
        with app_connection(self.url) as connection:
            connection.execute(
                "INSERT INTO case_event (case_id, seq, event, before, after, at, deadline, by, reason)"
                " SELECT s.case_id, s.seq + 1, t.event, s.status, t.after, %s, %s, 'system', '示例'"
                "   FROM case_state AS s JOIN case_transition AS t ON t.route = s.route AND t.before = s.status"
                "  WHERE s.case_id = %s AND t.event = %s::case_step",
                (at, deadline, case, event.value),
            )


def uscc_of(number: int) -> Uscc:
    """Return the invented code of a firm."""
    return Uscc(f"91370000MA{number:08d}")
