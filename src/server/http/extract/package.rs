//! The body that is a package, or a part of one: streamed, counted, never held in memory.

use crate::server::{
    http::{Api, problem::Failure},
    service::{BodyError, ServiceError},
};
use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{FromRequest, Request},
    http::header,
};
use futures::{Stream, StreamExt, stream, stream::BoxStream};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

/// The bytes of a package, to be read once.
pub type PackageStream = BoxStream<'static, Result<Bytes, BodyError>>;

/// How long a client may be silent in the middle of a package.
const SILENCE: Duration = Duration::from_secs(60);

/// The bytes of a package as they come in.
#[derive(Debug)]
pub struct PackageBody {
    body: Body,
    max: u64,
}

/// Why a package did not come in whole, as far as the request itself is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Stopped {
    #[error("the package is larger than {0} bytes")]
    TooLarge(u64),
    #[error("no byte came for {} seconds", SILENCE.as_secs())]
    Silent,
    #[error("the connection ended before the package was complete")]
    Broken,
}

/// Knows after the fact whether the stream that was handed on ended too early, and why.
#[derive(Debug, Clone, Default)]
struct Incoming(Arc<OnceLock<Stopped>>);

impl Incoming {
    /// The answer when the request itself is the reason for the failure; otherwise what the service says.
    fn explain(&self, otherwise: ServiceError) -> Failure {
        match self.0.get() {
            Some(Stopped::TooLarge(max)) => too_large(*max),
            Some(Stopped::Silent | Stopped::Broken) => Failure::not_valid(
                "The package did not arrive whole. Nothing of it that was not confirmed is kept; send it again, or go on with the upload.",
            ),
            None => otherwise.into(),
        }
    }
}

fn too_large(max: u64) -> Failure {
    Failure::too_large(format!(
        "The package is larger than this service takes in ({max} bytes), so it was not kept. Divide it, or ask the operator to raise the limit."
    ))
}

impl PackageBody {
    /// Hands the bytes to a service.
    ///
    /// # Errors
    /// When the request itself ended too early, that; otherwise what the service says.
    pub async fn taken_by<T, F>(self, take: impl FnOnce(PackageStream) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, ServiceError>>,
    {
        let incoming = Incoming::default();
        let bytes = counted(self.body.into_data_stream(), self.max, SILENCE, incoming.clone());
        take(bytes.boxed()).await.map_err(|error| incoming.explain(error))
    }
}

/// Passes `body` on until its end, its failure, more than `max` bytes, or `silence` without a byte.
fn counted(
    body: BodyDataStream,
    max: u64,
    silence: Duration,
    incoming: Incoming,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static {
    stream::unfold(Some((body, 0_u64)), move |state| {
        let incoming = incoming.clone();
        async move {
            let (mut body, before) = state?;
            let stopped = match tokio::time::timeout(silence, body.next()).await {
                Ok(None) => return None,
                Ok(Some(Ok(bytes))) => {
                    let count = before.saturating_add(bytes.len() as u64);
                    if count <= max {
                        return Some((Ok(bytes), Some((body, count))));
                    }
                    Stopped::TooLarge(max)
                }
                Ok(Some(Err(error))) => {
                    tracing::info!(%error, "a package did not arrive whole");
                    Stopped::Broken
                }
                Err(_) => Stopped::Silent,
            };
            Some((Err(BodyError::from(*incoming.0.get_or_init(|| stopped))), None))
        }
    })
}

impl FromRequest<Api> for PackageBody {
    type Rejection = Failure;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Failure> {
        let max = api.services.config().upload_max_size;
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > max) {
            return Err(too_large(max));
        }
        Ok(Self { body: request.into_body(), max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(chunks: &[&'static str]) -> BodyDataStream {
        let chunks: Vec<Result<Bytes, std::io::Error>> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
        Body::from_stream(stream::iter(chunks)).into_data_stream()
    }

    #[tokio::test]
    async fn a_package_of_just_the_size_passes() {
        let incoming = Incoming::default();
        let chunks: Vec<_> = counted(body(&["abc", "de"]), 5, SILENCE, incoming.clone()).collect().await;
        assert!(chunks.iter().all(Result::is_ok) && chunks.len() == 2);
        assert_eq!(incoming.0.get(), None);
    }

    #[tokio::test]
    async fn one_byte_more_ends_it() {
        let incoming = Incoming::default();
        let chunks: Vec<_> = counted(body(&["abc", "def", "g"]), 5, SILENCE, incoming.clone()).collect().await;
        assert_eq!(chunks.len(), 2, "nothing is read after the limit");
        assert!(chunks[1].is_err());
        assert_eq!(incoming.0.get(), Some(&Stopped::TooLarge(5)));
    }

    #[tokio::test]
    async fn a_silent_client_is_let_go() {
        let incoming = Incoming::default();
        let silent = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>()).into_data_stream();
        let chunks: Vec<_> = counted(silent, 5, Duration::ZERO, incoming.clone()).collect().await;
        assert_eq!((chunks.len(), incoming.0.get()), (1, Some(&Stopped::Silent)));
    }
}
