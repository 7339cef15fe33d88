"""The laws of money, as queries that find what breaks them, and compared with the book of the bank that really paid.

Guarantees nothing of its own; every law is written from the tables' meaning, not from the program's queries. A law
that holds gives no row.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.support.payment_flow import app_connection
from tests.support.simulated_bank import BookEntry, Deed, SimulatedBank

LAWS: Mapping[str, str] = {
    "a case is what its events add up to": """
        SELECT s.case_id FROM case_state AS s JOIN benefit_case AS b USING (case_id)
          LEFT JOIN LATERAL (SELECT * FROM case_event AS e WHERE e.case_id = s.case_id ORDER BY seq DESC LIMIT 1) AS e
                 ON true
          LEFT JOIN LATERAL (SELECT amount_fen FROM case_event AS m
                              WHERE m.case_id = s.case_id AND m.amount_fen IS NOT NULL ORDER BY seq DESC LIMIT 1) AS m
                 ON true
         WHERE (s.status, s.seq) IS DISTINCT FROM (coalesce(e.after, 'matched'), coalesce(e.seq, 0))
            OR s.seq <> (SELECT count(*) FROM case_event AS n WHERE n.case_id = s.case_id)
            OR s.amount_fen <> coalesce(m.amount_fen, b.entitled_fen)""",
    "each step of a case follows the one before by the table": """
        SELECT e.case_id FROM case_event AS e JOIN benefit_case AS b USING (case_id)
          LEFT JOIN case_event AS p ON p.case_id = e.case_id AND p.seq = e.seq - 1
         WHERE coalesce(p.after, 'matched') <> e.before
            OR NOT EXISTS (SELECT FROM case_transition AS t WHERE (t.route, t.before, t.event, t.after)
                                                                = (b.route, e.before, e.event, e.after))""",
    "each event carries the hash of what was decided": """
        SELECT e.case_id FROM case_event AS e JOIN benefit_case AS b USING (case_id)
         WHERE e.digest <> event_digest(e, b)""",
    "an attempt is what its events add up to": """
        SELECT s.attempt_id FROM attempt_state AS s
          LEFT JOIN LATERAL (SELECT * FROM attempt_event AS e
                              WHERE e.attempt_id = s.attempt_id ORDER BY seq DESC LIMIT 1) AS e ON true
         WHERE (s.status, s.seq) IS DISTINCT FROM (coalesce(e.after, 'stored'), coalesce(e.seq, 0))""",
    "an attempt settles, is rejected and returns at most once": """
        SELECT attempt_id FROM attempt_event WHERE event IN ('settle', 'reject', 'return', 'send')
         GROUP BY attempt_id, event HAVING count(*) > 1""",
    "a balance is what its transfers add up to": """
        SELECT b.line, b.account FROM ledger_balance AS b
         WHERE b.balance_fen <> (
               SELECT coalesce(sum(CASE b.account WHEN k.credit THEN t.amount_fen ELSE -t.amount_fen END), 0)
                 FROM ledger_transfer AS t JOIN ledger_transfer_kind AS k USING (kind)
                WHERE t.line = b.line AND b.account IN (k.debit, k.credit))""",
    "the balances of a line add up to zero": """
        SELECT line FROM ledger_balance GROUP BY line HAVING sum(balance_fen) <> 0""",
    "no account but the appropriation is below zero": """
        SELECT line, account FROM ledger_balance WHERE account <> 'appropriation' AND balance_fen < 0""",
    "what is reserved and paid is within the budget of the line": """
        SELECT line FROM ledger_balance GROUP BY line
        HAVING sum(balance_fen) FILTER (WHERE account IN ('reserved', 'paid'))
             > -sum(balance_fen) FILTER (WHERE account = 'appropriation')""",
    "no case is paid more than was approved": """
        SELECT a.case_id FROM payment_attempt AS a JOIN ledger_transfer AS t USING (attempt_id)
         WHERE t.kind IN ('post', 'return')
         GROUP BY a.case_id
        HAVING sum(CASE t.kind WHEN 'post' THEN t.amount_fen ELSE -t.amount_fen END)
             > (SELECT max(l.amount_fen) FROM listed_case AS l JOIN list_end AS e USING (list_id)
                 WHERE l.case_id = a.case_id AND e.outcome = 'complete')""",
    "an attempt moved its money as its status says": """
        SELECT a.attempt_id, s.status
          FROM payment_attempt AS a JOIN attempt_state AS s USING (attempt_id)
          LEFT JOIN LATERAL (
               SELECT coalesce(sum(amount_fen) FILTER (WHERE kind = 'reserve'), 0) AS reserved,
                      coalesce(sum(amount_fen) FILTER (WHERE kind = 'post'), 0) AS posted,
                      coalesce(sum(amount_fen) FILTER (WHERE kind = 'void'), 0) AS voided,
                      coalesce(sum(amount_fen) FILTER (WHERE kind = 'return'), 0) AS returned,
                      coalesce(sum(amount_fen) FILTER (WHERE kind IN ('restore', 'lapse')), 0) AS freed
                 FROM ledger_transfer AS t WHERE t.attempt_id = a.attempt_id) AS m ON true
         WHERE (m.reserved, m.posted, m.voided, m.returned, m.freed) <> (
               a.amount_fen,
               CASE WHEN s.status IN ('settled', 'returned') THEN a.amount_fen ELSE 0 END,
               CASE WHEN s.status = 'rejected' THEN a.amount_fen ELSE 0 END,
               CASE WHEN s.status = 'returned' THEN a.amount_fen ELSE 0 END,
               CASE WHEN s.status = 'returned' THEN a.amount_fen ELSE 0 END)""",
    "a case stands where its last attempt put it": """
        SELECT s.case_id, s.status, l.status AS attempt
          FROM case_state AS s
          LEFT JOIN LATERAL (SELECT t.status FROM payment_attempt AS a JOIN attempt_state AS t USING (attempt_id)
                              WHERE a.case_id = s.case_id ORDER BY a.number DESC LIMIT 1) AS l ON true
         WHERE CASE WHEN s.status = 'ordered' THEN l.status NOT IN ('stored', 'sent', 'accepted', 'unknown')
                    WHEN s.status IN ('paid', 'recovering', 'recovered') THEN l.status <> 'settled'
                    WHEN s.status = 'returned' THEN l.status NOT IN ('rejected', 'returned')
                    WHEN s.status = 'closed' THEN l.status NOT IN ('settled', 'rejected', 'returned')
                    ELSE l.status NOT IN ('rejected', 'returned') END""",
    "no firm has two payments on the way or with it for one policy, period and instalment": """
        SELECT b.policy_id, b.uscc FROM benefit_case AS b JOIN attempt_state AS s USING (case_id)
         WHERE s.status NOT IN ('rejected', 'returned')
         GROUP BY b.policy_id, b.uscc, b.record_id, b.period, b.instalment HAVING count(*) > 1""",
    "every batch holds what it declares, and its attempts are in no other": """
        SELECT b.batch_id FROM payment_batch AS b
          LEFT JOIN batch_attempt AS m USING (batch_id) LEFT JOIN payment_attempt AS a USING (attempt_id)
         GROUP BY b.batch_id, b.attempts, b.total_fen
        HAVING count(a.attempt_id) <> b.attempts OR coalesce(sum(a.amount_fen), 0) <> b.total_fen""",
    "only what is in a batch was sent": """
        SELECT attempt_id FROM attempt_state LEFT JOIN batch_attempt USING (attempt_id)
         WHERE status <> 'stored' AND batch_id IS NULL""",
    "every line of every file has one verdict": """
        SELECT l.file_digest, l.number FROM bank_line AS l LEFT JOIN bank_verdict AS v USING (file_digest, number)
         WHERE v.verdict IS NULL""",
    "nothing was closed with a difference": """
        SELECT number FROM reconciliation WHERE closed AND (difference_fen <> 0 OR unmatched <> 0)""",
    "what was paid is closed by a reconciliation that agreed": """
        SELECT e.case_id FROM case_event AS e
          LEFT JOIN reconciliation AS r ON e.about = 'reconciliation:' || r.number
         WHERE e.event = 'close' AND e.before = 'paid' AND r.closed IS DISTINCT FROM true""",
}

STATUS_BY_DEED: Mapping[Deed, str] = {Deed.PAID: "settled", Deed.RETURNED: "returned", Deed.REFUSED: "rejected"}


def broken(url: str) -> list[str]:
    """Return the laws that do not hold in the database, each with the first rows that break it."""
    each = (f"SELECT '{law}' AS law, ({_rows(query)}) AS rows" for law, query in LAWS.items())
    together = f"SELECT law, rows FROM ({' UNION ALL '.join(each)}) AS each WHERE rows IS NOT NULL"
    with app_connection(url) as connection:
        return [f"{row['law']}: {row['rows']}" for row in connection.execute(together.encode()).fetchall()]


def _rows(query: str) -> str:
    return f"SELECT jsonb_agg(b) FROM (SELECT * FROM ({query}) AS found LIMIT 3) AS b"


def paid_twice(book: Iterable[BookEntry]) -> list[str]:
    """Return the payees who at some moment had more than one payment, by the bank's own book."""
    holds: Counter[str] = Counter()
    twice = []
    for entry in book:
        holds[entry.payee_name] += {Deed.PAID: 1, Deed.RETURNED: -1, Deed.REFUSED: 0}[entry.deed]
        if holds[entry.payee_name] not in (0, 1):
            twice.append(entry.payee_name)
    return twice


