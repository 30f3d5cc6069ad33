//! The frame around every page, and the small words that templates need.

use chrono::{DateTime, Utc};

pub(super) use super::shown::{PostShown, Who, post_path};
use super::{
    assets::{ASSETS, Assets},
    session::Visitor,
};
use crate::{
    model::{Filter, Role, Visibility},
    policy::Viewer,
    service::{filters::Sieve, sessions},
};

/// What the frame shows.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Full name of the institution.
    pub institution: String,
    /// Its short name.
    pub short_name: String,
    /// Our host.
    pub host: String,
    /// Our origin.
    pub origin: String,
    /// The signed-in person.
    pub me: Option<Who>,
    /// Notifications not yet seen.
    pub unread: i64,
    /// Follow requests that wait.
    pub requests: i64,
    /// May work at the verification desk.
    pub verifier: bool,
    /// Credentials that wait there; only verifiers are told.
    pub desk: i64,
    /// May see admin pages.
    pub moderator: bool,
    /// May change servers and dead letters.
    pub admin: bool,
    /// Token for forms.
    pub csrf: String,
    /// Current entry of the navigation.
    pub place: &'static str,
    /// `light`, `dark` or empty.
    pub theme: String,
    /// When the session ends (RFC 3339); empty when signed out.
    pub session_ends: String,
    /// Path and query of this page, without what was just done, for forms that come back to it.
    pub here: String,
    /// What was just done: kind (`done`, `info`, `warn`, `error`) and words.
    pub message: Option<(&'static str, &'static str)>,
    /// The time, for "5 min".
    pub now: DateTime<Utc>,
    /// The viewer's filters.
    pub filters: Vec<Filter>,
    /// Their words, ready to be looked for in the posts of this page.
    pub sieve: Sieve,
    /// What the viewer is to the rules.
    pub viewer: Viewer,
    /// Addresses of style, script and icons.
    pub assets: &'static Assets,
}

impl Shell {
    pub(super) fn new(visitor: &Visitor, place: &'static str) -> Self {
        let instance = &visitor.ctx.config.instance;
        let signed_in = visitor.signed_in.as_ref();
        Self {
            institution: instance.name.clone(),
            short_name: instance.short_name.clone(),
            host: instance.host(),
            origin: instance.origin(),
            me: signed_in.map(|s| Who::of(&s.me, visitor.ctx.now())),
            unread: signed_in.map_or(0, |s| s.unread),
            requests: signed_in.map_or(0, |s| s.requests),
            verifier: visitor.desk.is_some(),
            desk: visitor.desk.unwrap_or_default(),
            moderator: visitor.role() >= Some(Role::Moderator),
            admin: visitor.role() == Some(Role::Admin),
            csrf: visitor.csrf(),
            place,
            theme: visitor.theme.clone(),
            session_ends: signed_in.map(|s| sessions::ends_at(&visitor.ctx, s).to_rfc3339()).unwrap_or_default(),
            here: without_done(&visitor.here),
            message: done_of(&visitor.here).and_then(message),
            now: visitor.ctx.now(),
            filters: signed_in.map(|s| s.filters.0.clone()).unwrap_or_default(),
            sieve: Sieve::default(),
            viewer: visitor.viewer(),
            assets: &ASSETS,
        }
    }
}

/// The value of `done` in a query.
fn done_of(here: &str) -> Option<&str> {
    let (_, query) = here.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("done="))
}

