//! Endpoints of notifications, filters, lists, hashtags and the instance.

use super::PAGE;
use crate::api::{book::Book, entity as e, filters, house, instance, lists, notifications, push, tags};

pub(super) fn notifications_and_push(book: &mut Book<'_>) {
    const WANTED: &str = "max_id since_id min_id limit:int types[] exclude_types[] account_id include_filtered:bool";
    let (read, write) = ("read:notifications", "write:notifications");
    book.chapter("Notifications");
    book.get("/v1/notifications", "What happened", notifications::list)
        .needs(read)
        .takes(WANTED)
        .gives_list::<e::Notification>();
    book.get("/v1/notifications/unread_count", "How much of it is new", notifications::unread_count)
        .needs(read)
        .takes("limit:int types[] exclude_types[] account_id")
        .gives::<notifications::Count>();
    book.post("/v1/notifications/clear", "Takes all of it away", notifications::clear).needs(write).gives::<e::Empty>();
    book.post("/v1/notifications/dismiss", "Takes one away", notifications::dismiss_named)
        .needs(write)
        .takes("id*")
        .gives::<e::Empty>();
    book.get("/v1/notifications/requests", "People whose notifications wait apart", notifications::requests)
        .needs(read)
        .takes(PAGE)
        .gives_list::<e::NotificationRequest>();
    book.get("/v1/notifications/requests/merged", "Whether what was accepted has come", notifications::merged)
        .needs(read)
        .gives::<notifications::Merged>();
    book.post("/v1/notifications/requests/accept", "Lets several people through", notifications::accept_named)
        .needs(write)
        .takes("id[]*")
        .gives::<e::Empty>();
    book.post("/v1/notifications/requests/dismiss", "Throws away what waits of several", notifications::decline_named)
        .needs(write)
        .takes("id[]*")
        .gives::<e::Empty>();
    book.get("/v1/notifications/requests/{id}", "One of them", notifications::request)
        .needs(read)
        .gives::<e::NotificationRequest>();
    book.post("/v1/notifications/requests/{id}/accept", "Lets one through", notifications::accept)
        .needs(write)
        .gives::<e::Empty>();
    book.post("/v1/notifications/requests/{id}/dismiss", "Throws away what waits of one", notifications::decline)
        .needs(write)
        .gives::<e::Empty>();
    book.get("/v1/notifications/{id}", "One of them", notifications::read).needs(read).gives::<e::Notification>();
    book.post("/v1/notifications/{id}/dismiss", "Takes one away", notifications::dismiss)
        .needs(write)
        .gives::<e::Empty>();
    book.get("/v2/notifications", "What happened, put together", notifications::grouped)
        .needs(read)
        .takes("max_id since_id min_id limit:int types[] exclude_types[] account_id grouped_types[] expand_accounts")
        .gives::<e::Grouped>();
    book.get("/v2/notifications/unread_count", "How many groups of it are new", notifications::unread_groups)
        .needs(read)
        .takes("limit:int types[] exclude_types[] account_id")
        .gives::<notifications::Count>();
    book.get("/v2/notifications/policy", "Whose notifications are let through", notifications::policy)
        .needs(read)
        .gives::<notifications::NotificationPolicy>();
    book.patch("/v2/notifications/policy", "Changes that", notifications::set_policy)
        .needs(write)
        .takes("for_not_following for_not_followers for_new_accounts for_private_mentions for_limited_accounts")
        .gives::<notifications::NotificationPolicy>();
    book.get("/v2/notifications/{key}", "One group", notifications::group).needs(read).gives::<e::Grouped>();
    book.post("/v2/notifications/{key}/dismiss", "Takes a group away", notifications::dismiss_group)
        .needs(write)
        .gives::<e::Empty>();
    book.get("/v2/notifications/{key}/accounts", "Who is in a group", notifications::group_people)
        .needs("write:notifications|read:notifications")
        .gives_list::<e::Account>();
    book.chapter("Web push");
    book.post("/v1/push/subscription", "Asks to be woken", push::subscribe)
        .needs("push")
        .takes("subscription{}* data{}")
        .gives::<push::WebPushSubscription>();
    book.get("/v1/push/subscription", "What was asked", push::read).needs("push").gives::<push::WebPushSubscription>();
    book.put("/v1/push/subscription", "Changes for what", push::update)
        .needs("push")
        .takes("data{} policy")
        .gives::<push::WebPushSubscription>();
    book.delete("/v1/push/subscription", "Asks it no more", push::unsubscribe).needs("push").gives::<e::Empty>();
}

