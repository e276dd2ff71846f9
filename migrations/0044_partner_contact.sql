-- +goose Up
-- Whom to ask at a partner, and who is written to about its webhooks: an address or a URL, or empty.
ALTER TABLE partner ADD COLUMN contact TEXT NOT NULL DEFAULT '';
