-- +goose Up
-- reminded is how often somebody was reminded of what a claim link offers, by letters of this link and of those that it
-- replaced. Whose letter went out before this column is not reminded.
ALTER TABLE claim ADD COLUMN reminded BIGINT NOT NULL DEFAULT 0;
