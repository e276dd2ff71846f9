-- +goose Up
-- Times are UTC whole seconds; ids carry their noun. reason of an award or a change is for the record and for
-- staff; public_reason is what holder and world may read. Reasons that were given before were written by people
-- who were not told that everybody would read them: they become internal.
ALTER TABLE award ADD COLUMN public_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE result_change ADD COLUMN public_reason TEXT NOT NULL DEFAULT '';
