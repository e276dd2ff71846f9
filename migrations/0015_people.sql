-- +goose Up
-- What each result said of its candidate, in canonical spelling. Of results recorded before this only what the
-- candidate's row says is known, so that their candidates keep the facts that they have.
ALTER TABLE result ADD COLUMN candidate_email TEXT NOT NULL DEFAULT '';
ALTER TABLE result ADD COLUMN candidate_name TEXT NOT NULL DEFAULT '';
ALTER TABLE result ADD COLUMN candidate_locale TEXT NOT NULL DEFAULT '';
UPDATE result
SET candidate_email = c.email, candidate_name = c.name, candidate_locale = c.locale
FROM candidate c
WHERE c.id = result.candidate_id;

-- The partner's id of the result that made a candidate, whose facts it has until one counts; empty: that of the
-- earliest recorded_at.
ALTER TABLE candidate ADD COLUMN first_result TEXT NOT NULL DEFAULT '';

-- Corrections of a candidate's name or address, numbered in order and never changed: member is name or email, was
-- is what it said before; times are UTC whole seconds.
CREATE TABLE candidate_correction (
  candidate_id TEXT NOT NULL REFERENCES candidate (id),
  number BIGINT NOT NULL,
  member TEXT NOT NULL,
  was TEXT NOT NULL,
  value TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (candidate_id, number)
);

-- Whose an award is where that is somebody else than the person whom the candidate's facts are about now; empty
-- for the usual case.
ALTER TABLE award ADD COLUMN owner_email TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN owner_name TEXT NOT NULL DEFAULT '';
CREATE INDEX award_owner ON award (owner_email) WHERE owner_email <> '';
