-- +goose Up
-- How often strangers opened the page of a badge, which its holder reads. No row says who, or when.
CREATE TABLE award_view (
  award_id TEXT NOT NULL PRIMARY KEY,
  views BIGINT NOT NULL
);
