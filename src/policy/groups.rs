//! Who may know of a group, read it, belong to it, post in it and lead it.

use super::{Viewer, demands};
use crate::{
    config::Demand,
    error::{Error, Result},
    model::{
        Admission, Group, GroupKind, GroupRole, Held, HostBar, HostTrust, Membership, Premoderation, Role, Visibility,
    },
};

/// Longest name of a group, in characters.
pub const MAX_NAME: usize = 60;
/// Longest description, welcome or set of rules, in characters.
pub const MAX_TEXT: usize = 10_000;
/// Most topics.
pub const MAX_TOPICS: usize = 20;
/// Most people who lead a group, its owner among them.
pub const MAX_LEADERS: i64 = 20;
/// Longest topic, reason or title, in characters.
pub const MAX_LINE: usize = 200;
/// What is proven of whoever posts in a group for clinicians: an institution stands by it.
const ATTESTED: i16 = 4;

/// What a viewer is to a group, beside their membership of it.
fn is_ours(viewer: &Viewer) -> bool {
    viewer.role().is_some()
}

/// Whether somebody may know that there is such a group, what it is called and what it is about. Of a closed one that only an
/// invitation opens, those know who belong to it, have asked to, or hold a link.
pub fn may_know(viewer: &Viewer, group: &Group, standing: Membership, invited: bool) -> bool {
    match group.kind {
        GroupKind::Open => true,
        _ if standing.member || standing.asked || invited => true,
        GroupKind::Verified => is_ours(viewer),
        GroupKind::Closed | GroupKind::Local => is_ours(viewer) && !is_hidden(group),
    }
}

/// Whether nobody is told of a group but who belongs to it, has asked to, or holds a link.
pub fn is_hidden(group: &Group) -> bool {
    matches!(group.kind, GroupKind::Closed | GroupKind::Local) && group.admission == Admission::Invitation
}

/// Whether somebody may read what is posted.
pub fn may_read(viewer: &Viewer, group: &Group, standing: Membership) -> bool {
    match group.kind {
        GroupKind::Open => true,
        // Of our own people the practitioners alone, of others whoever their server lets belong to it.
        GroupKind::Verified => viewer.role().map_or(standing.member, |role| role != Role::Public),
        GroupKind::Closed | GroupKind::Local => standing.member,
    }
}

/// What somebody is told whom the moderators keep out.
const BANNED: &str = "The moderators of this group have decided that you take no part in it.";

/// Whether somebody is one of those whom a group is for: what is for clinicians is neither read nor joined by members of the
/// public.
pub fn require_practitioner(viewer: &Viewer, kind: GroupKind) -> Result<()> {
    if kind == GroupKind::Verified && viewer.role() == Some(Role::Public) {
        return Err(Error::Forbidden("This group is for clinicians: members of the public neither read nor join it."));
    }
    Ok(())
}

/// What comes of somebody's wish to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// They are in.
    Member,
    /// A moderator decides.
    Asked,
}

/// What it takes to belong to a group.
pub fn demand(group: &Group) -> Demand {
    Demand {
        level: group.level,
        disciplines: group.disciplines.clone(),
        specialties: group.specialties.clone(),
        issuers: group.issuers.clone(),
    }
}

/// What it takes to post in a group: the same, and in one for clinicians that an institution stands by it, whatever its
/// moderators ask of members.
pub fn posting_demand(group: &Group) -> Demand {
    let demand = demand(group);
    match group.kind {
        GroupKind::Verified => Demand { level: demand.level.max(ATTESTED), ..demand },
        GroupKind::Open | GroupKind::Closed | GroupKind::Local => demand,
    }
}

/// Why somebody may not post of whom that is not proven, and what to do.
pub fn unproven(group: &Group) -> String {
    let act = if group.kind == GroupKind::Verified { demands::Act::Post } else { demands::Act::TakePart };
    demands::refusal(&posting_demand(group), act)
}

