-- +goose Up
-- What an installation remembers of itself, a row a fact: base_url is the public address that its badges carry.
CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
