-- +goose Up
-- How many requests of an API key its processes have taken in a second, which window_start counts from 1970.
CREATE TABLE partner_rate (
  key_id TEXT NOT NULL PRIMARY KEY,
  window_start BIGINT NOT NULL,
  n BIGINT NOT NULL
);
