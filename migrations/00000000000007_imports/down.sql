ALTER TABLE import_lines DROP COLUMN notify;
