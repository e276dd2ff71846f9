-- +goose Up
-- Access tokens of API keys (OAuth 2.0 client credentials), as digests. scopes are those that were asked for.
CREATE TABLE partner_token (
  digest TEXT NOT NULL PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES partner_key (id),
  scopes TEXT NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX partner_token_expires ON partner_token (expires_at);

-- When a key was last used, within a minute.
ALTER TABLE partner_key ADD COLUMN last_used_at TIMESTAMP;
