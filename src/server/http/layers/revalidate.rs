//! Who has an answer already is not sent it again: entity tags of JSON answers, and 304 (RFC 9110 section 15.4.5).

use crate::{
    realtime::etag::{EntityTag, Verdict},
    server::http::{
        conditional::{ASK_EACH_TIME, NOT_THAT, preconditions, put},
        problem::Failure,
    },
};
use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Answers beyond so many bytes (of lists that are asked for whole) get no tag: a digest would take longer than it saves.
const LARGEST: u64 = 16 << 20;

/// Gives JSON answers to a GET or HEAD a tag unless the handler did, and answers 304 to whoever has it. Streams (CSV, packages,
/// events) and problems are left alone.
pub(super) async fn apply(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let asked = preconditions(request.headers());
    let (response, tag) = tagged(next.run(request).await).await;
    let Some(tag) = tag else { return response };
    match asked.conditions().evaluate(Some(&tag), true) {
        Verdict::Perform => response,
        Verdict::NotModified => not_modified(response),
        Verdict::Failed => Failure::precondition_failed(NOT_THAT, Some(&tag)).into_response(),
    }
}

/// The answer, and its tag if it has one.
async fn tagged(response: Response) -> (Response, Option<EntityTag>) {
    let (mut parts, body) = response.into_parts();
    let json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    // Exactly known: it is in memory already.
    let whole = body.size_hint().exact().is_some_and(|size| size <= LARGEST);
    if parts.status != StatusCode::OK || !json || !whole {
        return (Response::from_parts(parts, body), None);
    }
    parts.headers.entry(header::CACHE_CONTROL).or_insert(ASK_EACH_TIME);
    let set = parts.headers.get(header::ETAG).and_then(|tag| EntityTag::read(tag.to_str().ok()?));
    if set.is_some() {
        return (Response::from_parts(parts, body), set);
    }
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => {
            let tag = EntityTag::of_content(&bytes);
            put(&mut parts.headers, Some(&tag));
            (Response::from_parts(parts, Body::from(bytes)), Some(tag))
        }
        Err(error) => (Failure::fault(&format!("an answer could not be read: {error}")).into_response(), None),
    }
}

/// The same headers, but for those that describe the body (RFC 9110 section 15.4.5).
fn not_modified(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, Body::empty())
}
