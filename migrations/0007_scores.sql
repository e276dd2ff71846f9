-- +goose Up
-- scores says whether an award's credential shall tell the scores of the passes that it rests on, as the holder
-- chose; of a credential, whether that edition does.
ALTER TABLE award ADD COLUMN scores SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE credential ADD COLUMN scores SMALLINT NOT NULL DEFAULT 0;
