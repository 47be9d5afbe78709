//! Reactive signal stores for locations and AIPs, and for what else a page shows.
//!
//! Pages render from here and from nowhere else. What was asked for arrives through [`load`], what happens meanwhile through
//! [`crate::app::monitor`], and [`refresh`] asks again, debounced, where an event does not carry enough. All three obey one rule
//! (`realtime.md` section 1): data for a resource is accepted only if its version is not older than what is held.
//!
//! On the server the stores belong to the one request that is rendered; in the browser to the open page.

pub mod aips;
pub mod connection;
pub mod latest;
pub mod load;
pub mod locations;
pub mod question;
pub mod refresh;
pub mod system;
pub mod tasks;
pub mod toasts;
pub mod user;

pub use aips::AipsStore;
pub use connection::ConnectionStore;
pub use latest::Latest;
pub use load::{Arrival, Loaded, PageData, page_data, page_data_once};
pub use locations::LocationsStore;
pub use question::Question;
pub use refresh::{Refreshes, Touched};
pub use system::SystemStore;
pub use tasks::TasksStore;
pub use toasts::Toasts;
pub use user::{Permitted, UserStore, WithUser};

use crate::api::{About, EventRecords, Overview};
use leptos::prelude::*;

/// Every store of the application. `Copy`: pass it into closures as it is.
#[derive(Debug, Clone, Copy)]
pub struct Stores {
    /// The list of AIPs on screen and the AIP on screen.
    pub aips: AipsStore,
    /// The locations, and their names for everything that refers to one.
    pub locations: LocationsStore,
    /// The archive at a glance.
    pub overview: Latest<Overview>,
    /// A piece of the log.
    pub activity: Latest<EventRecords>,
    /// The progress of tasks.
    pub tasks: TasksStore,
    /// How busy the machine was lately.
    pub system: SystemStore,
    /// The live connection.
    pub connection: ConnectionStore,
    /// What is on screen and how it is fetched again.
    pub refreshes: Refreshes,
    /// Short messages about what was done.
    pub toasts: Toasts,
    /// Who looks at the page.
    pub user: UserStore,
    /// What this service is, once known.
    pub about: RwSignal<Option<About>>,
}

impl Stores {
    /// Makes empty stores and puts them into the context.
    pub fn provide() -> Self {
        let (connection, user) = (ConnectionStore::new(), UserStore::new());
        let stores = Self {
            aips: AipsStore::new(),
            locations: LocationsStore::new(user),
            overview: Latest::new(),
            activity: Latest::new(),
            tasks: TasksStore::new(connection),
            system: SystemStore::new(),
            connection,
            refreshes: Refreshes::new(),
            toasts: Toasts::new(),
            user,
            about: RwSignal::new(None),
        };
        provide_context(stores);
        stores
    }

    /// The stores of the application around the calling component.
    #[must_use]
    pub fn here() -> Self {
        expect_context()
    }
}
