//! The changes that everybody is told of.

use super::wire_enum::wire_enum;
use crate::domain::{Aip, AipStatus, Location, Task, Workflow, announcement::Announced, attribute};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use uuid::Uuid;

wire_enum! {
    /// What kind of thing a change is of.
    EventKind {
        /// An AIP: recorded, changed, of another status, elsewhere.
        Aip = "aip",
        /// A location.
        Location = "location",
        /// Work on an AIP.
        Workflow = "workflow",
        /// A step of such work.
        Task = "task",
        /// What was announced: by another system, or by the watch over locations.
        Announcement = "announcement",
    }
}

impl EventKind {
    /// The wire words of the types that are of this kind.
    #[must_use]
    pub const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Aip => &["aip_created_event", "aip_updated_event", "aip_status_updated_event", "aip_location_updated_event"],
            Self::Location => &["location_created_event", "location_updated_event", "location_deleted_event"],
            Self::Workflow => &["aip_workflow_created_event", "aip_workflow_updated_event"],
            Self::Task => &["aip_task_created_event", "aip_task_updated_event"],
            Self::Announcement => &["announced_event"],
        }
    }
}

/// One change as it travels: Enduro's ten event types (`storage-api.md` section 6.3), then the three of ours that only clients
/// which opted in receive. Serialised as `{"type": …, "value": …}`, the inside of the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", content = "value")]
pub enum StorageEvent {
    /// The connection is alive: "Hello" at once, then "Ping". Never in the log.
    #[serde(rename = "storage_ping_event")]
    Ping {
        /// "Hello" or "Ping".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// A location came to be.
    #[serde(rename = "location_created_event")]
    LocationCreated {
        /// The location.
        uuid: Uuid,
        /// It, without its configuration.
        item: Location,
    },
    /// An AIP was recorded.
    #[serde(rename = "aip_created_event")]
    AipCreated {
        /// The AIP.
        uuid: Uuid,
        /// It, as recorded.
        item: Aip,
    },
    /// Several fields of an AIP changed.
    #[serde(rename = "aip_updated_event")]
    AipUpdated {
        /// The AIP.
        uuid: Uuid,
        /// It, as it is now.
        item: Aip,
    },
    /// An AIP stands elsewhere now.
    #[serde(rename = "aip_status_updated_event")]
    AipStatusUpdated {
        /// The AIP.
        uuid: Uuid,
        /// Its new status.
        status: AipStatus,
    },
    /// An AIP is kept elsewhere now.
    #[serde(rename = "aip_location_updated_event")]
    AipLocationUpdated {
        /// The AIP.
        uuid: Uuid,
        /// Its new location.
        location_uuid: Uuid,
    },
    /// Work on an AIP began.
    #[serde(rename = "aip_workflow_created_event")]
    AipWorkflowCreated {
        /// The workflow.
        uuid: Uuid,
        /// It, without tasks.
        item: Workflow,
    },
    /// Work on an AIP went on.
    #[serde(rename = "aip_workflow_updated_event")]
    AipWorkflowUpdated {
        /// The workflow.
        uuid: Uuid,
        /// It, without tasks.
        item: Workflow,
    },
    /// A step began.
    #[serde(rename = "aip_task_created_event")]
    AipTaskCreated {
        /// The task.
        uuid: Uuid,
        /// It.
        item: Task,
    },
    /// A step went on.
    #[serde(rename = "aip_task_updated_event")]
    AipTaskUpdated {
        /// The task.
        uuid: Uuid,
        /// It.
        item: Task,
    },
    /// A location's name or description changed. Ours.
    #[serde(rename = "location_updated_event")]
    LocationUpdated {
        /// The location.
        uuid: Uuid,
        /// It, without its configuration.
        item: Location,
    },
    /// An empty location was removed. Ours.
    #[serde(rename = "location_deleted_event")]
    LocationDeleted {
        /// The location.
        uuid: Uuid,
    },
    /// Something was announced that is no change of the archive itself. Ours.
    #[serde(rename = "announced_event")]
    Announced {
        /// Of the announcement.
        uuid: Uuid,
        /// It.
        item: Announced,
    },
}

/// The inside of most values.
#[derive(Deserialize)]
struct Changed<T> {
    uuid: Uuid,
    item: T,
}

/// By hand, since the derived reader keeps a value of unknown type as a tree first: that is a second decoder for everything that
/// an event can hold, in a program that browsers download.
impl<'de> Deserialize<'de> for StorageEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Tagged {
            #[serde(rename = "type")]
            kind: String,
            value: Box<RawValue>,
        }
        #[derive(Deserialize)]
        struct Ping {
            message: Option<String>,
        }
        #[derive(Deserialize)]
        struct Status {
            uuid: Uuid,
            status: AipStatus,
        }
        #[derive(Deserialize)]
        struct Moved {
            uuid: Uuid,
            location_uuid: Uuid,
        }
        #[derive(Deserialize)]
        struct Gone {
            uuid: Uuid,
        }
        fn read<'a, T: Deserialize<'a>, E: de::Error>(value: &'a RawValue) -> Result<T, E> {
            serde_json::from_str(value.get()).map_err(E::custom)
        }

