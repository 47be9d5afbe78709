//! The ticket: a browser cannot put a bearer token on a WebSocket, so each attempt asks for a secret that opens it once
//! (`realtime.md` section 3).

use crate::{
    api::{Problem, client, events::TICKET_SUBPROTOCOL_PREFIX},
    realtime::{
        client::connection::TicketRefusal,
        protocol::{SUBPROTOCOL, Ticket},
    },
};

/// Asks for a ticket.
///
/// # Errors
/// What the refusal means for the attempt.
pub(super) async fn request() -> Result<Ticket, TicketRefusal> {
    client::monitor_ticket().await.map(|answer| Ticket::new(answer.data.ticket)).map_err(|problem| refusal(&problem))
}

/// The subprotocols that carry it.
pub(super) fn protocols(ticket: &Ticket) -> [String; 2] {
    [SUBPROTOCOL.to_owned(), format!("{TICKET_SUBPROTOCOL_PREFIX}{}", ticket.secret())]
}

fn refusal(problem: &Problem) -> TicketRefusal {
    match problem.status {
        401 => TicketRefusal::SignedOut,
        403 => TicketRefusal::Forbidden,
        503 => TicketRefusal::Busy { retry_ms: None },
        _ => TicketRefusal::Failed,
    }
}
