-- Runs that a person asks for, and forgetting those that did nothing.

SET search_path = policy_match;

-- The first of these jobs that has something to do and nobody else is at. A job whose run waits to be tried again waits
-- with it; else its newest occurrence is taken, and the caller lets it cover the others. Of a paused job only what a
-- person asked for is taken.
CREATE OR REPLACE FUNCTION take_job_run(of_jobs text[], up_to timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted text;
    pause boolean;
    chosen record;
BEGIN
    FOREACH wanted IN ARRAY of_jobs LOOP
        SELECT paused INTO pause FROM job_state WHERE job = wanted FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR EXISTS (SELECT FROM job_run_state WHERE job = wanted AND status = 'running');
        SELECT run_id, due_at INTO chosen FROM job_run_state AS s
         WHERE job = wanted AND status = 'due' AND (tries > 0 OR due_at <= up_to)
           AND (NOT pause OR EXISTS (SELECT FROM job_run AS r WHERE r.run_id = s.run_id AND r.by <> 'system'))
         ORDER BY tries > 0 DESC, due_at DESC, run_id DESC LIMIT 1;
        IF FOUND AND chosen.due_at <= up_to THEN
            RETURN chosen.run_id;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Jobs of every minute would fill these two tables with runs that did nothing: such runs may be deleted, by one way.
DROP TRIGGER append_only ON job_run;
DROP TRIGGER append_only ON job_run_event;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON job_run
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON job_run_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_forgotten BEFORE DELETE ON job_run FOR EACH STATEMENT
    WHEN (current_setting('policy_match.forgets', true) IS DISTINCT FROM 'job_run')
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_forgotten BEFORE DELETE ON job_run_event FOR EACH STATEMENT
    WHEN (current_setting('policy_match.forgets', true) IS DISTINCT FROM 'job_run')
    EXECUTE FUNCTION refuse_change();

CREATE FUNCTION forget_job_runs(after bigint, before timestamptz, most integer, OUT forgotten integer, OUT last bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    looked bigint[];
    gone bigint[];
BEGIN
    SELECT array_agg(run_id), max(run_id) INTO looked, last
      FROM (SELECT run_id FROM job_run_state WHERE run_id > after AND status = 'done' AND since < before
             ORDER BY run_id LIMIT most) AS page;
    -- At the first try, asked for by nobody, counting nothing; the last success of a job stays.
    SELECT coalesce(array_agg(s.run_id), '{}') INTO gone
      FROM unnest(looked) AS page (run_id)
      JOIN job_run_state AS s USING (run_id)
      JOIN job_run AS r USING (run_id)
      JOIN job_run_event AS e ON e.run_id = s.run_id AND e.seq = s.seq
     WHERE s.seq = 2 AND r.by = 'system'
       AND NOT EXISTS (SELECT FROM jsonb_each_text(e.figures) AS f WHERE f.value <> '0')
       AND EXISTS (SELECT FROM job_run_state AS l
                    WHERE l.job = s.job AND l.status = 'done' AND (l.since, l.run_id) > (s.since, s.run_id))
       AND NOT EXISTS (SELECT FROM job_run_event AS c JOIN job_run AS cr USING (run_id)
                        WHERE c.covered_by = s.run_id AND (c.seq > 1 OR cr.by <> 'system'));
    gone := gone || coalesce((SELECT array_agg(run_id) FROM job_run_event WHERE covered_by = ANY (gone)), '{}');
    PERFORM set_config('policy_match.forgets', 'job_run', true);
    DELETE FROM job_run_event WHERE run_id = ANY (gone);
    DELETE FROM job_run_state WHERE run_id = ANY (gone);
    DELETE FROM job_run WHERE run_id = ANY (gone);
    PERFORM set_config('policy_match.forgets', '', true);
    forgotten := cardinality(gone);
END $$;
COMMENT ON FUNCTION forget_job_runs IS 'Forget, of a page of old runs after one, those that did nothing, with the missed occurrences that they covered; how many went, and the last that was looked at';
REVOKE EXECUTE ON FUNCTION forget_job_runs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_job_runs TO policy_match_app;
