//! What a request brings: query string and body are one set of parameters, in JSON, form or multipart alike, with the
//! brackets that Rails has made a habit of (`media_ids[]=1`, `source[privacy]=private`).

use actix_web::{HttpRequest, dev::Payload, http::header};
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    multipart,
};

/// Parameters by name, nested as their brackets say.
#[derive(Debug, Clone, Default)]
pub(super) struct Params {
    members: Map<String, Value>,
    files: Vec<(String, Bytes)>,
}

/// Most members of one request.
const MOST: usize = 1_000;
/// Deepest nesting.
const DEEPEST: usize = 6;

impl Params {
    /// Reads query and body of a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] where they cannot be read, or hold the character NUL, which no text here may.
    pub(super) async fn read(request: &HttpRequest, payload: &mut Payload, most_bytes: usize) -> Result<Self> {
        let params = Self::gather(request, payload, most_bytes).await?;
        if params.members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)) {
            return Err(Error::invalid("body", "A text cannot contain the character NUL"));
        }
        Ok(params)
    }

    async fn gather(request: &HttpRequest, payload: &mut Payload, most_bytes: usize) -> Result<Self> {
        let mut params = Self::default();
        params.add_pairs(request.query_string().as_bytes());
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if multipart::is_multipart(kind) {
            params.add_multipart(kind, payload, most_bytes).await?;
            return Ok(params);
        }
        let body = bytes(payload, most_bytes).await?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(params);
        }
        if kind.to_ascii_lowercase().contains("json") {
            match serde_json::from_slice(&body) {
                Ok(Value::Object(members)) => params.members.extend(members),
                Ok(_) | Err(_) => return Err(Error::invalid("body", "The body is not a JSON object")),
            }
        } else {
            params.add_pairs(&body);
        }
        Ok(params)
    }

    async fn add_multipart(&mut self, kind: &str, payload: &mut Payload, most_bytes: usize) -> Result<()> {
        let parts = multipart::read(kind, payload, most_bytes).await?;
        for (name, text) in parts.texts {
            self.add(&name, text);
        }
        self.files = parts.files;
        Ok(())
    }

    fn add_pairs(&mut self, pairs: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(pairs).take(MOST) {
            self.add(&name, value.into_owned());
        }
    }

    /// `a`, `a[]`, `a[b]`, `a[b][]`, `a[0][b]`, `a[][b]`.
    fn add(&mut self, name: &str, value: String) {
        let (first, rest) = name.split_once('[').map_or((name, ""), |(first, rest)| (first, rest));
        let mut path: Vec<&str> = vec![first];
        path.extend(rest.split('[').map(|part| part.trim_end_matches(']')).filter(|_| !rest.is_empty()));
        if path.len() <= DEEPEST && !first.is_empty() {
            let slot = self.members.entry(first.to_owned()).or_insert(Value::Null);
            put(slot, path.get(1..).unwrap_or_default(), Value::String(value));
        }
    }

    /// A text. Numbers and truth values count as their words; null as absent.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.members.get(name).and_then(word)
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &'static str) -> Result<String> {
        self.text(name)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| Error::invalid(name, format!("The parameter {name} is missing")))
    }

    /// `true`, `1`, `on` and their like, in any clothing.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "t" | "yes" => Some(true),
            "false" | "0" | "off" | "f" | "no" | "" => Some(false),
            _ => None,
        }
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A list of texts: an array, the members of an object in order, or one thing alone.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        match self.members.get(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items.iter().filter_map(word).collect(),
            Some(Value::Object(members)) => members.values().filter_map(word).collect(),
            Some(one) => word(one).into_iter().collect(),
        }
    }

    /// A nested set.
    pub(super) fn inner(&self, name: &str) -> Self {
        match self.members.get(name) {
            Some(Value::Object(members)) => Self { members: members.clone(), files: Vec::new() },
            Some(_) | None => Self::default(),
        }
    }

    /// A list of nested sets: an array, or an object whose names are only places (`"0"`, `"1"`).
    pub(super) fn inners(&self, name: &str) -> Vec<Self> {
        let sets: Vec<&Value> = match self.members.get(name) {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(Value::Object(members)) => {
                let mut places: Vec<_> = members.iter().collect();
                places.sort_by_key(|(place, _)| place.parse::<usize>().unwrap_or(usize::MAX));
                places.into_iter().map(|(_, value)| value).collect()
            }
            Some(_) | None => Vec::new(),
        };
        sets.into_iter()
            .filter_map(Value::as_object)
            .map(|members| Self { members: members.clone(), files: Vec::new() })
            .collect()
    }

    /// A list of ids; what is none is passed over.
    pub(super) fn ids<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.list(name).iter().filter_map(|id| id.parse().ok()).take(MOST).collect()
    }

    /// A file that was sent.
    pub(super) fn file(&self, name: &str) -> Option<Bytes> {
        self.files.iter().find(|(n, _)| n == name).map(|(_, bytes)| bytes.clone())
    }

    /// Words and lists of words, for links that keep them.
    pub(super) fn plain(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (name, value) in &self.members {
            match value {
                Value::Array(items) => pairs.extend(items.iter().filter_map(word).map(|w| (format!("{name}[]"), w))),
                one => pairs.extend(word(one).map(|w| (name.clone(), w))),
            }
        }
        pairs
    }

    /// Whether a parameter was sent at all, null aside.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn put(slot: &mut Value, path: &[&str], value: Value) {
    match path {
        [] => *slot = value,
        [""] => {
            if !slot.is_array() {
                *slot = Value::Array(slot.as_str().map(Value::from).into_iter().collect());
            }
            if let Some(items) = slot.as_array_mut() {
                items.push(value);
            }
        }
        // `a[][b]`: a name that the last set has already begins the next one.
        ["", name, ..] => {
            if !slot.is_array() {
                *slot = Value::Array(Vec::new());
            }
            let rest = path.get(1..).unwrap_or_default();
            if let Some(items) = slot.as_array_mut() {
                let single = rest.len() == 1;
                let begins =
                    items.last().and_then(Value::as_object).is_none_or(|set| single && set.contains_key(*name));
                if begins {
                    items.push(Value::Object(Map::new()));
                }
                if let Some(last) = items.last_mut() {
                    put(last, rest, value);
                }
            }
        }
        [name, rest @ ..] => {
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            if let Some(members) = slot.as_object_mut() {
                put(members.entry((*name).to_owned()).or_insert(Value::Null), rest, value);
            }
        }
    }
}

