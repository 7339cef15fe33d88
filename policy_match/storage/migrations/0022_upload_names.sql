-- What files that were sent were called where they came from: a delivery has many, and a digest tells nobody which is which.

SET search_path = policy_match;

ALTER TABLE uploaded_file ADD COLUMN name text NOT NULL DEFAULT ''
    CHECK (length(name) <= 200 AND name !~ '[[:cntrl:]/\\]');
COMMENT ON COLUMN uploaded_file.name IS 'What it was called where it came from, without folders; empty when that was not said. Never a path';
