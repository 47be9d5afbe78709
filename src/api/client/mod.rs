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
pub use transport::{on_signed_out, send_blob};

pub use call::{ApiRequest, ApiResponse, Call, Text, read, texts, unreadable};

use crate::{
    api::{
        About, AcknowledgeChanges, Aips, AipsQuery, CancelDeletion, CreateLocation, CreateUpload, Created, DeletionRequests, EventRecords,
        EventsQuery, FixityChecks, FixityStarted, LocationChanges, MoveAip, Overview, Problem, RequestDeletion, ReviewDeletion, Tasks,
        UpdateLocation, Upload, User, Workflows, aips::MAX_LIMIT, events::MonitorTicket, user::SignedOut,
    },
    bag::Verdict,
    domain::{Aip, Location},
    realtime::{Position, etag::EntityTag, metrics::MetricsMessage},
};
use http::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Data with the log position that it is at least as new as: the server reads the position before the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot<T> {
    /// The position.
    pub position: Option<Position>,
    /// The data.
    pub data: T,
}

/// What a call comes to.
pub type Answer<T> = Result<Snapshot<T>, Problem>;

/// What this service is. Await it for the answer: as the server tells, or that it cannot be reached; so with every call here.
#[must_use]
pub fn about() -> Call<About> {
    Call::new("/api/about")
}

/// The archive at a glance.
#[must_use]
pub fn overview() -> Call<Overview> {
    Call::new("/api/storage/overview")
}

/// A page of AIPs.
#[must_use]
pub fn aips(query: &AipsQuery) -> Call<Aips> {
    let query = AipsQuery { limit: query.limit.min(MAX_LIMIT), ..query.clone() };
    Call::new(format!("/api/storage/aips?{}", query.to_query_string()))
}

/// One AIP.
#[must_use]
pub fn aip(uuid: Uuid) -> Call<Aip> {
    Call::new(format!("/api/storage/aips/{uuid}"))
}

/// What is and was done to an AIP, oldest first.
#[must_use]
pub fn workflows(aip: Uuid) -> Call<Workflows> {
    Call::new(format!("/api/storage/aips/{aip}/workflows"))
}

/// What the verification of an AIP found when it was taken in; `None` for one whose bytes were never read here.
#[must_use]
pub fn verification(aip: Uuid) -> Call<Option<Verdict>> {
    Call::new(format!("/api/storage/aips/{aip}/verification"))
}

/// All locations, by name.
#[must_use]
pub fn locations() -> Call<Vec<Location>> {
    Call::new("/api/storage/locations")
}

/// One location.
#[must_use]
pub fn location(uuid: Uuid) -> Call<Location> {
    Call::new(format!("/api/storage/locations/{uuid}"))
}

/// Records a new location.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn create_location(body: &CreateLocation) -> Answer<Created> {
    call::json(Method::POST, "/api/storage/locations", body).await
}

/// Changes the name or description of a location that is at the version that was seen.
///
/// # Errors
/// As the server tells (412 when it is at another version), or that it cannot be reached.
pub async fn update_location(uuid: Uuid, seen: u64, body: &UpdateLocation) -> Answer<Location> {
    call::json_if(Method::PATCH, &format!("/api/storage/locations/{uuid}"), EntityTag::of(uuid, seen), body).await
}

/// Removes an empty location.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn delete_location(uuid: Uuid) -> Answer<()> {
    call::empty(Method::DELETE, &format!("/api/storage/locations/{uuid}")).await
}

/// What changed under a location without the service having done it.
#[must_use]
pub fn location_changes(uuid: Uuid) -> Call<LocationChanges> {
    Call::new(format!("/api/storage/locations/{uuid}/changes"))
}

/// Somebody took note of what changed under a location, up to a place in the log.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn acknowledge_changes(uuid: Uuid, up_to: u64) -> Answer<()> {
    call::accepted(&format!("/api/storage/locations/{uuid}/changes/acknowledge"), &AcknowledgeChanges { up_to }).await
}

/// Entries of the log, newest first.
#[must_use]
pub fn events(query: &EventsQuery) -> Call<EventRecords> {
    Call::new(format!("/api/events?{}", events_query(query)))
}

