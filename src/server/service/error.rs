//! What can go wrong with a request, told once for all operations; `http/problem.rs` maps it to the wire's shapes.

use crate::{
    api::Upload,
    bag::Verdict,
    realtime::etag::EntityTag,
    server::{db::DbErr, objects::StoreError},
};
use uuid::Uuid;

/// Why an operation was not carried out. Unless a variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such AIP.
    #[error("AIP not found")]
    AipNotFound(Uuid),
    /// There is no such location.
    #[error("location not found")]
    LocationNotFound(Uuid),
    /// The AIP's bytes are not in its location.
    #[error("AIP file not found in the location bucket")]
    ObjectNotFound(Uuid),
    /// There is no such AIP whose deletion could be reported, or the report is not where it was kept; says which.
    #[error("{0}")]
    ReportNotFound(&'static str),
    /// The address of a submission is not good, or not any more.
    #[error("this address takes no package, or not any more: it is good once, for 15 minutes. Submit the AIP again.")]
    SubmissionNotFound,
    /// There is no such upload, or it was forgotten.
    #[error("upload not found")]
    UploadNotFound(Uuid),
    /// What was asked cannot be done, and will not be however often it is asked.
    #[error("{0}")]
    NotValid(String),
    /// It cannot be done at this moment.
    #[error("{0}")]
    NotAvailable(String),
    /// A package was refused; nothing of it was kept.
    #[error("{message}")]
    Refused {
        /// A sentence for a person.
        message: String,
        /// What was found, when it was read as a bag.
        verdict: Option<Box<Verdict>>,
    },
    /// A part of an upload does not begin where the part before it ended.
    #[error("the next part must begin at byte {}", upload.offset)]
    WrongOffset {
        /// The upload as it is.
        upload: Box<Upload>,
    },
    /// What was to be changed is not as whoever asks saw it.
    #[error("{message}")]
    Changed {
        /// A sentence for a person.
        message: String,
        /// Of what is there.
        current: EntityTag,
    },
    /// Somebody else may do this; whoever asks may not.
    #[error("Forbidden")]
    NotPermitted,
    /// What was asked about failed.
    #[error("{0}")]
    FailedDependency(String),
    /// Too much is going on; later it will be done.
    #[error("{0}")]
    Busy(String),
    /// The service failed. The cause is for the log only.
    #[error("internal error")]
    Internal(String),
}

impl From<DbErr> for ServiceError {
    fn from(error: DbErr) -> Self {
        Self::Internal(format!("database: {error}"))
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Remote { cause, temporary: true, .. } => {
                Self::Busy(format!("the location's store cannot be used just now: {cause}"))
            }
            other => Self::Internal(format!("store: {other}")),
        }
    }
}
