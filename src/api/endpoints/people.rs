//! Endpoints of apps, one's own account and people.

use super::PAGE;
use crate::api::{accounts, book::Book, entity as e, oauth, practitioner, profile, search, verify};

pub(super) fn apps(book: &mut Book<'_>) {
    book.chapter("Apps");
    book.post("/v1/apps", "Registers an app", oauth::register)
        .takes("client_name* redirect_uris* scopes website")
        .gives::<oauth::CredentialApplication>();
    book.get("/v1/apps/verify_credentials", "The app that a token belongs to", oauth::verify_app)
        .needs("")
        .gives::<oauth::Application>();
}

pub(super) fn own(book: &mut Book<'_>) {
    book.chapter("One's own account");
    book.post("/v1/accounts", "Asks for an account", profile::register)
        .needs("write:accounts")
        .takes("username* email* password* agreement:bool* locale reason invitation")
        .gives::<profile::Token>();
    book.post("/v1/emails/confirmations", "Mails the link once more that confirms an address", profile::confirm_again)
        .gives::<e::Empty>();
    book.get("/v1/accounts/verify_credentials", "Who one is", profile::own)
        .needs("profile|read:accounts")
        .gives::<e::CredentialAccount>();
    book.patch("/v1/accounts/update_credentials", "Changes one's profile", profile::update)
        .needs("write:accounts")
        .takes("display_name note locked:bool discoverable:bool fields_attributes{} source{}")
        .gives::<e::CredentialAccount>();
    book.delete("/v1/profile/avatar", "Takes one's picture away", profile::remove_avatar)
        .needs("write:accounts")
        .gives::<e::CredentialAccount>();
    book.delete("/v1/profile/header", "Takes the band on top of one's page away", profile::remove_header)
        .needs("write:accounts")
        .gives::<e::CredentialAccount>();
    book.get("/v1/preferences", "What one's posts begin with", profile::preferences)
        .needs("read:accounts")
        .gives::<profile::Preferences>();
    book.get("/v1/markers", "How far one has read", profile::markers).needs("read:statuses").takes("timeline[]");
    book.post("/v1/markers", "Notes how far one has read", profile::set_markers)
        .needs("write:statuses")
        .takes("home{} notifications{}");
    book.get("/v1/scheduled_statuses", "Posts that wait for their time", profile::scheduled)
        .needs("read:statuses")
        .takes(PAGE)
        .gives_list::<e::ScheduledStatus>();
    book.get("/v1/scheduled_statuses/{id}", "One of them", profile::one_scheduled)
        .needs("read:statuses")
        .gives::<e::ScheduledStatus>();
    book.put("/v1/scheduled_statuses/{id}", "Gives it another time", profile::move_scheduled)
        .needs("write:statuses")
        .takes("scheduled_at*")
        .gives::<e::ScheduledStatus>();
    book.delete("/v1/scheduled_statuses/{id}", "Deletes it", profile::delete_scheduled)
        .needs("write:statuses")
        .gives::<e::Empty>();
}

pub(super) fn work(book: &mut Book<'_>) {
    book.chapter("Clinicians’ work");
    book.get("/consilium/v1/practitioner", "What one says of one’s work", practitioner::own)
        .needs("read:accounts")
        .gives::<practitioner::Practitioner>();
    book.patch("/consilium/v1/practitioner", "Changes it", practitioner::change)
        .needs("write:accounts")
        .takes("pronouns discipline specialty employer place languages[]")
        .gives::<practitioner::Practitioner>();
    book.get("/consilium/v1/practitioners/{id}", "What somebody says of their work", practitioner::read)
        .may("read:accounts")
        .gives::<practitioner::Practitioner>();
    book.get("/consilium/v1/verify", "What was verified of somebody, and by whom", verify::read)
        .may("read:accounts")
        .takes("acct*")
        .gives::<verify::Verification>();
}

