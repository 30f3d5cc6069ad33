//! The pages: server-rendered HTML for people, each `X.html` beside the `X.rs` that answers for it.
//! No rule and no query lives here; a handler translates, asks one room below, and shows or redirects.

mod about;
pub mod admin;
mod assets;
mod auth;
mod badge;
mod bookmarks;
mod cases;
mod cover;
pub mod credentials;
pub mod desk;
mod directory;
mod error;
mod explore;
mod follows;
mod form;
mod groups;
mod home;
mod house;
mod layout;
mod lists;
mod mailed;
mod marked;
mod media;
mod messages;
mod notifications;
mod oauth;
mod paging;
mod people;
mod posts;
mod profile;
mod relations;
mod remote_follow;
mod search;
mod second_step;
mod session;
pub mod settings;
mod shown;
mod specialties;
mod tags;
mod verify;
mod waiting;

use actix_web::{
    middleware::from_fn,
    web::{self, get, post},
};

use crate::error::Error;

/// Every page of the house.
pub fn routes(config: &mut web::ServiceConfig) {
    // An address that does not fit its pattern leads nowhere.
    let path = web::PathConfig::default().error_handler(|_, _| error::Problem(Error::NotFound).into());
    let query = web::QueryConfig::default().error_handler(|_, _| error::Problem(Error::NotFound).into());
    config.route("/assets/{name}", get().to(assets::get)).service(
        web::scope("")
            .app_data(path)
            .app_data(query)
            .wrap(from_fn(error::pages))
            .configure(open)
            .configure(posts_and_people)
            .configure(group_pages)
            .configure(case_pages)
            .configure(own)
            .configure(tastes)
            .configure(settings_pages)
            .configure(credentials_pages)
            .configure(house::desk_pages)
            .configure(house::admin_pages)
            .default_service(web::to(error::not_found)),
    );
}

/// The front door.
fn open(config: &mut web::ServiceConfig) {
    config
        .route("/", get().to(home::show))
        .route("/about", get().to(about::show))
        .route("/verify/{token}", get().to(verify::show))
        .route("/verify/{token}/credential", get().to(verify::download))
        .route("/sign-in", get().to(auth::sign_in_page))
        .route("/sign-in", post().to(auth::sign_in))
        .route("/sign-in/code", get().to(second_step::show))
        .route("/sign-in/code", post().to(second_step::finish))
        .route("/sign-out", post().to(auth::sign_out))
        .route("/sign-up", get().to(auth::sign_up_page))
        .route("/sign-up", post().to(auth::sign_up))
        .route("/confirm/{code}", get().to(mailed::confirm_page))
        .route("/confirm/{code}", post().to(mailed::confirm))
        .route("/forgotten", get().to(mailed::forgotten_page))
        .route("/forgotten", post().to(mailed::forgotten))
        .route("/reset/{code}", get().to(mailed::reset_page))
        .route("/reset/{code}", post().to(mailed::reset))
        .route("/confirm-email/{code}", get().to(mailed::confirm_email_page))
        .route("/confirm-email/{code}", post().to(mailed::confirm_email));
}