/// The address without the word of what was done, so that it is not said twice.
fn without_done(here: &str) -> String {
    let Some((path, query)) = here.split_once('?') else { return here.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("done=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// What the page says after an act: only words of ours, chosen by a code in the address.
fn message(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "posted" => ("done", "Posted."),
        "edited" => ("done", "Saved. The earlier version stays readable under “edited”."),
        "struck" => ("done", "Struck. Servers that hold a copy are told."),
        "deleted" => ("done", "Deleted. Other servers are asked to delete it as well."),
        "saved" | "listed" => ("done", "Saved."),
        "followed" => ("done", "You follow them now."),
        "requested" => ("info", "Asked. You see their posts once they agree."),
        "unfollowed" => ("done", "You no longer follow them."),
        "accepted" => ("done", "They follow you now."),
        "declined" => ("done", "Declined. They are not told why."),
        "removed" => ("done", "Removed. They no longer follow you."),
        "signed-out" => ("done", "You are signed out."),
        "session-ended" => ("done", "That session has ended."),
        "too-late" => ("warn", "That took too long. Give your password once more."),
        "second-factor-off" => ("done", "Your second factor is off. Other sessions have ended."),
        "app-on" => ("done", "Your app is on. Your recovery codes stay as they are. Other sessions have ended."),
        "app-off" => ("done", "Your app is off: signing in asks for a passkey. Other sessions have ended."),
        "second-factor-reset" => ("done", "Reset. All their sessions have ended, and they get a mail."),
        "passkey-added" => ("done", "The passkey is added. Signing in asks for it after the password."),
        "passkey-removed" => ("done", "The passkey is removed. Other sessions have ended."),
        "passkey-failed" => ("warn", "No passkey was added: it cannot be used here, or it took too long. Start again."),
        "password" => ("done", "Your password is changed. Other sessions have ended."),
        "email-asked" => ("info", "Open the link in the mail we sent to the new address."),
        "email" => ("done", "Your new e-mail address is confirmed."),
        "approved" => ("done", "Approved. They get a mail."),
        "rejected" => ("done", "Rejected. They get a mail with your reason."),
        "host" => ("done", "Saved. It holds from now on."),
        "retried" => ("done", "It is tried again now."),
        "discarded" => ("done", "Discarded."),
        "revoked" => ("done", "Revoked. It no longer works."),
        "read" => ("done", "All marked as read."),
        "voted" => ("done", "Your vote is counted."),
        "scheduled" => ("done", "Kept. It is published at the time you chose."),
        "draft" => ("done", "The draft is kept. Only you see it."),
        "blocked" => ("done", "Blocked. Neither of you sees the other."),
        "unblocked" => ("done", "You no longer block them."),
        "muted" => ("done", "Muted. They are not told."),
        "unmuted" => ("done", "You no longer mute them."),
        "thread-muted" => ("done", "You hear no more of this conversation."),
        "thread-unmuted" => ("done", "You hear of this conversation again."),
        "pinned" => ("done", "It stands on top of your page."),
        "unpinned" => ("done", "It no longer stands on top of your page."),
        "reported" => ("done", "Thank you. The moderators of this hospital look at it."),
        "resolved" => ("done", "Closed."),
        "reopened" => ("done", "Opened again."),
        "tag-followed" => ("done", "Posts with this tag come to your home page."),
        "tag-unfollowed" => ("done", "You no longer follow this tag."),
        "list-made" => ("done", "The list is made. Now add people you follow."),
        "imported" => ("done", "Taken in. Follows to other hospitals are asked for one after the other."),
        "announced" => ("done", "Everybody here sees it now."),
        "register-sent" => ("info", "The file has arrived and is read now. Look again to see how far it is."),
        "withdrawn-word" => ("done", "Taken back."),
        "withdrawn" => ("done", "Withdrawn. They are not asked any more."),
        "new-password" => ("done", "Your password is changed. You can sign in with it now."),
        "closed" => ("done", "Your account is closed."),
        _ => return of_credentials(code),
    })
}

/// The same, of credentials and the desk.
fn of_credentials(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "credential-sent" => ("done", "Sent to the desk. You are told here as soon as there is word of it."),
        "credential-withdrawn" => ("done", "Withdrawn. The hospital no longer stands by it."),
        "renewing" => ("info", "This is what is known already. Change what is new, then send it to the desk."),
        "answered" => ("done", "Your answer is with the desk."),
        "evidence-added" => ("done", "The document is added, sealed."),
        "evidence-removed" => ("done", "The document is removed."),
        "code-sent" => ("info", "A mail with a code is on its way. Enter the code below."),
        "code-right" => ("done", "The code is right: the mailbox is yours."),
        "claimed" => ("done", "It is yours now. Colleagues see that."),
        "released" => ("done", "It is back in the queue."),
        "asked" => ("done", "Asked. They are told."),
        "attested" => ("done", "Attested. The hospital states it from now on."),
        "second" => ("info", "Your yes is kept. A colleague has to confirm it."),
        "refused" => ("done", "Rejected. They read your reason."),
        "suspended" => ("done", "Suspended. It is no longer shown as verified."),
        "reinstated" => ("done", "The suspension has ended."),
        "credential-revoked" => ("done", "Revoked for good."),
        "document-asked" => ("info", "Asked. Your colleagues at the desk are told; one of them has to agree."),
        "document-agreed" => ("done", "Agreed. It opens to them once, within 15 minutes. They are told."),
        "document-refused" => ("done", "It stays closed."),
        "alone-two" => ("warn", "It opens to you once, within 15 minutes. Two colleagues are told, with your reason."),
        "alone-one" => ("warn", "It opens to you once, within 15 minutes. The one other person at this desk is told."),
        "alone-both" => {
            ("warn", "It opens to you once, within 15 minutes. One colleague and this institution's mailbox are told.")
        }
        "alone-house" => ("warn", "It opens to you once, within 15 minutes. This institution's mailbox is told."),
        "alone-none" => ("warn", "It opens to you once, within 15 minutes. Nobody else is at this desk to be told."),
        _ => return of_groups(code),
    })
}