pub(super) fn people(book: &mut Book<'_>) {
    book.chapter("People");
    book.get("/v1/accounts", "Several people", accounts::several)
        .may("read:accounts")
        .takes("id[]")
        .gives_list::<e::Account>();
    book.get("/v1/accounts/lookup", "Somebody by handle", accounts::lookup)
        .may("read:accounts")
        .takes("acct*")
        .gives::<e::Account>();
    book.get("/v1/accounts/search", "People whose name begins so", accounts::search)
        .needs("read:accounts")
        .takes("q* limit:int resolve:bool following:bool")
        .gives_list::<e::Account>();
    book.get("/v1/accounts/relationships", "How one stands to people", accounts::relationships)
        .needs("read:follows")
        .takes("id[]")
        .gives_list::<e::Relationship>();
    book.get("/v1/accounts/familiar_followers", "Whom one follows that follows them", accounts::familiar)
        .needs("read:follows")
        .takes("id[]")
        .gives_list::<e::FamiliarFollowers>();
    book.get("/v1/accounts/{id}", "Somebody", accounts::read).may("read:accounts").gives::<e::Account>();
    book.get("/v1/accounts/{id}/statuses", "What somebody wrote and passed on", accounts::statuses)
        .may("read:statuses")
        .takes("max_id since_id min_id limit:int only_media:bool exclude_replies:bool exclude_reblogs:bool pinned:bool tagged")
        .gives_list::<e::Status>();
    book.get("/v1/accounts/{id}/followers", "Who follows somebody", accounts::followers)
        .may("read:accounts")
        .takes(PAGE)
        .gives_list::<e::Account>();
    book.get("/v1/accounts/{id}/following", "Whom somebody follows", accounts::following)
        .may("read:accounts")
        .takes(PAGE)
        .gives_list::<e::Account>();
    book.get("/v1/accounts/{id}/featured_tags", "Hashtags on somebody's page", accounts::featured_tags)
        .gives_list::<e::FeaturedTag>();
    book.get("/v1/accounts/{id}/lists", "One's lists that somebody is on", accounts::on_lists)
        .needs("read:lists")
        .gives_list::<e::List>();
    book.get("/v1/directory", "People who may be found", accounts::directory)
        .takes("offset:int limit:int order local:bool")
        .gives_list::<e::Account>();
    book.get("/v2/suggestions", "Whom one may want to follow", accounts::suggestions)
        .needs("read")
        .takes("limit:int")
        .gives_list::<e::Suggestion>();
    book.get("/v1/suggestions", "The same, people alone", accounts::suggestions_v1)
        .needs("read")
        .takes("limit:int")
        .gives_list::<e::Account>();
    book.delete("/v1/suggestions/{id}", "Suggests somebody no more", accounts::hide_suggestion)
        .needs("read")
        .gives::<e::Empty>();
    book.get("/v2/search", "Finds people, posts and hashtags", search::all)
        .may("read:search")
        .takes("q* type resolve:bool following:bool account_id max_id min_id limit:int offset:int")
        .gives::<e::Search>();
}

pub(super) fn relations(book: &mut Book<'_>) {
    book.chapter("Follows, blocks and mutes");
    book.post("/v1/accounts/{id}/follow", "Follows somebody, or asks to", accounts::follow)
        .needs("write:follows")
        .takes("reblogs:bool notify:bool")
        .gives::<e::Relationship>();
    book.post("/v1/accounts/{id}/unfollow", "Follows somebody no more", accounts::unfollow)
        .needs("write:follows")
        .gives::<e::Relationship>();
    book.post("/v1/accounts/{id}/remove_from_followers", "Removes a follower", accounts::remove_follower)
        .needs("write:follows")
        .gives::<e::Relationship>();
    book.get("/v1/follow_requests", "Who asks to follow", accounts::requests)
        .needs("read:follows")
        .takes(PAGE)
        .gives_list::<e::Account>();
    book.post("/v1/follow_requests/{id}/authorize", "Lets somebody follow", accounts::authorize)
        .needs("write:follows")
        .gives::<e::Relationship>();
    book.post("/v1/follow_requests/{id}/reject", "Turns a request down", accounts::reject)
        .needs("write:follows")
        .gives::<e::Relationship>();
    book.post("/v1/accounts/{id}/block", "Blocks somebody", accounts::block)
        .needs("write:blocks")
        .gives::<e::Relationship>();
    book.post("/v1/accounts/{id}/unblock", "Blocks somebody no more", accounts::unblock)
        .needs("write:blocks")
        .gives::<e::Relationship>();
    book.post("/v1/accounts/{id}/mute", "Mutes somebody", accounts::mute)
        .needs("write:mutes")
        .takes("notifications:bool duration:int")
        .gives::<e::Relationship>();
    book.post("/v1/accounts/{id}/unmute", "Mutes somebody no more", accounts::unmute)
        .needs("write:mutes")
        .gives::<e::Relationship>();
    book.post("/v1/accounts/{id}/note", "Notes something that nobody else sees", accounts::note)
        .needs("write:accounts")
        .takes("comment")
        .gives::<e::Relationship>();
    book.get("/v1/blocks", "Whom one has blocked", accounts::blocks)
        .needs("read:blocks")
        .takes(PAGE)
        .gives_list::<e::Account>();
    book.get("/v1/mutes", "Whom one has muted", accounts::mutes)
        .needs("read:mutes")
        .takes(PAGE)
        .gives_list::<e::MutedAccount>();
    book.get("/v1/domain_blocks", "Servers that one hides", accounts::hidden_hosts)
        .needs("read:blocks")
        .takes(PAGE)
        .gives_list::<String>();
    book.post("/v1/domain_blocks", "Hides a server", accounts::hide_host)
        .needs("write:blocks")
        .takes("domain*")
        .gives::<e::Empty>();
    book.delete("/v1/domain_blocks", "Shows a server again", accounts::show_host)
        .needs("write:blocks")
        .takes("domain*")
        .gives::<e::Empty>();
}
