//! From a proven package to a recorded AIP.

use super::{Active, ServiceError, Services, check::CheckError, receive::Staged};
use crate::{
    api::Deposited,
    bag::{Outcome, PackageFormat, Severity, Verdict},
    domain::{Aip, AipStatus, Digests, Task, TaskStatus, Timestamp, Workflow, WorkflowStatus, WorkflowType},
    server::{
        db::{
            Change, aips, locations,
            uploads::{self, Stage, UploadRow},
            workflows,
        },
        objects::StoreError,
    },
};
use std::sync::Arc;
use uuid::Uuid;

/// What is known of a package when it is recorded.
struct Proven {
    digests: Digests,
    format: PackageFormat,
    verdict: Verdict,
    received_at: Timestamp,
    checked_at: Timestamp,
}

impl Services {
    /// Checks and stores a package whose bytes are all here. The upload's row says how it ended, too.
    pub(super) async fn finish(&self, mut upload: UploadRow, staged: Staged, active: &Arc<Active>) -> Result<Deposited, ServiceError> {
        let received_at = self.clock().now();
        let uuid = upload.uuid;
        upload.stage = Stage::Checking;
        upload.safe_offset = staged.len();
        upload = self.save(upload).await?;
        let store = match self.upload_store(&upload).await {
            Ok(store) => store,
            Err(error) => return Err(self.end(upload, Stage::Failed, error).await),
        };
        let digests = staged.into_digests();
        let (format, verdict) = match self.check(store.staging().staged(upload.object_key), active).await {
            Ok(good) => good,
            Err(CheckError::Refused(error)) => return Err(self.end(upload, Stage::Refused, error).await),
            Err(CheckError::Cancelled) => {
                return Err(self.end(upload, Stage::Failed, ServiceError::NotAvailable("the upload was cancelled".into())).await);
            }
            Err(CheckError::Failed(error)) => return Err(self.end(upload, Stage::Failed, error).await),
        };
        upload.stage = Stage::Storing;
        upload = self.save(upload).await?;
        let key = upload.object_key;
        if let Err(error) = store.commit(key, &digests.sha256).await {
            return Err(self.end(upload, Stage::Failed, not_kept(error)).await);
        }
        let proven = Proven { digests, format, verdict, received_at, checked_at: self.clock().now() };
        match self.record(upload.clone(), proven).await {
            Ok(deposited) => {
                if let Err(error) = store.settle(key).await {
                    // It is swept away within the hour.
                    tracing::warn!(upload = %uuid, %error, "what was staged of a recorded package could not be removed");
                }
                Ok(deposited)
            }
            Err(error) => match aips::uuid_of_object(self.db().read(), key).await {
                Ok(None) => {
                    // It is certain that no record names the object, so it may go.
                    store.uncommit(key).await?;
                    Err(self.end(upload, Stage::Failed, error).await)
                }
                // The commit may have reached the disk though it told of an error: the bytes stay, and the next start looks again.
                Ok(Some(_)) | Err(_) => Err(error),
            },
        }
    }

    /// Ends an upload that did not become an AIP: what is staged goes, and the row says why. Returns the reason.
    pub(super) async fn end(&self, mut upload: UploadRow, stage: Stage, reason: ServiceError) -> ServiceError {
        let key = upload.object_key;
        if let Ok(store) = self.upload_store(&upload).await
            && let Err(error) = store.discard(key).await
        {
            // It is swept away within the hour.
            tracing::warn!(upload = %upload.uuid, %error, "a package that was not kept could not be removed");
        }
        upload.stage = stage;
        upload.message = Some(match &reason {
            ServiceError::Internal(_) => "The service failed while taking the package in. Nothing of it was kept; try again, and tell whoever runs the service if it fails again.".into(),
            other => other.to_string(),
        });
        if let ServiceError::Refused { verdict, .. } = &reason {
            upload.verdict.clone_from(verdict);
        }
        if let Err(error) = self.save(upload).await {
            tracing::error!(%error, "the end of an upload could not be recorded");
        }
        reason
    }

