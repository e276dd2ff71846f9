-- +goose Up
-- Codes by which a holder shows a record to one reader. code is 12 letters and digits without dashes; it is kept as it
-- is, since its owner reads it again, and whoever reads this table reads in the same database all that it opens. pin is
-- a salted hash, empty for none: people have one PIN for many things. award_id is the badge that is shown, empty for
-- the transcript; past, exams and scores (0 or 1) are what the transcript has. wrong counts wrong PINs since the last
-- rest, wrong_today those of wrong_day (midnight). It works until ends_at, or until ended_at where its owner ended it. All times are UTC whole seconds.
CREATE TABLE share_code (
  id TEXT NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  award_id TEXT NOT NULL,
  label TEXT NOT NULL,
  past BIGINT NOT NULL,
  exams BIGINT NOT NULL,
  scores BIGINT NOT NULL,
  pin TEXT NOT NULL,
  wrong BIGINT NOT NULL,
  rests_until TIMESTAMP,
  wrong_day TIMESTAMP,
  wrong_today BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  ends_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP
);
CREATE INDEX share_code_account ON share_code (account_id, created_at);

-- How often a code was opened on each day (midnight, UTC). No row says by whom.
CREATE TABLE share_code_day (
  code_id TEXT NOT NULL REFERENCES share_code (id) ON DELETE CASCADE,
  day TIMESTAMP NOT NULL,
  opened BIGINT NOT NULL,
  PRIMARY KEY (code_id, day)
);

-- Codes that do not work, as networks asked for them, by digest.
CREATE TABLE share_code_guess (
  network TEXT NOT NULL,
  digest TEXT NOT NULL,
  guessed_at TIMESTAMP NOT NULL,
  PRIMARY KEY (network, digest)
);
CREATE INDEX share_code_guess_time ON share_code_guess (guessed_at);
