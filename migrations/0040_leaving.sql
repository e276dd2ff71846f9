-- +goose Up
-- Times are UTC whole seconds; ids are random and carry their noun.

-- Who wants to be forgotten, a row until it is done or taken back: an account, or else an address in its one spelling of
-- somebody who has none, the other being empty. choice is leave (certifications stay valid) or erase (all that can be).
-- state is asked, or begun, from when on it is too late. When it is due stands in the agenda, as account.deletion.
CREATE TABLE leaving_request (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  address TEXT NOT NULL,
  sandbox BIGINT NOT NULL,
  choice TEXT NOT NULL CHECK (choice IN ('leave', 'erase')),
  language TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'begun')),
  asked_at TIMESTAMP NOT NULL,
  due_at TIMESTAMP NOT NULL,
  UNIQUE (account_id, address)
);

-- What somebody takes along: one export of an account at a time, as a file in parts of equal length but for the last,
-- numbered from 0. done of total is how far it is while it is being made; size is in bytes.
CREATE TABLE leaving_export (
  account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
  id TEXT NOT NULL UNIQUE,
  language TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('making', 'ready', 'failed')),
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  size BIGINT NOT NULL,
  asked_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP
);
CREATE TABLE leaving_export_part (
  export_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (export_id, number)
);

-- Handles of people who left, as SHA-256 digests in hex: an old link never leads to somebody else.
CREATE TABLE handle_gone (
  digest TEXT NOT NULL PRIMARY KEY,
  gone_at TIMESTAMP NOT NULL
);

-- Letters are found by whom they went to, and the copies of each.
CREATE INDEX letter_recipient ON letter (recipient);
CREATE INDEX letter_account ON letter (account_id) WHERE account_id <> '';
CREATE INDEX letter_copy_letter ON letter_copy (letter_id);
