-- +goose Up
-- Times are UTC; days are TEXT as 2006-01-02; flags are BIGINT 0 or 1; ids carry their noun, but for
-- award ids, which are public, and partners' own ids of candidates and results.

-- One row a version of the programme, as JSON. Number 1 holds from the beginning of time.
CREATE TABLE programme_version (
  number BIGINT NOT NULL PRIMARY KEY,
  effective TEXT NOT NULL,
  programme TEXT NOT NULL,
  applied_at TIMESTAMP NOT NULL
);

-- What outsiders see of an exam or certification, one row for each wording or picture it has had.
-- The id follows from the content, so that two processes make the same row.
CREATE TABLE achievement (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  content TEXT NOT NULL,
  svg TEXT NOT NULL,
  png BYTEA,
  created_at TIMESTAMP NOT NULL
);

CREATE TABLE partner (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  sandbox BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  UNIQUE (name, sandbox)
);

-- Keys are shown once and kept as digests.
CREATE TABLE partner_key (
  id TEXT NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  digest TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  revoked_at TIMESTAMP
);

-- A certification profile: the partner's candidate. Its row is the lock of its ledger. The id follows
-- from partner and number, so that one index serves both.
CREATE TABLE candidate (
  id TEXT NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  number TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX candidate_email ON candidate (email);

-- The ledger. id is the partner's own; digest tells a repeat from other content.
CREATE TABLE result (
  partner_id TEXT NOT NULL,
  id TEXT NOT NULL,
  candidate_id TEXT NOT NULL REFERENCES candidate (id),
  exam TEXT NOT NULL,
  outcome TEXT NOT NULL,
  score TEXT NOT NULL,
  max_score TEXT NOT NULL,
  identity_method TEXT NOT NULL,
  identity_matched TEXT NOT NULL,
  state TEXT NOT NULL,
  digest TEXT NOT NULL,
  decisions TEXT NOT NULL,
  awards TEXT NOT NULL,
  taken_at TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  PRIMARY KEY (partner_id, id)
);
CREATE INDEX result_candidate ON result (candidate_id);
CREATE INDEX result_recorded ON result (partner_id, recorded_at, id);

-- What was done to a result after it was recorded: void, correction, release.
CREATE TABLE result_change (
  id TEXT NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL,
  result_id TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  FOREIGN KEY (partner_id, result_id) REFERENCES result (partner_id, id)
);
CREATE INDEX result_change_result ON result_change (partner_id, result_id, created_at);

-- What a person has been awarded. state is the holder's choice, the rest validity. revision counts
-- every change of the row, version what the credential is to say, and signed is the newest version
-- that has one: where it is behind, credential and letter are still to be made.
CREATE TABLE award (
  id TEXT NOT NULL PRIMARY KEY,
  candidate_id TEXT NOT NULL REFERENCES candidate (id),
  partner_id TEXT NOT NULL REFERENCES partner (id),
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  achievement_id TEXT NOT NULL REFERENCES achievement (id),
  programme_version BIGINT NOT NULL,
  result_id TEXT NOT NULL,
  supports TEXT NOT NULL,
  earned_on TEXT NOT NULL,
  expires_on TEXT NOT NULL,
  renewed TEXT NOT NULL,
  identity_checked TEXT NOT NULL,
  salt TEXT NOT NULL,
  state TEXT NOT NULL,
  visibility TEXT NOT NULL,
  holder TEXT NOT NULL,
  version BIGINT NOT NULL,
  signed BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  kept BIGINT NOT NULL,
  revocation TEXT NOT NULL,
  reason TEXT NOT NULL,
  superseded_by TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  issued_at TIMESTAMP NOT NULL,
  decided_at TIMESTAMP,
  revoked_at TIMESTAMP,
  suspended_at TIMESTAMP
);
CREATE INDEX award_candidate ON award (candidate_id);
CREATE INDEX award_partner ON award (partner_id, created_at, id);
CREATE INDEX award_unsigned ON award (issued_at) WHERE signed < version;
CREATE INDEX award_ended ON award (id) WHERE revoked_at IS NOT NULL OR suspended_at IS NOT NULL;
CREATE INDEX award_holder ON award (holder) WHERE holder <> '';

-- Signed editions of an award. What is signed is stored once and never changes. signed_by is the key.
CREATE TABLE credential (
  award_id TEXT NOT NULL REFERENCES award (id),
  version BIGINT NOT NULL,
  holder_name TEXT NOT NULL,
  recipient TEXT NOT NULL,
  achievement_id TEXT NOT NULL,
  earned_on TEXT NOT NULL,
  expires_on TEXT NOT NULL,
  status_list BIGINT NOT NULL,
  status_index BIGINT NOT NULL,
  issued_at TIMESTAMP NOT NULL,
  signed_by TEXT NOT NULL,
  jwt BYTEA NOT NULL,
  PRIMARY KEY (award_id, version)
);

-- Further signed forms of an edition, each made when somebody first asks for it. What is stored first
-- stays. signed_id is what a revocation list knows the form by, empty for none.
CREATE TABLE credential_form (
  award_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  form TEXT NOT NULL,
  signed_id TEXT NOT NULL,
  signed_by TEXT NOT NULL,
  body BYTEA NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (award_id, version, form),
  FOREIGN KEY (award_id, version) REFERENCES credential (award_id, version)
);

CREATE INDEX credential_form_signed ON credential_form (signed_id) WHERE signed_id <> '';

-- seed orders the indexes of a list at random; taken counts those handed out.
CREATE TABLE status_list (
  number BIGINT NOT NULL PRIMARY KEY,
  seed BYTEA NOT NULL,
  size BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE TABLE status_bit (
  list BIGINT NOT NULL REFERENCES status_list (number),
  position BIGINT NOT NULL,
  set_at TIMESTAMP NOT NULL,
  PRIMARY KEY (list, position)
);

-- A claim link: the digest of its token, which follows from the id, and the offers behind it. No time limit.
CREATE TABLE claim (
  digest TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  candidate_id TEXT NOT NULL REFERENCES candidate (id),
  email TEXT NOT NULL,
  awards TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  replaced_at TIMESTAMP,
  disowned_at TIMESTAMP,
  disowned_reason TEXT NOT NULL
);
CREATE INDEX claim_candidate ON claim (candidate_id);

-- Addresses that asked for no more mail about badges.
CREATE TABLE mail_stop (
  email TEXT NOT NULL PRIMARY KEY,
  created_at TIMESTAMP NOT NULL
);

-- What happened, for partners, in order of id, which begins with the time.
CREATE TABLE event (
  partner_id TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (partner_id, id)
);

-- Answers to POSTs that came with an Idempotency-Key. status 0: still running until lease_until.
CREATE TABLE idempotency (
  partner_id TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  lease_until TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (partner_id, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