    async fn record(&self, mut upload: UploadRow, proven: Proven) -> Result<Deposited, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let location = locations::find(change.tx(), upload.location_uuid).await?;
                    let location = location.ok_or(ServiceError::LocationNotFound(upload.location_uuid))?;
                    let aip = Aip {
                        name: upload.name.clone(),
                        uuid: change.new_id(),
                        status: AipStatus::Stored,
                        object_key: upload.object_key,
                        location_uuid: Some(upload.location_uuid),
                        deletion_report_key: None,
                        created_at: change.at(),
                        size: Some(proven.digests.size),
                        format: Some(proven.format),
                        sha256: Some(proven.digests.sha256.clone()),
                        sha512: Some(proven.digests.sha512.clone()),
                        version: 1,
                    };
                    let aip_id = aips::insert(change, &aip, Some((location.id, &location.location.name))).await?;
                    aips::insert_verdict(change, aip_id, &proven.verdict).await?;
                    locations::touch(change, location.id).await?;
                    tell_what_was_done(change, &upload, &proven, aip_id, aip.uuid, &location.location.name).await?;
                    upload.stage = Stage::Stored;
                    upload.aip_uuid = Some(aip.uuid);
                    upload.verdict = Some(Box::new(proven.verdict.clone()));
                    uploads::update(change, &upload).await?;
                    Ok(Deposited { aip, verdict: proven.verdict })
                })
            }))
            .await
    }
}

/// Records the deposit as a workflow with its steps: what people read on the AIP's page for good.
async fn tell_what_was_done(
    change: &mut Change,
    upload: &UploadRow,
    proven: &Proven,
    aip_id: i64,
    aip_uuid: Uuid,
    location: &str,
) -> Result<(), ServiceError> {
    let workflow = Workflow {
        uuid: change.new_id(),
        temporal_id: format!("storage-upload-workflow-{aip_uuid}"),
        kind: WorkflowType::UploadAip,
        status: WorkflowStatus::Done,
        started_at: Some(upload.created_at.min(proven.received_at)),
        completed_at: Some(change.at()),
        aip_uuid,
        tasks: Vec::new(),
        version: 1,
    };
    workflows::insert(change, &workflow, aip_id).await?;
    let Digests { size, sha256, .. } = &proven.digests;
    let steps = [
        (
            "Receive package",
            upload.created_at.min(proven.received_at),
            proven.received_at,
            format!("{size} bytes received\nSHA-256 {sha256}"),
        ),
        ("Verify package", proven.received_at, proven.checked_at, verdict_note(&proven.verdict)),
        ("Store AIP", proven.checked_at, change.at(), format!("AIP stored in {location}")),
    ];
    for (name, started_at, completed_at, note) in steps {
        let task = Task {
            uuid: change.new_id(),
            name: name.into(),
            status: TaskStatus::Done,
            started_at: Some(started_at),
            completed_at: Some(completed_at),
            note: Some(note),
            workflow_uuid: workflow.uuid,
            progress: None,
            version: 1,
        };
        workflows::insert_task(change, &task, aip_uuid).await?;
    }
    Ok(())
}

fn verdict_note(verdict: &Verdict) -> String {
    let warnings = verdict.problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
    let mut note = match (verdict.outcome, &verdict.version) {
        (Outcome::Valid, Some(version)) => {
            format!(
                "Valid BagIt {version} bag: {} payload files, {} bytes, every one read and compared",
                verdict.payload_files, verdict.payload_bytes
            )
        }
        _ => format!("Not a bag: {} files, {} bytes, kept as they are", verdict.payload_files, verdict.payload_bytes),
    };
    if warnings > 0 {
        note.push_str(&format!("\n{warnings} warning{}", if warnings == 1 { "" } else { "s" }));
    }
    note
}

/// Why a proven package did not get into its store, for whoever sent it.
fn not_kept(error: StoreError) -> ServiceError {
    match error.into() {
        ServiceError::Busy(message) => {
            ServiceError::Busy(format!("{message}. The package was whole and good, but nothing of it was kept: deposit it again"))
        }
        other => other,
    }
}
