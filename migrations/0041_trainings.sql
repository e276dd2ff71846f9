-- +goose Up
-- What a candidate of a partner has completed besides exams, which its person reads at home. id and number are the
-- partner's own; candidate_id follows from partner and number, and there need be no such candidate yet. email is in its
-- one spelling; digest tells a repeat from other content. Times are UTC, recorded_at in whole seconds.
CREATE TABLE training (
  partner_id TEXT NOT NULL REFERENCES partner (id),
  id TEXT NOT NULL,
  candidate_id TEXT NOT NULL,
  number TEXT NOT NULL,
  email TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  completed_at TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (partner_id, id)
);
CREATE INDEX training_candidate ON training (candidate_id);
CREATE INDEX training_email ON training (email);
