//! The doors that a browser cannot knock at with a credential: a ticket is handed out to somebody who may go through, and taken
//! back from whoever comes with it (`storage-api.md` section 5.5).

use super::{
    Api,
    caller::{Access, Caller, Proof},
    cookies,
    problem::Failure,
    tickets::{Grant, Purpose, TTL_SECONDS},
};
use crate::server::auth::live::Lease;
use axum::{
    http::{HeaderMap, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use std::net::IpAddr;

impl Api {
    /// Hands out a ticket to somebody.
    ///
    /// # Errors
    /// 429 when their address asks too often, 503 when too many tickets are out.
    pub fn hand_out(&self, access: &Access, purpose: Purpose, origin: Option<&str>, address: Option<IpAddr>) -> Result<String, Failure> {
        let now = self.services.clock().now();
        if access.authenticated {
            self.ticket_rate.check(address, now)?;
        }
        let grant = Grant { purpose, subject: Some(access.clone()), origin: origin.map(str::to_owned) };
        Ok(self.tickets.issue(now, grant)?)
    }

    /// Hands out a ticket in the cookie of its door.
    ///
    /// # Errors
    /// As [`Self::hand_out`].
    pub fn hand_out_in_cookie(
        &self,
        access: &Access,
        purpose: Purpose,
        origin: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<Response, Failure> {
        let ticket = self.hand_out(access, purpose, origin, address)?;
        // Without a path: the browser's own, the folder of this address, is right on either listener.
        let cookie = format!("{}={ticket}; Max-Age={TTL_SECONDS}; HttpOnly; Secure", purpose.cookie());
        Ok(AppendHeaders([(header::SET_COOKIE, cookie)]).into_response())
    }

    /// Who fetches something: whoever comes with the ticket in its cookie, or a program whose token holds this attribute.
    ///
    /// # Errors
    /// As [`Self::admit`], and 403 for a program without the attribute.
    pub async fn admit_to_fetch(
        &self,
        caller: &Caller,
        headers: &HeaderMap,
        purpose: Purpose,
        attribute: &'static str,
    ) -> Result<Access, Failure> {
        let ticket = cookies::find(headers, purpose.cookie());
        let access = self.admit(caller, ticket, purpose, None).await?;
        if ticket.is_none() {
            caller.may(attribute)?;
        }
        Ok(access)
    }

    /// Who comes through a door: whoever the ticket was handed out to, else a program with a token of its own, else, where
    /// nobody has to sign in, anybody (section 5.4). A session's cookie alone opens nothing: it comes along by itself.
    ///
    /// # Errors
    /// 401 when a ticket is not good, belongs to somebody else than the one who is known here, or there is none.
    pub async fn admit(&self, caller: &Caller, ticket: Option<&str>, purpose: Purpose, origin: Option<&str>) -> Result<Access, Failure> {
        let Some(ticket) = ticket else {
            return match caller.known()? {
                Access { proof: Proof::Session { .. }, .. } => Err(Failure::unauthorized()),
                access => Ok(access.clone()),
            };
        };
        let grant = self.tickets.consume(self.services.clock().now(), ticket, purpose, origin).ok_or_else(Failure::unauthorized)?;
        let access = grant.subject.ok_or_else(Failure::unauthorized)?;
        if caller.access().is_some_and(|known| known.person != access.person) {
            return Err(Failure::unauthorized());
        }
        self.still_signed_in(&access).await?;
        Ok(access)
    }

    /// Another span of life for a connection, from a new ticket of the same person and page.
    ///
    /// # Errors
    /// 401 when the ticket is not good or another person's, or its session has just ended.
    pub async fn renew(&self, before: &Access, ticket: &str, origin: Option<&str>) -> Result<(Access, Lease), Failure> {
        let now = self.services.clock().now();
        let grant = self.tickets.consume(now, ticket, Purpose::Monitor, origin).ok_or_else(Failure::unauthorized)?;
        let access = grant.subject.filter(|access| access.person.is(&before.person)).ok_or_else(Failure::unauthorized)?;
        let lease = self.lease(&access).await?;
        Ok((access, lease))
    }

    /// The right of a connection to stay open.
    ///
    /// # Errors
    /// 401 when what it would stand on has just ended.
    pub async fn lease(&self, access: &Access) -> Result<Lease, Failure> {
        // Entered first: a session that ends from now on ends the connection, and one that has ended before is seen.
        let lease = self.auth.live().enter(access);
        self.still_signed_in(access).await?;
        Ok(lease)
    }

    async fn still_signed_in(&self, access: &Access) -> Result<(), Failure> {
        let Some(session) = access.session() else { return Ok(()) };
        match self.auth.sessions().is_alive(session).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::unauthorized()),
            Err(error) => Err(Failure::fault(&format!("a session cannot be read: {error}"))),
        }
    }
}
