use diesel::prelude::*;

use super::AppId;
use crate::schema::apps;

/// A program that acts for people.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = apps)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// What it names itself with.
    pub client_id: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// Name for people.
    pub name: String,
    /// Its page; may be empty.
    pub website: String,
    /// Where codes may be sent; compared as they are.
    pub redirect_uris: Vec<String>,
    /// What it may ask for, separated by spaces.
    pub scopes: String,
}

/// A code that was given out.
#[derive(Debug, Clone, Queryable)]
pub struct OAuthCode {
    /// To whom.
    pub app_id: AppId,
    /// Whose.
    pub account_id: super::AccountId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What for.
    pub scopes: String,
    /// S256 challenge (RFC 7636); empty where none was given.
    pub challenge: String,
    /// The token that came of its first use.
    pub token_id: Option<super::TokenId>,
    /// It was used before.
    pub used: bool,
    /// Its time is over.
    pub ended: bool,
}
