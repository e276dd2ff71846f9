-- +goose Up
-- begins_at is when a key takes over from the one before it, which is retired at that moment: both may
-- lie ahead, so that others learn the key before it signs. NULL: when it was made. first_used_at is when
-- it was first asked to sign. retired_at moves only where a successor that never began was replaced.
-- moved counts how often begins_at or retired_at was. sealed may hold, instead of the private key, the name of a key that a device keeps.
ALTER TABLE signing_key ADD COLUMN begins_at TIMESTAMP;
ALTER TABLE signing_key ADD COLUMN first_used_at TIMESTAMP;
ALTER TABLE signing_key ADD COLUMN moved BIGINT NOT NULL DEFAULT 0;
