-- +goose Up
-- Each filter of a partner's lists has an index in the order of the list, so that a page costs the same in a
-- long ledger as in a short one.
DROP INDEX result_candidate;
CREATE INDEX result_candidate ON result (candidate_id, recorded_at, id);
DROP INDEX award_candidate;
CREATE INDEX award_candidate ON award (candidate_id, created_at, id);
CREATE INDEX award_state ON award (partner_id, state, created_at, id);
