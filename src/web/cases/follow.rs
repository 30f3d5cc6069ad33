//! Following a case, and stopping.

use actix_web::{HttpResponse, web};

use crate::{
    model::PostId,
    service::cases,
    web::{
        error::Problem,
        session::{Back, Form, Visitor},
        settings::data,
    },
};

/// `POST /cases/{post}/follow`
pub(in crate::web) async fn follow(form: Form<Back>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    cases::follow(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go_back(&form.fields.back, "case-followed"))
}

/// `POST /cases/{post}/unfollow`
pub(in crate::web) async fn unfollow(form: Form<Back>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    cases::unfollow(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go_back(&form.fields.back, "case-unfollowed"))
}

/// `GET /settings/data/followed.csv`
pub(in crate::web) async fn export(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    Ok(data::csv("followed", cases::export_followed(&visitor.ctx, &visitor.viewer()).await?))
}
