"""A service that has worked for some months: invented cases of every route, at every end, told through every channel.

Guarantees, by the schema's own triggers, that each case could have come about step by step; which story a case lives
follows from its number alone. A few thousand cases take a second or two, 100,000 about a minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from policy_match.cases.model import Event, Status
from policy_match.engines.arrow import ArrowEngine
from policy_match.policy.loader import load_rules, load_vocabulary
from policy_match.reports.model import Cut, Span
from policy_match.reports.report import Report
from policy_match.services.firm_groups import FirmFacts
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.report import make_report
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from tests.support.cases import DAY, FACTS, MovableClock, PolicyText, World, chosen, firm, open_world, write_policies
from tests.support.kept import MemorySnapshot
from tests.support.payment_flow import app_connection
from tests.support.tables import FactRow

POLICIES = ("direct", "confirm", "silent", "collect", "title", "reminder", "equity")
"""One of each route, a second one whose silence accepts, and a title, which costs nothing."""

GROUP_FACTS = """
[reg_division_code]
label = "登记地行政区划代码"
type = "string"
source = "市场监管局"

[industry_section]
label = "行业门类"
type = "string"
source = "统计局"

[employees]
label = "从业人员"
type = "integer"
source = "统计局"
"""

SIZES = """
[size_class]
label = "企业规模"
reference = "示例"
formula = "employees >= 300 ? 'large' : (employees >= 20 ? 'small' : 'micro')"
"""

DISTRICTS = ("370268", "350468", "441668", None)
INDUSTRIES = ("C", "F", "I", "E", "M", None)
EMPLOYEES = (5, 5, 30, 30, 30, 500, None)

WORKED_AT = datetime(2025, 12, 1, 1, tzinfo=UTC)
"""When the figures are looked at: everything below happened before."""

ASKED = "notify:matched>notified"
CONFIRMED = f"{ASKED} confirm:notified>confirmed"
REVIEWED = "review:{0}>reviewed"
PUBLISHED = f"{REVIEWED} approve:reviewed>approved publish:approved>published"
ORDERED = f"{PUBLISHED} order:published>ordered"
PLAIN_ORDER = f"{REVIEWED} approve:reviewed>approved order:approved>ordered"
SETTLED = "settle:ordered>paid"

AFTER_ORDER: Sequence[str] = (
    SETTLED,
    SETTLED,
    SETTLED,
    f"{SETTLED} close:paid>closed",
    f"{SETTLED} close:paid>closed",
    "bounce:ordered>returned",
    f"bounce:ordered>returned correct:returned>ordered {SETTLED}",
    "bounce:ordered>returned close:returned>closed",
    f"{SETTLED} claim_back:paid>recovering",
)
"""What becomes of an order."""


def _stories(before: str, *first: str, order: str = ORDERED) -> tuple[str, ...]:
    """Return the stories of a route: what comes before the review is `first`, and then the case is `before`."""
    lead = " ".join(first)
    return (
        f"{lead} {REVIEWED} reject:reviewed>rejected".format(before),
        f"{lead} {REVIEWED}".format(before),
        f"{lead} {REVIEWED} amend:reviewed>{before} {order} {SETTLED}".format(before),
        f"{lead} {REVIEWED} withdraw:reviewed>withdrawn".format(before),
        *(f"{lead} {order} {end}".format(before) for end in AFTER_ORDER),
    )


ANSWERS = (
    ASKED,
    CONFIRMED,
    f"{ASKED} decline:notified>declined",
    f"{ASKED} decline:notified>declined reconsider:declined>notified confirm:notified>confirmed",
    f"{ASKED} withdraw:notified>withdrawn",
)
OBJECTED = (
    f"{PUBLISHED} object:published>objected",
    f"{PUBLISHED} object:published>objected uphold:objected>withdrawn",
    f"{PUBLISHED} object:published>objected dismiss:objected>published order:published>ordered {SETTLED}",
)

STORIES: Mapping[str, Sequence[str]] = {
    "direct": ("", *_stories("matched", order=PLAIN_ORDER)),
    "confirm": (
        "",
        *ANSWERS,
        f"{ASKED} lapse:notified>waived",
        *_stories("confirmed", CONFIRMED),
        *(f"{CONFIRMED} {each}".format("confirmed") for each in OBJECTED),
    ),
    "silent": (
        *ANSWERS,
        *_stories("confirmed", f"{ASKED} accept_silence:notified>confirmed", order=PLAIN_ORDER),
    ),
    "collect": (
        PUBLISHED.format("matched"),
        *(
            f"{PUBLISHED} notify:published>notified {end}".format("matched")
            for end in (
                "",
                "decline:notified>declined",
                "lapse:notified>waived",
                f"confirm:notified>confirmed order:confirmed>ordered {SETTLED}",
                f"confirm:notified>confirmed order:confirmed>ordered {SETTLED} close:paid>closed",
            )
        ),
    ),
    "title": ("", REVIEWED.format("matched"), f"{REVIEWED} approve:reviewed>approved".format("matched")),
    "reminder": (ASKED, f"{ASKED} close:notified>closed", ""),
    "equity": (
        *ANSWERS,
        f"{CONFIRMED} {PUBLISHED} contract:published>contracted".format("confirmed"),
        f"{CONFIRMED} {PUBLISHED} contract:published>contracted close:contracted>closed".format("confirmed"),
    ),
}
"""The stories of each policy, one step after the other; a case lives the one that its place among the firms gives."""


def make_report_world(database: Database, folder: Path, count: int, policies: Sequence[str] = POLICIES) -> World:
    """Return so many firms with an open case of each policy, of mixed districts, industries and sizes, some unknown."""
    texts: Mapping[str, PolicyText] = chosen(*policies)
    write_policies(folder / "rules", texts)
    (folder / "rules" / "facts.toml").write_text(FACTS + GROUP_FACTS, encoding="utf-8")
    (folder / "rules" / "definitions").mkdir(exist_ok=True)
    (folder / "rules" / "definitions" / "sizes.toml").write_text(SIZES, encoding="utf-8")
    rules = load_rules(folder / "rules")
    rows: list[FactRow] = [
        firm(
            number,
            reg_division_code=DISTRICTS[number * 7 % len(DISTRICTS) if number % 5 else 0],
            industry_section=INDUSTRIES[number * number % len(INDUSTRIES)],
            employees=EMPLOYEES[number // 3 % len(EMPLOYEES)],
        )
        for number in range(1, count + 1)
    ]
    outsider: FactRow = {"uscc": "91370000MB00000000", "headcount": 0, "premium": 0}
    snapshot = MemorySnapshot(rules.catalogue, {"firm": [*rows, outsider]}, 50_000)
    truth_files = TruthFiles(folder / "truth")
    kept = keep_sweep(rules, snapshot, ArrowEngine(), database, truth_files, as_of=DAY)
    world = World(
        database=database,
        rules=rules,
        snapshot=snapshot,
        sweep=kept.sweep,
        truth_files=truth_files,
        clock=MovableClock(),
    )
    open_world(world)
    return world


def firm_facts(world: World, folder: Path) -> FirmFacts:
    """Return where a report finds the facts of a world's firms."""
    return FirmFacts(
        open_snapshot=lambda _, __: world.snapshot,
        vocabulary=load_vocabulary(folder / "rules"),
        engine=ArrowEngine(),
    )


