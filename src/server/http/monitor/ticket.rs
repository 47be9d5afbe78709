//! `POST /api/storage/monitor`: a ticket for one attempt at opening the monitor (`realtime.md` section 3).

use crate::{
    api::{
        events::{MonitorTicket, TICKET_SUBPROTOCOL_PREFIX, TicketRequest},
        problem::ErrorObject,
    },
    server::http::{
        Api,
        address::ClientAddress,
        caller::{Access, Caller},
        cookies,
        extract::OptionalJsonBody,
        problem::Failure,
        tickets::{Purpose, TTL_SECONDS},
    },
};
use axum::{
    Json,
    extract::{State, WebSocketUpgrade},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

/// Hands out a ticket.
///
/// Without a body it comes in a cookie, as Enduro's clients expect; two pages in one browser would overwrite each other's, so ours
/// ask to carry it in the list of subprotocols.
#[utoipa::path(
    post,
    path = "/api/storage/monitor",
    tag = "monitor",
    operation_id = "request_monitor_ticket",
    request_body(content = Option<TicketRequest>, example = json!({ "carry": "subprotocol" })),
    responses(
        (status = 200, description = "The ticket: a MonitorTicket in the body where it was asked for, otherwise no body and the cookie enduro-storage-ws-ticket"),
        (status = 400, description = "The body is not valid", body = ErrorObject),
        (status = 401, description = "Nobody is signed in", body = String),
        (status = 403, description = "The page is of another site", body = String),
        (status = 429, description = "Too many tickets were asked for from this address", body = ErrorObject),
        (status = 503, description = "Too many tickets are waiting to be used", body = ErrorObject),
    )
)]
pub async fn issue(
    State(api): State<Api>,
    caller: Caller,
    address: ClientAddress,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody<TicketRequest>,
) -> Result<Response, Failure> {
    hand_out(&api, &caller, Purpose::Monitor, address, &headers, body)
}

/// Hands out a ticket for this door, in the way that was asked for.
pub(super) fn hand_out(
    api: &Api,
    caller: &Caller,
    purpose: Purpose,
    ClientAddress(address): ClientAddress,
    headers: &HeaderMap,
    body: Option<TicketRequest>,
) -> Result<Response, Failure> {
    let carry = body.and_then(|body| body.carry);
    let in_subprotocol = match carry.as_deref() {
        None | Some("" | "cookie") => false,
        Some("subprotocol") => true,
        Some(_) => return Err(Failure::not_valid("carry: must be subprotocol, or absent for the cookie")),
    };
    let (access, origin) = (caller.known()?, origin(headers));
    if !in_subprotocol {
        return api.hand_out_in_cookie(access, purpose, origin, address);
    }
    let ticket = api.hand_out(access, purpose, origin, address)?;
    Ok(Json(MonitorTicket { ticket, expires_in: TTL_SECONDS }).into_response())
}

/// Who opens the WebSocket. A ticket that is presented has to be good, even where none is needed.
pub(super) async fn admit(
    api: &Api,
    caller: &Caller,
    purpose: Purpose,
    upgrade: &WebSocketUpgrade,
    headers: &HeaderMap,
) -> Result<Access, Failure> {
    let carried = upgrade
        .requested_protocols()
        .filter_map(|protocol| protocol.to_str().ok())
        .find_map(|protocol| protocol.strip_prefix(TICKET_SUBPROTOCOL_PREFIX));
    let ticket = carried.or_else(|| cookies::find(headers, purpose.cookie()));
    api.admit(caller, ticket, purpose, origin(headers)).await
}

/// The origin of the page that asks, if it is a page.
pub(super) fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ORIGIN)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::protocol::SUBPROTOCOL;

    #[test]
    fn our_subprotocol_is_not_mistaken_for_a_ticket() {
        assert!(!SUBPROTOCOL.starts_with(TICKET_SUBPROTOCOL_PREFIX));
    }
}
