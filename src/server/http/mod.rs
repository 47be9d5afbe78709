//! The API over HTTP: what `storage-api.md` promises, in axum.
//!
//! Begin with [`routes`], which shows every address on one screen. A request passes [`layers`], is read by [`extract`], answered
//! by one short function in [`handlers`] that asks a service, and whatever goes wrong becomes an answer in [`problem`]. The live
//! connection is in [`monitor`].

pub mod caller;
pub mod cookies;
pub mod extract;
pub mod handlers;
pub mod layers;
pub mod listener;
pub mod monitor;
pub mod openapi;
pub mod origin;
pub mod problem;
pub mod random;
pub mod routes;
pub mod tickets;

use crate::server::service::Services;
use axum::Router;
use monitor::Connections;
use std::sync::Arc;
use tickets::Tickets;

/// What every handler is given.
#[derive(Clone)]
pub struct Api {
    /// What the archive can do.
    pub services: Services,
    /// Tickets that were handed out and not used yet.
    pub tickets: Arc<Tickets>,
    /// Live connections, counted.
    pub connections: Arc<Connections>,
}

impl Api {
    /// The state for a process that answers with these services.
    #[must_use]
    pub fn new(services: Services) -> Self {
        Self { services, tickets: Arc::default(), connections: Arc::default() }
    }
}

/// Everything under `/api`. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that live connections can be
/// counted by address.
pub fn api_router(services: Services) -> Router {
    let api = Api::new(services);
    layers::around(routes::router(api.clone()), api)
}
