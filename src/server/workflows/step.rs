//! How far each kind of work is: what is kept of it between two steps.

use crate::{
    domain::{Person, Timestamp},
    server::{db::DbErr, service::ServiceError},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A piece of work and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub(in crate::server) enum Work {
    /// See [`super::move_aip`].
    Move(Move),
    /// See [`super::delete_aip`].
    Delete(Deletion),
    /// See [`super::check_fixity`].
    Fixity(Fixity),
    /// See [`super::check_location`].
    CheckLocation(CheckLocation),
    /// See [`super::prune_log`].
    PruneLog,
}

impl Work {
    /// What is done next, for the log and for traces.
    pub(super) fn next_step(&self) -> &'static str {
        match self {
            Self::Move(state) => match state.step {
                MoveStep::Look => "move aip: look",
                MoveStep::Copy => "move aip: copy",
                MoveStep::Compare => "move aip: compare",
                MoveStep::RemoveSource => "move aip: remove source",
            },
            Self::Delete(state) => match state.step {
                DeleteStep::AwaitReview => "delete aip: await review",
                DeleteStep::RemoveObject => "delete aip: remove object",
                DeleteStep::Report { .. } => "delete aip: report",
            },
            Self::Fixity(_) => "check fixity",
            Self::CheckLocation(_) => "check fixity of a location",
            Self::PruneLog => "prune log",
        }
    }
}

/// A move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server) struct Move {
    /// The next step.
    pub step: MoveStep,
    /// Where the AIP goes.
    pub target: Uuid,
    /// The task that people see at work.
    pub task: Uuid,
}

/// The steps of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::server) enum MoveStep {
    /// Look whether the target has an object of this name already, which would not be ours to touch.
    Look,
    /// Copy, read the copy back, compare. Nothing of this name was in the target before: what is there now is ours.
    Copy,
    /// Read what the target had already, and compare: it may be the same package, from an earlier move.
    Compare,
    /// The copy is proven and this says so: remove the object from the source.
    RemoveSource,
}

/// A deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server) struct Deletion {
    /// The next step.
    pub step: DeleteStep,
    /// The request.
    pub request: Uuid,
    /// The task that people see at work.
    pub task: Uuid,
    /// Make no report.
    pub skip_report: bool,
}

/// The steps of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::server) enum DeleteStep {
    /// Somebody else has to agree.
    AwaitReview,
    /// Remove the bytes.
    RemoveObject,
    /// The bytes were removed at this instant: write the report.
    Report {
        /// When.
        deleted_at: Timestamp,
    },
}

/// A fixity check of one AIP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server) struct Fixity {
    /// The task that people see at work.
    pub task: Uuid,
}

/// A fixity check of everything in a location, one AIP after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server) struct CheckLocation {
    /// Row id of the last AIP that was begun.
    pub after: i64,
    /// Who asked for it.
    pub by: Person,
}

/// Why a step did not get to its end.
#[derive(Debug, thiserror::Error)]
pub(in crate::server) enum Halt {
    /// The service stops: the step is done again after the next start.
    #[error("the service is stopping")]
    Stopping,
    /// It failed for good; a sentence for a person.
    #[error("{0}")]
    Failed(String),
    /// The record could not be read or written: nobody knows more than before, and the step is tried again.
    #[error("{0}")]
    Record(String),
}

impl From<DbErr> for Halt {
    fn from(error: DbErr) -> Self {
        Self::Record(format!("database: {error}"))
    }
}

impl From<ServiceError> for Halt {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Internal(cause) => Self::Record(cause),
            other => Self::Failed(other.to_string()),
        }
    }
}
