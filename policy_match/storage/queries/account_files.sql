-- add_account_file --
-- Keep a table of accounts that was taken, sealed; its number.
INSERT INTO account_file (file_digest, source, kept, refused, sealed, key_id, at, by)
VALUES (%(digest)s, %(source)s::account_source, %(kept)s, %(refused)s, %(sealed)s, %(key_id)s, %(at)s, %(by)s)
RETURNING number

-- account_files --
-- Tables of accounts that were taken, the latest first: one, or a page before a given one.
SELECT number, file_digest AS digest, source::text, kept, refused, at, by FROM account_file
 WHERE (%(number)s::bigint IS NULL OR number = %(number)s) AND (%(before)s::bigint IS NULL OR number < %(before)s)
 ORDER BY number DESC
 LIMIT %(most)s

-- sealed_account_file --
-- The sealed content of a table of accounts.
SELECT sealed, key_id FROM account_file WHERE number = %(number)s

-- account_refusals --
-- A page of the rows of a table that were not taken, after a given row.
SELECT "row", uscc, reason_zh, reason_en FROM account_file_refusal
 WHERE number = %(number)s AND "row" > %(after)s
 ORDER BY "row"
 LIMIT %(most)s
