//! What the address of a request says: its path and its query string.

use super::uuids;
use crate::{
    domain::{Timestamp, UnknownWord},
    server::http::{
        Api,
        problem::{Failure, Violations},
    },
};
use ::uuid::Uuid;
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, request::Parts},
};
use std::{borrow::Cow, str::FromStr};

/// Extracts a `T` from path, query string and headers; every violation is told in one answer.
#[derive(Debug, Clone)]
pub struct Params<T>(pub T);

/// What can be read from the address of a request.
pub trait ReadParams: Sized {
    /// Reads it. `None` only when a violation was recorded.
    ///
    /// # Errors
    /// For what is understood and cannot be carried out; violations go to `raw` instead.
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure>;
}

/// The parameters as they came. What is empty counts as absent (`storage-api.md` section 4.3); of several with one name the
/// first counts.
#[derive(Debug)]
pub struct RawParams<'a> {
    path: Vec<(String, String)>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    headers: &'a HeaderMap,
    violations: Violations,
    now: Timestamp,
}

impl<'a> RawParams<'a> {
    fn new(path: Vec<(String, String)>, query: &'a str, headers: &'a HeaderMap, now: Timestamp) -> Self {
        let query = serde_urlencoded::from_str(query).unwrap_or_default();
        Self { path, query, headers, violations: Violations::default(), now }
    }

    /// When the request is answered.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A UUID in the path.
    pub fn path_uuid(&mut self, name: &str) -> Option<Uuid> {
        let text = self.path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
        let read = uuids::parse_rfc4122(text);
        if read.is_none() {
            self.violations.format(name, "a UUID", text);
        }
        read
    }

    /// A text of the query string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        let (_, value) = self.query.iter().find(|(key, _)| key == name)?;
        (!value.is_empty()).then(|| value.to_string())
    }

    /// A text of the query string that must be there.
    pub fn required_text(&mut self, name: &str) -> Option<String> {
        let read = self.text(name);
        if read.is_none() {
            self.violations.missing(name, "query string");
        }
        read
    }

    /// One word of an enumeration.
    pub fn word<E: FromStr<Err = UnknownWord>>(&mut self, name: &str) -> Option<E> {
        match self.text(name)?.parse() {
            Ok(word) => Some(word),
            Err(unknown) => {
                self.violations.word(name, &unknown);
                None
            }
        }
    }

    /// A UUID of the query string.
    pub fn uuid(&mut self, name: &str) -> Option<Uuid> {
        let text = self.text(name)?;
        let read = uuids::parse(&text);
        if read.is_none() {
            self.violations.format(name, "a UUID", &text);
        }
        read
    }

    /// A date and time of the query string.
    pub fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?;
        let read = Timestamp::parse(&text).ok();
        if read.is_none() {
            self.violations.format(name, "a date and time such as 2026-06-01T10:05:00Z (RFC 3339)", &text);
        }
        read
    }

    /// A whole number of the query string, perhaps negative.
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let read = text.parse().ok();
        if read.is_none() {
            self.violations.kind(name, "an integer", &text);
        }
        read
    }

    /// A whole number of the query string that is not negative.
    pub fn natural(&mut self, name: &str) -> Option<u64> {
        let text = self.text(name)?;
        let read = text.parse().ok();
        if read.is_none() {
            self.violations.kind(name, "an integer from 0 on", &text);
        }
        read
    }

    /// A number of bytes in a header, which must be there.
    pub fn header_bytes(&mut self, name: &str) -> Option<u64> {
        let Some(value) = self.headers.get(name) else {
            self.violations.missing(name, "headers");
            return None;
        };
        let text = String::from_utf8_lossy(value.as_bytes());
        let read = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        if read.is_none() {
            self.violations.kind(name, "a number of bytes", &text);
        }
        read
    }

    /// Records a value that is not one of those that the parameter may have.
    pub fn refuse_word(&mut self, name: &str, value: String, allowed: String) {
        self.violations.word(name, &UnknownWord { value, allowed });
    }
}

/// Reads a `T`, or tells everything that is wrong.
fn read<T: ReadParams>(mut raw: RawParams<'_>) -> Result<T, Failure> {
    let value = T::read(&mut raw)?;
    raw.violations.finish()?;
    value.ok_or_else(|| Failure::fault("a parameter was refused without a reason"))
}

impl<T: ReadParams> FromRequestParts<Api> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        // A path that is not UTF-8 holds no UUID, and UUIDs are all that paths hold: no parameters then.
        let path = match RawPathParams::from_request_parts(parts, api).await {
            Ok(params) => params.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            Err(_) => Vec::new(),
        };
        let query = parts.uri.query().unwrap_or_default();
        read(RawParams::new(path, query, &parts.headers, api.services.clock().now())).map(Self)
    }
}

/// For tests: reads a `T` from a query string alone.
#[cfg(test)]
pub(super) fn from_query<T: ReadParams>(query: &str, now: Timestamp) -> Result<T, Failure> {
    read(RawParams::new(vec![("uuid".into(), "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5".into())], query, &HeaderMap::new(), now))
}
