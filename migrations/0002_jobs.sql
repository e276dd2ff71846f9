-- +goose Up
-- Work to be done after the commit that asked for it. Times are UTC whole seconds; ids sort in the
-- order of asking. Finished jobs are deleted, dead ones stay. A key is taken until its job is
-- finished or dead; asking again meanwhile never adds a second row, and again_at says that a
-- running job is wanted once more.
CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  unique_key TEXT,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'dead')),
  run_at TIMESTAMP NOT NULL,
  again_at TIMESTAMP,
  attempts BIGINT NOT NULL,
  leased_by TEXT NOT NULL,
  leased_until TIMESTAMP,
  last_error TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX job_ready ON job (kind, run_at, id) WHERE state = 'ready';
CREATE INDEX job_running ON job (leased_until) WHERE state = 'running';
CREATE INDEX job_dead ON job (kind, id) WHERE state = 'dead';
CREATE UNIQUE INDEX job_key ON job (kind, unique_key) WHERE unique_key IS NOT NULL AND state <> 'dead';
