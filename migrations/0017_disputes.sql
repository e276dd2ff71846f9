-- +goose Up
-- Somebody who got the letter about a badge says that it is not theirs: the offer is held until its partner answers.
-- disputed_at is UTC, dispute is what they chose: unknown_person, never_took or wrong_name.
ALTER TABLE award ADD COLUMN disputed_at TIMESTAMP;
ALTER TABLE award ADD COLUMN dispute TEXT NOT NULL DEFAULT '';
