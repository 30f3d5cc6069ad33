use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Jsonb,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{AccountId, MediaId, PostId, text_enum::text_enum};

text_enum! {
    /// What a picture is there for.
    Purpose {
        /// Part of a post.
        Post = "post",
        /// Somebody's picture.
        Avatar = "avatar",
        /// The band on top of somebody's page.
        Banner = "banner",
    }
}

/// A picture as lists show it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Media {
    /// Our id.
    pub id: MediaId,
    /// The unguessable part of its address.
    pub name: String,
    /// Media type; empty where it was not fetched yet.
    pub mime: String,
    /// Width in pixels; 0 where it is not known.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
    /// Width of the small version.
    pub small_width: i32,
    /// Height of the small version.
    pub small_height: i32,
    /// A sketch (blurha.sh); may be empty.
    pub blurhash: String,
    /// The point that stays in view when it is cropped: -1 is left, 1 is right.
    pub focus_x: f64,
    /// -1 is the bottom, 1 is the top.
    pub focus_y: f64,
    /// Alternative text.
    pub description: String,
    /// Where another server keeps it; none for ours.
    pub remote_url: Option<String>,
}

/// What the rules need to know of a picture before its file is handed out.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct MediaFile {
    /// Our id.
    pub id: MediaId,
    /// Whose.
    pub account_id: AccountId,
    /// The post that it is part of.
    pub post_id: Option<PostId>,
    /// What it is there for.
    pub purpose: Purpose,
    /// Media type.
    pub mime: String,
    /// Media type of the small version.
    pub small_mime: String,
    /// Where another server keeps it.
    pub remote_url: Option<String>,
    /// Whether its files are there.
    pub stored: bool,
    /// Whether it may be asked for again at its own server.
    pub may_fetch: bool,
}

/// A column of JSON, read as what it is.
#[derive(Debug, Clone, PartialEq, FromSqlRow)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromSql<Jsonb, Pg> for Json<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let value = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        Ok(Self(serde_json::from_value(value)?))
    }
}
