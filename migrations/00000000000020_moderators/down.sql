DROP TABLE follower_checks;
ALTER TABLE outbox DROP COLUMN followers_of;
DROP TABLE group_reports;
