//! Server-sent events (`storage-api.md` section 10): the same events for clients that do not ask for an upgrade.
//!
//! Each piece carries the position of the log as its `id`, pings included, so that a client that reconnects can always say
//! where it was. Where it cannot be proven that nothing was missed, an event named `resync` says so; clients that listen for
//! plain messages only do not see it.

use super::{
    BATCH, HEARTBEAT,
    connections::Slot,
    feed::{Feed, every},
    ping,
};
use crate::{
    domain::Permissions,
    realtime::{Position, protocol::ResyncReason, resume::Resumption},
    server::{
        auth::live::Lease,
        db::DbErr,
        http::problem::Failure,
        hub::{Cursor, Hub, HubError, Resumed},
        service::Services,
    },
};
use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt, stream};
use std::convert::Infallible;
use tokio_util::sync::CancellationToken;

/// What the client names is no position of a log.
const UNKNOWN: &str = "unknown";

/// Answers with a stream that goes on after `last`, the id of the last event that the client received.
pub(super) async fn respond(
    services: &Services,
    last: Option<&str>,
    permissions: Permissions,
    lease: Lease,
    slot: Slot,
) -> Result<Response, Failure> {
    let hub = services.hub();
    let (cursor, position, gap) = place(hub, last).await.map_err(|error| {
        tracing::warn!(%error, "a monitor stream cannot begin");
        Failure::busy("The event log cannot be read at the moment. Try again in a few seconds.")
    })?;
    let mut first = piece(position, None, &ping("Hello"));
    if let Some(reason) = gap {
        services.meters().resync(reason);
        first.push_str(&resync(position, reason));
    }
    let connection = Connection {
        feed: cursor,
        permissions,
        position,
        first: Some(first),
        heartbeat: every(HEARTBEAT),
        signed_out: lease.ended(),
        shutdown: hub.shutdown(),
        services: services.clone(),
    };
    let body = connection.into_stream().map(move |text| {
        let _held = (&slot, &lease);
        Ok::<_, Infallible>(text)
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache"), (header::CONNECTION, "keep-alive")];
    Ok((headers, [("x-accel-buffering", "no")], Body::from_stream(body)).into_response())
}

/// The cursor to go on from, where it stands, and why the client missed something, if it did.
async fn place(hub: &Hub, last: Option<&str>) -> Result<(Cursor, Position, Option<&'static str>), DbErr> {
    let asked = last.map(str::trim).filter(|text| !text.is_empty()).map(str::parse::<Position>);
    let (position, unknown) = match asked {
        Some(Ok(position)) => (position, None),
        Some(Err(_)) => (hub.position(), Some(UNKNOWN)),
        None => (hub.position(), None),
    };
    let Resumed { verdict, end, cursor } = hub.resume(position).await?;
    Ok(match verdict {
        Resumption::After(_) => (cursor, position, unknown),
        Resumption::Resync(reason) => (cursor, end, Some(reason.as_str())),
    })
}

/// What one stream is made of.
struct Connection<F, H> {
    feed: F,
    /// What whoever opened it may do.
    permissions: Permissions,
    /// Up to where the client has been told.
    position: Position,
    first: Option<String>,
    heartbeat: H,
    signed_out: CancellationToken,
    shutdown: CancellationToken,
    services: Services,
}

impl<F: Feed + 'static, H: Stream<Item = ()> + Unpin + Send + 'static> Connection<F, H> {
    fn into_stream(self) -> impl Stream<Item = String> + Send + 'static {
        stream::unfold(Some(self), |state| async move {
            let mut connection = state?;
            let (text, goes_on) = connection.next().await?;
            Some((text, goes_on.then_some(connection)))
        })
    }

    /// The next piece, and whether others follow; `None` at the end.
    async fn next(&mut self) -> Option<(String, bool)> {
        if let Some(first) = self.first.take() {
            return Some((first, true));
        }
        loop {
            let batch = tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return None,
                () = self.signed_out.cancelled() => return None,
                _ = self.heartbeat.next() => return Some((piece(self.position, None, &ping("Ping")), true)),
                batch = self.feed.next_batch(BATCH) => batch,
            };
            match batch {
                Ok(events) => {
                    let mut text = String::new();
                    for event in events {
                        self.position = Position { seq: event.seq, tag: event.tag, ..self.position };
                        if event.known_to_enduro && event.is_seen_with(&self.permissions) {
                            text.push_str(&piece(self.position, None, event.json()));
                        }
                    }
                    if !text.is_empty() {
                        return Some((text, true));
                    }
                }
                // The client is told from where on it may go on, and reconnects by itself.
                Err(HubError::Lost(_)) => {
                    let reason = ResyncReason::Lag.as_str();
                    self.services.meters().resync(reason);
                    return Some((resync(self.services.position(), reason), false));
                }
                Err(HubError::Database(error)) => {
                    tracing::warn!(%error, "a monitor stream cannot go on");
                    return None;
                }
            }
        }
    }
}

/// One event of the stream. `data` is JSON, which has no line breaks.
fn piece(position: Position, name: Option<&str>, data: &str) -> String {
    let name = name.map(|name| format!("event: {name}\n")).unwrap_or_default();
    format!("{name}id: {position}\ndata: {data}\n\n")
}

fn resync(position: Position, reason: &str) -> String {
    piece(position, Some("resync"), &serde_json::json!({ "reason": reason, "position": position }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITION: Position = Position { epoch: 1, seq: 41, tag: 2 };

    #[test]
    fn a_piece_is_one_line_of_data_with_its_place() {
        assert_eq!(piece(POSITION, None, "{}"), "id: 0000000000000001-41-0000000000000002\ndata: {}\n\n");
    }

    #[test]
    fn a_resync_is_a_named_event() {
        assert_eq!(
            resync(POSITION, ResyncReason::TooOld.as_str()),
            "event: resync\nid: 0000000000000001-41-0000000000000002\ndata: {\"position\":\"0000000000000001-41-0000000000000002\",\"reason\":\"too_old\"}\n\n"
        );
    }
}
