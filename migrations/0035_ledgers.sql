-- +goose Up
-- A ledger is a person's: of one candidate, or of those whom merges joined. ledger is the id of the candidate whose row
-- is the lock of the ledger, its root; the root's own says itself. NULL: this candidate was never joined with others,
-- and its row is the lock of its own ledger.
--
-- The program before judges each candidate by itself; profiles are to be merged once it runs no more.
ALTER TABLE candidate ADD COLUMN ledger TEXT REFERENCES candidate (id);
CREATE INDEX candidate_ledger ON candidate (ledger) WHERE ledger IS NOT NULL;

-- The partner whose result completed an award, as result_id is that partner's own id; empty: the award's partner.
ALTER TABLE award ADD COLUMN result_partner TEXT NOT NULL DEFAULT '';