/// Whether somebody may join, and whether a moderator has to say so. `invited` is whether they hold a link that works.
pub fn may_join(group: &Group, standing: Membership, invited: bool, proven: &[demands::Proven]) -> Result<Joining> {
    if standing.banned {
        return Err(Error::Forbidden(BANNED));
    }
    if group.archived_at.is_some() {
        return Err(Error::Forbidden("This group is archived: it can be read, and nobody joins it any more."));
    }
    let demand = demand(group);
    if !demands::meets(&demand, proven) {
        return Err(Error::invalid("reason", demands::refusal(&demand, demands::Act::TakePart)));
    }
    match group.admission {
        _ if invited => Ok(Joining::Member),
        Admission::Free => Ok(Joining::Member),
        Admission::Request => Ok(Joining::Asked),
        Admission::Invitation => Err(Error::Forbidden("This group is joined by an invitation link of its moderators.")),
    }
}

/// Programs that keep what is for members from everybody else, and take it back when they are told to, in lower case.
pub const KEEPERS: &[&str] = &["consilium"];

/// Why a group does not admit a server, where it does not. What is for members leaves only for servers that keep it so, and
/// what is for clinicians only for those of them that we trust. `software` is what the server says that it runs.
pub fn bar(kind: GroupKind, software: &str, trust: HostTrust) -> Option<HostBar> {
    if !kind.chooses_hosts() {
        None
    } else if software.is_empty() {
        Some(HostBar::Silent)
    } else if !KEEPERS.contains(&software) {
        Some(HostBar::Software)
    } else if kind == GroupKind::Verified && trust != HostTrust::Trusted {
        Some(HostBar::Trust)
    } else {
        None
    }
}

/// Whether people of another server may belong to a group; `bar` is why it does not admit that server.
pub fn may_admit_host(kind: GroupKind, bar: Option<HostBar>) -> Result<()> {
    match bar {
        None if kind == GroupKind::Local => Err(Error::NotFound),
        None => Ok(()),
        Some(HostBar::Silent) => {
            Err(Error::Forbidden("Their server does not say what it runs, so they cannot be let in."))
        }
        Some(HostBar::Software) => Err(Error::Forbidden(
            "Their server runs a program that does not keep what is for members alone, so they cannot be let in.",
        )),
        Some(HostBar::Trust) => Err(Error::Forbidden(
            "Their server is none of those that the server of this group trusts, so they cannot be let in.",
        )),
    }
}

/// Why a group does not admit a server, as its members read it.
pub fn bar_words(bar: HostBar, host: &str, software: &str) -> String {
    match bar {
        HostBar::Silent => format!("{host} does not say what it runs."),
        HostBar::Software => format!("{host} runs {software}, which does not keep what is for members to itself."),
        HostBar::Trust => format!("{host} is not trusted by this server. Its admins decide that."),
    }
}

/// Whether a group proves to the servers of its members that they have some (FEP-db0e): one that not everybody may read, and that
/// others than this server take part in.
pub fn gives_tokens(kind: GroupKind) -> bool {
    matches!(kind, GroupKind::Verified | GroupKind::Closed)
}

/// Whether a server gets such a proof; `has_members` is whether anybody there belongs to the group.
pub fn may_get_token(group: &Group, has_members: bool) -> Result<()> {
    match (gives_tokens(group.kind), has_members) {
        (true, true) => Ok(()),
        (true, false) => Err(Error::Forbidden("Nobody on your server belongs to this group.")),
        (false, _) => Err(Error::NotFound),
    }
}

/// Whether a member may write in a group, whatever it asks of its members.
pub fn may_write(group: &Group, standing: Membership) -> Result<()> {
    if standing.banned {
        return Err(Error::Forbidden(BANNED));
    }
    if !standing.member {
        return Err(Error::Forbidden("Only members post in this group: join it first."));
    }
    if group.archived_at.is_some() {
        return Err(Error::Forbidden("This group is archived: it can be read, and nothing more is posted."));
    }
    Ok(())
}

