//! Following across servers: a stranger goes to their own server from here, and one of us comes here from another.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::Shell,
    session::{Form, Visitor, address},
};
use crate::{
    error::{Error, Result},
    model::Account,
    service::{groups, profiles, search},
};

#[derive(Template)]
#[template(path = "web/remote_follow.html")]
struct RemoteFollowPage {
    shell: Shell,
    name: String,
    username: String,
    typed: String,
    faults: Faults,
}

impl RemoteFollowPage {
    fn new(visitor: &Visitor, account: Account, typed: String, faults: Faults) -> Self {
        let name = if account.name.is_empty() { account.username.clone() } else { account.name };
        Self { shell: visitor.shell(""), name, username: account.username, typed, faults }
    }
}

/// One of our own people by user name.
async fn ours(visitor: &Visitor, handle: &str) -> Result<Account> {
    let account = profiles::by_handle(&visitor.ctx, &visitor.viewer(), handle).await?.account;
    if account.is_local() { Ok(account) } else { Err(Error::NotFound) }
}

/// `GET /@{handle}/remote-follow`
pub(super) async fn form(visitor: Visitor, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let account = ours(&visitor, &handle).await?;
    if visitor.signed_in.is_some() {
        return Ok(visitor.go(&format!("/@{}", account.username)));
    }
    visitor.page(&RemoteFollowPage::new(&visitor, account, String::new(), Faults::none()))
}

/// A stranger's own handle.
#[derive(Deserialize)]
pub(super) struct Fields {
    handle: String,
}

/// `POST /@{handle}/remote-follow`
pub(super) async fn send(
    request: HttpRequest,
    form: Form<Fields>,
    handle: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let account = ours(&visitor, &handle).await?;
    let from = address(&request, &visitor.ctx);
    match search::interaction_page(&visitor.ctx, &fields.handle, &account.uri, &from).await {
        Ok(page) => Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, page.as_str())).finish()),
        Err(error) => {
            let page = RemoteFollowPage::new(&visitor, account, fields.handle, faults(error)?);
            page.faults.page(&visitor, &page)
        }
    }
}

/// What is wrong with the handle, or with the server that it names.
pub(super) fn faults(error: Error) -> Result<Faults> {
    match error {
        Error::Remote { .. } | Error::NotFound | Error::Gone => Ok(Faults::none().with("handle", SILENT)),
        Error::Forbidden(_) => Ok(Faults::none().with("handle", "Our server is not connected with that one.")),
        other => Faults::of_error(other, "handle"),
    }
}

const SILENT: &str = "That server did not say where you can follow. Check the handle, or search there.";

/// What somebody wants to follow or answer here.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    uri: String,
}

/// `GET /authorize_interaction`
pub(super) async fn authorize(visitor: Visitor, wanted: web::Query<Wanted>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let address = wanted.uri.trim();
    // An invitation link of a group elsewhere leads to our own form.
    if let Some(path) = groups::page_of_link(&visitor.ctx, &visitor.viewer(), address).await? {
        return Ok(visitor.go(&path));
    }
    let address = address.strip_prefix("acct:").unwrap_or(address);
    let path = search::page_of(&visitor.ctx, &visitor.viewer(), address).await?;
    Ok(visitor.go(&path))
}
