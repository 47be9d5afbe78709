//! The API over HTTP: what `storage-api.md` promises, in axum.
//!
//! Begin with [`routes`], which shows every address on one screen. A request passes [`layers`], is read by [`extract`], answered
//! by one short function in [`handlers`] that asks a service, and whatever goes wrong becomes an answer in [`problem`]. The live
//! connection is in [`monitor`].

pub mod address;
pub mod admission;
pub mod caller;
pub mod conditional;
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
pub mod rate;
pub mod routes;
pub mod tickets;

use crate::server::{auth::Auth, service::Services, system::System};
use axum::Router;
use monitor::Connections;
use origin::Ours;
use rate::Rate;
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
    /// How busy the machine is.
    pub system: System,
    /// Who people are.
    pub auth: Auth,
    /// Which names and origins are ours.
    pub ours: Arc<Ours>,
    /// How often an address may ask for tickets.
    pub ticket_rate: Arc<Rate>,
    /// How often an address may begin or end a sign-in.
    pub sign_in_rate: Arc<Rate>,
}

impl Api {
    /// The state for a process that answers with these services.
    #[must_use]
    pub fn new(services: Services) -> Self {
        let config = services.config();
        let connections = Arc::<Connections>::default();
        Self {
            tickets: Arc::default(),
            system: System::new(services.clone(), Arc::clone(&connections)),
            connections,
            auth: Auth::new(config, services.db().clone(), services.shared_clock()),
            ours: Arc::new(Ours {
                public_url: config.public_url.clone(),
                allowed_origins: config.allowed_origins.clone(),
                beyond_loopback: !config.listen.ip().is_loopback(),
            }),
            // An office behind one address opens its pages at nine; whoever guesses is slowed down all the same.
            ticket_rate: Arc::new(Rate::new(300, 20)),
            sign_in_rate: Arc::new(Rate::new(60, 1)),
            services,
        }
    }
}

/// Everything under `/api`. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that live connections can be
/// counted by address.
pub fn api_router(api: Api) -> Router {
    layers::around(routes::router(api.clone()), api)
}
