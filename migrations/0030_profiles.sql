-- +goose Up
-- The page of a person, who has none without a row. shown is 0 or 1; changed_at is UTC whole seconds.
CREATE TABLE profile (
  account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
  handle TEXT NOT NULL,
  shown BIGINT NOT NULL,
  changed_at TIMESTAMP NOT NULL
);
CREATE INDEX profile_shown ON profile (handle) WHERE shown = 1;

-- Every handle that a profile ever had stays its account's, so that an old link never leads to somebody else.
CREATE TABLE handle (
  handle TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at TIMESTAMP NOT NULL
);

-- How a holder is shown to strangers on all of their badges: name is full, initials or hidden; findable is 0 or 1, whether
-- search engines may list what is public. Without a row: in full, and not. changed_at is UTC whole seconds.
CREATE TABLE holder_choice (
  holder TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  findable BIGINT NOT NULL,
  changed_at TIMESTAMP NOT NULL
);
CREATE INDEX holder_choice_findable ON holder_choice (holder) WHERE findable = 1;

-- How an edition says the name; holder_name is the whole one. Empty: in full.
ALTER TABLE credential ADD COLUMN name_shown TEXT NOT NULL DEFAULT '';
