//! Which request something is done for: carried down to the work that it began, which goes on long after the answer.

use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use std::{future::Future, sync::Arc};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// A request, as its log lines and its trace name it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Its id: in the log, and in the header of its answer.
    pub request_id: Arc<str>,
    trace: SpanContext,
}

tokio::task_local! {
    static ORIGIN: Origin;
}

impl Origin {
    /// Names the request in the span of something that was begun by it.
    pub fn name_in(&self, span: &Span) {
        span.record("request_id", &*self.request_id);
        if self.trace.is_valid() {
            span.add_link(self.trace.clone());
        }
    }
}

/// Does what the request with this id and span asks for.
pub async fn within<T>(request_id: Arc<str>, span: &Span, work: impl Future<Output = T>) -> T {
    let trace = span.context().span().span_context().clone();
    ORIGIN.scope(Origin { request_id, trace }, work).await
}

/// The request that the present task works for.
#[must_use]
pub fn present() -> Option<Origin> {
    ORIGIN.try_with(Clone::clone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_known_inside_and_not_outside() {
        assert!(present().is_none());
        within("a".into(), &Span::none(), async {
            assert_eq!(present().map(|origin| origin.request_id), Some("a".into()));
        })
        .await;
        assert!(present().is_none());
    }
}
