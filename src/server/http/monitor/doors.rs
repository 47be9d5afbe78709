//! The doors for other applications (`realtime.md` section 2): `/ws` tells the changes of resources, `/ws/metrics` how busy the
//! machine is. They share one hub, one authentication, one permission filter and one set of limits with the dashboard's own door.

use super::{
    BATCH, HEARTBEAT,
    beside::{self, Heard},
    feed,
    socket::{self, Door, Ended},
    ticket,
};
use crate::{
    api::{events::TicketRequest, problem::ErrorObject},
    domain::Permissions,
    realtime::{metrics::Request as Wish, protocol::ServerFrame, topic::Topic},
    server::{
        http::{Api, address::ClientAddress, caller::Caller, extract::OptionalJsonBody, problem::Failure, tickets::Purpose},
        hub::{Cursor, news::Note},
        metrics::LiveDoor,
        system::{Latest, System},
    },
};
use axum::{
    extract::{FromRequestParts as _, Request, State, WebSocketUpgrade, ws::Message},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// What clients of `/ws` may ask for beside their ticket.
const RESOURCES: &str = "strongroom.resources.v1";
/// What clients of `/ws/metrics` may ask for beside their ticket.
const METRICS: &str = "strongroom.metrics.v1";

/// Hands out a ticket for the changes of resources.
#[utoipa::path(
    post,
    path = "/ws",
    tag = "monitor",
    operation_id = "request_resources_ticket",
    request_body(content = Option<TicketRequest>, example = json!({ "carry": "subprotocol" })),
    responses(
        (status = 200, description = "The ticket: a MonitorTicket in the body where it was asked for, otherwise no body and the cookie strongroom-ws-ticket"),
        (status = 400, description = "The body is not valid", body = ErrorObject),
        (status = 401, description = "Nobody is signed in", body = String),
        (status = 429, description = "Too many tickets were asked for from this address", body = ErrorObject),
    )
)]
pub async fn resources_ticket(
    State(api): State<Api>,
    caller: Caller,
    address: ClientAddress,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody<TicketRequest>,
) -> Result<Response, Failure> {
    ticket::hand_out(&api, &caller, Purpose::Resources, address, &headers, body)
}

/// Opens the door of resources: `resource_change` messages and announcements, as far as they may be seen. Clients need not send
/// anything.
#[utoipa::path(
    get,
    path = "/ws",
    tag = "monitor",
    operation_id = "open_resources",
    params(("Sec-WebSocket-Protocol" = Option<String>, Header, description = "strongroom.resources.v1, ticket.<value>")),
    responses(
        (status = 101, description = "WebSocket: one message per text frame"),
        (status = 400, description = "The request is no upgrade to a WebSocket", body = String),
        (status = 401, description = "Nobody is signed in, or the ticket is not good any more or never was", body = String),
        (status = 503, description = "Too many connections", body = ErrorObject),
    )
)]
pub async fn resources(State(api): State<Api>, caller: Caller, request: Request) -> Result<Response, Failure> {
    let hub = api.services.hub().clone();
    open(api, caller, request, Purpose::Resources, RESOURCES, move |permissions| Resources {
        cursor: hub.subscribe(),
        notes: Some(hub.news().listen()),
        permissions,
    })
    .await
}

/// Hands out a ticket for the metrics.
#[utoipa::path(
    post,
    path = "/ws/metrics",
    tag = "monitor",
    operation_id = "request_metrics_ticket",
    request_body(content = Option<TicketRequest>, example = json!({ "carry": "subprotocol" })),
    responses(
        (status = 200, description = "The ticket: a MonitorTicket in the body where it was asked for, otherwise no body and the cookie strongroom-ws-metrics-ticket"),
        (status = 400, description = "The body is not valid", body = ErrorObject),
        (status = 401, description = "Nobody is signed in", body = String),
        (status = 429, description = "Too many tickets were asked for from this address", body = ErrorObject),
    )
)]
pub async fn metrics_ticket(
    State(api): State<Api>,
    caller: Caller,
    address: ClientAddress,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody<TicketRequest>,
) -> Result<Response, Failure> {
    ticket::hand_out(&api, &caller, Purpose::Metrics, address, &headers, body)
}

