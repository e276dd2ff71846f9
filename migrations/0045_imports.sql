-- +goose Up
-- Files of results (contract 3.1). kind is csv or ndjson; mapping and fault are JSON, fault is why the file cannot be taken.
-- Rows behind body_offset, which is in line body_line, wait; begun says that those of the next chunk may be recorded
-- already, and known is a JSON list of which of their ids were recorded before. report is how many parts the report has.
-- leased_by works on it until leased_until, by the database's clock. Other times are UTC whole seconds; ids sort by time.
CREATE TABLE import (
  id TEXT NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  mode TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  encoding TEXT NOT NULL,
  mark BIGINT NOT NULL,
  delimiter TEXT NOT NULL,
  mapping TEXT NOT NULL,
  total BIGINT,
  done BIGINT NOT NULL,
  recorded BIGINT NOT NULL,
  replayed BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  awards BIGINT NOT NULL,
  fault TEXT NOT NULL,
  body_offset BIGINT NOT NULL,
  body_line BIGINT NOT NULL,
  begun BIGINT NOT NULL,
  known TEXT NOT NULL,
  report BIGINT NOT NULL,
  leased_by TEXT NOT NULL,
  leased_until TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP
);
CREATE INDEX import_partner ON import (partner_id, id);
CREATE INDEX import_unfinished ON import (created_at, id) WHERE finished_at IS NULL;

-- The body in parts of 256 KiB, each compressed by itself (RFC 1951). They are deleted when the import has ended.
CREATE TABLE import_part (
  import_id TEXT NOT NULL REFERENCES import (id),
  number BIGINT NOT NULL,
  data BYTEA NOT NULL,
  PRIMARY KEY (import_id, number)
);

-- The report in parts, each some lines of JSON, compressed; failed counts those that failed.
CREATE TABLE import_report (
  import_id TEXT NOT NULL REFERENCES import (id),
  number BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  data BYTEA NOT NULL,
  PRIMARY KEY (import_id, number)
);

-- What a partner's files mean, as JSON.
CREATE TABLE import_mapping (
  partner_id TEXT NOT NULL PRIMARY KEY REFERENCES partner (id),
  mapping TEXT NOT NULL
);
