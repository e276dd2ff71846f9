-- +goose Up
-- Times are UTC whole seconds; ids are random and carry their noun; accounts are text, and those of a deleted account go
-- with it.

-- The one certification profile of an account, by the candidate to whom its ledger belongs. email is the address of the
-- person then; owner_email is as in award: empty where that is still the person of the candidate's facts.
CREATE TABLE connection (
  account_id TEXT NOT NULL PRIMARY KEY,
  candidate_id TEXT NOT NULL REFERENCES candidate (id),
  owner_email TEXT NOT NULL,
  email TEXT NOT NULL,
  connected_at TIMESTAMP NOT NULL,
  UNIQUE (candidate_id, owner_email)
);

-- What happened to the connections of an account and who did it, numbered in order; never changed. change is connected, moved
-- (to the account), given (to another one) or ended; how is accepted, address, code, signed_in, correction or taken_over.
CREATE TABLE connection_entry (
  account_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  candidate_id TEXT NOT NULL,
  change TEXT NOT NULL,
  how TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (account_id, number)
);
CREATE INDEX connection_entry_candidate ON connection_entry (candidate_id, created_at);

-- Somebody on their way to a certification profile at an address that their account has not confirmed. proved_at is when
-- they showed that it is theirs.
CREATE TABLE connection_attempt (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  email TEXT NOT NULL,
  proved_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX connection_attempt_account ON connection_attempt (account_id);
CREATE INDEX connection_attempt_expires ON connection_attempt (expires_at);

-- Requests to bring two accounts (kind account) or two certification profiles (kind profile) of one person together, as
-- long as nobody has answered them. other is an account or a candidate.
CREATE TABLE merge_request (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id TEXT NOT NULL,
  other TEXT NOT NULL,
  how TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  answered_at TIMESTAMP
);
CREATE UNIQUE INDEX merge_request_open ON merge_request (kind, account_id, other) WHERE answered_at IS NULL;

-- The address that a provider vouched for when the identity was used last; empty: none that is believed.
ALTER TABLE identity ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- Who accepted a badge before has connected its profile: of several the one of the first badge.
INSERT INTO connection (account_id, candidate_id, owner_email, email, connected_at)
SELECT a.holder, a.candidate_id, a.owner_email, CASE WHEN a.owner_email = '' THEN c.email ELSE a.owner_email END, a.decided_at
FROM award a
JOIN candidate c ON c.id = a.candidate_id
JOIN partner p ON p.id = a.partner_id
WHERE a.holder <> '' AND a.state = 'accepted' AND a.decided_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM address d WHERE d.account_id = a.holder AND d.sandbox = p.sandbox)
ORDER BY a.decided_at, a.id
ON CONFLICT DO NOTHING;

INSERT INTO connection_entry (account_id, number, candidate_id, change, how, actor_kind, actor_name, created_at)
SELECT account_id, 1, candidate_id, 'connected', 'taken_over', 'system', '', connected_at
FROM connection;
