//! Groups in words.

use crate::{
    model::{Admission, Group, GroupDeed, GroupKind, GroupRole, Held, Premoderation, Review},
    policy::disciplines::{self, Discipline},
    web::cases,
};

/// What was decided of somebody who is no member, with the reason that the moderators gave.
pub(super) fn last_word((deed, reason): &(GroupDeed, String)) -> String {
    let what = match deed {
        GroupDeed::Lapse => {
            return "Your membership has ended: what this group asks of its members is no longer proven of you."
                .to_owned();
        }
        GroupDeed::Refuse => "Your request was refused",
        GroupDeed::Ban => "You were banned from this group by its moderators",
        _ => "You were removed from this group by its moderators",
    };
    if reason.is_empty() { format!("{what}. They gave no reason.") } else { format!("{what}: “{reason}”") }
}

/// Why the page of a group of another server shows nothing: how many people here belong to it, and whether what it has shown before
/// is still asked for.
pub(super) fn arriving(members_here: i64, is_on_its_way: bool) -> &'static str {
    match (members_here, is_on_its_way) {
        (0, _) => "Nobody at this hospital belongs to this group. What is posted comes here once somebody does.",
        (_, true) => "What was posted before is on its way from the group's own server. Look again in a few minutes.",
        (_, false) => "What is posted from now on appears here. Anything earlier stands on the group's own server.",
    }
}

/// When a second member looks at a case.
pub(super) fn review(review: Review) -> &'static str {
    match review {
        Review::Kept => "Where its author kept several things that could identify a patient",
        Review::All => "Every case",
    }
}

/// What a kind is called, and who reads such a group and whether it leaves the server.
pub(super) fn kind(kind: GroupKind) -> (&'static str, &'static str) {
    match kind {
        GroupKind::Open => ("Open", "Everybody reads it, here and elsewhere. Posts go to every server with members."),
        GroupKind::Verified => (
            "For clinicians",
            "Clinicians who are signed in read it, here and on servers that this one trusts. Verified ones post. Posts go to the trusted servers of members.",
        ),
        GroupKind::Closed => {
            ("Closed", "Its members alone read it. Posts go to the servers of members, and each of those keeps a copy.")
        }
        GroupKind::Local => {
            ("Closed, here only", "Its members alone read it, and all of them are here. Nothing leaves this server.")
        }
    }
}

/// What a member of a group that is for members should know, in sentences; nothing of others.
pub(super) fn honest(kind: GroupKind) -> &'static [&'static str] {
    match kind {
        GroupKind::Open | GroupKind::Verified => &[],
        GroupKind::Closed => &[
            "Every server with members holds a copy of what is posted here. The people who run such a server could read it.",
            "What is deleted or removed is deleted here, and the other servers are told to. A server that is away hears of it late.",
            "Members who leave or are removed read nothing here any more. What they have read or copied before, nobody can take back.",
            "Nothing that lets a patient be recognised belongs here, however closed the group is.",
        ],
        GroupKind::Local => &[
            "Nothing that is posted here leaves this server. The people who run it could read it.",
            "Members who leave or are removed read nothing here any more. What they have read or copied before, nobody can take back.",
            "Nothing that lets a patient be recognised belongs here, however closed the group is.",
        ],
    }
}

/// How somebody becomes a member: what it is called, and what that means.
pub(super) fn admission(admission: Admission) -> (&'static str, &'static str) {
    match admission {
        Admission::Free => ("Everybody who meets the conditions", "They join at once: no moderator looks first."),
        Admission::Request => (
            "A moderator decides",
            "People ask and say why. A moderator of the group reads that, and lets them in or not.",
        ),
        Admission::Invitation => {
            ("By invitation", "A moderator makes a link. A closed group of this kind is shown to nobody else.")
        }
    }
}

/// What a moderator looks at before the group sees it.
pub(super) fn premoderation(premoderation: Premoderation) -> &'static str {
    match premoderation {
        Premoderation::None => "Nothing",
        Premoderation::First => "The first post of each member",
        Premoderation::All => "Every post",
    }
}

/// The levels that can be asked of members.
pub(super) const LEVELS: [&str; 5] = [
    "Nothing has to be proven",
    "A credential that was sent to the desk",
    "A credential that stands in a register",
    "A credential that is proven to be their own",
    "A credential that an institution has attested",
];

/// What a group asks of its members, one line each.
pub(super) fn conditions(group: &Group) -> Vec<String> {
    let lists = [&group.disciplines, &group.specialties, &group.issuers];
    let level = if group.level == 0 && lists.iter().any(|list| !list.is_empty()) { 4 } else { group.level };
    let place = usize::try_from(level).unwrap_or_default();
    let least = LEVELS.get(place).filter(|_| place > 0).map(|words| (*words).to_owned());
    let disciplines = group.disciplines.iter().map(|key| Discipline::find(key).map_or(key.as_str(), |one| one.name));
    let specialties = group.specialties.iter().map(|code| disciplines::specialty(code).unwrap_or(code));
    let lines = [
        ("Profession: ", either(disciplines)),
        ("Specialty: ", either(specialties)),
        ("Verified by ", either(group.issuers.iter().map(String::as_str))),
    ];
    let lines = lines.into_iter().filter(|(_, all)| !all.is_empty()).map(|(of, all)| format!("{of}{all}"));
    least.into_iter().chain(lines).collect()
}

