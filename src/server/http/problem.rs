//! The one place where what went wrong becomes an answer (`storage-api.md` section 1.1).
//!
//! Three shapes: A, the error object; B, an AIP or location that does not exist; C, a bare JSON string for what is not allowed.
//! A person gets a sentence; the cause goes to the log under the id that the answer carries.

use super::{
    random::base64url,
    tickets::{TTL_SECONDS, TooMany},
};
use crate::{
    api::{
        problem::{ErrorObject, NotFound},
        uploads::OFFSET_HEADER,
    },
    bag::Verdict,
    realtime::etag::EntityTag,
    server::service::ServiceError,
};
use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::fmt;
use uuid::Uuid;

/// The header that names errors which the API declares (`storage-api.md` section 1, "Extra headers").
pub const ERROR_NAME_HEADER: HeaderName = HeaderName::from_static("goa-error");

/// Seconds after which a client may try again when the service was busy.
const RETRY_AFTER_SECONDS: u64 = 2;

/// An answer that tells of a problem.
#[derive(Debug)]
pub struct Failure(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    shape: Shape,
    /// Set for errors that the API declares: the value of `goa-error`.
    declared: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug)]
enum Shape {
    Object(ErrorObject),
    Missing(NotFound),
    Bare(String),
}

/// Who has to do something about a shape A problem, as its three booleans tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blame {
    /// The request: all false.
    Request,
    /// Nobody; trying again may help.
    Temporary,
    /// It took too long; trying again may help.
    Timeout,
    /// The server.
    Fault,
}

impl Failure {
    fn object(status: StatusCode, name: &str, message: String, blame: Blame) -> Self {
        let error = ErrorObject {
            name: name.to_owned(),
            id: base64url::<6>(),
            message,
            temporary: matches!(blame, Blame::Temporary | Blame::Timeout),
            timeout: blame == Blame::Timeout,
            fault: blame == Blame::Fault,
            verdict: None,
        };
        Self::of(status, Shape::Object(error))
    }

    fn of(status: StatusCode, shape: Shape) -> Self {
        Self(Box::new(Inner { status, shape, declared: None, headers: Vec::new() }))
    }

    fn declared(mut self, name: &'static str) -> Self {
        self.0.declared = Some(name);
        self
    }

    fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    fn with_verdict(mut self, found: Option<Box<Verdict>>) -> Self {
        if let Shape::Object(error) = &mut self.0.shape {
            error.verdict = found;
        }
        self
    }

    /// 400: the request is understood and cannot be carried out.
    #[must_use]
    pub fn not_valid(message: impl Into<String>) -> Self {
        Self::object(StatusCode::BAD_REQUEST, "not_valid", message.into(), Blame::Request).declared("not_valid")
    }

    /// 400: the body is missing where one is needed.
    #[must_use]
    pub fn missing_payload() -> Self {
        Self::invalid("missing_payload", "The request needs a JSON body, and none came.".into())
    }

    /// 400: the body is not what it should be.
    #[must_use]
    pub fn decode_payload(message: impl Into<String>) -> Self {
        Self::invalid("decode_payload", message.into())
    }

    fn invalid(name: &'static str, message: String) -> Self {
        Self::object(StatusCode::BAD_REQUEST, name, message, Blame::Request)
    }

    /// 415: the body is of a media type that nothing here reads.
    #[must_use]
    pub fn unsupported_media_type(given: &str) -> Self {
        let message = format!("The body is of type {given:?}; send application/json.");
        Self::object(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message, Blame::Request)
    }

