-- +goose Up
-- picture holds what programme files brought for their badges, by the SHA-256 of the file that was made of it;
-- a row never changes. created_at is UTC.
CREATE TABLE picture (
  digest     TEXT NOT NULL PRIMARY KEY,
  svg        TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
