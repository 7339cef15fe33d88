-- watched_counts --
-- What waits and what is in doubt, at most so many of each: deliveries due, notices not written, attempts unknown.
SELECT (SELECT count(*) FROM (SELECT FROM delivery_state
                               WHERE status = 'waiting' AND due_at <= %(now)s LIMIT %(most)s) AS d)
       + (SELECT count(*) FROM (SELECT FROM notice_state WHERE status = 'due' LIMIT %(most)s) AS n) AS notices_waiting,
       (SELECT count(*) FROM (SELECT FROM attempt_state
                               WHERE status = 'unknown' LIMIT %(most)s) AS a) AS payments_in_doubt
