//! Every endpoint, one line each: where it is, what it needs, takes and gives.

mod house;
mod people;
mod posts;

use super::book::Book;

const PAGE: &str = "max_id since_id min_id limit:int";

/// All of them. Paths are below `/api`.
pub(super) fn endpoints(book: &mut Book<'_>) {
    people::apps(book);
    people::own(book);
    people::work(book);
    people::people(book);
    people::relations(book);
    posts::posts(book);
    posts::acts(book);
    posts::pictures_and_polls(book);
    posts::lists_of_posts(book);
    house::notifications_and_push(book);
    house::filter_endpoints(book);
    house::list_endpoints(book);
    house::hashtags(book);
    house::house_endpoints(book);
    posts::streams(book);
}
