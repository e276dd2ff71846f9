-- +goose Up
-- valid_from is when an edition begins that was over when it was signed (UTC whole seconds): issued_at lies after
-- its end. NULL: it begins with issued_at.
ALTER TABLE award ADD COLUMN valid_from TIMESTAMP;
ALTER TABLE credential ADD COLUMN valid_from TIMESTAMP;

-- Who changed a result. Empty: from before it was kept, when only its partner could. actor_kind is partner, person,
-- staff or system; actor_id is a partner's.
ALTER TABLE result_change ADD COLUMN actor_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE result_change ADD COLUMN actor_name TEXT NOT NULL DEFAULT '';
ALTER TABLE result_change ADD COLUMN actor_id TEXT NOT NULL DEFAULT '';

-- What happened to an award after it was made, and who did it: an entry for each event, ids in the order of
-- happening. Times are UTC whole seconds. reason is for whoever gave it.
CREATE TABLE award_entry (
  id TEXT NOT NULL PRIMARY KEY,
  award_id TEXT NOT NULL REFERENCES award (id),
  change TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX award_entry_award ON award_entry (award_id, created_at, id);
