//! The JSON Canonicalization Scheme (RFC 8785), and the strict reading of JSON that a proof over it
//! depends on.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::CryptoError;

/// Deepest nesting of arrays and objects that is read.
const DEPTH_MAX: usize = 64;
/// Above this, whole numbers share their canonical form with their neighbours.
const WHOLE_MAX: u64 = 1 << 53;

/// The canonical form of the value (RFC 8785).
///
/// # Errors
/// When the value has no canonical form.
pub fn canonicalize(value: &Value) -> Result<Vec<u8>, CryptoError> {
    Ok(serde_json_canonicalizer::to_vec(value)?)
}

/// The canonical form of a value that is to be signed or verified: as [`canonicalize`], but no two
/// different values may share it.
///
/// # Errors
/// [`CryptoError::Number`] for a number beyond 2^53 on either side of zero.
pub fn canonicalize_for_signing(value: &Value) -> Result<Vec<u8>, CryptoError> {
    if has_rounded_number(value) {
        return Err(CryptoError::Number);
    }
    canonicalize(value)
}

/// Parses JSON of which there is only one reading: no name twice in an object, nothing after the
/// value, no number too large for a double, no lone surrogate, at most 64 levels deep.
///
/// # Errors
/// When the text is anything else.
pub fn parse_strict(json: &[u8]) -> Result<Value, CryptoError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = Strict { depth: DEPTH_MAX }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

fn has_rounded_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_rounded(number),
        Value::Array(items) => items.iter().any(has_rounded_number),
        Value::Object(members) => members.values().any(has_rounded_number),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn is_rounded(number: &Number) -> bool {
    if let Some(whole) = number.as_u64() {
        return whole > WHOLE_MAX;
    }
    if let Some(whole) = number.as_i64() {
        return whole.unsigned_abs() > WHOLE_MAX;
    }
    number.as_f64().is_none_or(|real| real.abs() > 2_f64.powi(53))
}

/// Reads one value, with this many levels of nesting left.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inside<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        let depth = depth.ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        let number = number.ok_or_else(|| E::custom("not a finite number"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom("a name twice in one object"));
            }
            object.insert(name, members.next_value_seed(inside)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::vectors;
    use serde_json::json;

    fn canonical(json: &[u8]) -> Result<String, CryptoError> {
        let bytes = canonicalize(&parse_strict(json)?)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_file_pairs_hold() {
        let Some(folder) = vectors::path("jcs") else {
            return;
        };
        let mut pairs = 0;
        for input in std::fs::read_dir(folder.join("input")).unwrap() {
            let input = input.unwrap();
            let output = std::fs::read(folder.join("output").join(input.file_name())).unwrap();
            let value = parse_strict(&std::fs::read(input.path()).unwrap()).unwrap();
            assert_eq!(canonicalize(&value).unwrap(), output, "{:?}", input.path());
            pairs += 1;
        }
        assert!(pairs > 0);
    }

    #[test]
    fn the_number_vectors_hold() {
        let Some(file) = vectors::json("jcs/numbers.json") else {
            return;
        };
        for case in vectors::list(&file, "cases") {
            let bits = u64::from_str_radix(case[0].as_str().unwrap(), 16).unwrap();
            let number = Number::from_f64(f64::from_bits(bits));
            let text = number.map(|n| canonicalize(&Value::Number(n)).unwrap());
            assert_eq!(text.as_deref(), case[1].as_str().map(str::as_bytes), "{case}");
        }
    }

    #[test]
    fn the_further_vectors_hold() {
        let Some(file) = vectors::json("jcs/extra.json") else {
            return;
        };
        for case in vectors::list(&file, "cases") {
            let result = canonical(vectors::text(case, "input").as_bytes()).ok();
            assert_eq!(result.as_deref(), case["output"].as_str(), "{case}");
        }
    }

    #[test]
    fn strict_json_reads_as_ordinary_json_does() {
        let text = br#" {"a":[null,true,-1,1,1.5,"\u00e9\n",{"":[]}],"b":18446744073709551615} "#;
        let ordinary: Value = serde_json::from_slice(text).unwrap();
        assert_eq!(parse_strict(text).unwrap(), ordinary);
    }

    #[test]
    fn doubtful_json_is_refused() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"[{"a":{"b":1,"c":2,"b":3}}]"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"["\ud800"]"#,
            "[1e400]",
            "{} {}",
            "",
            "nul",
            "[1,]",
        ] {
            assert!(parse_strict(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse_strict(b"[\"\xff\"]").is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(parse_strict(&nested(64)).is_ok());
        assert!(parse_strict(&nested(65)).is_err());
        assert!(parse_strict(&nested(1_000_000)).is_err());
        let objects = r#"{"a":"#.repeat(65) + "1" + &"}".repeat(65);
        assert!(parse_strict(objects.as_bytes()).is_err());
    }

    #[test]
    fn numbers_that_rounding_would_change_are_not_signed() {
        for text in ["9007199254740992", "-9007199254740992", "0.1", "-0", "9007199254740992.0"] {
            let value = parse_strict(text.as_bytes()).unwrap();
            assert!(canonicalize_for_signing(&value).is_ok(), "{text}");
        }
        for text in ["9007199254740993", "-9007199254740993", "18446744073709551615", "18446744073709551616", "1e30"] {
            let value = parse_strict(text.as_bytes()).unwrap();
            let nested = json!({"a": [{"b": value}]});
            let refused = canonicalize_for_signing(&nested);
            assert!(matches!(refused, Err(CryptoError::Number)), "{text}");
            assert!(canonicalize(&nested).is_ok(), "{text}");
        }
    }
}
