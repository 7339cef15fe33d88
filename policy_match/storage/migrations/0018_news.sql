-- News: what firms are to hear of their requests, ratings and suggestions, and departments of these; what a firm does
-- not want to hear; and suggestions of what no policy gives.

SET search_path = policy_match;

ALTER TYPE notice_kind ADD VALUE 'correction_answered';
ALTER TYPE notice_kind ADD VALUE 'rating_answered';
ALTER TYPE notice_kind ADD VALUE 'suggestion_decided';
ALTER TYPE notice_kind ADD VALUE 'correction_asked';
ALTER TYPE notice_kind ADD VALUE 'bad_rating';

ALTER TABLE channel_preference ADD COLUMN unwanted text[] NOT NULL DEFAULT '{}'
    CHECK (unwanted <@ ARRAY['licences', 'corrections', 'ratings', 'suggestions']);
ALTER TABLE suggestion ALTER COLUMN policy_id DROP NOT NULL;
ALTER TABLE suggestion ADD COLUMN subject text NOT NULL DEFAULT '' CHECK (length(subject) <= 100);
ALTER TABLE suggestion ADD COLUMN department text NOT NULL DEFAULT '' CHECK (length(department) <= 100);
ALTER TABLE suggestion ADD CONSTRAINT of_a_policy_or_of_what_there_is_not CHECK (
    (policy_id IS NULL) = (btrim(subject) <> '') AND (policy_id IS NULL OR department = ''));

COMMENT ON COLUMN channel_preference.unwanted IS 'What the recipient does not want to hear; see policy_match.notices.subscriptions';
COMMENT ON COLUMN suggestion.subject IS 'What is asked for, where there is no policy to name';
COMMENT ON COLUMN suggestion.department IS 'Which the firm thinks responsible, in its own words; may be empty';

CREATE TABLE news (
    news_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'correction_asked', 'correction_answered', 'bad_rating', 'rating_answered', 'suggestion_decided')),
    number bigint NOT NULL,
    step integer NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT each_is_news_once UNIQUE (kind, number, step)
);
COMMENT ON TABLE news IS 'What somebody is to hear of, though it is no step of a case; written by triggers in the transaction of the thing itself';
COMMENT ON COLUMN news.number IS 'Of the request, of the case that was rated, or of the suggestion';
COMMENT ON COLUMN news.step IS 'Of the suggestion; else 0';
CREATE TABLE news_told (
    news_id bigint PRIMARY KEY REFERENCES news,
    notices integer NOT NULL CHECK (notices >= 0),
    at timestamptz NOT NULL
);
COMMENT ON TABLE news_told IS 'The notices of it are written; none when nobody wants it or it is no longer so';

CREATE FUNCTION write_news() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO news (kind, number, step, at)
    SELECT TG_ARGV[0], (added ->> TG_ARGV[1])::bigint, coalesce((added ->> 'seq')::integer, 0), NEW.at
      FROM to_jsonb(NEW) AS added;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION write_news FROM PUBLIC;
CREATE TRIGGER write_news AFTER INSERT ON correction
    FOR EACH ROW EXECUTE FUNCTION write_news('correction_asked', 'correction_id');
CREATE TRIGGER write_news AFTER INSERT ON correction_end
    FOR EACH ROW WHEN (NEW.outcome <> 'withdrawn')
    EXECUTE FUNCTION write_news('correction_answered', 'correction_id');
CREATE TRIGGER write_news AFTER INSERT ON rating
    FOR EACH ROW WHEN (NEW.due IS NOT NULL) EXECUTE FUNCTION write_news('bad_rating', 'case_id');
CREATE TRIGGER write_news AFTER INSERT ON rating_answer
    FOR EACH ROW EXECUTE FUNCTION write_news('rating_answered', 'case_id');
CREATE TRIGGER write_news AFTER INSERT ON suggestion_event
    FOR EACH ROW EXECUTE FUNCTION write_news('suggestion_decided', 'suggestion_id');

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON news
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON news_told
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT ON news, news_told TO policy_match_app;
GRANT INSERT ON news_told TO policy_match_app;

CREATE OR REPLACE VIEW policy_match_firm.channel_preference WITH (security_barrier) AS
SELECT preference_id, recipient, channels, language, at, "by", unwanted
  FROM channel_preference WHERE recipient = 'firm:' || firm_now();
CREATE OR REPLACE VIEW policy_match_firm.suggestion WITH (security_barrier) AS
SELECT suggestion_id, policy_id, text, at, "by", subject, department
  FROM suggestion WHERE "by" = 'firm:' || firm_now();
