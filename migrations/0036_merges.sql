-- +goose Up
-- That two candidates share a ledger, and that it was undone; never deleted. Whatever the rows that are not undone connect
-- is one ledger. partner_id is who merged its own candidates, empty for others; awards is JSON: ids of those that it made or
-- changed. Times are UTC whole seconds; ids are random. Who did it is in actor_…, who undid it in undone_….
CREATE TABLE profile_merge (
  id TEXT NOT NULL PRIMARY KEY,
  into_candidate TEXT NOT NULL REFERENCES candidate (id),
  from_candidate TEXT NOT NULL REFERENCES candidate (id),
  partner_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  awards TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  undo_until TIMESTAMP NOT NULL,
  undone_at TIMESTAMP,
  undone_reason TEXT NOT NULL,
  undone_kind TEXT NOT NULL,
  undone_name TEXT NOT NULL,
  undone_id TEXT NOT NULL
);
CREATE INDEX profile_merge_into ON profile_merge (into_candidate);
CREATE INDEX profile_merge_from ON profile_merge (from_candidate);

-- The award that took the place of another one and was accepted because that was, says which; empty: none.
ALTER TABLE award ADD COLUMN inherits TEXT NOT NULL DEFAULT '';
