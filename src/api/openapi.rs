//! What the client API is, as a document (OpenAPI 3.1) and as a page to read.

use std::fmt::Write as _;

use actix_web::{HttpResponse, http::header, web};
use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, ServerBuilder,
    security::{AuthorizationCode, ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme},
};

use super::book::Book;
use crate::{policy::scopes, service::Ctx, text::sanitize};

/// The document.
fn document(origin: &str) -> OpenApi {
    let mut book = Book::new(None);
    super::endpoints(&mut book);
    let (paths, components) = book.document();
    let known = || scopes::all().into_iter().map(|scope| (scope, String::new())).collect::<Scopes>();
    let token_url = format!("{origin}/oauth/token");
    let code = AuthorizationCode::new(format!("{origin}/oauth/authorize"), token_url.clone(), known());
    let oauth = SecurityScheme::OAuth2(OAuth2::new([
        Flow::AuthorizationCode(code),
        Flow::ClientCredentials(ClientCredentials::new(token_url, known())),
    ]));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Consilium")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some("The client API: Mastodon's contract, as far as it is written here."))
                .license(Some(LicenseBuilder::new().name("AGPL-3.0-or-later").build())),
        )
        .servers(Some([ServerBuilder::new().url(origin).build()]))
        .paths(paths)
        .components(Some(components.security_scheme("token", oauth).build()))
        .build()
}

/// `GET /api/openapi.json`
pub(super) async fn json(ctx: web::Data<Ctx>) -> HttpResponse {
    super::json(&document(&ctx.config.instance.origin()))
}

/// `GET /api/docs`: the same to read.
pub(super) async fn page(ctx: web::Data<Ctx>) -> HttpResponse {
    let mut book = Book::new(None);
    super::endpoints(&mut book);
    let name = sanitize::escape(&ctx.config.instance.name);
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Client API · {name}</title></head><body><main><h1>The client API of {name}</h1>\
         <p>Apps speak Mastodon’s contract with this server. Each line names an endpoint and the scope that its token needs. \
         The whole, with parameters and answers, is <a href=\"/api/openapi.json\">an OpenAPI 3.1 document</a>.</p>"
    );
    let mut chapter = "";
    for (tag, method, path, scope, says) in book.contents() {
        if tag != chapter {
            let close = if chapter.is_empty() { "" } else { "</dl>" };
            // Writing to a string does not fail.
            let _ = write!(html, "{close}<h2>{tag}</h2><dl>");
            chapter = tag;
        }
        let scope = scope.replace('|', "</code> or <code>");
        let scope =
            if scope.is_empty() { String::new() } else { format!(" <small>Scope <code>{scope}</code></small>") };
        let _ = write!(html, "<dt><code>{method} {path}</code></dt><dd>{says}.{scope}</dd>");
    }
    html.push_str("</dl></main></body></html>");
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(html)
}