/// What people write, and who they are.
fn posts_and_people(config: &mut web::ServiceConfig) {
    config
        .route("/compose", get().to(posts::compose::show))
        .route("/posts", post().to(posts::compose::publish))
        .route("/posts/{id}/edit", get().to(posts::edit::show))
        .route("/posts/{id}/edit", post().to(posts::edit::save))
        .route("/posts/{id}/delete", get().to(posts::edit::delete_page))
        .route("/posts/{id}/delete", post().to(posts::edit::delete))
        .route("/posts/{id}/history", get().to(posts::history))
        .route("/posts/{id}/history/{edit}/strike", post().to(posts::strike))
        .route("/posts/{id}/likes", get().to(posts::reactions::likes))
        .route("/posts/{id}/boosts", get().to(posts::reactions::boosts))
        .route("/posts/{id}/like", post().to(posts::reactions::like))
        .route("/posts/{id}/unlike", post().to(posts::reactions::unlike))
        .route("/posts/{id}/boost", post().to(posts::reactions::boost))
        .route("/posts/{id}/unboost", post().to(posts::reactions::unboost))
        .route("/posts/{id}/save", post().to(posts::reactions::save))
        .route("/posts/{id}/unsave", post().to(posts::reactions::unsave))
        .route("/posts/{id}/vote", post().to(posts::reactions::vote))
        .route("/posts/{id}/pin", post().to(posts::reactions::pin))
        .route("/posts/{id}/unpin", post().to(posts::reactions::unpin))
        .route("/posts/{id}/mute", post().to(posts::reactions::mute))
        .route("/posts/{id}/unmute", post().to(posts::reactions::unmute))
        .route("/media/{name}", get().to(media::full))
        .route("/media/{name}/small", get().to(media::small))
        .route("/pictures/{id}", get().to(posts::pictures::show))
        .route("/people/{id}/follow", post().to(follows::follow))
        .route("/people/{id}/unfollow", post().to(follows::unfollow))
        .route("/people/{id}/remove-follower", post().to(follows::remove_follower))
        .route("/people/{id}/block", post().to(relations::block))
        .route("/people/{id}/unblock", post().to(relations::unblock))
        .route("/people/{id}/mute", post().to(relations::mute))
        .route("/people/{id}/unmute", post().to(relations::unmute))
        .route("/people/{id}/note", post().to(relations::note))
        .route("/people/{id}/options", post().to(relations::options))
        .route("/report", get().to(relations::report))
        .route("/report", post().to(relations::send_report))
        .route("/search", get().to(search::show))
        .route("/tags/{name}", get().to(tags::show))
        .route("/authorize_interaction", get().to(remote_follow::authorize))
        .route("/@{handle:[^/]+}", get().to(profile::show))
        .route("/@{handle:[^/]+}/followers", get().to(profile::followers))
        .route("/@{handle:[^/]+}/following", get().to(profile::following))
        .route("/@{handle:[^/]+}/remote-follow", get().to(remote_follow::form))
        .route("/@{handle:[^/]+}/remote-follow", post().to(remote_follow::send))
        .route("/@{handle:[^/]+}/{id}", get().to(posts::show));
}

/// Groups: found, joined, discussed in, and led.
fn group_pages(config: &mut web::ServiceConfig) {
    config
        .route("/groups", get().to(groups::index::show))
        .route("/groups/new", get().to(groups::edit::new))
        .route("/groups/new", post().to(groups::edit::create))
        .route("/groups/{handle:[^/]+}", get().to(groups::show::show))
        .route("/groups/{handle:[^/]+}/about", get().to(groups::show::about))
        .route("/groups/{handle:[^/]+}/join", get().to(groups::join::page))
        .route("/groups/{handle:[^/]+}/join", post().to(groups::join::join))
        .route("/groups/{handle:[^/]+}/join-elsewhere", post().to(groups::join::elsewhere))
        .route("/groups/{handle:[^/]+}/leave", get().to(groups::join::leave_page))
        .route("/groups/{handle:[^/]+}/leave", post().to(groups::join::leave))
        .route("/groups/{handle:[^/]+}/new", get().to(groups::discuss::page))
        .route("/groups/{handle:[^/]+}/new", post().to(groups::discuss::publish))
        .route("/groups/{handle:[^/]+}/log", get().to(groups::log::show))
        .route("/groups/{handle:[^/]+}/members", get().to(groups::members::show))
        .route("/groups/{handle:[^/]+}/members/{id}/appoint", post().to(groups::members::appoint))
        .route("/groups/{handle:[^/]+}/members/{id}/dismiss", post().to(groups::members::dismiss))
        .route("/groups/{handle:[^/]+}/members/{id}/remove", get().to(groups::act::remove_page))
        .route("/groups/{handle:[^/]+}/members/{id}/remove", post().to(groups::act::remove))
        .route("/groups/{handle:[^/]+}/members/{id}/ban", get().to(groups::act::ban_page))
        .route("/groups/{handle:[^/]+}/members/{id}/ban", post().to(groups::act::ban))
        .route("/groups/{handle:[^/]+}/members/{id}/unban", post().to(groups::moderate::unban))
        .route("/groups/{handle:[^/]+}/members/{id}/transfer", get().to(groups::act::transfer_page))
        .route("/groups/{handle:[^/]+}/members/{id}/transfer", post().to(groups::act::transfer))
        .route("/groups/{handle:[^/]+}/moderation", get().to(groups::moderate::show))
        .route("/groups/{handle:[^/]+}/held", post().to(groups::held::decide))
        .route("/groups/{handle:[^/]+}/requests/{id}/admit", post().to(groups::moderate::admit))
        .route("/groups/{handle:[^/]+}/requests/{id}/refuse", get().to(groups::act::refuse_page))
        .route("/groups/{handle:[^/]+}/requests/{id}/refuse", post().to(groups::act::refuse))
        .route("/groups/{handle:[^/]+}/invitations", post().to(groups::moderate::invite))
        .route("/groups/{handle:[^/]+}/invitations/{id}/end", post().to(groups::moderate::end_invitation))
        .route("/groups/{handle:[^/]+}/posts/{id}/remove", get().to(groups::act::remove_post_page))
        .route("/groups/{handle:[^/]+}/posts/{id}/remove", post().to(groups::act::remove_post))
        .route("/groups/{handle:[^/]+}/posts/{id}/release", post().to(groups::pressed::release))
        .route("/groups/{handle:[^/]+}/posts/{id}/lock", post().to(groups::pressed::lock))
        .route("/groups/{handle:[^/]+}/posts/{id}/unlock", post().to(groups::pressed::unlock))
        .route("/groups/{handle:[^/]+}/posts/{id}/pin", post().to(groups::pressed::pin))
        .route("/groups/{handle:[^/]+}/posts/{id}/unpin", post().to(groups::pressed::unpin))
        .route("/groups/{handle:[^/]+}/reports/{id}/dismiss", post().to(groups::moderate::dismiss_report))
        .route("/groups/{handle:[^/]+}/settings", get().to(groups::edit::edit))
        .route("/groups/{handle:[^/]+}/settings", post().to(groups::edit::save))
        .route("/groups/{handle:[^/]+}/archive", get().to(groups::act::archive_page))
        .route("/groups/{handle:[^/]+}/archive", post().to(groups::act::archive))
        .route("/groups/{handle:[^/]+}/reopen", get().to(groups::act::reopen_page))
        .route("/groups/{handle:[^/]+}/reopen", post().to(groups::act::reopen));
}