/// The same, of groups.
fn of_groups(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "founded" => ("done", "The group is there, and you own it. Invite others, or let them find it."),
        "joined" => ("done", "You are a member now. What is discussed stands on this page."),
        "asked-to-join" => ("info", "Asked. You are told here as soon as it is decided."),
        "left" => ("done", "You have left the group."),
        "appointed" => ("done", "They lead the group with you now. They are told."),
        "dismissed" => ("done", "A plain member again."),
        "passed-on" => ("done", "Passed on. They are told."),
        "admitted" => ("done", "They are a member now. They are told."),
        "turned-down" => ("done", "Refused. They are told."),
        "put-out" => ("done", "Removed. They read nothing of the group any more."),
        "banned" => ("done", "Banned. They take no part until the ban ends."),
        "unbanned" => ("done", "The ban has ended. They may ask to join again."),
        "post-held" => ("info", "Kept. It waits for a moderator, and then the group sees it."),
        "post-sent" => ("info", "Sent to the group. Others here see it once the group's own server shows it."),
        "edit-taken-back" => ("done", "Taken back. It says again what the group shows."),
        "post-released" => ("done", "The group sees it now."),
        "post-returned" => ("done", "Sent back. Its author reads why, and may send it again."),
        "post-removed" => ("done", "Removed. The reason stands in the log."),
        "ordered" => ("info", "The group's own server is told. It shows here once it has been done there."),
        "put-on-top" => ("done", "It stands on top of the group's page."),
        "off-the-top" => ("done", "It stands on top no more."),
        "report-closed" => ("done", "Closed. The person who reported is not told."),
        "locked" => ("done", "The discussion has ended: nobody answers any more."),
        "unlocked" => ("done", "The discussion goes on."),
        "archived" => ("done", "Archived. It can be read, and no more."),
        _ => return of_cases(code),
    })
}

/// The same, of cases.
fn of_cases(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "case-posted" => ("done", "Posted. The draft and its pictures as they were before are gone."),
        "case-waits" => {
            ("info", "Kept. It waits for a second member or a moderator to look at it, and then the group sees it.")
        }
        "case-review" => ("info", "Kept. It waits for a second look, and then the group sees it."),
        "case-approved" => ("done", "The group sees it now, and its author is told."),
        "case-again" => ("info", "It is a draft of yours again. Change what you like, and post it once more."),
        "case-returned" => ("done", "Sent back. Its author finds it among their drafts, with your reason."),
        "outcome" => (
            "done",
            "The outcome stands under the question. Everybody who took part in the case or follows it is told.",
        ),
        "outcome-held" => ("info", "Kept. The case waits for a moderator with it, and then the group sees both."),
        "answer-marked" => ("done", "Marked as the answer. Its author is told."),
        "case-reopened" => ("done", "Open again. Colleagues see that an answer is still sought."),
        "answer-unmarked" => ("done", "It is not the answer any more."),
        "case-followed" => {
            ("done", "You follow this case. You are told of answers, of the outcome, and when it is withdrawn.")
        }
        "case-unfollowed" => ("done", "You no longer follow this case."),
        "ranked" => ("done", "Ranked. Nobody sees what you chose."),
        "ranking-ended" => ("done", "The ranking is over. Everybody who reads the case sees the result."),
        "opening-asked" => ("info", "Asked. You are told here as soon as another moderator has decided."),
        "opened" => ("done", "Opened. You and the other moderator see it, and the person who asked is told."),
        "not-opened" => ("done", "It stays closed. The other moderators read that in the log."),
        "case-withdrawn" => (
            "done",
            "Withdrawn. Nothing of it and of what was said below it is kept here, and the servers that got it are told.",
        ),
        "case-removed" => (
            "done",
            "Removed. Nothing of it and of what was said below it is kept here, and the servers that got it are told.",
        ),
        "copies-asked" => ("done", "The servers that may have a copy left are asked again."),
        _ => return None,
    })
}

