-- +goose Up
-- Times are UTC whole seconds; what has the strength of a key is stored as a digest, and follows with the PIN from the
-- nonce and the server's secret.

-- The offer of an accepted badge to a wallet (OpenID4VCI 1.0): one of each award, a new one takes the place of the old
-- one. reference is where the offer is read, code what a wallet redeems, token what it gets for that; tries are PINs
-- that were handed in. jwt_at and ldp_at say when the badge was taken in each format.
CREATE TABLE wallet_offer (
  award_id TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  lang TEXT NOT NULL,
  nonce TEXT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  code TEXT NOT NULL UNIQUE,
  tries BIGINT NOT NULL,
  token TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  redeemed_at TIMESTAMP,
  jwt_at TIMESTAMP,
  ldp_at TIMESTAMP
);
CREATE UNIQUE INDEX wallet_offer_token ON wallet_offer (token) WHERE token <> '';
CREATE INDEX wallet_offer_expires ON wallet_offer (expires_at);

-- Nonces of proofs that were used, until they would not be good any more anyway: each counts once.
CREATE TABLE wallet_nonce (
  nonce TEXT NOT NULL PRIMARY KEY,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX wallet_nonce_expires ON wallet_nonce (expires_at);

-- What was signed for wallets: an edition of an award that is bound to a key, with a place of its own in a status list,
-- which ends with the award. Neither the key nor what was signed is kept.
CREATE TABLE credential_copy (
  status_list BIGINT NOT NULL,
  status_index BIGINT NOT NULL,
  award_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  form TEXT NOT NULL,
  signed_by TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (status_list, status_index)
);
CREATE INDEX credential_copy_award ON credential_copy (award_id);
