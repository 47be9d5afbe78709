//! What an archive is: its packages, the places that keep them, what is done to them, and the events that tell of it.
//!
//! Pure data and rules. Nothing here knows of a database, a socket or a screen, so that every other module can depend on it
//! and it can be tested in seconds. The same structs are the JSON of the wire (`storage-api.md` section 3): fields beyond
//! Enduro's are additions that its clients ignore.

pub mod access;
pub mod aip;
pub mod announcement;
pub mod clock;
pub mod deletion;
pub mod event;
pub mod fixity;
pub mod format;
pub mod location;
pub mod task;
pub mod timestamp;
mod wire_enum;
pub mod workflow;

pub use access::{Permissions, Person, attribute};
pub use aip::{Aip, AipStatus};
pub use clock::{Clock, Ids, RandomIds, SystemClock};
pub use deletion::{DeletionRequest, DeletionStatus};
pub use event::{EventKind, StorageEvent};
pub use fixity::{Digests, FixityCheck, FixityOutcome};
pub use format::PackageFormat;
pub use location::{Location, LocationConfig, LocationPurpose, LocationSource};
pub use task::{Task, TaskProgress, TaskStatus};
pub use timestamp::Timestamp;
pub use wire_enum::UnknownWord;
pub(crate) use wire_enum::wire_enum;
pub use workflow::{Workflow, WorkflowStatus, WorkflowType};
