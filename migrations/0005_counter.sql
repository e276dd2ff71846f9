-- +goose Up
-- Counted events a window, for limits that hold over all processes. Times are UTC whole seconds.
CREATE TABLE counter (
  name TEXT NOT NULL,
  window_start TIMESTAMP NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (name, window_start)
);
