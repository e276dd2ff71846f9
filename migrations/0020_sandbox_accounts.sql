-- +goose Up
-- An address that was confirmed in a sandbox is another one than the live one: its spelling has 'sandbox ' before it. So
-- an account has addresses of one kind only, and a code that a sandbox's partner can read opens no live account.
UPDATE address SET address = 'sandbox ' || address WHERE sandbox = 1;
