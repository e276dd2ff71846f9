-- +goose Up
-- Times are UTC whole seconds; flags are BIGINT 0 or 1; ids are random and carry their noun; secrets
-- are kept as SHA-256 digests in hex.

-- A person who has confirmed an address at least once.
CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);

-- Confirmed addresses in canonical spelling. proved_at is the last time that somebody read mail there.
CREATE TABLE address (
  address TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  is_primary BIGINT NOT NULL,
  confirmed_at TIMESTAMP NOT NULL,
  proved_at TIMESTAMP NOT NULL
);
CREATE INDEX address_account ON address (account_id);
CREATE UNIQUE INDEX address_primary ON address (account_id) WHERE is_primary = 1;

-- A signed-in browser. expires_at is the earlier of the two ends, of age and of idleness.
CREATE TABLE session (
  digest TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at TIMESTAMP NOT NULL,
  seen_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at);

-- The confirmation under way for an address in a browser, whose set-up cookie is kept as a digest.
-- Code and link token follow from nonce and the server's secret; a new letter has a new nonce. turn
-- orders the letters that a browser asked for.
CREATE TABLE confirmation (
  browser TEXT NOT NULL,
  address TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  turn BIGINT NOT NULL,
  nonce TEXT NOT NULL,
  link TEXT NOT NULL UNIQUE,
  purpose TEXT NOT NULL,
  return_to TEXT NOT NULL,
  account_id TEXT NOT NULL,
  mute BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  sent_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP,
  PRIMARY KEY (browser, address)
);
CREATE INDEX confirmation_expires ON confirmation (expires_at);
