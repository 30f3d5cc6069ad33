-- A line of follows says also whether one wants to be told of each post.
ALTER TABLE import_lines ADD COLUMN notify boolean NOT NULL DEFAULT false;
