-- +goose Up
-- valid_from is when an edition begins that was over when it was signed (UTC whole seconds): issued_at lies after
-- its end. NULL: it begins with issued_at.
ALTER TABLE award ADD COLUMN valid_from TIMESTAMP;
ALTER TABLE credential ADD COLUMN valid_from TIMESTAMP;