/// Whether a member may post in a group of ours; `proven` is what is proven about them.
pub fn may_post(group: &Group, standing: Membership, proven: &[demands::Proven]) -> Result<()> {
    may_write(group, standing)?;
    if demands::meets(&posting_demand(group), proven) { Ok(()) } else { Err(Error::invalid("text", unproven(group))) }
}

/// Whether what comes from another server may be in a group, by whom it is addressed to: what is not for everybody is never
/// handed on with the word that it is.
pub fn may_take(group: &Group, visibility: Visibility) -> Result<()> {
    if group.kind == GroupKind::Open || !visibility.is_open() {
        Ok(())
    } else {
        Err(Error::Forbidden("This group is not open, and the post was addressed to everybody."))
    }
}

/// Why a new post is held back, where it is. `first` is whether its author has posted here before.
pub fn holds_back(group: &Group, standing: Membership, first: bool) -> Held {
    let asks = match group.premoderation {
        Premoderation::None => false,
        Premoderation::First => first,
        Premoderation::All => true,
    };
    if asks && standing.role.is_none() { Held::Premoderation } else { Held::No }
}

/// Programs whose groups hand on what is changed in them.
const CHANGERS: &[&str] = &["consilium", "lemmy"];

/// Whether a group of another server shows other words of a post once it has taken them. Others boost a post that everybody may
/// read once, and say nothing of it later; `software` is what their server says that it runs.
pub fn shows_changes(kind: GroupKind, software: &str) -> bool {
    kind != GroupKind::Open || CHANGERS.contains(&software.to_lowercase().as_str())
}

/// Moderators lead, as long as they are members; to others who know the group that is said, to all others there is nothing.
pub fn require_moderator(standing: Membership) -> Result<GroupRole> {
    match standing.role {
        Some(role) if standing.member => Ok(role),
        _ if standing.member => Err(Error::Forbidden("Only the moderators of this group may do that.")),
        _ => Err(Error::NotFound),
    }
}

/// The owner alone.
pub fn require_owner(standing: Membership) -> Result<()> {
    match require_moderator(standing)? {
        GroupRole::Owner => Ok(()),
        GroupRole::Moderator => Err(Error::Forbidden("Only the owner of this group may do that.")),
    }
}

