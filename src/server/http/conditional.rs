//! Requests that depend on what the client has or saw: entity tags on the way out, conditions on the way in (RFC 9110 section 13).
//!
//! A handler that shows a resource with a version answers with [`Tagged`]; every other JSON answer gets its tag from
//! [`layers::revalidate`](super::layers), which also answers 304.

use crate::realtime::etag::{EntityTag, Preconditions};
use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::convert::Infallible;

/// What is told to whoever reads with `If-Match`.
pub(super) const NOT_THAT: &str = "What is here is not what If-Match names.";

/// Lets a browser keep the answer for itself, and has it ask each time whether it still holds.
pub(super) const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A JSON answer with the tag of the state that it shows.
pub struct Tagged<T>(pub EntityTag, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let Self(tag, body) = self;
        let mut response = Json(body).into_response();
        put(response.headers_mut(), Some(&tag));
        response
    }
}

/// Adds the tag, if there is one, to an answer.
pub(super) fn put(headers: &mut HeaderMap, tag: Option<&EntityTag>) {
    if let Some(value) = tag.and_then(|tag| HeaderValue::try_from(tag.as_str()).ok()) {
        headers.insert(header::ETAG, value);
    }
}

/// The conditions of a request.
pub(super) fn preconditions(headers: &HeaderMap) -> Preconditions {
    Preconditions { if_match: joined(headers, &header::IF_MATCH), if_none_match: joined(headers, &header::IF_NONE_MATCH) }
}

/// The lines of a field as one. What is no text can be met by no tag, and stays a condition.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// Extracts the conditions of a request.
pub struct Conditional(pub Preconditions);

impl<S: Sync> FromRequestParts<S> for Conditional {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(preconditions(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_are_one_list_and_an_empty_line_is_a_condition() {
        let mut headers = HeaderMap::new();
        assert_eq!(preconditions(&headers), Preconditions::default());
        headers.append(header::IF_MATCH, HeaderValue::from_static("\"a\""));
        headers.append(header::IF_MATCH, HeaderValue::from_static("\"b\""));
        headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(""));
        let found = preconditions(&headers);
        assert_eq!((found.if_match.as_deref(), found.if_none_match.as_deref()), (Some("\"a\",\"b\""), Some("")));
    }
}