pub(super) fn filter_endpoints(book: &mut Book<'_>) {
    const HEAD: &str = "title context[] filter_action expires_in:int keywords_attributes{}";
    const FIRST: &str = "phrase* context[]* irreversible:bool whole_word:bool expires_in:int";
    let (read, write) = ("read:filters", "write:filters");
    book.chapter("Filters");
    book.get("/v2/filters", "One's filters", filters::all).needs(read).gives_list::<e::Filter>();
    book.post("/v2/filters", "Makes a filter", filters::create).needs(write).takes(HEAD).gives::<e::Filter>();
    book.get("/v2/filters/keywords/{id}", "A word", filters::keyword).needs(read).gives::<e::FilterKeyword>();
    book.put("/v2/filters/keywords/{id}", "Changes a word", filters::update_keyword)
        .needs(write)
        .takes("keyword* whole_word:bool")
        .gives::<e::FilterKeyword>();
    book.delete("/v2/filters/keywords/{id}", "Takes a word out", filters::remove_keyword)
        .needs(write)
        .gives::<e::Empty>();
    book.get("/v2/filters/statuses/{id}", "A post", filters::status).needs(read).gives::<e::FilterStatus>();
    book.delete("/v2/filters/statuses/{id}", "Takes a post out", filters::remove_status)
        .needs(write)
        .gives::<e::FilterStatus>();
    book.get("/v2/filters/{id}", "A filter", filters::read).needs(read).gives::<e::Filter>();
    book.put("/v2/filters/{id}", "Changes a filter", filters::update).needs(write).takes(HEAD).gives::<e::Filter>();
    book.delete("/v2/filters/{id}", "Deletes a filter", filters::delete).needs(write).gives::<e::Empty>();
    book.get("/v2/filters/{id}/keywords", "Its words", filters::keywords).needs(read).gives_list::<e::FilterKeyword>();
    book.post("/v2/filters/{id}/keywords", "Adds a word", filters::add_keyword)
        .needs(write)
        .takes("keyword* whole_word:bool")
        .gives::<e::FilterKeyword>();
    book.get("/v2/filters/{id}/statuses", "Its posts", filters::statuses).needs(read).gives_list::<e::FilterStatus>();
    book.post("/v2/filters/{id}/statuses", "Adds a post", filters::add_status)
        .needs(write)
        .takes("status_id*")
        .gives::<e::FilterStatus>();
    book.get("/v1/filters", "One's filters, a word each", filters::all_v1).needs(read).gives_list::<e::FilterV1>();
    book.post("/v1/filters", "Makes one", filters::create_v1).needs(write).takes(FIRST).gives::<e::FilterV1>();
    book.get("/v1/filters/{id}", "One of them", filters::read_v1).needs(read).gives::<e::FilterV1>();
    book.put("/v1/filters/{id}", "Changes it", filters::update_v1).needs(write).takes(FIRST).gives::<e::FilterV1>();
    book.delete("/v1/filters/{id}", "Deletes it", filters::delete_v1).needs(write).gives::<e::Empty>();
}

pub(super) fn list_endpoints(book: &mut Book<'_>) {
    const HEAD: &str = "title* replies_policy exclusive:bool";
    let (read, write) = ("read:lists", "write:lists");
    book.chapter("Lists");
    book.get("/v1/lists", "One's lists", lists::all).needs(read).gives_list::<e::List>();
    book.post("/v1/lists", "Makes a list", lists::create).needs(write).takes(HEAD).gives::<e::List>();
    book.get("/v1/lists/{id}", "A list", lists::read).needs(read).gives::<e::List>();
    book.put("/v1/lists/{id}", "Changes a list", lists::update).needs(write).takes(HEAD).gives::<e::List>();
    book.delete("/v1/lists/{id}", "Deletes a list", lists::delete).needs(write).gives::<e::Empty>();
    book.get("/v1/lists/{id}/accounts", "Who is on a list", lists::members)
        .needs(read)
        .takes(PAGE)
        .gives_list::<e::Account>();
    book.post("/v1/lists/{id}/accounts", "Puts people on a list", lists::add)
        .needs(write)
        .takes("account_ids[]*")
        .gives::<e::Empty>();
    book.delete("/v1/lists/{id}/accounts", "Takes people off a list", lists::remove)
        .needs(write)
        .takes("account_ids[]*")
        .gives::<e::Empty>();
}