def unlike_the_bank(url: str, bank: SimulatedBank) -> list[str]:
    """Return where attempts, ledger and statements differ from what the bank did, once all its files were taken."""
    last = {entry.attempt_id: STATUS_BY_DEED[entry.deed] for entry in bank.book}
    with app_connection(url) as connection:
        ours = {
            row["attempt_id"]: row["status"]
            for row in connection.execute("SELECT attempt_id, status FROM attempt_state").fetchall()
        }
        paid = connection.execute(
            "SELECT coalesce(sum(balance_fen), 0)::bigint AS fen FROM ledger_balance WHERE account = 'paid'"
        ).fetchone()
        net = connection.execute("SELECT coalesce(sum(out_fen), 0)::bigint AS fen FROM statement_entry").fetchone()
    assert paid is not None and net is not None
    wrong = [
        f"{attempt}: bank {status}, we {ours.get(attempt)}"
        for attempt, status in last.items()
        if ours.get(attempt) != status
    ]
    wrong += [
        f"{attempt}: the bank knows nothing, we {status}"
        for attempt, status in ours.items()
        if attempt not in last and status not in ("stored", "rejected")
    ]
    if paid["fen"] != bank.paid_fen:
        wrong.append(f"the ledger says {paid['fen']} fen are paid, the bank {bank.paid_fen}")
    if net["fen"] != bank.paid_fen - bank.unrelated_fen:
        wrong.append(f"statements say {net['fen']} fen left, the bank {bank.paid_fen - bank.unrelated_fen}")
    return wrong