/// "a, b or c"
fn either<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What somebody leads a group as.
pub(super) fn role(role: Option<GroupRole>) -> &'static str {
    match role {
        Some(GroupRole::Owner) => "Owner",
        Some(GroupRole::Moderator) => "Moderator",
        None => "",
    }
}

/// Why a post waits for a moderator: what the group looks at first, and what kinds of marks stay in it. `local` is whether it was
/// written here.
pub(super) fn why_held((held, local): (Held, bool), premoderation: Premoderation, found: &[(&str, i32)]) -> String {
    let first = match (held, premoderation) {
        (Held::Screening, _) if local => "Much stays in it that could identify a patient, for reasons its author gave.",
        (Held::Screening, _) => "It came from another server, and something in it could identify a patient.",
        (Held::Review, _) if local => "A second verified member looks at it first.",
        (Held::Review, _) => {
            "Every case gets a second look here. This one came from another server, so a moderator takes it."
        }
        (Held::Premoderation, Premoderation::First) => "It is the first post of its author here.",
        (Held::Premoderation | Held::No | Held::Sent | Held::Waits | Held::Refused, _) => {
            "A moderator looks at it before the group sees it."
        }
    };
    let kinds: Vec<String> = found
        .iter()
        .map(|(kind, count)| match count {
            1 => cases::words::kind(kind),
            n => format!("{} ({n})", cases::words::kind(kind)),
        })
        .collect();
    if kinds.is_empty() {
        first.to_owned()
    } else {
        format!("{first} Marked in it: {}.", kinds.join(", ").to_lowercase())
    }
}

/// Why something stays in a post that waits, as its author says: what it could be, and the reason.
pub(super) fn kept<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    all.map(|(kind, reason)| (cases::words::kind(kind), reason.to_owned())).collect()
}

/// What was done, as the words around the one whom it was about: "let", " in".
pub(super) fn deed(deed: GroupDeed) -> (&'static str, &'static str) {
    match deed {
        GroupDeed::Found => ("founded the group", ""),
        GroupDeed::Change => ("changed how the group works", ""),
        GroupDeed::Admit => ("let", " in"),
        GroupDeed::Refuse => ("refused the request of", ""),
        GroupDeed::RemoveMember => ("removed", ""),
        GroupDeed::Ban => ("banned", ""),
        GroupDeed::Unban => ("ended the ban of", ""),
        GroupDeed::Invite => ("made an invitation link", ""),
        GroupDeed::Appoint => ("made", " a moderator"),
        GroupDeed::Dismiss => ("made", " a plain member again"),
        GroupDeed::Transfer => ("passed the group on to", ""),
        GroupDeed::Release => ("let a post by", " be seen"),
        GroupDeed::RemovePost => ("removed a post by", ""),
        GroupDeed::ReturnPost => ("sent a post by", " back before the group saw it"),
        GroupDeed::Strike => ("struck an earlier version of a post by", ""),
        GroupDeed::Lock => ("ended a discussion by", ""),
        GroupDeed::Unlock => ("opened a discussion by", " again"),
        GroupDeed::Pin => ("put a post by", " on top"),
        GroupDeed::Unpin => ("took a post by", " off the top"),
        GroupDeed::Archive => ("archived the group", ""),
        GroupDeed::Reopen => ("opened the group again", ""),
        GroupDeed::Review => ("took the second look at a case of", " and let it be seen"),
        GroupDeed::SendBack => ("took the second look at a case of", " and sent it back"),
        GroupDeed::Recall => ("withdrew everywhere a case of", ""),
        GroupDeed::AskOpening => ("asked to know who asked a case without their name", ""),
        GroupDeed::OpenAsker => ("agreed: two moderators know who asked a case without their name", ""),
        GroupDeed::RefuseOpening => ("decided that it is not opened who asked a case without their name", ""),
        GroupDeed::RefuseHost => ("keeps the people of another server out", ""),
        GroupDeed::AdmitHost => ("lets the people of another server in", ""),
        GroupDeed::Lapse => ("ended the membership of", ", of whom is no longer proven what the group asks"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::AccountId;

    #[test]
    fn whoever_is_out_reads_why() {
        let word = |deed, reason: &str| last_word(&(deed, reason.to_owned()));
        assert_eq!(word(GroupDeed::Refuse, "Not yet"), "Your request was refused: “Not yet”");
        assert!(word(GroupDeed::RemoveMember, "").ends_with("by its moderators. They gave no reason."));
        assert!(word(GroupDeed::Lapse, "").contains("no longer proven"));
    }

    #[test]
    fn where_a_marked_post_came_from_is_not_said_of_our_own() {
        let why = |local| why_held((Held::Screening, local), Premoderation::None, &[("name", 2)]);
        assert!(why(false).starts_with("It came from another server"), "{}", why(false));
        assert!(!why(true).contains("another server") && why(true).contains("Marked in it"), "{}", why(true));
    }

    #[test]
    fn conditions_are_said_in_words() {
        let mut group = Group {
            account_id: AccountId(1),
            kind: GroupKind::Closed,
            admission: Admission::Free,
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
        };
        assert!(conditions(&group).is_empty());
        group.disciplines = vec!["medicine".into(), "nursing".into()];
        group.specialties = vec!["207RC0000X".into()];
        assert_eq!(
            conditions(&group),
            [LEVELS[4], "Profession: Medicine or Nursing", "Specialty: Cardiology"],
            "where a list is given and no level, attested is meant"
        );
        group.level = 2;
        assert_eq!(conditions(&group)[0], LEVELS[2]);
    }
}