pub(super) fn hashtags(book: &mut Book<'_>) {
    book.chapter("Hashtags");
    book.get("/v1/tags/{name}", "A hashtag", tags::read).may("read").gives::<e::Tag>();
    book.post("/v1/tags/{name}/follow", "Follows a hashtag", tags::follow).needs("write:follows").gives::<e::Tag>();
    book.post("/v1/tags/{name}/unfollow", "Follows it no more", tags::unfollow)
        .needs("write:follows")
        .gives::<e::Tag>();
    book.post("/v1/tags/{name}/feature", "Puts it on one's page", tags::feature_named)
        .needs("write:accounts")
        .gives::<e::Tag>();
    book.post("/v1/tags/{name}/unfeature", "Takes it off there", tags::unfeature_named)
        .needs("write:accounts")
        .gives::<e::Tag>();
    book.get("/v1/followed_tags", "Hashtags that one follows", tags::followed)
        .needs("read:follows")
        .takes(PAGE)
        .gives_list::<e::Tag>();
    book.get("/v1/featured_tags", "Hashtags on one's page", tags::featured)
        .needs("read:accounts")
        .gives_list::<e::FeaturedTag>();
    book.post("/v1/featured_tags", "Puts one there", tags::feature)
        .needs("write:accounts")
        .takes("name*")
        .gives::<e::FeaturedTag>();
    book.get("/v1/featured_tags/suggestions", "Those that one often uses", tags::own)
        .needs("read:accounts")
        .gives_list::<e::Tag>();
    book.delete("/v1/featured_tags/{id}", "Takes one off there", tags::unfeature)
        .needs("write:accounts")
        .gives::<e::Empty>();
    book.get("/v1/trends/tags", "Hashtags that many use these days", tags::trending)
        .may("read")
        .takes("limit:int offset:int")
        .gives_list::<e::Tag>();
    book.get("/v1/trends", "The same", tags::trending).may("read").takes("limit:int offset:int").gives_list::<e::Tag>();
    book.get("/v1/trends/links", "Links; none are followed here", instance::none).gives_list::<e::Empty>();
}

pub(super) fn house_endpoints(book: &mut Book<'_>) {
    book.chapter("The house");
    book.get("/v2/instance", "What this server is", instance::v2);
    book.get("/v1/instance", "The same, for older clients", instance::v1);
    book.get("/v1/instance/peers", "Servers that it knows", instance::peers).gives_list::<String>();
    book.get("/v1/instance/activity", "The last twelve weeks", instance::activity).gives_list::<instance::Week>();
    book.get("/v1/instance/rules", "Its rules", instance::none).gives_list::<e::Empty>();
    book.get("/v1/instance/domain_blocks", "Servers that it does not speak with", instance::domain_blocks)
        .needs("")
        .gives_list::<instance::DomainBlock>();
    book.get("/v1/instance/extended_description", "What it says of itself at length", instance::description)
        .gives::<instance::ExtendedDescription>();
    book.get("/v1/instance/privacy_policy", "There is none", instance::no_text);
    book.get("/v1/instance/terms_of_service", "There are none", instance::no_text);
    book.get("/v1/instance/languages", "Languages of posts", instance::languages).gives_list::<instance::Language>();
    book.get("/v1/instance/translation_languages", "Nothing is translated here", instance::no_languages);
    book.get("/v1/custom_emojis", "There are none here", instance::none).gives_list::<e::Empty>();
    book.get("/v1/announcements", "Word of the house", house::announcements)
        .needs("read")
        .takes("with_dismissed:bool")
        .gives_list::<e::Announcement>();
    book.post("/v1/announcements/{id}/dismiss", "Puts one away", house::dismiss)
        .needs("write:accounts")
        .gives::<e::Empty>();
    book.put("/v1/announcements/{id}/reactions/{name}", "Adds an emoji", house::react)
        .needs("write:favourites")
        .gives::<e::Empty>();
    book.delete("/v1/announcements/{id}/reactions/{name}", "Takes it back", house::unreact)
        .needs("write:favourites")
        .gives::<e::Empty>();
    book.post("/v1/reports", "Asks the moderators to look", house::report)
        .needs("write:reports")
        .takes("account_id* status_ids[] comment category forward:bool rule_ids[]")
        .gives::<e::Report>();
    book.get("/v1/endorsements", "There are none here", instance::none).gives_list::<e::Account>();
}