/// Opens the door of metrics. Nothing is sent before `{"type":"subscribe","channel":"metrics"}`.
#[utoipa::path(
    get,
    path = "/ws/metrics",
    tag = "monitor",
    operation_id = "open_metrics",
    params(("Sec-WebSocket-Protocol" = Option<String>, Header, description = "strongroom.metrics.v1, ticket.<value>")),
    responses(
        (status = 101, description = "WebSocket: a message of type metrics per interval"),
        (status = 400, description = "The request is no upgrade to a WebSocket", body = String),
        (status = 401, description = "Nobody is signed in, or the ticket is not good any more or never was", body = String),
        (status = 503, description = "Too many connections, or metrics are not told over connections here", body = ErrorObject),
    )
)]
pub async fn metrics(State(api): State<Api>, caller: Caller, request: Request) -> Result<Response, Failure> {
    if !api.system.is_told() {
        return Err(Failure::busy("Metrics are not told over connections here (WS_ENABLED is off). Ask GET /api/system/metrics instead."));
    }
    let system = api.system.clone();
    open(api, caller, request, Purpose::Metrics, METRICS, |permissions| Metrics { system, permissions, samples: None }).await
}

async fn open<D: Door + Sync + 'static>(
    api: Api,
    caller: Caller,
    request: Request,
    purpose: Purpose,
    subprotocol: &'static str,
    door: impl FnOnce(Permissions) -> D,
) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &api).await {
        Ok(upgrade) => upgrade.protocols([subprotocol]),
        Err(rejection) => {
            caller.known()?;
            return Ok(rejection.into_response());
        }
    };
    let access = ticket::admit(&api, &caller, purpose, &upgrade, &parts.headers).await?;
    let lease = api.lease(&access).await?;
    let counted = if purpose == Purpose::Metrics { LiveDoor::Metrics } else { LiveDoor::Resources };
    let slot = super::slot(&api, &access, &parts, counted)?;
    // Opened before the answer: what happens while the connection is being made is not missed.
    let connection = socket::Connection {
        door: door(access.permissions.clone()),
        heartbeat: feed::every(HEARTBEAT),
        signed_out: lease.ended(),
        shutdown: api.services.hub().shutdown(),
        stall: socket::STALL,
    };
    Ok(socket::bounded(upgrade).on_upgrade(move |websocket| async move {
        let ended = connection.run(websocket).await;
        tracing::debug!(?ended, ?purpose, "a connection ended");
        drop((slot, lease));
    }))
}

/// The door of resources.
struct Resources {
    cursor: Cursor,
    notes: Option<broadcast::Receiver<Arc<Note>>>,
    permissions: Permissions,
}

impl Door for Resources {
    async fn next(&mut self) -> Result<Vec<Message>, Ended> {
        let permissions = &self.permissions;
        tokio::select! {
            batch = self.cursor.next_batch(BATCH) => {
                let batch = batch.map_err(|error| socket::fell_behind(&error))?;
                let meant = batch.iter().filter(|event| event.is_seen_with(permissions));
                Ok(meant.filter_map(|event| event.resource_change().cloned()).map(Message::Text).collect())
            }
            heard = beside::note(&mut self.notes) => match heard {
                Heard::Note(note) => {
                    let meant = note.topic == Topic::Resources && note.is_seen_with(permissions);
                    Ok(meant.then(|| Message::Text(note.text.clone())).into_iter().collect())
                }
                _ => Err(Ended::FellBehind),
            },
        }
    }
}

/// The door of metrics.
struct Metrics {
    system: System,
    permissions: Permissions,
    samples: Option<watch::Receiver<Option<Latest>>>,
}

impl Door for Metrics {
    fn heard(&mut self, text: &str) -> Vec<Message> {
        let error = |message: String| vec![Message::Text(ServerFrame::Error { message }.to_text().into())];
        match Wish::read(text) {
            Ok(Wish::Subscribe) => match beside::refusal(&self.permissions, &self.system) {
                Some(refusal) => error(refusal.to_owned()),
                None => {
                    if self.samples.is_none() {
                        self.samples = Some(self.system.watch());
                    }
                    Vec::new()
                }
            },
            Ok(Wish::Unsubscribe) => {
                self.samples = None;
                Vec::new()
            }
            Err(not_a_request) => error(not_a_request.to_string()),
        }
    }

    async fn next(&mut self) -> Result<Vec<Message>, Ended> {
        Ok(vec![Message::Text(beside::sample(&mut self.samples).await)])
    }
}