def work(url: str, world: World) -> None:
    """Let every case live its story, its firm be told and paid, and move the clock to when all that is over."""
    steps = _steps()
    with app_connection(url) as connection:
        connection.execute(LIVES, {"policies": list(STORIES), "counts": [len(each) for each in STORIES.values()]})
        connection.execute(PLANNED)
        with connection.cursor().copy(
            "COPY planned (policy_id, story, seq, event, before, after, amount) FROM STDIN"
        ) as copy:
            for step in steps:
                copy.write_row(step)
        for seq in range(1, max(step[2] for step in steps) + 1):
            connection.execute(TAKE, {"seq": seq, "at": WORKED_AT})
        for statement in (*DECLINED, *OBJECTIONS, *PAYMENTS, *TOLD):
            connection.execute(statement, {"at": WORKED_AT})
    world.clock.move_to(WORKED_AT.date())


def _steps() -> list[tuple[str, int, int, str, str, str, int | None]]:
    found = []
    for policy, stories in STORIES.items():
        for number, story in enumerate(stories):
            for seq, step in enumerate(story.split(), 1):
                name, _, way = step.partition(":")
                before, _, after = way.partition(">")
                gives_up = (Event(name), Status(before)) == (Event.CLOSE, Status.RETURNED)
                amount = 0 if gives_up else 90_000 if name == Event.AMEND else None
                found.append((policy, number, seq, name, before, after, amount))
    return found


LIVES = """
CREATE TEMPORARY TABLE life ON COMMIT DROP AS
SELECT c.case_id, c.policy_id, c.uscc,
       ((row_number() OVER (PARTITION BY c.policy_id ORDER BY c.case_id) - 1) % s.stories)::integer AS story
  FROM benefit_case AS c JOIN unnest(%(policies)s::text[], %(counts)s::integer[]) AS s (policy_id, stories)
       USING (policy_id)
""".replace("% s.", "%% s.")

