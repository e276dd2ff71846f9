-- +goose Up
-- A browser, known by the digest of its set-up cookie, in which somebody has proved an address. It is asked for a code
-- again and again without others being able to use up what it may.
CREATE TABLE device (
  browser TEXT NOT NULL,
  address TEXT NOT NULL,
  proved_at TIMESTAMP NOT NULL,
  PRIMARY KEY (browser, address)
);
CREATE INDEX device_address ON device (address);
CREATE INDEX device_proved ON device (proved_at);

-- shared says that a confirmation has no letter of its own: the shared letter to its address confirms it, which is a
-- row of its own with no browser's digest in its place.
ALTER TABLE confirmation ADD COLUMN shared BIGINT NOT NULL DEFAULT 0;