    /// 413: more bytes than are taken.
    #[must_use]
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::object(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message.into(), Blame::Request)
    }

    /// 404: no such address.
    #[must_use]
    pub fn unknown_route() -> Self {
        let message = "There is nothing at this address of the API. GET /api/openapi.json lists what there is.";
        Self::object(StatusCode::NOT_FOUND, "fault", message.into(), Blame::Fault)
    }

    /// 500: a bug; its message is in the log only.
    #[must_use]
    pub fn fault(cause: &str) -> Self {
        Self::internal("fault", Blame::Fault, cause)
    }

    fn internal(name: &'static str, blame: Blame, cause: &str) -> Self {
        let mut failure = Self::object(StatusCode::INTERNAL_SERVER_ERROR, name, String::new(), blame);
        if let Shape::Object(error) = &mut failure.0.shape {
            tracing::error!(id = %error.id, cause, "the server failed to answer a request");
            error.message = format!(
                "The server failed while it answered. What was stored before is unharmed; look whether the change was made before you try \
                 again. The server's log tells the cause under {}.",
                error.id
            );
        }
        failure
    }

    /// 504: it took longer than `seconds`.
    #[must_use]
    pub fn timeout(seconds: u64) -> Self {
        let message = format!(
            "The server did not finish within {seconds} seconds and gave up. Look whether the change was made before you try again."
        );
        Self::object(StatusCode::GATEWAY_TIMEOUT, "timeout", message, Blame::Timeout)
    }

    /// 503: not now.
    #[must_use]
    pub fn busy(message: impl Into<String>) -> Self {
        Self::object(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message.into(), Blame::Temporary)
            .header(header::RETRY_AFTER, RETRY_AFTER_SECONDS)
    }

    /// 429: too often.
    #[must_use]
    pub fn too_many(message: impl Into<String>, seconds: u64) -> Self {
        Self::object(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message.into(), Blame::Temporary)
            .header(header::RETRY_AFTER, seconds)
    }

    /// 401, shape C.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, Shape::Bare("Unauthorized".into())).declared("unauthorized")
    }

    /// 403, shape C: signed in, and without the attribute that this takes.
    #[must_use]
    pub fn not_permitted() -> Self {
        Self::of(StatusCode::FORBIDDEN, Shape::Bare("Forbidden".into())).declared("forbidden")
    }

    /// 424: what this stands on failed.
    #[must_use]
    pub fn failed_dependency(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::object(StatusCode::FAILED_DEPENDENCY, "failed_dependency", message, Blame::Request).declared("failed_dependency")
    }

    /// 403, shape C with a sentence: the request comes from, or is addressed to, a place that is not ours.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, Shape::Bare(message.into())).declared("forbidden")
    }

    /// 404, shape B.
    #[must_use]
    pub fn not_found(message: &str, uuid: Uuid) -> Self {
        Self::of(StatusCode::NOT_FOUND, Shape::Missing(NotFound { message: message.to_owned(), uuid })).declared("not_found")
    }

    /// 412: what is there is not what the request was meant for; `current` is the tag of what is, if it has one.
    #[must_use]
    pub fn precondition_failed(message: impl Into<String>, current: Option<&EntityTag>) -> Self {
        let failure = Self::object(StatusCode::PRECONDITION_FAILED, "precondition_failed", message.into(), Blame::Request);
        let failure = failure.declared("precondition_failed");
        match current.and_then(|tag| HeaderValue::try_from(tag.as_str()).ok()) {
            Some(tag) => failure.header(header::ETAG, tag),
            None => failure,
        }
    }

    fn not_available(message: String) -> Self {
        Self::object(StatusCode::CONFLICT, "not_available", message, Blame::Request).declared("not_available")
    }
}

impl From<TooMany> for Failure {
    fn from(too_many: TooMany) -> Self {
        Self::busy(format!("No ticket can be handed out: {too_many}. Try again in {TTL_SECONDS} seconds."))
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::AipNotFound(uuid) => Self::not_found("AIP not found", uuid),
            ServiceError::LocationNotFound(uuid) => Self::not_found("location not found", uuid),
            ServiceError::ObjectNotFound(uuid) => Self::not_found("AIP file not found in the location bucket", uuid),
            // In shape A: what is missing is no resource with a UUID of its own, or its clients expect it so (section 4.2).
            error @ (ServiceError::SubmissionNotFound | ServiceError::ReportNotFound(_)) => {
                Self::object(StatusCode::NOT_FOUND, "not_found", error.to_string(), Blame::Request).declared("not_found")
            }
            ServiceError::UploadNotFound(uuid) => Self::not_found("upload not found", uuid),
            ServiceError::NotValid(message) => Self::not_valid(message),
            ServiceError::NotAvailable(message) => Self::not_available(message),
            ServiceError::Refused { message, verdict } => Self::not_valid(message).with_verdict(verdict),
            ServiceError::WrongOffset { upload } => {
                let message =
                    format!("The part does not begin where the upload stands. Nothing was lost; go on from byte {}.", upload.offset);
                Self::not_available(message).header(HeaderName::from_static(OFFSET_HEADER), upload.offset)
            }
            ServiceError::Changed { message, current } => Self::precondition_failed(message, Some(&current)),
            ServiceError::NotPermitted => Self::not_permitted(),
            ServiceError::FailedDependency(message) => Self::failed_dependency(message),
            ServiceError::Busy(message) => Self::busy(message),
            ServiceError::Internal(cause) => Self::internal("internal_error", Blame::Request, &cause).declared("internal_error"),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Inner { status, shape, declared, headers } = *self.0;
        let mut response = match shape {
            Shape::Object(error) => (status, Json(error)).into_response(),
            Shape::Missing(missing) => (status, Json(missing)).into_response(),
            Shape::Bare(message) => (status, Json(message)).into_response(),
        };
        if let Some(name) = declared {
            response.headers_mut().insert(ERROR_NAME_HEADER, HeaderValue::from_static(name));
        }
        response.headers_mut().extend(headers);
        response
    }
}

