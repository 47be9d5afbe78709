//! The one way in which the application reaches the API: typed calls over a transport that is gloo-net in the browser and the
//! service itself, in process, while the server renders.

#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
mod transport;
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
#[path = "in_process.rs"]
mod transport;

mod call;

#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub use transport::InProcess;
#[cfg(feature = "hydrate")]
pub use transport::send_blob;

pub use call::{ApiRequest, ApiResponse};

use crate::{
    api::{
        About, Aips, AipsQuery, CreateLocation, CreateUpload, Created, EventRecords, EventsQuery, Overview, Problem, UpdateLocation,
        Upload, Workflows, aips::MAX_LIMIT, events::MonitorTicket,
    },
    bag::Verdict,
    domain::{Aip, Location},
    realtime::Position,
};
use http::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Data with the log position that it is at least as new as: the server reads the position before the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot<T> {
    /// The position.
    pub position: Option<Position>,
    /// The data.
    pub data: T,
}

/// What a call comes to.
pub type Answer<T> = Result<Snapshot<T>, Problem>;

/// What this service is.
///
/// # Errors
/// As the server tells, or that it cannot be reached; so with every call here.
pub async fn about() -> Answer<About> {
    call::json(Method::GET, "/api/about", None::<&()>).await
}

/// The archive at a glance.
pub async fn overview() -> Answer<Overview> {
    call::json(Method::GET, "/api/storage/overview", None::<&()>).await
}

/// A page of AIPs.
pub async fn aips(query: &AipsQuery) -> Answer<Aips> {
    let query = AipsQuery { limit: query.limit.min(MAX_LIMIT), ..query.clone() };
    call::json(Method::GET, &format!("/api/storage/aips?{}", query.to_query_string()), None::<&()>).await
}

/// One AIP.
pub async fn aip(uuid: Uuid) -> Answer<Aip> {
    call::json(Method::GET, &format!("/api/storage/aips/{uuid}"), None::<&()>).await
}

/// What is and was done to an AIP, oldest first.
pub async fn workflows(aip: Uuid) -> Answer<Workflows> {
    call::json(Method::GET, &format!("/api/storage/aips/{aip}/workflows"), None::<&()>).await
}

/// What the verification of an AIP found when it was taken in; `None` for one whose bytes were never read here.
pub async fn verification(aip: Uuid) -> Answer<Option<Verdict>> {
    call::json(Method::GET, &format!("/api/storage/aips/{aip}/verification"), None::<&()>).await
}

/// All locations, by name.
pub async fn locations() -> Answer<Vec<Location>> {
    call::json(Method::GET, "/api/storage/locations", None::<&()>).await
}

/// One location.
pub async fn location(uuid: Uuid) -> Answer<Location> {
    call::json(Method::GET, &format!("/api/storage/locations/{uuid}"), None::<&()>).await
}

/// Records a new location.
pub async fn create_location(body: &CreateLocation) -> Answer<Created> {
    call::json(Method::POST, "/api/storage/locations", Some(body)).await
}

/// Changes a location's name or description.
pub async fn update_location(uuid: Uuid, body: &UpdateLocation) -> Answer<Location> {
    call::json(Method::PATCH, &format!("/api/storage/locations/{uuid}"), Some(body)).await
}

/// Removes an empty location.
pub async fn delete_location(uuid: Uuid) -> Answer<()> {
    call::empty(Method::DELETE, &format!("/api/storage/locations/{uuid}")).await
}

/// Entries of the log, newest first.
pub async fn events(query: &EventsQuery) -> Answer<EventRecords> {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    call::json(Method::GET, &format!("/api/events?{query}"), None::<&()>).await
}

/// A ticket for one attempt at opening the monitor, carried in the subprotocol.
pub async fn monitor_ticket() -> Answer<MonitorTicket> {
    call::json(Method::POST, "/api/storage/monitor", Some(&crate::api::events::TicketRequest::subprotocol())).await
}

/// Announces a package that will come in parts.
pub async fn create_upload(body: &CreateUpload) -> Answer<Upload> {
    call::json(Method::POST, "/api/storage/uploads", Some(body)).await
}

/// How far an upload is.
pub async fn upload(uuid: Uuid) -> Answer<Upload> {
    call::json(Method::GET, &format!("/api/storage/uploads/{uuid}"), None::<&()>).await
}

/// Calls an upload off; what came of it is removed.
pub async fn cancel_upload(uuid: Uuid) -> Answer<()> {
    call::empty(Method::DELETE, &format!("/api/storage/uploads/{uuid}")).await
}