/// Cases: written, checked, looked at, asked, answered and taken back.
fn case_pages(config: &mut web::ServiceConfig) {
    config
        .route("/cases", get().to(cases::queue::show))
        .route("/cases/wishes", get().to(cases::wishes::show))
        .route("/cases/wishes", post().to(cases::wishes::save))
        .route("/cases/mine", get().to(cases::mine::show))
        .route("/cases/new", get().to(cases::drafts::new))
        .route("/cases/drafts", get().to(cases::drafts::list))
        .route("/cases/drafts/{id}", get().to(cases::write::show))
        .route("/cases/drafts/{id}/save", post().to(cases::write::save))
        .route("/cases/drafts/{id}/check", get().to(cases::gate::show))
        .route("/cases/drafts/{id}/check", post().to(cases::gate::check))
        .route("/cases/drafts/{id}/marks/use", post().to(cases::gate::follow))
        .route("/cases/drafts/{id}/marks/cut", post().to(cases::gate::cut))
        .route("/cases/drafts/{id}/marks/reword", post().to(cases::gate::reword))
        .route("/cases/drafts/{id}/marks/keep", post().to(cases::gate::keep_it))
        .route("/cases/drafts/{id}/marks/unkeep", post().to(cases::gate::unkeep))
        .route("/cases/drafts/{id}/marks/undo", post().to(cases::gate::undo))
        .route("/cases/drafts/{id}/marks/all", post().to(cases::gate::follow_all))
        .route("/cases/drafts/{id}/pictures", post().to(cases::pictures::add))
        .route("/cases/drafts/{id}/pictures/{picture}", get().to(cases::pictures::show))
        .route("/cases/drafts/{id}/pictures/{picture}/tap", post().to(cases::pictures::tap))
        .route("/cases/drafts/{id}/pictures/{picture}/cover", post().to(cases::pictures::cover))
        .route("/cases/drafts/{id}/pictures/{picture}/uncover", post().to(cases::pictures::uncover))
        .route("/cases/drafts/{id}/pictures/{picture}/remove", post().to(cases::pictures::remove))
        .route("/cases/drafts/{id}/discard", get().to(cases::drafts::discard_page))
        .route("/cases/drafts/{id}/discard", post().to(cases::drafts::discard))
        .route("/cases/review", get().to(cases::review::list))
        .route("/cases/review/{post}", get().to(cases::review::show))
        .route("/cases/review/{post}/pictures/{picture}", get().to(cases::review::picture))
        .route("/cases/review/{post}/approve", post().to(cases::review::approve))
        .route("/cases/review/{post}/send-back", post().to(cases::review::send_back))
        .route("/cases/{post}/outcome", get().to(cases::outcome::page))
        .route("/cases/{post}/outcome", post().to(cases::outcome::save))
        .route("/cases/{post}/reopen", post().to(cases::outcome::reopen))
        .route("/cases/{post}/answer/{reply}", post().to(cases::outcome::mark))
        .route("/cases/{post}/answer/{reply}/undo", post().to(cases::outcome::unmark))
        .route("/cases/{post}/follow", post().to(cases::follow::follow))
        .route("/cases/{post}/unfollow", post().to(cases::follow::unfollow))
        .route("/cases/{post}/ranking", post().to(cases::ranking::rank))
        .route("/cases/{post}/ranking/end", post().to(cases::ranking::end))
        .route("/cases/{post}/asker", get().to(cases::opening::page))
        .route("/cases/{post}/asker", post().to(cases::opening::ask))
        .route("/cases/{post}/asker/agree", post().to(cases::opening::agree))
        .route("/cases/{post}/asker/refuse", post().to(cases::opening::refuse))
        .route("/cases/{post}/recall", get().to(cases::recall::page))
        .route("/cases/{post}/recall", post().to(cases::recall::withdraw))
        .route("/cases/{post}/recall/ask", post().to(cases::recall::ask));
}

