//! Reading a JSON body (`storage-api.md` section 1): a missing content type means JSON, any other is refused.

use super::{Fields, Payload};
use crate::server::http::{Api, problem::Failure};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// The longest JSON body that is read, in bytes.
pub const MAX_JSON: usize = 64 * 1024;

/// A body that must be there.
#[derive(Debug, Clone)]
pub struct JsonBody<T>(pub T);

/// A body that may be absent.
#[derive(Debug, Clone)]
pub struct OptionalJsonBody<T>(pub Option<T>);

/// A body that is read by whoever knows its form.
#[derive(Debug, Clone)]
pub struct JsonBytes(pub Bytes);

impl FromRequest<Api> for JsonBytes {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Api) -> Result<Self, Failure> {
        bytes(request).await.map(Self)
    }
}

async fn bytes(request: Request) -> Result<Bytes, Failure> {
    if let Some(value) = request.headers().get(header::CONTENT_TYPE) {
        let text = String::from_utf8_lossy(value.as_bytes());
        let media_type = text.split(';').next().unwrap_or_default().trim();
        if !is_json(media_type) {
            return Err(Failure::unsupported_media_type(media_type));
        }
    }
    match Limited::new(request.into_body(), MAX_JSON).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Failure::too_large(format!("The JSON body is longer than {MAX_JSON} bytes, so it was not read. Nothing was changed.")))
        }
        Err(error) => Err(Failure::decode_payload(format!("The body ended before it was complete ({error}). Nothing was changed."))),
    }
}

fn is_json(media_type: &str) -> bool {
    media_type.is_empty()
        || media_type.eq_ignore_ascii_case("application/json")
        || media_type.to_ascii_lowercase().strip_prefix("application/").is_some_and(|rest| rest.ends_with("+json"))
}

impl<T: Payload> FromRequest<Api> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Api) -> Result<Self, Failure> {
        Fields::parse(&bytes(request).await?)?.into_payload().map(Self)
    }
}

impl<T: Payload> FromRequest<Api> for OptionalJsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Api) -> Result<Self, Failure> {
        let bytes = bytes(request).await?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(None));
        }
        Fields::parse(&bytes)?.into_payload().map(|payload| Self(Some(payload)))
    }
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn what_counts_as_json() {
        for media_type in ["", "application/json", "Application/JSON", "application/merge-patch+json"] {
            assert!(is_json(media_type), "{media_type}");
        }
        for media_type in ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "text/json+html"] {
            assert!(!is_json(media_type), "{media_type}");
        }
    }
}
