-- +goose Up
-- doubts counts how often a job ended so that it is not known whether it was done. lane is whose turn it is
-- among jobs of one kind, empty where they take none.
ALTER TABLE job ADD COLUMN doubts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN lane TEXT NOT NULL DEFAULT '';
CREATE INDEX job_lane ON job (kind, lane, run_at, id) WHERE state = 'ready';

-- sent_at is when the letter of a claim was taken over by the mail, bounced_at when its address was refused for
-- good. Of letters before this column the time of asking is all that is known.
ALTER TABLE claim ADD COLUMN sent_at TIMESTAMP;
ALTER TABLE claim ADD COLUMN bounced_at TIMESTAMP;
UPDATE claim SET sent_at = created_at;

-- sandbox says that a code went, or an address was confirmed, in a sandbox only, where nothing proves that mail arrives.
ALTER TABLE confirmation ADD COLUMN sandbox BIGINT NOT NULL DEFAULT 0;
ALTER TABLE address ADD COLUMN sandbox BIGINT NOT NULL DEFAULT 0;
