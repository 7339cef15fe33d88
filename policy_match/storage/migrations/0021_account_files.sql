-- Tables of payees' accounts that were sent, and their rows that could not be taken.

SET search_path = policy_match;

-- Files of accounts ------------------------------------------------------------------------------------------------

CREATE TABLE account_file (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_digest digest NOT NULL,
    source account_source,
    kept integer NOT NULL CHECK (kept >= 0),
    refused integer NOT NULL CHECK (refused >= 0),
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE account_file IS 'Tables of accounts that were sent, each time that one was taken';
COMMENT ON COLUMN account_file.source IS 'Who states all its accounts; null where the table says so itself';
COMMENT ON COLUMN account_file.sealed IS 'The whole file, encrypted: it holds account numbers';

CREATE TABLE account_file_refusal (
    number integer NOT NULL REFERENCES account_file,
    "row" integer NOT NULL CHECK ("row" >= 1),
    uscc text NOT NULL,
    reason_zh text NOT NULL CHECK (reason_zh <> ''),
    reason_en text NOT NULL CHECK (reason_en <> ''),
    PRIMARY KEY (number, "row")
);
COMMENT ON TABLE account_file_refusal IS 'Rows that could not be taken, and why; no account number is in them';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['account_file', 'account_file_refusal'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
