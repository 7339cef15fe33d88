-- What auditors search by: who did it, and when.

SET search_path = policy_match;

-- Most steps are the program's own, and nobody asks for all of those.
CREATE INDEX case_event_person ON case_event (by, at) WHERE by <> 'system';
CREATE INDEX action_person ON action (by, action_id);