PLANNED = """
CREATE TEMPORARY TABLE planned (policy_id text, story integer, seq integer, event case_step, before case_status,
                                after case_status, amount bigint) ON COMMIT DROP
"""

TAKE = """
INSERT INTO case_event (case_id, seq, event, before, after, amount_fen, deadline, at, by, reason)
SELECT l.case_id, p.seq, p.event, p.before, p.after, p.amount,
       CASE WHEN p.event IN ('notify', 'publish') THEN date '2025-07-01' + 10 * p.seq END,
       timestamptz '2025-07-01 02:00+00' + make_interval(days => p.seq * (2 + (l.case_id %% 5)::integer)),
       'invented.staff',
       CASE WHEN p.event IN ('decline', 'withdraw', 'reject', 'object', 'uphold', 'amend', 'claim_back', 'close')
            THEN '示例' ELSE '' END
  FROM life AS l JOIN planned AS p USING (policy_id, story)
 WHERE p.seq = %(seq)s AND %(at)s::timestamptz IS NOT NULL
 ORDER BY l.case_id
"""

DECLINED = (
    """
    INSERT INTO decline_reason (case_id, seq, code)
    SELECT case_id, seq, (enum_range(NULL::decline_code))[1 + case_id %% 5]
      FROM case_event WHERE event = 'decline' AND case_id %% 7 <> 0 AND %(at)s::timestamptz IS NOT NULL
    """,
)

OBJECTIONS = (
    """
    INSERT INTO objection (case_id, lodged_by, ground, due, at)
    SELECT case_id, 'invented.neighbour', '示例', (at + interval '4 days')::date, at
      FROM case_event WHERE event = 'object' AND %(at)s::timestamptz IS NOT NULL
    """,
    """
    INSERT INTO objection_answer (objection_id, outcome, reason, by, at)
    SELECT o.objection_id, e.event::text::objection_outcome, '示例', 'sun.li', e.at
      FROM objection AS o JOIN case_event AS e USING (case_id)
     WHERE e.event IN ('uphold', 'dismiss') AND %(at)s::timestamptz IS NOT NULL
    """,
)

PAYMENTS = (
    """
    INSERT INTO approval_list (list_id, policy_id, sweep_number, snapshot_id, cases, total_fen, stages, digest, at, by)
    SELECT 1, 'direct', s.number, s.snapshot_id, 1, 1, '[]', encode(sha256('list'), 'hex'), %(at)s, 'system'
      FROM sweep AS s ORDER BY s.number LIMIT 1
    """,
    """
    INSERT INTO recheck (number, purpose, sweep_number, policy_id, at, by)
    SELECT 1, 'payment', s.number, 'direct', %(at)s, 'system' FROM sweep AS s ORDER BY s.number LIMIT 1
    """,
    """
    INSERT INTO payee_account (uscc, purpose, holder, sealed, key_id, fingerprint, tail, bank_code, source, at, by)
    VALUES ('91370000MA00000001', 'firm', '示例', 'sealed', 'key', 'print', '9999', '102452000017', 'firm', %(at)s,
            'system')
    """,
    """
    INSERT INTO payment_order (order_id, case_id, list_id, recheck, amount_fen, at, by)
    SELECT nextval('order_number'), e.case_id, 1, 1, s.amount_fen + 1, e.at, 'system'
      FROM (SELECT DISTINCT ON (case_id) case_id, at FROM case_event WHERE event = 'order' ORDER BY case_id, seq) AS e
      JOIN case_state AS s USING (case_id)
     WHERE %(at)s::timestamptz IS NOT NULL
    """,
    *(
        statement
        for number, came_back in ((1, "e.event = 'bounce'"), (2, "false"))
        for statement in (
            f"""
            INSERT INTO payment_attempt (attempt_id, order_id, case_id, number, account_id, amount_fen, at, by)
            SELECT 'PM' || lpad(o.case_id::text, 10, '0') || '{number}', o.order_id, o.case_id, {number}, 1,
                   o.amount_fen, %(at)s, 'system'
              FROM payment_order AS o
             WHERE {number} = 1 OR EXISTS (SELECT FROM case_event AS e
                                            WHERE e.case_id = o.case_id AND e.event = 'correct')
            """,
            """
            INSERT INTO attempt_event (attempt_id, seq, event, before, after, at, by)
            SELECT attempt_id, 1, 'send', 'stored', 'sent', %(at)s, 'system' FROM attempt_state WHERE status = 'stored'
            """,
            f"""
            INSERT INTO attempt_event (attempt_id, seq, event, before, after, at, by)
            SELECT t.attempt_id, 2,
                   CASE WHEN b.back THEN 'reject' ELSE 'settle' END::attempt_step, 'sent',
                   CASE WHEN b.back THEN 'rejected' ELSE 'settled' END::attempt_status, %(at)s, 'system'
              FROM attempt_state AS t
             CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM case_event AS e
                                                 WHERE e.case_id = t.case_id AND {came_back}) AS back) AS b
             WHERE t.status = 'sent'
            """,
        )
    ),
)

