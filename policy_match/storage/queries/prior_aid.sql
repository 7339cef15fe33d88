-- add_prior_aid --
-- Keep aid that others paid; rows whose source and reference are there stay as they are. How many were new.
WITH added AS (
    INSERT INTO prior_aid (source, reference, uscc, matter, paid_on, amount_fen, at, by)
    SELECT r.source, r.reference, r.uscc, r.matter, r.paid_on, r.amount_fen, %(at)s, %(by)s
      FROM unnest(%(sources)s::text[], %(refs)s::text[], %(usccs)s::text[], %(matters)s::text[],
                  %(days)s::date[], %(amounts)s::bigint[])
           AS r (source, reference, uscc, matter, paid_on, amount_fen)
    ON CONFLICT (source, reference) DO NOTHING
    RETURNING source)
SELECT count(*) AS added FROM added

-- prior_aid_by_key --
-- What is kept under some sources and references.
SELECT p.source, p.reference, p.uscc, p.matter, p.paid_on, p.amount_fen
  FROM unnest(%(sources)s::text[], %(refs)s::text[]) AS k (source, reference)
  JOIN prior_aid AS p USING (source, reference)
