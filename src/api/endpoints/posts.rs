//! Endpoints of posts, timelines and streams.

use super::PAGE;
use crate::api::{book::Book, entity as e, house, media, statuses, streaming, timelines};

pub(super) fn posts(book: &mut Book<'_>) {
    book.chapter("Posts");
    book.post("/v1/statuses", "Publishes a post, or keeps it until its time", statuses::publish)
        .needs("write:statuses")
        .takes("status media_ids[] poll{} in_reply_to_id sensitive:bool spoiler_text visibility language scheduled_at keep_identifiers interests");
    book.get("/v1/statuses", "Several posts", statuses::several)
        .may("read:statuses")
        .takes("id[]")
        .gives_list::<e::Status>();
    book.get("/v1/statuses/{id}", "A post", statuses::read).may("read:statuses").gives::<e::Status>();
    book.put("/v1/statuses/{id}", "Rewrites a post", statuses::edit)
        .needs("write:statuses")
        .takes("status spoiler_text sensitive:bool language media_ids[] media_attributes{} poll{} keep_identifiers")
        .gives::<e::Status>();
    book.delete("/v1/statuses/{id}", "Deletes a post", statuses::delete)
        .needs("write:statuses")
        .takes("delete_media:bool")
        .gives::<e::Status>();
    book.get("/v1/statuses/{id}/context", "What is around a post", statuses::context)
        .may("read:statuses")
        .gives::<e::Context>();
    book.get("/v1/statuses/{id}/source", "A post as it was typed", statuses::source)
        .needs("read:statuses")
        .gives::<e::StatusSource>();
    book.get("/v1/statuses/{id}/history", "What a post said before", statuses::history)
        .may("read:statuses")
        .gives_list::<e::StatusEdit>();
    book.get("/v1/statuses/{id}/favourited_by", "Who likes a post", statuses::favourited_by)
        .may("read:statuses")
        .takes(PAGE)
        .gives_list::<e::Account>();
    book.get("/v1/statuses/{id}/reblogged_by", "Who passed a post on", statuses::reblogged_by)
        .may("read:statuses")
        .takes(PAGE)
        .gives_list::<e::Account>();
}

pub(super) fn acts(book: &mut Book<'_>) {
    book.chapter("What one does with posts");
    book.post("/v1/statuses/{id}/favourite", "Likes a post", statuses::favourite)
        .needs("write:favourites")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/unfavourite", "Takes that back", statuses::unfavourite)
        .needs("write:favourites")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/reblog", "Passes a post on", statuses::reblog)
        .needs("write:statuses")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/unreblog", "Takes that back", statuses::unreblog)
        .needs("write:statuses")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/bookmark", "Saves a post", statuses::bookmark)
        .needs("write:bookmarks")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/unbookmark", "Saves it no more", statuses::unbookmark)
        .needs("write:bookmarks")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/pin", "Puts one's post on top of one's page", statuses::pin)
        .needs("write:accounts")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/unpin", "Takes it off there", statuses::unpin)
        .needs("write:accounts")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/mute", "Mutes the thread of a post", statuses::mute)
        .needs("write:mutes")
        .gives::<e::Status>();
    book.post("/v1/statuses/{id}/unmute", "Mutes it no more", statuses::unmute)
        .needs("write:mutes")
        .gives::<e::Status>();
}

pub(super) fn pictures_and_polls(book: &mut Book<'_>) {
    book.chapter("Pictures and polls");
    book.post("/v2/media", "Sends in a picture", media::upload)
        .needs("write:media")
        .takes("description focus")
        .takes_a_file()
        .gives::<e::MediaAttachment>();
    book.post("/v1/media", "Sends in a picture", media::upload)
        .needs("write:media")
        .takes("description focus")
        .takes_a_file()
        .gives::<e::MediaAttachment>();
    book.get("/v1/media/{id}", "One's picture", media::read).needs("write:media").gives::<e::MediaAttachment>();
    book.put("/v1/media/{id}", "Describes one's picture", media::describe)
        .needs("write:media")
        .takes("description focus")
        .gives::<e::MediaAttachment>();
    book.delete("/v1/media/{id}", "Deletes a picture that is in no post", media::discard)
        .needs("write:media")
        .gives::<e::Empty>();
    book.get("/v1/polls/{id}", "A poll", house::poll).may("read:statuses").gives::<e::Poll>();
    book.post("/v1/polls/{id}/votes", "Votes", house::vote)
        .needs("write:statuses")
        .takes("choices[]")
        .gives::<e::Poll>();
}

pub(super) fn lists_of_posts(book: &mut Book<'_>) {
    const PUBLIC: &str = "local:bool remote:bool only_media:bool max_id since_id min_id limit:int";
    book.chapter("Timelines and conversations");
    book.get("/v1/timelines/home", "What one follows", timelines::home)
        .needs("read:statuses")
        .takes(PAGE)
        .gives_list::<e::Status>();
    book.get("/v1/timelines/public", "Public posts", timelines::public)
        .may("read:statuses")
        .takes(PUBLIC)
        .gives_list::<e::Status>();
    book.get("/v1/timelines/tag/{name}", "Public posts with a hashtag", timelines::tag)
        .may("read:statuses")
        .takes("any[] all[] none[] local:bool remote:bool only_media:bool max_id since_id min_id limit:int")
        .gives_list::<e::Status>();
    book.get("/v1/timelines/list/{id}", "What the members of a list wrote", timelines::list)
        .needs("read:lists")
        .takes(PAGE)
        .gives_list::<e::Status>();
    book.get("/v1/timelines/direct", "Direct posts", timelines::direct)
        .needs("read:statuses")
        .takes(PAGE)
        .gives_list::<e::Status>();
    book.get("/v1/bookmarks", "What one saved", timelines::bookmarks)
        .needs("read:bookmarks")
        .takes(PAGE)
        .gives_list::<e::Status>();
    book.get("/v1/favourites", "What one likes", timelines::favourites)
        .needs("read:favourites")
        .takes(PAGE)
        .gives_list::<e::Status>();
    book.get("/v1/trends/statuses", "Posts that many like these days", timelines::trending)
        .may("read:statuses")
        .takes("limit:int offset:int")
        .gives_list::<e::Status>();
    book.get("/v1/conversations", "Direct conversations", timelines::conversations)
        .needs("read:statuses")
        .takes(PAGE)
        .gives_list::<e::Conversation>();
    book.post("/v1/conversations/{id}/read", "Marks one as read", timelines::read_conversation)
        .needs("write:conversations")
        .gives::<e::Conversation>();
    book.post("/v1/conversations/{id}/unread", "Marks one as unread", timelines::unread_conversation)
        .needs("write:conversations")
        .gives::<e::Conversation>();
    book.delete("/v1/conversations/{id}", "Takes one off one's list", timelines::delete_conversation)
        .needs("write:conversations")
        .gives::<e::Empty>();
}

pub(super) fn streams(book: &mut Book<'_>) {
    book.chapter("Streams");
    book.get("/v1/streaming", "A WebSocket", streaming::socket)
        .takes("stream tag list access_token")
        .gives_other("text/plain");
    book.get("/v1/streaming/health", "Whether streams are served", streaming::health).gives_other("text/plain");
    book.get("/v1/streaming/{stream:.*}", "The same by server-sent events", streaming::events)
        .needs("read:statuses")
        .takes("tag list only_media:bool")
        .gives_other("text/event-stream");
}
