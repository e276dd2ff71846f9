-- +goose Up
-- Signing keys. id is made from the RFC 7638 thumbprint. public_key is SubjectPublicKeyInfo; sealed is
-- the private key (PKCS #8) under AES-256-GCM, empty once the key is revoked. Rows are never deleted
-- and the times (UTC whole seconds) are set once, so that counting them tells whether anything changed.
CREATE TABLE signing_key (
  id TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  public_key BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  created_at TIMESTAMP NOT NULL,
  retired_at TIMESTAMP,
  revoked_at TIMESTAMP,
  reason TEXT NOT NULL
);
CREATE UNIQUE INDEX signing_key_active ON signing_key (purpose) WHERE retired_at IS NULL AND revoked_at IS NULL;