/// The address of the same entries, all of them, as a file.
#[must_use]
pub fn events_file(query: &EventsQuery) -> String {
    format!("/api/events.csv?{}", events_query(query))
}

fn events_query(query: &EventsQuery) -> String {
    serde_urlencoded::to_string(query).unwrap_or_default()
}

/// The progress of tasks.
#[must_use]
pub fn tasks() -> Call<Tasks> {
    Call::new("/api/tasks")
}

/// How busy the machine is that serves.
#[must_use]
pub fn system_metrics() -> Call<MetricsMessage> {
    Call::new("/api/system/metrics")
}

/// A ticket for one attempt at opening the monitor, carried in the subprotocol.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn monitor_ticket() -> Answer<MonitorTicket> {
    call::json(Method::POST, "/api/storage/monitor", &crate::api::events::TicketRequest::subprotocol()).await
}

/// Announces a package that will come in parts.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn create_upload(body: &CreateUpload) -> Answer<Upload> {
    call::json(Method::POST, "/api/storage/uploads", body).await
}

/// How far an upload is.
#[must_use]
pub fn upload(uuid: Uuid) -> Call<Upload> {
    Call::new(format!("/api/storage/uploads/{uuid}"))
}

/// Calls an upload off; what came of it is removed.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn cancel_upload(uuid: Uuid) -> Answer<()> {
    call::empty(Method::DELETE, &format!("/api/storage/uploads/{uuid}")).await
}

/// Who is signed in, and what they may do.
#[must_use]
pub fn user() -> Call<User> {
    Call::new("/api/user")
}

/// Ends the session. Where to go next: the provider may want to end its own.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn sign_out() -> Answer<SignedOut> {
    call::json(Method::POST, "/api/auth/signout", &serde_json::json!({})).await
}

/// Asks for a ticket, which comes as a cookie and opens the download of a package once.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn download_ticket(aip: Uuid) -> Answer<()> {
    call::empty(Method::POST, &format!("/api/storage/aips/{aip}/download")).await
}

/// Asks for a ticket, which comes as a cookie and opens the report of a deletion once.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn report_ticket(aip: Uuid) -> Answer<()> {
    call::empty(Method::POST, &format!("/api/storage/aips/{aip}/deletion-report")).await
}

/// The fixity checks of an AIP, newest first.
#[must_use]
pub fn fixity(aip: Uuid) -> Call<FixityChecks> {
    Call::new(format!("/api/storage/aips/{aip}/fixity"))
}

/// The deletion requests of an AIP, newest first.
#[must_use]
pub fn deletion_requests(aip: Uuid) -> Call<DeletionRequests> {
    Call::new(format!("/api/storage/aips/{aip}/deletion-requests"))
}

/// Sends an AIP to another location. Answered once the move has begun.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn move_aip(aip: Uuid, location: Uuid) -> Answer<()> {
    call::accepted(&format!("/api/storage/aips/{aip}/store"), &MoveAip { location_uuid: location }).await
}

/// Begins a fixity check of an AIP.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn check_fixity(aip: Uuid) -> Answer<()> {
    call::empty(Method::POST, &format!("/api/storage/aips/{aip}/fixity")).await
}

/// Begins a fixity check of every AIP of a location.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn check_location_fixity(location: Uuid) -> Answer<FixityStarted> {
    call::json(Method::POST, &format!("/api/storage/locations/{location}/fixity"), &()).await
}

/// Asks for the deletion of an AIP.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn request_deletion(aip: Uuid, reason: String) -> Answer<()> {
    call::accepted(&format!("/api/storage/aips/{aip}/deletion-request"), &RequestDeletion { reason }).await
}

/// Decides about the deletion that somebody else asked for.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn review_deletion(aip: Uuid, approved: bool) -> Answer<()> {
    call::accepted(&format!("/api/storage/aips/{aip}/deletion-review"), &ReviewDeletion { approved }).await
}

/// Calls one's own deletion request off.
///
/// # Errors
/// As the server tells, or that it cannot be reached.
pub async fn cancel_deletion(aip: Uuid) -> Answer<()> {
    call::accepted(&format!("/api/storage/aips/{aip}/deletion-cancel"), &CancelDeletion::default()).await
}
