//! `resource_change`: that a resource changed, for whoever keeps copies of it (`realtime.md` section 6).
//!
//! It says which resource, its new version and how that is recognised; who needs more asks the API. Made from the same events as
//! everything else is told by, so its gate is theirs ([`StorageEvent::seen_with`]).

use super::etag::EntityTag;
use crate::domain::{AipStatus, DeletionRequest, DeletionStatus, StorageEvent, attribute};
use serde::Serialize;
use std::borrow::Cow;
use uuid::Uuid;

/// The message's type.
pub const RESOURCE_CHANGE: &str = "resource_change";

/// What happened to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It came to be.
    Created,
    /// It is otherwise than before.
    Updated,
    /// It is no more.
    Deleted,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceType {
    /// A location.
    Location,
    /// An AIP. Its record stays when its bytes are deleted: that is an update.
    Aip,
    /// A workflow of an AIP.
    Workflow,
    /// A task of a workflow.
    Task,
    /// A request to delete an AIP.
    DeletionRequest,
}

/// The resource after the change, as far as the change tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Its identity.
    pub id: Uuid,
    /// The tag of this version ([`EntityTag::of`]).
    pub etag: EntityTag,
    /// Its version after the change.
    pub version: u64,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The word for where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Cow<'static, str>>,
    /// The AIP that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aip_uuid: Option<Uuid>,
    /// The location that keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_uuid: Option<Uuid>,
    /// The workflow that it is a step of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_uuid: Option<Uuid>,
}

impl Resource {
    fn new(id: Uuid, version: u64) -> Self {
        Self {
            id,
            etag: EntityTag::of(id, version),
            version,
            name: None,
            status: None,
            aip_uuid: None,
            location_uuid: None,
            workflow_uuid: None,
        }
    }
}

/// One message: `{"type":"resource_change","event":"updated","resource_type":"aip","resource":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "resource_change")]
pub struct ResourceChange {
    /// What happened.
    pub event: Happened,
    /// To what.
    pub resource_type: ResourceType,
    /// What is known of it now.
    pub resource: Resource,
}

impl ResourceChange {
    /// What a change of the log says to those who keep copies; none for a ping, and for what was
    /// announced, which travels as it is. `version` is the event's.
    #[must_use]
    pub fn of(event: &StorageEvent, version: u64) -> Option<Self> {
        use Happened::{Created, Deleted, Updated};
        use ResourceType::{Aip, Location, Task, Workflow};
        let known = Resource::new(event.resource_uuid()?, version);
        let (event, resource_type, resource) = match event {
            StorageEvent::Ping { .. } | StorageEvent::Announced { .. } => return None,
            StorageEvent::LocationCreated { item, .. } => (Created, Location, Resource { name: Some(item.name.clone()), ..known }),
            StorageEvent::LocationUpdated { item, .. } => (Updated, Location, Resource { name: Some(item.name.clone()), ..known }),
            StorageEvent::LocationDeleted { .. } => (Deleted, Location, known),
            StorageEvent::AipCreated { item, .. } | StorageEvent::AipUpdated { item, .. } => {
                let created = matches!(event, StorageEvent::AipCreated { .. });
                let resource = Resource {
                    name: Some(item.name.clone()),
                    status: Some(item.status.as_str().into()),
                    location_uuid: item.location_uuid,
                    ..known
                };
                (if created { Created } else { Updated }, Aip, resource)
            }
            StorageEvent::AipStatusUpdated { status, .. } => {
                (Updated, Aip, Resource { status: Some(AipStatus::as_str(*status).into()), ..known })
            }
            StorageEvent::AipLocationUpdated { location_uuid, .. } => {
                (Updated, Aip, Resource { location_uuid: Some(*location_uuid), ..known })
            }
            StorageEvent::AipWorkflowCreated { item, .. } | StorageEvent::AipWorkflowUpdated { item, .. } => {
                let created = matches!(event, StorageEvent::AipWorkflowCreated { .. });
                let resource = Resource { status: Some(item.status.as_str().into()), aip_uuid: Some(item.aip_uuid), ..known };
                (if created { Created } else { Updated }, Workflow, resource)
            }
            StorageEvent::AipTaskCreated { item, .. } | StorageEvent::AipTaskUpdated { item, .. } => {
                let created = matches!(event, StorageEvent::AipTaskCreated { .. });
                let resource = Resource {
                    name: Some(item.name.clone()),
                    status: Some(item.status.as_str().into()),
                    workflow_uuid: Some(item.workflow_uuid),
                    ..known
                };
                (if created { Created } else { Updated }, Task, resource)
            }
        };
        Some(Self { event, resource_type, resource })
    }

    /// A request for a deletion was made or decided. It has no event of its own in the log, and stands in two ways at most: version 1
    /// while it awaits a decision, 2 once there is one.
    ///
    /// Who asked, who decided and why stay out of it: those are for whoever may read the request.
    #[must_use]
    pub fn of_deletion_request(request: &DeletionRequest) -> Self {
        let (event, version) = match request.status {
            DeletionStatus::Pending => (Happened::Created, 1),
            DeletionStatus::Approved | DeletionStatus::Rejected | DeletionStatus::Canceled => (Happened::Updated, 2),
        };
        let resource = Resource {
            status: Some(request.status.as_str().into()),
            aip_uuid: Some(request.aip_uuid),
            ..Resource::new(request.uuid, version)
        };
        Self { event, resource_type: ResourceType::DeletionRequest, resource }
    }

    /// As it travels.
    #[must_use]
    pub fn to_text(&self) -> String {
        super::protocol::write(self)
    }
}

/// The attributes of which one is needed to be told of a request's changes, as to read the request (`storage-api.md` section 5.3).
pub const DELETION_REQUEST_SEEN_WITH: &[&str] = &[attribute::AIPS_READ];

#[cfg(test)]
mod tests;
