//! The ticket: a browser cannot put a bearer token on a WebSocket, so each attempt asks for a secret that opens it once
//! (`realtime.md` section 3).

use crate::{
    api::{
        Problem, client,
        events::{SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX},
    },
    realtime::connection::Input,
};

/// Asks for a ticket. The subprotocols that carry it.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub(super) async fn request() -> Result<[String; 2], Problem> {
    let ticket = client::monitor_ticket().await?.data.ticket;
    Ok([SUBPROTOCOL.to_owned(), format!("{TICKET_SUBPROTOCOL_PREFIX}{ticket}")])
}

/// What a refusal means for the attempt: only a missing sign-in is not worth another one.
pub(super) fn refused(generation: u64, problem: &Problem) -> Input {
    Input::TicketRefused { generation, signed_out: problem.status == 401 }
}
