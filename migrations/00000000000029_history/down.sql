DROP INDEX posts_shown_idx;
DROP TABLE group_histories;
