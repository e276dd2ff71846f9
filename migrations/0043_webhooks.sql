-- +goose Up
-- Receivers of a partner's events (contract 3.2). events is a JSON list of types. secret and old_secret are sealed under
-- the server's secret, in base64; the old one signs too until old_until. Events behind position after are for it.
-- failing_since is the first failure after which nothing has succeeded. leased_by works for it until leased_until, by
-- the database's clock. Other times are UTC whole seconds.
CREATE TABLE webhook (
  id TEXT NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  description TEXT NOT NULL,
  state TEXT NOT NULL,
  secret TEXT NOT NULL,
  old_secret TEXT NOT NULL,
  old_until TIMESTAMP,
  after BIGINT NOT NULL,
  failing_since TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  leased_by TEXT NOT NULL,
  leased_until TIMESTAMP
);
CREATE INDEX webhook_partner ON webhook (partner_id, id);

-- Up to where a partner's events became deliveries. Its row is the lock under which they do.
CREATE TABLE webhook_feed (
  partner_id TEXT NOT NULL PRIMARY KEY REFERENCES partner (id),
  position BIGINT NOT NULL
);

-- An event on its way to a receiver, by its position in the feed. tries counts those of the schedule that has begun last.
CREATE TABLE webhook_delivery (
  webhook_id TEXT NOT NULL REFERENCES webhook (id),
  position BIGINT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  candidate TEXT NOT NULL,
  state TEXT NOT NULL,
  tries BIGINT NOT NULL,
  next_attempt_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (webhook_id, position)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_created ON webhook_delivery (created_at);

-- status is 0 where there was no answer; body is the beginning of one.
CREATE TABLE webhook_attempt (
  delivery_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  at TIMESTAMP NOT NULL,
  status BIGINT NOT NULL,
  error TEXT NOT NULL,
  took_ms BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (delivery_id, number)
);
