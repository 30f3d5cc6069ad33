//! `policy::visibility` in SQL: the one condition that every read of posts carries.

use diesel::sql_types::{BigInt, Nullable};

use super::{groups::leads, sql::Sql};
use crate::policy::Viewer;

/// In SQL, whether a server may have what is in a group for clinicians, whether it has members or not: what
/// [`crate::policy::groups::bar`] says of one that we speak with.
macro_rules! admitted {
    ($host:literal) => {
        concat!($host, ".trust = 'trusted' AND ", $host, ".software = 'consilium' AND ", $host, ".state <> 'blocked'")
    };
}
pub(super) use admitted;

/// In SQL, whether our person `$1` may know of the account with this alias: of everybody but groups that only an invitation opens and
/// to which they neither belong nor have asked to. It is what [`crate::policy::groups::may_know`] says of our people.
macro_rules! known {
    ($account:literal) => {
        concat!(
            "(",
            $account,
            ".kind <> 'group' OR NOT EXISTS (SELECT 1 FROM groups kg WHERE kg.account_id = ",
            $account,
            ".id AND kg.admission = 'invitation' AND kg.kind IN ('closed', 'local')) \
              OR EXISTS (SELECT 1 FROM follows kf WHERE kf.follower_id = $1 AND kf.target_id = ",
            $account,
            ".id AND kf.state IN ('accepted', 'pending')))"
        )
    };
}
pub(super) use known;

/// The same of account `a`, to be put into a longer text.
pub(super) const KNOWN: &str = known!("a");

/// True where the viewer may read post `p` by author `a`. Uses `$1` (viewer's account) and `$2` (host that
/// looks as a whole): bind them first, with [`Sql::viewer`]. What is in a group that is not open is for its members,
/// whoever is named in it; what is held is for its author and the moderators of the group, where that is ours: another server
/// does not say who reads what has not left this one. What the group did not take is for its author alone. Which servers have what is
/// in a group for clinicians, says that group's own.
pub(super) const VISIBLE: &str = concat!(
    "(p.deleted_at IS NULL AND a.state = 'active' \
    AND ($1 IS NULL OR NOT EXISTS (SELECT 1 FROM blocks bl WHERE bl.account_id = p.author_id AND bl.target_id = $1)) \
    AND (p.held = '' OR p.author_id = $1 \
      OR (p.held <> 'refused' AND EXISTS (SELECT 1 FROM group_moderators m JOIN accounts ga ON ga.id = m.group_id AND ga.host_id IS NULL \
        WHERE m.group_id = p.group_id AND m.account_id = $1 AND ",
    leads!(),
    "))) AND (\
    p.visibility IN ('public', 'unlisted') \
    OR p.author_id = $1 \
    OR (p.visibility = 'group' AND (EXISTS (SELECT 1 FROM follows f \
        WHERE f.follower_id = $1 AND f.target_id = p.group_id AND f.state = 'accepted') \
      OR ($2 IS NOT NULL AND EXISTS (SELECT 1 FROM follows f JOIN accounts fa ON fa.id = f.follower_id \
        WHERE f.target_id = p.group_id AND f.state = 'accepted' AND fa.host_id = $2)) \
      OR (EXISTS (SELECT 1 FROM groups g WHERE g.account_id = p.group_id AND g.kind = 'verified') \
        AND (EXISTS (SELECT 1 FROM users u WHERE u.account_id = $1 AND u.role <> 'public') \
          OR EXISTS (SELECT 1 FROM hosts vh JOIN accounts vg ON vg.id = p.group_id AND vg.host_id IS NULL WHERE vh.id = $2 AND ",
    admitted!("vh"),
    "))))) \
    OR (p.visibility <> 'group' AND EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = p.id AND m.account_id = $1)) \
    OR (p.visibility = 'followers' AND EXISTS (SELECT 1 FROM follows f \
        WHERE f.follower_id = $1 AND f.target_id = p.author_id AND f.state = 'accepted')) \
    OR ($2 IS NOT NULL AND p.visibility <> 'group' AND (\
        EXISTS (SELECT 1 FROM mentions m JOIN accounts ma ON ma.id = m.account_id \
            WHERE m.post_id = p.id AND ma.host_id = $2) \
        OR (p.visibility = 'followers' AND EXISTS (SELECT 1 FROM follows f JOIN accounts fa ON fa.id = f.follower_id \
            WHERE f.target_id = p.author_id AND f.state = 'accepted' AND fa.host_id = $2))))))"
);

/// Cases `p` that are gone, as if they and their authors `a` were still there: whoever satisfies [`VISIBLE`] could read them.
pub(super) const GONE: &str = "(SELECT q.id, q.author_id, q.local, q.group_id, q.visibility, q.held, q.refusal, NULL::timestamptz AS deleted_at \
    FROM posts q WHERE q.deleted_at IS NOT NULL) p JOIN cases ON cases.post_id = p.id CROSS JOIN (SELECT 'active' AS state) a";

/// True where a notification about a post, whose id is in a column, may be shown to the viewer: the post is readable, there is
/// none, or it is a case that they could read before it was withdrawn. Uses `$1` and `$2` as [`VISIBLE`] does.
pub(super) fn told_of(post: &str) -> String {
    format!(
        "({post} IS NULL OR EXISTS (SELECT 1 FROM posts p JOIN accounts a ON a.id = p.author_id WHERE p.id = {post} AND {VISIBLE}) \
           OR EXISTS (SELECT 1 FROM {GONE} WHERE p.id = {post} AND {VISIBLE}))"
    )
}

/// True where viewer `$1` has not put author `a` or booster `b` of entry `e` and post `p` out of their sight: for lists, not
/// for what is opened by itself.
pub(super) const WANTED: &str = "($1 IS NULL OR NOT (\
    EXISTS (SELECT 1 FROM blocks s WHERE s.account_id = $1 AND s.target_id IN (e.author_id, p.author_id)) \
    OR EXISTS (SELECT 1 FROM mutes s WHERE s.account_id = $1 AND s.target_id IN (e.author_id, p.author_id) \
        AND (s.ends_at IS NULL OR s.ends_at > now())) \
    OR EXISTS (SELECT 1 FROM host_blocks s WHERE s.account_id = $1 AND s.host IN (a.host, b.host))))";

impl<ST> Sql<ST> {
    /// Binds `$1` and `$2` of [`VISIBLE`].
    pub(super) fn viewer(self, viewer: &Viewer) -> Self {
        self.bind::<Nullable<BigInt>, _>(viewer.account()).bind::<Nullable<BigInt>, _>(viewer.whole_host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::groups::KEEPERS;

    #[test]
    fn what_keeps_what_is_for_members_is_the_same_in_rust_and_in_sql() {
        assert_eq!(KEEPERS, ["consilium"]);
        assert!(VISIBLE.contains("vh.software = 'consilium'"));
    }
}