/// One's own.
fn own(config: &mut web::ServiceConfig) {
    config
        .route("/requests", get().to(follows::requests))
        .route("/requests/{id}/accept", post().to(follows::accept))
        .route("/requests/{id}/decline", post().to(follows::decline))
        .route("/notifications", get().to(notifications::show))
        .route("/notifications/read", post().to(notifications::read))
        .route("/bookmarks", get().to(bookmarks::show))
        .route("/oauth/authorize", get().to(oauth::ask))
        .route("/oauth/authorize/", get().to(oauth::ask))
        .route("/oauth/authorize", post().to(oauth::answer))
        .route("/oauth/authorize/native", get().to(oauth::code));
}

/// What one reads apart, and what one has not published yet.
fn tastes(config: &mut web::ServiceConfig) {
    config
        .route("/messages", get().to(messages::show))
        .route("/messages/{id}/read", post().to(messages::read))
        .route("/messages/{id}/remove", post().to(messages::remove))
        .route("/scheduled", get().to(waiting::scheduled))
        .route("/scheduled/{id}/delete", post().to(waiting::delete))
        .route("/drafts", get().to(waiting::drafts))
        .route("/lists", get().to(lists::all))
        .route("/lists", post().to(lists::create))
        .route("/lists/{id}", get().to(lists::read))
        .route("/lists/{id}", post().to(lists::update))
        .route("/lists/{id}/delete", post().to(lists::delete))
        .route("/lists/{id}/members", get().to(lists::members))
        .route("/lists/{id}/members", post().to(lists::add))
        .route("/lists/{id}/members/{person}/remove", post().to(lists::remove))
        .route("/explore", get().to(explore::show))
        .route("/explore/people/{id}/hide", post().to(explore::hide))
        .route("/directory", get().to(directory::show))
        .route("/tags/{name}/follow", post().to(tags::follow))
        .route("/tags/{name}/unfollow", post().to(tags::unfollow))
        .route("/tags/{name}/feature", post().to(tags::feature))
        .route("/tags/{name}/unfeature", post().to(tags::unfeature))
        .route("/announcements/{id}/dismiss", post().to(admin::announcements::dismiss));
}

