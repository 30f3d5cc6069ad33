UPDATE accounts a SET posts_count = a.posts_count + x.n
FROM (SELECT author_id, count(*) AS n FROM posts
      WHERE held <> '' AND visibility IN ('public', 'unlisted') AND deleted_at IS NULL GROUP BY author_id) x
WHERE a.id = x.author_id;
UPDATE posts p SET replies_count = p.replies_count + x.n
FROM (SELECT reply_to_id, count(*) AS n FROM posts
      WHERE held <> '' AND visibility IN ('public', 'unlisted') AND deleted_at IS NULL GROUP BY reply_to_id) x
WHERE p.id = x.reply_to_id;
