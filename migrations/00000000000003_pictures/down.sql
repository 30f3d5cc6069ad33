ALTER TABLE posts DROP COLUMN sensitive;
ALTER TABLE accounts DROP COLUMN avatar, DROP COLUMN banner;
DROP TABLE media;
DROP TABLE lost_files;
DROP FUNCTION lose_files();