TOLD = (
    """
    INSERT INTO contact (recipient, channel, sealed, key_id, fingerprint, masked, source, at, by)
    SELECT 'firm:91370000MA00000001', channel, 'sealed', 'key', 'print', '9***9', 'invented', %(at)s, 'system'
      FROM unnest(ARRAY['sms', 'email', 'letter']::notice_channel[]) AS channel
    """,
    """
    INSERT INTO notice_event (notice_id, seq, event, before, after, at, by)
    SELECT notice_id, 1, 'prepare', 'due', 'open', %(at)s, 'system'
      FROM notice_state WHERE status = 'due' AND notice_id %% 11 <> 0 ORDER BY notice_id
    """,
    """
    INSERT INTO delivery (notice_id, number, channel, provider, contact_id, due_at, at)
    SELECT s.notice_id, v.number, v.channel, v.provider, c.contact_id, %(at)s, %(at)s
      FROM notice_state AS s
     CROSS JOIN LATERAL (VALUES
           (1, 'inbox'::notice_channel, 'inbox'),
           (2, CASE WHEN s.notice_id %% 3 = 0 THEN 'sms' ELSE 'email' END::notice_channel,
            CASE WHEN s.notice_id %% 3 = 0 THEN 'gateway' ELSE 'mail' || s.notice_id %% 2 END)
           ) AS v (number, channel, provider)
      LEFT JOIN contact AS c ON c.channel = v.channel
     WHERE s.status = 'open'
     ORDER BY s.notice_id, v.number
    """,
    """
    INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    SELECT delivery_id, 1, 'send', 'waiting', 'sending', %(at)s FROM delivery_state WHERE provider <> 'inbox'
    """,
    """
    INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    SELECT delivery_id, 2, 'repeat', 'sending', 'waiting', %(at)s
      FROM delivery_state WHERE provider <> 'inbox' AND delivery_id %% 41 = 0
    """,
    """
    INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    SELECT s.delivery_id, 2, v.event, 'sending', v.after, %(at)s
      FROM delivery_state AS s
      JOIN (VALUES (true, 'fail'::delivery_step, 'failed'::delivery_status), (false, 'hand_over', 'handed_over'))
               AS v (fails, event, after) ON v.fails = (s.delivery_id %% 17 = 0)
     WHERE s.status = 'sending'
    """,
    """
    INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    SELECT s.delivery_id, 3, v.event, 'handed_over', v.after, %(at)s
      FROM delivery_state AS s
      JOIN (VALUES (0, 'deliver'::delivery_step, 'delivered'::delivery_status), (2, 'deliver', 'delivered'),
                   (4, 'read', 'read'), (6, 'bounce', 'bounced'), (8, 'expire', 'unconfirmed'))
               AS v (rest, event, after) ON v.rest = s.delivery_id %% 10
     WHERE s.status = 'handed_over'
    """,
    """
    INSERT INTO notice_event (notice_id, seq, event, before, after, at, by)
    SELECT s.notice_id, 2, v.event, 'open', v.after, %(at)s, 'system'
      FROM notice_state AS s
      JOIN delivery_state AS d ON d.notice_id = s.notice_id AND d.provider <> 'inbox'
      JOIN (VALUES ('handed_over'::delivery_status, 'reach'::notice_step, 'reached'::notice_status),
                   ('delivered', 'reach', 'reached'), ('read', 'reach', 'reached'), ('unconfirmed', 'reach', 'reached'),
                   ('failed', 'fail', 'unreached'), ('bounced', 'fail', 'unreached')) AS v (status, event, after)
           ON v.status = d.status
     WHERE s.status = 'open'
     ORDER BY s.notice_id
    """,
)


YEAR = Span(first=date(2025, 1, 1), last=date(2025, 12, 31))


@dataclass(frozen=True, slots=True)
class Worked:
    """A world whose cases have lived their stories, with its folder and the address of its database."""

    world: World
    folder: Path
    url: str

    def report(self, *, internal: bool = False, span: Span = YEAR, cuts: Sequence[Cut] = tuple(Cut)) -> Report:
        """Return the report of the year 2025, or of other days."""
        return make_report(
            self.world.database,
            self.world.clock,
            span=span,
            facts=firm_facts(self.world, self.folder),
            internal=internal,
            cuts=cuts,
        )
