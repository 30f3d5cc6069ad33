//! The pages: server-rendered HTML for people, each `X.html` beside the `X.rs` that answers for it.
//! No rule and no query lives here; a handler translates, asks one room below, and shows or redirects.

mod about;
pub mod admin;
mod assets;
mod auth;
mod bookmarks;
mod error;
mod follows;
mod form;
mod home;
mod layout;
mod mailed;
mod notifications;
mod oauth;
mod paging;
mod people;
mod posts;
mod profile;
mod remote_follow;
mod search;
mod session;
pub mod settings;
mod shown;
mod tags;

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
            .configure(own)
            .configure(admin_pages)
            .default_service(web::to(error::not_found)),
    );
}

/// The front door.
fn open(config: &mut web::ServiceConfig) {
    config
        .route("/", get().to(home::show))
        .route("/about", get().to(about::show))
        .route("/sign-in", get().to(auth::sign_in_page))
        .route("/sign-in", post().to(auth::sign_in))
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
        .route("/posts/{id}/likes", get().to(posts::reactions::likes))
        .route("/posts/{id}/boosts", get().to(posts::reactions::boosts))
        .route("/posts/{id}/like", post().to(posts::reactions::like))
        .route("/posts/{id}/unlike", post().to(posts::reactions::unlike))
        .route("/posts/{id}/boost", post().to(posts::reactions::boost))
        .route("/posts/{id}/unboost", post().to(posts::reactions::unboost))
        .route("/posts/{id}/save", post().to(posts::reactions::save))
        .route("/posts/{id}/unsave", post().to(posts::reactions::unsave))
        .route("/people/{id}/follow", post().to(follows::follow))
        .route("/people/{id}/unfollow", post().to(follows::unfollow))
        .route("/people/{id}/remove-follower", post().to(follows::remove_follower))
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
        .route("/oauth/authorize/native", get().to(oauth::code))
        .route("/settings", get().to(settings::index))
        .route("/settings/profile", get().to(settings::profile::show))
        .route("/settings/profile", post().to(settings::profile::save))
        .route("/settings/account", get().to(settings::account::show))
        .route("/settings/account/password", post().to(settings::account::password))
        .route("/settings/account/email", post().to(settings::account::email))
        .route("/settings/account/preferences", post().to(settings::account::preferences))
        .route("/settings/account/close", get().to(settings::account::close_page))
        .route("/settings/account/close", post().to(settings::account::close))
        .route("/settings/sessions", get().to(settings::sessions::show))
        .route("/settings/sessions/end-others", post().to(settings::sessions::end_others))
        .route("/settings/sessions/{id}/end", post().to(settings::sessions::end))
        .route("/settings/tokens/{id}/revoke", post().to(settings::sessions::revoke_token))
        .route("/settings/appearance", get().to(settings::appearance::show))
        .route("/settings/appearance", post().to(settings::appearance::save));
}

/// For those who keep the place running.
fn admin_pages(config: &mut web::ServiceConfig) {
    config
        .route("/admin", get().to(admin::overview))
        .route("/admin/prove", get().to(admin::prove_page))
        .route("/admin/prove", post().to(admin::prove))
        .route("/admin/sign-ups", get().to(admin::sign_ups::show))
        .route("/admin/sign-ups/{id}/approve", post().to(admin::sign_ups::approve))
        .route("/admin/sign-ups/{id}/reject", get().to(admin::sign_ups::reject_page))
        .route("/admin/sign-ups/{id}/reject", post().to(admin::sign_ups::reject))
        .route("/admin/invitations", get().to(admin::invitations::show))
        .route("/admin/invitations", post().to(admin::invitations::create))
        .route("/admin/invitations/{id}/revoke", post().to(admin::invitations::revoke))
        .route("/admin/hosts", get().to(admin::hosts::show))
        .route("/admin/hosts", post().to(admin::hosts::add))
        .route("/admin/hosts/{name}", get().to(admin::hosts::detail))
        .route("/admin/hosts/{name}", post().to(admin::hosts::decide))
        .route("/admin/hosts/{name}/block", get().to(admin::hosts::block_page))
        .route("/admin/hosts/{name}/retry", post().to(admin::hosts::retry))
        .route("/admin/dead-letters", get().to(admin::dead_letters::show))
        .route("/admin/dead-letters/{id}/retry", post().to(admin::dead_letters::retry))
        .route("/admin/dead-letters/{id}/discard", post().to(admin::dead_letters::discard))
        .route("/admin/people", get().to(admin::people::show));
}