/// One's own settings.
fn settings_pages(config: &mut web::ServiceConfig) {
    config
        .route("/settings", get().to(settings::index))
        .route("/settings/profile", get().to(settings::profile::show))
        .route("/settings/profile", post().to(settings::profile::save))
        .route("/settings/account", get().to(settings::account::show))
        .route("/settings/account/password", post().to(settings::account::password))
        .route("/settings/account/email", post().to(settings::account::email))
        .route("/settings/account/preferences", post().to(settings::account::preferences))
        .route("/settings/account/close", get().to(settings::account::close_page))
        .route("/settings/account/close", post().to(settings::account::close))
        .route("/settings/second-factor", get().to(settings::second_factor::show))
        .route("/settings/second-factor/on", post().to(settings::second_factor::turn_on))
        .route("/settings/second-factor/codes", get().to(settings::recovery::show))
        .route("/settings/second-factor/codes", post().to(settings::recovery::renew))
        .route("/settings/second-factor/off", post().to(settings::second_factor::turn_off))
        .route("/settings/second-factor/new-phone", get().to(settings::new_phone::show))
        .route("/settings/second-factor/new-phone", post().to(settings::new_phone::replace))
        .route("/settings/second-factor/passkeys", post().to(settings::passkeys::add))
        .route("/settings/second-factor/passkeys/new", get().to(settings::passkeys::new))
        .route("/settings/second-factor/passkeys/new", post().to(settings::passkeys::begin))
        .route("/settings/second-factor/passkeys/{id}/remove", get().to(settings::passkeys::remove_page))
        .route("/settings/second-factor/passkeys/{id}/remove", post().to(settings::passkeys::remove))
        .route("/settings/sessions", get().to(settings::sessions::show))
        .route("/settings/sessions/end-others", post().to(settings::sessions::end_others))
        .route("/settings/sessions/{id}/end", post().to(settings::sessions::end))
        .route("/settings/tokens/{id}/revoke", post().to(settings::sessions::revoke_token))
        .route("/settings/appearance", get().to(settings::appearance::show))
        .route("/settings/appearance", post().to(settings::appearance::save))
        .route("/settings/profile/pictures", post().to(settings::profile::pictures))
        .route("/settings/filters", get().to(settings::filters::show))
        .route("/settings/filters", post().to(settings::filters::create))
        .route("/settings/filters/{id}/delete", post().to(settings::filters::delete))
        .route("/settings/quiet", get().to(settings::quiet::show))
        .route("/settings/quiet/hosts", post().to(settings::quiet::hide))
        .route("/settings/quiet/hosts/show", post().to(settings::quiet::unhide))
        .route("/settings/quiet/notifications", post().to(settings::quiet::rules))
        .route("/settings/quiet/requests", post().to(settings::quiet::decide))
        .route("/settings/data", get().to(settings::data::show))
        .route("/settings/data", post().to(settings::data::import))
        .route("/settings/data/ballots.csv", get().to(cases::ranking::export))
        .route("/settings/data/cases.csv", get().to(settings::data::cases))
        .route("/settings/data/followed.csv", get().to(cases::follow::export))
        .route("/settings/data/{kind}.csv", get().to(settings::data::export));
}

/// One's own credentials.
fn credentials_pages(config: &mut web::ServiceConfig) {
    config
        .route("/credentials", get().to(credentials::list))
        .route("/credentials", post().to(credentials::edit::create))
        .route("/credentials/new", get().to(credentials::edit::new))
        .route("/credentials/evidence/{id}", get().to(credentials::act::open_evidence))
        .route("/credentials/evidence/{id}/remove", post().to(credentials::act::remove_evidence))
        .route("/credentials/{id}", get().to(credentials::show::show))
        .route("/credentials/{id}", post().to(credentials::edit::save))
        .route("/credentials/{id}/edit", get().to(credentials::edit::edit))
        .route("/credentials/{id}/answer", post().to(credentials::act::answer))
        .route("/credentials/{id}/evidence", post().to(credentials::act::add_evidence))
        .route("/credentials/{id}/code", post().to(credentials::act::send_code))
        .route("/credentials/{id}/code/enter", post().to(credentials::act::enter_code))
        .route("/credentials/{id}/withdraw", get().to(credentials::act::withdraw_page))
        .route("/credentials/{id}/withdraw", post().to(credentials::act::withdraw))
        .route("/credentials/{id}/renew", post().to(credentials::act::renew));
}