        let Tagged { kind, value } = Tagged::deserialize(deserializer)?;
        let value = &*value;
        Ok(match kind.as_str() {
            "storage_ping_event" => read(value).map(|Ping { message }| Self::Ping { message })?,
            "location_created_event" => read(value).map(|Changed { uuid, item }| Self::LocationCreated { uuid, item })?,
            "aip_created_event" => read(value).map(|Changed { uuid, item }| Self::AipCreated { uuid, item })?,
            "aip_updated_event" => read(value).map(|Changed { uuid, item }| Self::AipUpdated { uuid, item })?,
            "aip_status_updated_event" => read(value).map(|Status { uuid, status }| Self::AipStatusUpdated { uuid, status })?,
            "aip_location_updated_event" => {
                read(value).map(|Moved { uuid, location_uuid }| Self::AipLocationUpdated { uuid, location_uuid })?
            }
            "aip_workflow_created_event" => read(value).map(|Changed { uuid, item }| Self::AipWorkflowCreated { uuid, item })?,
            "aip_workflow_updated_event" => read(value).map(|Changed { uuid, item }| Self::AipWorkflowUpdated { uuid, item })?,
            "aip_task_created_event" => read(value).map(|Changed { uuid, item }| Self::AipTaskCreated { uuid, item })?,
            "aip_task_updated_event" => read(value).map(|Changed { uuid, item }| Self::AipTaskUpdated { uuid, item })?,
            "location_updated_event" => read(value).map(|Changed { uuid, item }| Self::LocationUpdated { uuid, item })?,
            "location_deleted_event" => read(value).map(|Gone { uuid }| Self::LocationDeleted { uuid })?,
            "announced_event" => read(value).map(|Changed { uuid, item }| Self::Announced { uuid, item })?,
            unknown => return Err(de::Error::custom(format_args!("unknown event type {unknown}"))),
        })
    }
}

impl StorageEvent {
    /// The wire word of the type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Ping { .. } => "storage_ping_event",
            Self::LocationCreated { .. } => "location_created_event",
            Self::AipCreated { .. } => "aip_created_event",
            Self::AipUpdated { .. } => "aip_updated_event",
            Self::AipStatusUpdated { .. } => "aip_status_updated_event",
            Self::AipLocationUpdated { .. } => "aip_location_updated_event",
            Self::AipWorkflowCreated { .. } => "aip_workflow_created_event",
            Self::AipWorkflowUpdated { .. } => "aip_workflow_updated_event",
            Self::AipTaskCreated { .. } => "aip_task_created_event",
            Self::AipTaskUpdated { .. } => "aip_task_updated_event",
            Self::LocationUpdated { .. } => "location_updated_event",
            Self::LocationDeleted { .. } => "location_deleted_event",
            Self::Announced { .. } => "announced_event",
        }
    }

    /// Whether Enduro's clients know the type. The others go only to clients that opted in (`storage-api.md` section 0).
    #[must_use]
    pub fn known_to_enduro(&self) -> bool {
        !matches!(self, Self::LocationUpdated { .. } | Self::LocationDeleted { .. } | Self::Announced { .. })
    }

    /// The attributes of which one is needed to see it (`storage-api.md` section 6.3); none are for a ping.
    #[must_use]
    pub fn seen_with(&self) -> &'static [&'static str] {
        match self {
            Self::Ping { .. } => &[],
            Self::LocationCreated { .. } | Self::LocationUpdated { .. } | Self::LocationDeleted { .. } => &[attribute::LOCATIONS_LIST],
            Self::AipCreated { .. } => &[attribute::AIPS_LIST],
            Self::AipUpdated { .. } | Self::AipStatusUpdated { .. } | Self::AipLocationUpdated { .. } => {
                &[attribute::AIPS_LIST, attribute::AIPS_READ]
            }
            Self::AipWorkflowCreated { .. }
            | Self::AipWorkflowUpdated { .. }
            | Self::AipTaskCreated { .. }
            | Self::AipTaskUpdated { .. } => &[attribute::AIPS_WORKFLOWS_LIST],
            // As the log that people read.
            Self::Announced { .. } => &[attribute::AIPS_WORKFLOWS_LIST, attribute::AIPS_LIST],
        }
    }

    /// The resource that changed; none for a ping.
    #[must_use]
    pub fn resource_uuid(&self) -> Option<Uuid> {
        match self {
            Self::Ping { .. } => None,
            Self::LocationCreated { uuid, .. }
            | Self::AipCreated { uuid, .. }
            | Self::AipUpdated { uuid, .. }
            | Self::AipStatusUpdated { uuid, .. }
            | Self::AipLocationUpdated { uuid, .. }
            | Self::AipWorkflowCreated { uuid, .. }
            | Self::AipWorkflowUpdated { uuid, .. }
            | Self::AipTaskCreated { uuid, .. }
            | Self::AipTaskUpdated { uuid, .. }
            | Self::LocationUpdated { uuid, .. }
            | Self::LocationDeleted { uuid }
            | Self::Announced { uuid, .. } => Some(*uuid),
        }
    }
}
