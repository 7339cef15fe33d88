"""What must hold of notices and deliveries at every moment, whoever died and whatever providers do.

Guarantees that each law is one query over the whole database, which gives what breaks it.
"""

from collections.abc import Mapping, Sequence

from tests.support.payment_flow import rows

LAWS: Mapping[str, str] = {
    "a notice stands where its last step left it": """
        SELECT s.notice_id FROM notice_state AS s
          LEFT JOIN LATERAL (SELECT count(*) AS n, (array_agg(e.after ORDER BY e.seq DESC))[1] AS after
                               FROM notice_event AS e WHERE e.notice_id = s.notice_id) AS e ON true
         WHERE s.seq <> e.n OR s.status <> coalesce(e.after, 'due')""",
    "a delivery stands where its last step left it": """
        SELECT s.delivery_id FROM delivery_state AS s
          LEFT JOIN LATERAL (SELECT count(*) AS n, (array_agg(e.after ORDER BY e.seq DESC))[1] AS after
                               FROM delivery_event AS e WHERE e.delivery_id = s.delivery_id) AS e ON true
         WHERE s.seq <> e.n OR s.status <> coalesce(e.after, 'waiting')""",
    "tries and repeats are those that were taken": """
        SELECT s.delivery_id FROM delivery_state AS s
          LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE event = 'send') - count(*) FILTER (WHERE event = 'release')
                                    AS tries, count(*) FILTER (WHERE event = 'repeat') AS repeats
                               FROM delivery_event AS e WHERE e.delivery_id = s.delivery_id) AS e ON true
         WHERE (s.tries, s.repeats) <> (e.tries, e.repeats)""",
    "every notice has its state, and every delivery": """
        SELECT notice_id FROM notice WHERE notice_id NOT IN (SELECT notice_id FROM notice_state)
        UNION ALL
        SELECT delivery_id FROM delivery WHERE delivery_id NOT IN (SELECT delivery_id FROM delivery_state)""",
    "what was prepared has its text and lies in the inbox once": """
        SELECT e.notice_id FROM notice_event AS e
         WHERE e.event = 'prepare'
           AND (NOT EXISTS (SELECT FROM notice_text AS t WHERE t.notice_id = e.notice_id)
                OR (SELECT count(*) FROM delivery AS d
                     WHERE d.notice_id = e.notice_id AND d.channel = 'inbox') <> 1)""",
    "one way at a time": """
        SELECT notice_id FROM delivery_state
         WHERE provider <> 'inbox' AND status IN ('waiting', 'sending') GROUP BY notice_id HAVING count(*) > 1""",
    "ways are counted without a gap": """
        SELECT notice_id FROM delivery GROUP BY notice_id HAVING max(number) <> count(*)""",
    "reached only with evidence": """
        SELECT s.notice_id FROM notice_state AS s
         WHERE s.status = 'reached'
           AND NOT EXISTS (SELECT FROM delivery_state AS d
                            WHERE d.notice_id = s.notice_id
                              AND (d.status = 'read' OR d.provider <> 'inbox'
                                   AND d.status IN ('handed_over', 'delivered', 'unconfirmed')))
           AND (SELECT e.by FROM notice_event AS e WHERE e.notice_id = s.notice_id AND e.event = 'reach'
                 ORDER BY e.seq DESC LIMIT 1) = 'system'""",
    "what was handed over reached its notice": """
        SELECT s.notice_id FROM notice_state AS s
         WHERE s.status IN ('open', 'unreached')
           AND EXISTS (SELECT FROM delivery_state AS d
                        WHERE d.notice_id = s.notice_id
                          AND (d.status = 'read'
                               OR d.provider <> 'inbox' AND d.status IN ('handed_over', 'delivered')))""",
    "no other message goes while one may have arrived": """
        SELECT u.delivery_id FROM delivery_state AS u JOIN delivery AS a USING (delivery_id)
          JOIN delivery AS b ON b.notice_id = a.notice_id AND b.number > a.number
         WHERE u.status = 'unknown'""",
    "every receipt that was applied is one step": """
        SELECT r.receipt_id FROM notice_receipt AS r
         WHERE r.verdict = 'applied'
           AND (SELECT count(*) FROM delivery_event AS e WHERE e.reference = 'receipt:' || r.receipt_id) <> 1""",
    "what waits knows until when, and what was handed over was sent": """
        SELECT delivery_id FROM delivery_state
         WHERE status = 'waiting' AND due_at IS NULL
            OR status IN ('handed_over', 'delivered', 'read') AND tries < 1""",
    "nothing was repeated more than once where nobody promises": """
        SELECT s.delivery_id FROM delivery_state AS s JOIN delivery AS d USING (delivery_id)
         WHERE d.channel = 'email' AND s.repeats > 1""",
}


def broken(url: str) -> Sequence[str]:
    """Return each law that is broken, with what breaks it."""
    found = []
    for law, query in LAWS.items():
        breaks = rows(url, query)
        if breaks:
            found.append(f"{law}: {breaks[:5]}")
    return found
