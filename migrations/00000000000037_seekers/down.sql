DROP TABLE group_seekers;
