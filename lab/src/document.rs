//! JSON that a person wrote: its errors name the field, the rule, and the place.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// A text that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {}{problem}", field.as_ref().map(|field| format!("`{field}`: ")).unwrap_or_default())]
#[non_exhaustive]
pub struct DocumentError {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1; the last character that was read.
    pub column: usize,
    /// The field, with those that it lies in; none for the document as a whole.
    pub field: Option<String>,
    /// What was found, and the rule that it breaks.
    pub problem: String,
}

/// Reads one JSON document, to its end.
pub(crate) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, DocumentError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let field = (path != "." && path != "?").then_some(path);
        located(error.inner(), field)
    })?;
    deserializer.end().map_err(|error| located(&error, None))?;
    Ok(value)
}

fn located(error: &serde_json::Error, field: Option<String>) -> DocumentError {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let problem = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
    DocumentError { line, column, field, problem: problem.to_owned() }
}

/// A whole number from `LOWEST` to `HIGHEST`.
pub(crate) fn whole<'de, D: Deserializer<'de>, const LOWEST: u32, const HIGHEST: u32>(
    deserializer: D,
) -> Result<u32, D::Error> {
    deserializer.deserialize_u32(Whole::<LOWEST, HIGHEST>)
}

struct Whole<const LOWEST: u32, const HIGHEST: u32>;

impl<const LOWEST: u32, const HIGHEST: u32> Visitor<'_> for Whole<LOWEST, HIGHEST> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {LOWEST} to {HIGHEST}")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<u32, E> {
        let number = u32::try_from(value).ok().filter(|number| (LOWEST..=HIGHEST).contains(number));
        number.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<u32, E> {
        Err(E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<u32, E> {
        Err(E::invalid_value(Unexpected::Float(value), &self))
    }
}

/// The same, in a byte.
pub(crate) fn byte<'de, D: Deserializer<'de>, const LOWEST: u32, const HIGHEST: u32>(
    deserializer: D,
) -> Result<u8, D::Error> {
    u8::try_from(whole::<D, LOWEST, HIGHEST>(deserializer)?).map_err(D::Error::custom)
}

/// A part of a whole: 0 to 1.
pub(crate) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    deserializer.deserialize_f64(Share)
}

struct Share;

impl Visitor<'_> for Share {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share from 0 to 1")
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<f64, E> {
        if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(E::invalid_value(Unexpected::Float(value), &self)) }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<f64, E> {
        match value {
            0 => Ok(0.0),
            1 => Ok(1.0),
            _ => Err(E::invalid_value(Unexpected::Unsigned(value), &self)),
        }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<f64, E> {
        Err(E::invalid_value(Unexpected::Signed(value), &self))
    }
}

/// An object whose fields obey a rule together. The rule is checked while the reader still stands at the object's end,
/// so that the error has its place.
pub(crate) fn checked<'de, D, Raw, T>(deserializer: D, check: fn(Raw) -> Result<T, String>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    Raw: Deserialize<'de>,
{
    deserializer.deserialize_map(Checked { check, raw: PhantomData })
}

struct Checked<Raw, T> {
    check: fn(Raw) -> Result<T, String>,
    raw: PhantomData<Raw>,
}

impl<'de, Raw: Deserialize<'de>, T> Visitor<'de> for Checked<Raw, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        (self.check)(Raw::deserialize(MapAccessDeserializer::new(map))?).map_err(A::Error::custom)
    }
}

/// A text that obeys a rule.
pub(crate) fn text<'de, D: Deserializer<'de>>(
    deserializer: D,
    expects: &'static str,
    accepts: fn(&str) -> bool,
) -> Result<String, D::Error> {
    deserializer.deserialize_str(Text { expects, accepts })
}

struct Text {
    expects: &'static str,
    accepts: fn(&str) -> bool,
}

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expects)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<String, E> {
        let accepted = (self.accepts)(value).then(|| value.to_owned());
        accepted.ok_or_else(|| E::invalid_value(Unexpected::Str(value), &self))
    }
}
