-- +goose Up
-- How a session began (code, passkey or the name of a provider), and in which browser, for the list of sessions.
ALTER TABLE session ADD COLUMN means TEXT NOT NULL DEFAULT 'code';
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';

-- The address that one which is being confirmed takes the place of; empty: none.
ALTER TABLE confirmation ADD COLUMN replaces TEXT NOT NULL DEFAULT '';

-- Addresses that were taken out of an account and may come back until a time, as they are spelt in address. The link in
-- the letter about it follows from nonce and the server's secret. back_at is when they did come back; times are UTC
-- whole seconds; ids are random.
CREATE TABLE address_removal (
  id TEXT NOT NULL PRIMARY KEY,
  address TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  nonce TEXT NOT NULL,
  link TEXT NOT NULL UNIQUE,
  sandbox BIGINT NOT NULL,
  removed_at TIMESTAMP NOT NULL,
  until TIMESTAMP NOT NULL,
  back_at TIMESTAMP
);
CREATE INDEX address_removal_account ON address_removal (account_id);
CREATE INDEX address_removal_address ON address_removal (address);
CREATE INDEX address_removal_until ON address_removal (until);

-- What was changed of the ways into an account, numbered in order and never changed itself. what is an address in its
-- one spelling, or the name of an account elsewhere or of a passkey.
CREATE TABLE account_change (
  account_id TEXT NOT NULL REFERENCES account (id),
  number BIGINT NOT NULL,
  change TEXT NOT NULL,
  what TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (account_id, number)
);
