//! The live connection (`storage-api.md` sections 6 and 10): one address that is a WebSocket for those who ask for an upgrade
//! and a stream of server-sent events for everybody else.
//!
//! [`ticket`] hands out what opens it; [`socket`] and [`sse`] carry the events of one [`feed`] to one client; [`connections`]
//! counts them.

mod beside;
mod connections;
pub mod doors;
mod feed;
mod live;
mod socket;
mod sse;
pub mod ticket;

pub use connections::Connections;

use super::{
    Api,
    address::ClientAddress,
    caller::{Access, Caller},
    problem::Failure,
    tickets::Purpose,
};
use crate::{
    api::{EventFrame, problem::ErrorObject},
    domain::StorageEvent,
    realtime::protocol,
    server::metrics::LiveDoor,
};
use axum::{
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use connections::Refused;
use std::time::Duration;

/// Time between two pings (`storage-api.md` section 6.2).
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Events that are sent before the connection is flushed.
const BATCH: usize = 64;

/// Opens the live connection.
///
/// With `Upgrade: websocket`, text frames follow; otherwise server-sent events, which go on after `Last-Event-ID`. Each is one
/// event in its envelope; "Hello" comes at once and "Ping" every ten seconds.
#[utoipa::path(
    get,
    path = "/api/storage/monitor",
    tag = "monitor",
    operation_id = "open_monitor",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "Server-sent events: the id of the last one that was received"),
        ("Sec-WebSocket-Protocol" = Option<String>, Header, description = "WebSocket: strongroom.v1, ticket.<value>"),
    ),
    responses(
        (status = 101, description = "WebSocket: one event per text frame"),
        (status = 200, description = "Server-sent events", body = EventFrame, content_type = "text/event-stream"),
        (status = 401, description = "Nobody is signed in, or the ticket is not good any more or never was", body = String),
        (status = 403, description = "The page is of another site", body = String),
        (status = 503, description = "Too many connections", body = ErrorObject),
    )
)]
pub async fn open(State(api): State<Api>, caller: Caller, request: Request) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    if wants_websocket(&parts.headers) { open_socket(&api, &caller, &mut parts).await } else { open_stream(&api, &caller, &parts).await }
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

async fn open_socket(api: &Api, caller: &Caller, parts: &mut Parts) -> Result<Response, Failure> {
    let mut upgrade = match WebSocketUpgrade::from_request_parts(parts, api).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let access = ticket::admit(api, caller, Purpose::Monitor, &upgrade, &parts.headers).await?;
    let lease = api.lease(&access).await?;
    let ours = upgrade.requested_protocols().any(|protocol| protocol == protocol::SUBPROTOCOL);
    let slot = slot(api, &access, parts, if ours { LiveDoor::Session } else { LiveDoor::Monitor })?;
    if ours {
        upgrade.set_selected_protocol(HeaderValue::from_static(protocol::SUBPROTOCOL));
        let origin = ticket::origin(&parts.headers).map(str::to_owned);
        let connection = live::Connection { api: api.clone(), access, lease, origin };
        return Ok(socket::bounded(upgrade).on_upgrade(move |websocket| async move {
            let ended = connection.run(websocket).await;
            tracing::debug!(?ended, "a live connection ended");
            drop(slot);
        }));
    }
    let hub = api.services.hub();
    // The cursor is placed before the answer: what happens while the connection is being made is not missed.
    let (cursor, shutdown) = (hub.subscribe(), hub.shutdown());
    Ok(socket::bounded(upgrade).on_upgrade(move |websocket| async move {
        let connection = socket::Connection {
            door: socket::Monitor { feed: cursor, permissions: access.permissions },
            heartbeat: feed::every(HEARTBEAT),
            signed_out: lease.ended(),
            shutdown,
            stall: socket::STALL,
        };
        let ended = connection.run(websocket).await;
        tracing::debug!(?ended, "a monitor connection ended");
        drop((slot, lease));
    }))
}

async fn open_stream(api: &Api, caller: &Caller, parts: &Parts) -> Result<Response, Failure> {
    let access = caller.known()?;
    let lease = api.lease(access).await?;
    let slot = slot(api, access, parts, LiveDoor::Stream)?;
    let last = parts.headers.get("last-event-id").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    sse::respond(&api.services, last.as_deref(), access.permissions.clone(), lease, slot).await
}

fn slot(api: &Api, access: &Access, parts: &Parts, door: LiveDoor) -> Result<connections::Slot, Failure> {
    let config = api.services.config();
    let ClientAddress(address) = ClientAddress::of(config, &parts.extensions, &parts.headers);
    let limits = connections::Limits {
        total: config.monitor_connections,
        per_address: config.monitor_connections_per_address,
        per_person: config.monitor_connections_per_person,
    };
    // Where nobody signs in, everybody is the same person.
    let person = access.authenticated.then_some(&access.person);
    let slot = api.connections.take(address, person, limits).map_err(|refused| match refused {
        Refused::Address => Failure::busy(format!(
            "There are {} live connections from this address already. Close some pages; the data itself can still be read.",
            limits.per_address
        )),
        Refused::Person => Failure::busy(format!(
            "You have {} live connections already. Close some pages; the data itself can still be read.",
            limits.per_person
        )),
        Refused::Total => Failure::busy("The service has as many live connections as it takes. The data itself can still be read."),
    })?;
    Ok(slot.counted(api.services.meters().opened(door)))
}

/// A ping as JSON. It is no change: it has no place in the log.
fn ping(message: &str) -> String {
    let value = StorageEvent::Ping { message: Some(message.to_owned()) };
    serde_json::to_string(&EventFrame { seq: None, tag: None, version: None, at: None, person: None, value }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::ping;

    #[test]
    fn pings_are_as_enduro_sends_them() {
        assert_eq!(ping("Hello"), r#"{"value":{"type":"storage_ping_event","value":{"message":"Hello"}}}"#);
    }
}
