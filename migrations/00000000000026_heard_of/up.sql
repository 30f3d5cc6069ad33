-- Of groups that are not open the number of whom somebody follows says nothing.
UPDATE accounts a SET following_count = (
    SELECT count(*) FROM follows f WHERE f.follower_id = a.id AND f.state = 'accepted'
      AND NOT EXISTS (SELECT 1 FROM groups g WHERE g.account_id = f.target_id AND g.kind <> 'open'))
WHERE a.host_id IS NULL AND EXISTS (
    SELECT 1 FROM follows f JOIN groups g ON g.account_id = f.target_id AND g.kind <> 'open'
    WHERE f.follower_id = a.id AND f.state = 'accepted');
