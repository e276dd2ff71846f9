-- +goose Up
-- How an account has new badges accepted: a row each time somebody chose, numbered in order and never changed, so that
-- it can be read later; the last one for an issuer is in force. issuer is its id, empty for all that have no row of their
-- own. automatic is 0 or 1; visibility is what badges get that are accepted so. created_at is UTC whole seconds.
CREATE TABLE auto_accept (
  account_id TEXT NOT NULL REFERENCES account (id),
  issuer TEXT NOT NULL,
  number BIGINT NOT NULL,
  automatic BIGINT NOT NULL,
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'link', 'public')),
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (account_id, issuer, number)
);
