ALTER TABLE instance DROP COLUMN sources_turn_at;
DROP TABLE post_sources, sources;
