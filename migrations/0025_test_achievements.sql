-- +goose Up
-- test is whether an achievement only says of itself that it is a test. content says it too, since the id follows from
-- content. What a program of before writes meanwhile is 0 until a result earns the same achievement in this one.
ALTER TABLE achievement ADD COLUMN test BIGINT NOT NULL DEFAULT 0;

-- Quotation marks within a text are escaped, so that the pattern is found in none.
UPDATE achievement SET test = 1 WHERE content LIKE '%"test":true%';
