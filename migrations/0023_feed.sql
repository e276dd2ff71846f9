-- +goose Up
-- What happened, for partners, in the order in which it was committed. position counts from 1 for each partner
-- without gaps; it is no time. data is what was true when it happened. created_at is UTC whole seconds.
CREATE TABLE partner_event (
  partner_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (partner_id, position)
);

-- The last position of each partner that has any. Its row is the lock under which positions are taken.
CREATE TABLE partner_feed (
  partner_id TEXT NOT NULL PRIMARY KEY,
  position BIGINT NOT NULL
);

-- Ids began with the time, so that they keep the order. The table stays for the program before; this one does not
-- write there any more.
INSERT INTO partner_event (partner_id, position, id, type, data, created_at)
SELECT partner_id, ROW_NUMBER() OVER (PARTITION BY partner_id ORDER BY id), id, type, data, created_at
FROM event;

INSERT INTO partner_feed (partner_id, position)
SELECT partner_id, COUNT(*)
FROM event
GROUP BY partner_id;

DELETE FROM event;
