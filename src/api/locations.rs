//! Creating and changing locations (`storage-api.md` section 4.4).

use crate::{
    api::EventRecord,
    domain::{LocationConfig, LocationPurpose, LocationSource},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The body of `POST /api/storage/locations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreateLocation {
    /// Its name.
    pub name: String,
    /// What it is for, in a person's words.
    #[serde(default)]
    pub description: String,
    /// What kind of store it is.
    pub source: LocationSource,
    /// What it is for.
    pub purpose: LocationPurpose,
    /// How it is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<LocationConfig>,
}

/// The body of `PATCH /api/storage/locations/{uuid}`: what is absent stays as it is. Ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UpdateLocation {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The answer to a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Created {
    /// Identity of what was created.
    pub uuid: Uuid,
}

/// What changed under a location without the service having done it, and that nobody has taken note of yet: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LocationChanges {
    /// The entries of the log; the newest hundred.
    pub items: Vec<EventRecord>,
}

/// The body of `POST /api/storage/locations/{uuid}/changes/acknowledge`: somebody took note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AcknowledgeChanges {
    /// Of all entries up to this place in the log: what came since is still to be taken note of.
    pub up_to: u64,
}