/// Whether one more may lead a group that so many lead.
pub fn require_room(leaders: i64) -> Result<()> {
    if leaders < MAX_LEADERS {
        Ok(())
    } else {
        Err(Error::Forbidden("20 people lead this group already. Make one of them a plain member first."))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{AccountId, Review};

    const STRANGER: Membership = Membership { member: false, asked: false, banned: false, role: None };
    const MEMBER: Membership = Membership { member: true, ..STRANGER };
    const LEADER: Membership = Membership { member: true, role: Some(GroupRole::Moderator), ..STRANGER };

    fn group(kind: GroupKind, admission: Admission) -> Group {
        Group {
            account_id: AccountId(7),
            kind,
            admission,
            premoderation: Premoderation::None,
            topics: Vec::new(),
            rules: String::new(),
            welcome: String::new(),
            level: 0,
            disciplines: Vec::new(),
            specialties: Vec::new(),
            issuers: Vec::new(),
            archived_at: None,
            created_at: DateTime::UNIX_EPOCH,
            review: Review::Kept,
        }
    }

    fn ours(role: Role) -> Viewer {
        Viewer::Account { id: AccountId(1), role }
    }

    #[test]
    fn what_a_stranger_knows_and_reads_depends_on_the_kind() {
        use GroupKind::{Closed, Local, Open, Verified};
        for (kind, anonymous, signed_in, reads) in [
            (Open, true, true, true),
            (Verified, false, true, true),
            (Closed, false, true, false),
            (Local, false, true, false),
        ] {
            let one = group(kind, Admission::Request);
            assert_eq!(may_know(&Viewer::Anonymous, &one, STRANGER, false), anonymous, "{kind}");
            assert_eq!(may_know(&ours(Role::Clinician), &one, STRANGER, false), signed_in, "{kind}");
            assert_eq!(may_read(&ours(Role::Clinician), &one, STRANGER), reads, "{kind}");
            assert!(may_read(&ours(Role::Clinician), &one, MEMBER), "{kind}");
        }
        let hidden = group(Closed, Admission::Invitation);
        assert!(!may_know(&ours(Role::Admin), &hidden, STRANGER, false), "not even an admin");
        assert!(
            may_know(&ours(Role::Clinician), &hidden, STRANGER, true)
                && may_know(&ours(Role::Clinician), &hidden, MEMBER, false)
        );
        for standing in [STRANGER, MEMBER] {
            let read = may_read(&ours(Role::Public), &group(Verified, Admission::Free), standing);
            assert!(!read, "a member of the public");
        }
        assert!(require_practitioner(&ours(Role::Public), Verified).is_err());
        assert!(require_practitioner(&ours(Role::Clinician), Verified).is_ok());
        assert!(require_practitioner(&ours(Role::Public), Open).is_ok());
    }

    #[test]
    fn in_a_group_for_clinicians_whoever_is_verified_posts_and_all_others_read() {
        let one = group(GroupKind::Verified, Admission::Free);
        let proven = |level| {
            let (discipline, issuer_host) = ("nursing".to_owned(), "alpha.test".to_owned());
            [demands::Proven { level, discipline, specialties: Vec::new(), issuer_host }]
        };
        assert_eq!(may_join(&one, STRANGER, false, &[]).unwrap(), Joining::Member);
        for (proven, posts) in [(&[][..], false), (&proven(3), false), (&proven(4), true)] {
            assert_eq!(may_post(&one, MEMBER, proven).is_ok(), posts, "{proven:?}");
        }
        assert_eq!(unproven(&one), "Only verified clinicians may post here. Send a credential to the desk first.");
        let nurses = Group { disciplines: vec!["medicine".into()], ..one };
        assert!(may_post(&nurses, MEMBER, &proven(4)).is_err(), "what members are asked holds for posting as well");
    }

    #[test]
    fn a_server_is_admitted_that_keeps_what_is_for_members_and_for_clinicians_one_that_is_trusted() {
        use GroupKind::{Closed, Local, Open, Verified};
        use HostTrust::{Claim, Trusted};
        for (kind, software, trust, why) in [
            (Open, "mastodon", Claim, None),
            (Closed, "consilium", Claim, None),
            (Closed, "mastodon", Trusted, Some(HostBar::Software)),
            (Closed, "", Trusted, Some(HostBar::Silent)),
            (Verified, "consilium", Trusted, None),
            (Verified, "consilium", Claim, Some(HostBar::Trust)),
            (Verified, "consilium", HostTrust::None, Some(HostBar::Trust)),
            (Verified, "mastodon", Trusted, Some(HostBar::Software)),
            (Verified, "", Claim, Some(HostBar::Silent)),
        ] {
            let barred = bar(kind, software, trust);
            assert_eq!(barred, why, "{kind} {software} {trust}");
            assert_eq!(may_admit_host(kind, barred).is_ok(), why.is_none());
        }
        assert!(matches!(may_admit_host(Local, bar(Local, "consilium", Trusted)), Err(Error::NotFound)));
        let words = bar_words(HostBar::Software, "m.example", "mastodon");
        assert_eq!(words, "m.example runs mastodon, which does not keep what is for members to itself.");
    }

    #[test]
    fn joining_follows_the_door_the_ban_and_what_is_asked() {
        let nurse = demands::Proven {
            level: 4,
            discipline: "nursing".into(),
            specialties: vec!["163W00000X".into()],
            issuer_host: "alpha.test".into(),
        };
        let mut one = group(GroupKind::Closed, Admission::Free);
        assert_eq!(may_join(&one, STRANGER, false, &[]).unwrap(), Joining::Member);
        one.admission = Admission::Request;
        assert_eq!(may_join(&one, STRANGER, false, &[]).unwrap(), Joining::Asked);
        assert_eq!(may_join(&one, STRANGER, true, &[]).unwrap(), Joining::Member);
        one.admission = Admission::Invitation;
        assert!(may_join(&one, STRANGER, false, &[]).is_err());
        one.specialties = vec!["163W00000X".into()];
        assert!(may_join(&one, STRANGER, true, &[]).is_err(), "a link is no credential");
        assert!(may_join(&one, STRANGER, true, std::slice::from_ref(&nurse)).is_ok());
        one.disciplines = vec!["medicine".into()];
        assert!(may_join(&one, STRANGER, true, &[nurse]).is_err());
        let banned = Membership { banned: true, ..STRANGER };
        assert!(may_join(&group(GroupKind::Open, Admission::Free), banned, true, &[]).is_err());
    }

    #[test]
    fn only_members_post_and_new_ones_wait_where_the_group_says_so() {
        let mut one = group(GroupKind::Open, Admission::Free);
        assert!(may_post(&one, STRANGER, &[]).is_err() && may_post(&one, MEMBER, &[]).is_ok());
        one.premoderation = Premoderation::First;
        assert_eq!(holds_back(&one, MEMBER, true), Held::Premoderation);
        assert_eq!((holds_back(&one, MEMBER, false), holds_back(&one, LEADER, true)), (Held::No, Held::No));
        one.archived_at = Some(DateTime::UNIX_EPOCH);
        assert!(may_post(&one, MEMBER, &[]).is_err());
    }

    #[test]
    fn what_is_addressed_to_everybody_belongs_in_an_open_group_alone() {
        for kind in GroupKind::ALL {
            let one = group(*kind, Admission::Free);
            for visibility in [Visibility::Public, Visibility::Unlisted] {
                assert_eq!(may_take(&one, visibility).is_ok(), *kind == GroupKind::Open, "{kind}");
            }
            assert!(may_take(&one, Visibility::Direct).is_ok() && may_take(&one, Visibility::Group).is_ok(), "{kind}");
        }
    }

    #[test]
    fn other_words_wait_for_a_group_elsewhere_that_will_show_them() {
        assert!(shows_changes(GroupKind::Open, "Consilium") && shows_changes(GroupKind::Open, "lemmy"));
        assert!(!shows_changes(GroupKind::Open, "") && !shows_changes(GroupKind::Open, "guppe"));
        assert!(shows_changes(GroupKind::Closed, ""));
    }

    #[test]
    fn a_group_is_led_by_so_many_and_no_more() {
        assert!(require_room(1).is_ok() && require_room(MAX_LEADERS - 1).is_ok());
        let refused = require_room(MAX_LEADERS).unwrap_err().to_string();
        assert!(refused.contains(&MAX_LEADERS.to_string()), "{refused}");
    }

    #[test]
    fn only_servers_with_members_are_vouched_for_and_only_where_not_everybody_reads() {
        use GroupKind::{Closed, Local, Open, Verified};
        for (kind, gives) in [(Open, false), (Verified, true), (Closed, true), (Local, false)] {
            let one = group(kind, Admission::Request);
            assert_eq!(may_get_token(&one, true).is_ok(), gives, "{kind}");
            let refused = may_get_token(&one, false).unwrap_err();
            assert_eq!(matches!(refused, Error::Forbidden(_)), gives, "{kind}");
        }
    }

    #[test]
    fn a_stranger_is_not_told_that_there_is_something_to_lead() {
        assert!(matches!(require_moderator(STRANGER), Err(Error::NotFound)));
        assert!(matches!(require_moderator(MEMBER), Err(Error::Forbidden(_))));
        assert!(require_moderator(LEADER).is_ok() && require_owner(LEADER).is_err());
        let former = Membership { member: false, ..LEADER };
        assert!(matches!(require_moderator(former), Err(Error::NotFound)), "whoever left leads nothing any more");
    }
}
