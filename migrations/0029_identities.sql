-- +goose Up
-- Times are UTC whole seconds; ids are random and carry their noun; browsers are digests of their set-up cookies.

-- The way in by which a session began: the id of an identity or a passkey, or of an address; empty: not known.
ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT '';

-- Accounts elsewhere by which people sign in, known by issuer and subject and by nothing else. shown is how the provider
-- called the person last, for their own eyes. An account here has one personal one at most.
CREATE TABLE identity (
  id TEXT NOT NULL PRIMARY KEY,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  provider TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('personal', 'work')),
  shown TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  used_at TIMESTAMP NOT NULL,
  UNIQUE (issuer, subject)
);
CREATE INDEX identity_account ON identity (account_id);
CREATE UNIQUE INDEX identity_personal ON identity (account_id) WHERE kind = 'personal';

-- Who has come back from a provider to a browser and is to say what becomes of it. account_id is the account that wanted
-- it, empty where nobody was signed in; replaces is the identity whose place it is to take.
CREATE TABLE identity_waiting (
  browser TEXT NOT NULL PRIMARY KEY,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  provider TEXT NOT NULL,
  kind TEXT NOT NULL,
  shown TEXT NOT NULL,
  address TEXT NOT NULL,
  account_id TEXT NOT NULL,
  replaces TEXT NOT NULL,
  return_to TEXT NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX identity_waiting_expires ON identity_waiting (expires_at);

-- Answers of providers and of passkeys that were taken, by the digest of what only this server knows of them: each
-- counts once.
CREATE TABLE identity_used (
  attempt TEXT NOT NULL PRIMARY KEY,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX identity_used_expires ON identity_used (expires_at);

-- Passkeys. record is the JSON of the library that checks them, which is written anew after each use.
CREATE TABLE passkey (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  record TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  used_at TIMESTAMP NOT NULL
);
CREATE INDEX passkey_account ON passkey (account_id);

-- Questions that somebody does not want to be asked again.
CREATE TABLE account_hint (
  account_id TEXT NOT NULL REFERENCES account (id),
  hint TEXT NOT NULL,
  dismissed_at TIMESTAMP NOT NULL,
  PRIMARY KEY (account_id, hint)
);
