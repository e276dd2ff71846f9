-- +goose Up
-- Events of before get the form of contract 3.2: objects where there were ids. What they did not tell stays untold,
-- since nobody knows what was true then. Quotation marks within a text are escaped, so that none of these patterns
-- begins inside one.
UPDATE partner_event
SET data = REPLACE(REPLACE(REPLACE(
    CASE WHEN data LIKE '%"},"reason":"%' THEN data ELSE data || '}' END,
    '{"candidate":"', '{"candidate":{"id":"'),
    '","award":"', '"},"award":{"id":"'),
    '"},"reason":"', '"}},"reason":"')
WHERE type LIKE 'badge.%' AND data LIKE '{"candidate":"%';

UPDATE partner_event
SET data = REPLACE(REPLACE(
    CASE WHEN data LIKE '%","reason":"%' THEN data ELSE data || '}' END,
    '{"candidate":"', '{"candidate":{"id":"'),
    '","reason":"', '"},"reason":"')
WHERE type = 'candidate.updated' AND data LIKE '{"candidate":"%';

UPDATE partner_event
SET data = REPLACE(SUBSTR(data, 1, LENGTH(data) - 1), '{"result":"', '{"result":{"id":"') || ',"state":"' || SUBSTR(type, 8) || '"}}'
WHERE type LIKE 'result.%' AND data LIKE '{"result":"%';