/// "now", "12 min", "5 h", "3 d", then the date.
pub(super) fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    match minutes {
        ..=0 => "now".into(),
        1..=59 => format!("{minutes} min"),
        60..=1_439 => format!("{} h", minutes / 60),
        1_440..=10_079 => format!("{} d", minutes / 1_440),
        _ if at.format("%Y").to_string() == now.format("%Y").to_string() => at.format("%-d %b").to_string(),
        _ => at.format("%-d %b %Y").to_string(),
    }
}

/// "24 November 2026, 09:12 UTC".
pub(super) fn full_date(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// "24 November 2026".
pub(super) fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

/// "1 reply", "8 replies".
pub(super) fn counted(number: i64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", thousands(number)) }
}

/// What an act is called for those who do not see its icon: "Reply", "Like, 8 likes".
pub(super) fn act(name: &str, number: i64, one: &str, many: &str) -> String {
    if number == 0 { name.to_owned() } else { format!("{name}, {}", counted(number, one, many)) }
}

/// How many answers a case has.
pub(super) fn replies(number: i64) -> String {
    if number == 0 { "No replies yet".to_owned() } else { counted(number, "reply", "replies") }
}

/// The same words as the beginning of a line.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// "5,000".
pub(super) fn thousands(number: impl TryInto<i128>) -> String {
    let digits = number.try_into().unwrap_or_default().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digit.is_ascii_digit() && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count for a small place: more than 99 is "99+".
pub(super) fn few(number: i64) -> String {
    if number > 99 { "99+".into() } else { number.to_string() }
}

/// Whether two words are the same, for templates, whose borrows differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other
}

/// The name of an audience.
pub(super) fn audience_name(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "Public",
        Visibility::Unlisted => "Unlisted",
        Visibility::Followers => "Followers only",
        Visibility::Group => "The group",
        Visibility::Direct => "People you name",
    }
}

/// The icon of an audience.
pub(super) fn audience_icon(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "globe",
        Visibility::Unlisted => "unlisted",
        Visibility::Followers => "lock",
        Visibility::Group => "people",
        Visibility::Direct => "direct",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_for_a_week_and_dates_after() {
        let now = DateTime::parse_from_rfc3339("2026-11-24T12:00:00Z").unwrap().to_utc();
        let before = |minutes| ago(now - chrono::TimeDelta::minutes(minutes), now);
        assert_eq!(before(0), "now");
        assert_eq!(before(59), "59 min");
        assert_eq!(before(60 * 23), "23 h");
        assert_eq!(before(60 * 24 * 6), "6 d");
        assert_eq!(before(60 * 24 * 10), "14 Nov");
        assert_eq!(before(60 * 24 * 400), "20 Oct 2025");
    }

    #[test]
    fn what_was_done_is_said_once() {
        assert_eq!(without_done("/?tab=all&done=saved&before=9"), "/?tab=all&before=9");
        assert_eq!(without_done("/@ada?done=followed"), "/@ada");
    }

    #[test]
    fn long_numbers_have_commas() {
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(50_000), "50,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(counted(1, "reply", "replies"), "1 reply");
        assert_eq!((replies(0).as_str(), replies(8).as_str()), ("No replies yet", "8 replies"));
        assert_eq!(
            (act("Like", 0, "like", "likes"), act("Like", 1, "like", "likes")),
            ("Like".into(), "Like, 1 like".into())
        );
    }
}
