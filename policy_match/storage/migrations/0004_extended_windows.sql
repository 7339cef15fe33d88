-- A window in which a firm may answer can be extended. The value stands alone in its migration: a transaction that
-- adds a value to a type cannot use it.

ALTER TYPE policy_match.case_step ADD VALUE 'extend';
