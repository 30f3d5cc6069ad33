//! The addresses of the pages for those who check credentials and keep the place running.

use actix_web::web::{self, get, post};

use super::{admin, desk};

/// For those who check the credentials of others.
pub(super) fn desk_pages(config: &mut web::ServiceConfig) {
    config
        .route("/desk", get().to(desk::queue::show))
        .route("/desk/openings", get().to(desk::evidence::openings))
        .route("/desk/{id}", get().to(desk::review::show))
        .route("/desk/{id}/evidence/{evidence}/ask", post().to(desk::evidence::ask))
        .route("/desk/{id}/evidence/{evidence}/agree", post().to(desk::evidence::agree))
        .route("/desk/{id}/evidence/{evidence}/refuse", post().to(desk::evidence::refuse))
        .route("/desk/{id}/evidence/{evidence}/alone", get().to(desk::alone::show))
        .route("/desk/{id}/evidence/{evidence}/alone", post().to(desk::alone::open))
        .route("/desk/{id}/number", post().to(desk::review::number))
        .route("/desk/{id}/claim", post().to(desk::act::claim))
        .route("/desk/{id}/release", post().to(desk::act::release))
        .route("/desk/{id}/tick", post().to(desk::act::tick))
        .route("/desk/{id}/attest", post().to(desk::act::attest))
        .route("/desk/{id}/next-check", post().to(desk::act::next_check))
        .route("/desk/{id}/ask", get().to(desk::act::ask_page))
        .route("/desk/{id}/ask", post().to(desk::act::ask))
        .route("/desk/{id}/reject", get().to(desk::act::reject_page))
        .route("/desk/{id}/reject", post().to(desk::act::reject))
        .route("/desk/{id}/suspend", get().to(desk::act::suspend_page))
        .route("/desk/{id}/suspend", post().to(desk::act::suspend))
        .route("/desk/{id}/reinstate", get().to(desk::act::reinstate_page))
        .route("/desk/{id}/reinstate", post().to(desk::act::reinstate))
        .route("/desk/{id}/revoke", get().to(desk::act::revoke_page))
        .route("/desk/{id}/revoke", post().to(desk::act::revoke));
}

/// For those who keep the place running.
pub(super) fn admin_pages(config: &mut web::ServiceConfig) {
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
        .route("/admin/hosts/{name}/trust", post().to(admin::trust::trust))
        .route("/admin/hosts/{name}/issuers/confirm", post().to(admin::trust::confirm))
        .route("/admin/dead-letters", get().to(admin::dead_letters::show))
        .route("/admin/dead-letters/{id}/retry", post().to(admin::dead_letters::retry))
        .route("/admin/dead-letters/{id}/discard", post().to(admin::dead_letters::discard))
        .route("/admin/audit", get().to(admin::audit::show))
        .route("/admin/groups", get().to(admin::groups::show))
        .route("/admin/groups/{id}", get().to(admin::groups::unowned))
        .route("/admin/groups/{id}/archive", post().to(admin::groups::archive))
        .route("/admin/groups/{id}/transfer", post().to(admin::groups::transfer))
        .route("/admin/people", get().to(admin::people::show))
        .route("/admin/people/{id}/second-factor", get().to(admin::second_factor::show))
        .route("/admin/people/{id}/second-factor", post().to(admin::second_factor::reset))
        .route("/admin/registers", get().to(admin::registers::show))
        .route("/admin/registers", post().to(admin::registers::send))
        .route("/admin/staff", get().to(admin::staff::show))
        .route("/admin/staff", post().to(admin::staff::import))
        .route("/admin/reports", get().to(admin::reports::list))
        .route("/admin/reports/{id}", get().to(admin::reports::show))
        .route("/admin/reports/{id}/resolve", post().to(admin::reports::resolve))
        .route("/admin/reports/{id}/reopen", post().to(admin::reports::reopen))
        .route("/admin/announcements", get().to(admin::announcements::show))
        .route("/admin/announcements", post().to(admin::announcements::publish))
        .route("/admin/announcements/{id}/withdraw", post().to(admin::announcements::withdraw));
}
