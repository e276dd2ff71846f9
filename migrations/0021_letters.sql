-- +goose Up
-- What is written to people and what became of it. The job that sends a letter has its id; ids sort in the order in which
-- letters became due; times are UTC whole seconds. Whom it goes to and in which language is known when it is written.
-- about is JSON that only the room reads that asked for it. No row holds a secret: it is made when the letter is written.
CREATE TABLE letter (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  sandbox BIGINT NOT NULL,
  partner_id TEXT NOT NULL,
  candidate_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  awards TEXT NOT NULL,
  about TEXT NOT NULL,
  recipient TEXT NOT NULL,
  language TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'bounced', 'stopped', 'overtaken')),
  tries BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP
);

-- What those letters say that stay here, secrets and all: those of sandboxes, and all where there is no relay. place
-- sorts in the order in which they came to the built-in mailbox; content is JSON from which the HTML part is made when
-- somebody looks, pictures JSON that says which of badges are in it.
CREATE TABLE letter_copy (
  place TEXT NOT NULL PRIMARY KEY,
  letter_id TEXT NOT NULL REFERENCES letter (id),
  partner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  content TEXT NOT NULL,
  pictures TEXT NOT NULL
);
CREATE INDEX letter_copy_partner ON letter_copy (partner_id, place);