/// Everything that is wrong with a request, collected so that the client is told at once: the first name wins, the sentences
/// are joined.
#[derive(Debug, Default)]
pub struct Violations(Vec<(&'static str, String)>);

impl Violations {
    /// A required field is absent from `place` (`body`, `query string`, `header`).
    pub fn missing(&mut self, field: impl fmt::Display, place: &str) {
        self.0.push(("missing_field", format!("\"{field}\" is missing from the {place}")));
    }

    /// A field is not in the form that it needs.
    pub fn format(&mut self, field: &str, form: &str, given: &str) {
        self.0.push(("invalid_format", format!("{field} must be {form}, not {}", shown(given))));
    }

    /// A field is not one of the words that it may be.
    pub fn word(&mut self, field: &str, unknown: &crate::domain::UnknownWord) {
        self.0.push(("invalid_enum_value", format!("{field} must be one of {}, not {}", unknown.allowed, shown(&unknown.value))));
    }

    /// A field is of another type than it must be.
    pub fn kind(&mut self, field: &str, kind: &str, given: &str) {
        self.0.push(("invalid_field_type", format!("{field} must be {kind}, not {}", shown(given))));
    }

    /// Ends the collection: nothing, or what is wrong.
    ///
    /// # Errors
    /// When anything was collected.
    pub fn finish(self) -> Result<(), Failure> {
        let Some((name, _)) = self.0.first() else { return Ok(()) };
        let messages: Vec<_> = self.0.iter().map(|(_, message)| message.as_str()).collect();
        Err(Failure::invalid(name, messages.join("; ")))
    }
}

/// A client's own text, quoted and bounded, so that an answer is never longer than a screen.
fn shown(given: &str) -> String {
    const MOST: usize = 100;
    if given.chars().count() <= MOST {
        return format!("{given:?}");
    }
    format!("{:?}…", given.chars().take(MOST).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn parts(failure: Failure) -> (StatusCode, Option<String>, String) {
        let response = failure.into_response();
        let name = response.headers().get(ERROR_NAME_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a short body");
        (status, name, String::from_utf8(body.to_vec()).expect("JSON is UTF-8"))
    }

    fn without_id(body: &str) -> String {
        let error: ErrorObject = serde_json::from_str(body).expect("shape A");
        assert_eq!(error.id.len(), 8);
        body.replace(&error.id, "IDIDIDID")
    }

    #[tokio::test]
    async fn shape_a_has_all_its_fields_in_order() {
        let (status, name, body) = parts(ServiceError::NotValid("AIP is not stored".into()).into()).await;
        assert_eq!((status, name.as_deref()), (StatusCode::BAD_REQUEST, Some("not_valid")));
        assert_eq!(
            without_id(&body),
            r#"{"name":"not_valid","id":"IDIDIDID","message":"AIP is not stored","temporary":false,"timeout":false,"fault":false}"#
        );
    }

    #[tokio::test]
    async fn shape_b_has_two_fields() {
        let (status, name, body) = parts(ServiceError::AipNotFound(Uuid::from_u128(1)).into()).await;
        assert_eq!((status, name.as_deref()), (StatusCode::NOT_FOUND, Some("not_found")));
        assert_eq!(body, r#"{"message":"AIP not found","uuid":"00000000-0000-0000-0000-000000000001"}"#);
    }

    #[tokio::test]
    async fn shape_c_is_a_bare_string() {
        assert_eq!(
            parts(Failure::unauthorized()).await,
            (StatusCode::UNAUTHORIZED, Some("unauthorized".into()), "\"Unauthorized\"".into())
        );
    }

    #[tokio::test]
    async fn the_cause_of_a_failure_stays_in_the_log() {
        let (status, name, body) = parts(ServiceError::Internal("disk /dev/sdz is on fire".into()).into()).await;
        assert_eq!((status, name.as_deref()), (StatusCode::INTERNAL_SERVER_ERROR, Some("internal_error")));
        assert!(!body.contains("sdz"), "{body}");
        let error: ErrorObject = serde_json::from_str(&body).expect("shape A");
        assert!(!error.temporary && !error.timeout && !error.fault, "service-made errors have the three booleans false");
        assert!(error.message.contains(&error.id), "a person can give the id to whoever reads the log");
    }

    #[tokio::test]
    async fn several_violations_are_one_answer() {
        let mut violations = Violations::default();
        violations.missing("name", "body");
        violations.kind("limit", "an integer", "ten");
        let (status, name, body) = parts(violations.finish().expect_err("two violations")).await;
        assert_eq!((status, name), (StatusCode::BAD_REQUEST, None), "validation is not declared, so it has no goa-error header");
        let error: ErrorObject = serde_json::from_str(&body).expect("shape A");
        assert_eq!(error.name, "missing_field");
        assert_eq!(error.message, "\"name\" is missing from the body; limit must be an integer, not \"ten\"");
    }
}