async fn bytes(payload: &mut Payload, most: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::invalid("body", "The body did not arrive whole"))?;
        if body.len() + chunk.len() > most {
            return Err(Error::invalid("body", format!("The body is larger than {} kB", most / 1_000)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Params {
        let mut params = Params::default();
        params.add_pairs(text.as_bytes());
        params
    }

    #[test]
    fn brackets_make_lists_and_sets() {
        let params = form("id[]=1&id[]=2&source[privacy]=private&id2=7");
        assert_eq!(params.list("id"), ["1", "2"]);
        assert_eq!(params.list("id2"), ["7"]);
        assert_eq!(params.inner("source").text("privacy").as_deref(), Some("private"));
        for text in [
            "f[0][name]=a&f[0][value]=1&f[1][name]=b&f[1][value]=2",
            "f[][name]=a&f[][value]=1&f[][name]=b&f[][value]=2",
        ] {
            let sets = form(text).inners("f");
            let pairs: Vec<_> = sets.iter().map(|s| (s.text("name").unwrap(), s.text("value").unwrap())).collect();
            assert_eq!(pairs, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())], "{text}");
        }
    }

    #[test]
    fn a_nul_is_found_wherever_it_stands() {
        let value: Value = serde_json::from_str(r#"{"a":[{"b":"x"},"y\u0000"]}"#).unwrap();
        assert!(has_nul(&value) && !has_nul(&Value::from("y")));
    }

    #[test]
    fn truth_comes_in_many_clothes() {
        for text in ["x=true", "x=1", "x=on"] {
            assert_eq!(form(text).flag("x"), Some(true), "{text}");
        }
        let members = serde_json::from_str(r#"{"x":"false","n":"3600","none":null}"#).unwrap();
        let json = Params { members, files: Vec::new() };
        assert_eq!((json.flag("x"), json.number("n"), json.text("none")), (Some(false), Some(3600), None));
    }
}
