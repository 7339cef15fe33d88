-- add_account --
-- Write an account; none is given back when the name is taken.
INSERT INTO account (name, kind, label, at, by)
VALUES (%(name)s, %(kind)s, %(label)s, %(at)s, %(by)s)
    ON CONFLICT (name) DO NOTHING
RETURNING account_id

-- accounts --
-- Accounts by name after a given one: one, those of a kind, or all.
SELECT a.account_id, a.name, a.kind, a.label, s.is_open, s.password_hash IS NOT NULL AS has_password,
       s.totp_confirmed AS has_totp, a.at, a.by
  FROM account AS a JOIN account_state AS s USING (account_id)
 WHERE (%(name)s::text IS NULL OR a.name = %(name)s)
   AND (%(kind)s::account_kind IS NULL OR a.kind = %(kind)s)
   AND a.name > %(after)s
 ORDER BY a.name
 LIMIT %(most)s

-- credentials --
-- What the account of a name is signed in with.
SELECT a.account_id, a.name, a.kind, a.label, s.is_open, s.password_hash IS NOT NULL AS has_password,
       s.totp_confirmed AS has_totp, a.at, a.by, s.password_hash, s.totp_key_id, s.totp_sealed, s.totp_step
  FROM account AS a JOIN account_state AS s USING (account_id)
 WHERE a.name = %(name)s

-- add_account_event --
-- Write what happened to an account.
INSERT INTO account_event (account_id, event, reason, at, by)
VALUES (%(account_id)s, %(event)s, %(reason)s, %(at)s, %(by)s)

-- account_events --
-- What happened to an account, the latest first.
SELECT event, reason, at, by
  FROM account_event
 WHERE account_id = %(account_id)s
 ORDER BY event_id DESC
 LIMIT %(most)s

-- keep_password --
-- Put the hash of a new password in the place of the old one.
SELECT keep_password(%(account_id)s, %(password_hash)s)

-- keep_totp --
-- Put a new secret of one-time codes, or none, in the place of the old one.
SELECT keep_totp(%(account_id)s, %(key_id)s, %(sealed)s)

-- use_totp_step --
-- Use up a time step, and say whether it was free.
SELECT use_totp_step(%(account_id)s, %(step)s, %(confirms)s) AS used

-- keep_recovery_codes --
-- Put new recovery codes in the place of the old ones.
SELECT keep_recovery_codes(%(account_id)s, %(digests)s)

-- use_recovery_code --
-- Use up a recovery code, and say whether it was there.
SELECT use_recovery_code(%(account_id)s, %(digest)s) AS used

-- recovery_codes_left --
-- How many recovery codes of an account are left.
SELECT count(*) AS codes FROM recovery_code WHERE account_id = %(account_id)s

-- account_of_identity --
-- The name of the account that a provider's person has.
SELECT a.name
  FROM provider_identity AS i JOIN account AS a USING (account_id)
 WHERE i.issuer = %(issuer)s AND i.subject = %(subject)s

-- identity_of_account --
-- Some person of a provider who has an account.
SELECT subject FROM provider_identity WHERE issuer = %(issuer)s AND account_id = %(account_id)s LIMIT 1

-- link_identity --
-- Write which account a provider's person has; none is given back when the person has one.
INSERT INTO provider_identity (issuer, subject, account_id, at, by)
VALUES (%(issuer)s, %(subject)s, %(account_id)s, %(at)s, %(by)s)
    ON CONFLICT DO NOTHING
RETURNING account_id

-- add_delegation --
-- Write that a user may act for a firm, or no longer.
INSERT INTO delegation (uscc, account_id, is_owner, granted, at, by)
VALUES (%(uscc)s, %(account_id)s, %(is_owner)s, %(granted)s, %(at)s, %(by)s)

-- delegations_of_account --
-- The firms for which a user acts now, by firm after a given one.
SELECT d.uscc, a.name AS "user", d.is_owner, d.at, d.by
  FROM (SELECT DISTINCT ON (uscc) uscc, account_id, is_owner, granted, at, by
          FROM delegation
         WHERE account_id = %(account_id)s AND uscc > %(after)s
         ORDER BY uscc, delegation_id DESC) AS d
  JOIN account AS a USING (account_id)
 WHERE d.granted
 ORDER BY d.uscc
 LIMIT %(most)s

-- delegations_of_firm --
-- The users who act for a firm now, by name after a given one.
SELECT d.uscc, a.name AS "user", d.is_owner, d.at, d.by
  FROM (SELECT DISTINCT ON (account_id) uscc, account_id, is_owner, granted, at, by
          FROM delegation
         WHERE uscc = %(uscc)s
         ORDER BY account_id, delegation_id DESC) AS d
  JOIN account AS a USING (account_id)
 WHERE d.granted AND a.name > %(after)s
 ORDER BY a.name
 LIMIT %(most)s

-- lock_delegations --
-- Wait for the right to change who acts for a firm, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s, hashtext(%(uscc)s))
