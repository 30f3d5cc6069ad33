//! Forms that somebody with a session sends to the server.

use std::net::SocketAddr;

use consilium::crypto::token;

use super::common::HOST;

/// Made once: it reads the system's certificates, which takes longer than a post.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Sends a form; returns where it leads.
pub async fn send(
    client: &reqwest::Client,
    address: SocketAddr,
    session: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> String {
    let csrf = token::form_token(session);
    let all = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied());
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
    let form = client
        .post(format!("http://{address}{path}"))
        .header("host", HOST)
        .header("cookie", format!("session-80={session}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    location(&form.send().await.unwrap())
}

/// Where an answer leads.
pub fn location(answer: &reqwest::Response) -> String {
    assert!(answer.status().is_redirection(), "{}: {}", answer.url(), answer.status());
    answer.headers()["location"].to_str().unwrap().to_owned()
}
