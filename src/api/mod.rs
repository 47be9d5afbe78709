//! The wire: what is asked, what is answered, and how problems are told (`storage-api.md`).
//!
//! Types only, shared by the server that answers and the browser that asks, so that the two cannot disagree; `client` is the
//! one way in which the application's code reaches the API, on either side.

pub mod about;
pub mod aips;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod client;
pub mod events;
pub mod locations;
pub mod overview;
pub mod problem;
pub mod tasks;
pub mod uploads;
pub mod user;
pub mod work;
pub mod workflows;

pub use about::About;
pub use aips::{Aips, AipsQuery, CreateAip, PageInfo, SortKey, StatusCounts};
pub use events::{EventFrame, EventRecord, EventRecords, EventsQuery};
pub use locations::{AcknowledgeChanges, CreateLocation, Created, LocationChanges, UpdateLocation};
pub use overview::Overview;
pub use problem::Problem;
pub use tasks::Tasks;
pub use uploads::{CreateUpload, DepositQuery, Deposited, Upload, UploadState};
pub use user::User;
pub use work::{
    AutoDeletion, AwaitingReview, CancelDeletion, DeletionRequests, FixityChecks, FixityStarted, MoveAip, MoveStatus, RequestDeletion,
    ReviewDeletion, SubmitAip, Submitted,
};
pub use workflows::{Workflows, WorkflowsQuery};

/// The header in which every answer tells the log position that its data is at least as new as (`realtime.md` section 4).
pub const POSITION_HEADER: &str = "strongroom-position";
