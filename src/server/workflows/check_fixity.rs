//! Checking that an AIP's bytes are the ones that were recorded, every one of them (PREMIS: fixity check).

use super::{
    engine::aip_and_workflow,
    passing::read_through,
    record::{both, end_task, set_workflow},
    retry::retried,
    step::{Fixity, Halt, Work},
};
use crate::{
    bag::{self, Outcome, ReadSoFar, Verdict},
    domain::{Aip, Digests, FixityCheck, FixityOutcome, TaskStatus, WorkflowStatus},
    server::{
        db::{
            fixity,
            work::{self, WorkRow},
        },
        metrics::Traffic,
        objects::ObjectStore,
        packages::{self, Limits, PackageError},
        service::Services,
    },
};
use std::{ops::ControlFlow, path::PathBuf, sync::Arc};
use tokio_util::sync::CancellationToken;

/// What a check came to, before it has a time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) outcome: FixityOutcome,
    pub(super) message: String,
    pub(super) size: u64,
    pub(super) sha256: Option<String>,
}

impl Found {
    fn without_reading(outcome: FixityOutcome, message: String) -> Self {
        Self { outcome, message, size: 0, sha256: None }
    }
}

pub(super) async fn step(services: &Services, row: &WorkRow<Work>, state: Fixity) -> Result<(), Halt> {
    let (aip_uuid, workflow_uuid) = aip_and_workflow(row)?;
    let aip = services.aip(aip_uuid).await?;
    let found = match check(services, &aip, &state).await {
        Err(Halt::Failed(cause)) => Found::without_reading(FixityOutcome::Unknown, format!("Not every byte could be read: {cause}")),
        other => other?,
    };
    let uuid = row.uuid;
    services
        .write_step(move |change| {
            Box::pin(async move {
                let (aip, mut workflow) = both(change, aip_uuid, workflow_uuid).await?;
                let Found { outcome, message, size, sha256 } = found;
                let check = FixityCheck { checked_at: change.at(), outcome, message: message.clone(), size, sha256, workflow_uuid };
                fixity::insert(change, aip.id, &check).await?;
                let (task, status) = match outcome {
                    FixityOutcome::Ok => (TaskStatus::Done, WorkflowStatus::Done),
                    FixityOutcome::Damaged | FixityOutcome::Unknown => (TaskStatus::Error, WorkflowStatus::Error),
                };
                end_task(change, state.task, task, message, aip_uuid).await?;
                set_workflow(change, &mut workflow, status).await?;
                Ok(work::end(change, uuid).await?)
            })
        })
        .await
}

async fn check(services: &Services, aip: &Aip, state: &Fixity) -> Result<Found, Halt> {
    let store = services.store_of(aip).await?;
    let Some(size) = retried(services, || store.size(aip.object_key)).await? else {
        let message = "The AIP's file is not in its location: its bytes are lost there. Restore it from a backup.".to_owned();
        return Ok(Found::without_reading(FixityOutcome::Damaged, message));
    };
    let meter = services.work_in_hand().meter(state.task, services.meters().bytes(Traffic::Checked));
    meter.restart(size);
    let manifests = Manifests::begin(services, aip, &store);
    let read = retried(services, || {
        meter.restart(size);
        read_through(&store, aip.object_key, size, meter.count())
    })
    .await?;
    let verdict = match manifests {
        Some(manifests) => manifests.verdict().await?,
        None => None,
    };
    Ok(judged(aip, read, verdict.as_ref()))
}

/// What was read, against what was recorded and what the bag says of itself.
pub(super) fn judged(aip: &Aip, read: Digests, verdict: Option<&Verdict>) -> Found {
    let differs = |what: &str, recorded: &str, is: &str| {
        format!("The AIP is damaged: {what} is {is}, recorded is {recorded}. Restore it from a backup.")
    };
    let damage = match (&aip.size, &aip.sha256, &aip.sha512) {
        (Some(size), _, _) if *size != read.size => Some(differs("its size in bytes", &size.to_string(), &read.size.to_string())),
        (_, Some(recorded), _) if *recorded != read.sha256 => Some(differs("its SHA-256", recorded, &read.sha256)),
        (_, _, Some(recorded)) if *recorded != read.sha512 => Some(differs("its SHA-512", recorded, &read.sha512)),
        _ => None,
    };
    let invalid = verdict.filter(|verdict| verdict.outcome == Outcome::Invalid);
    let bag = verdict.filter(|verdict| verdict.outcome == Outcome::Valid);
    let recorded = aip.sha256.is_some();
    let (outcome, message) = match (damage, invalid, bag) {
        (Some(damage), _, _) => (FixityOutcome::Damaged, damage),
        (None, Some(invalid), _) => {
            let count = invalid.errors().count();
            let problems = if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") };
            (FixityOutcome::Damaged, format!("The bag does not agree with its own manifests: {problems}. Restore it from a backup."))
        }
        (None, None, Some(bag)) => {
            let payload = match bag.payload_files {
                1 => "payload file of the bag agrees".to_owned(),
                files => format!("{files} payload files of the bag agree"),
            };
            let digest =
                if recorded { "SHA-256 and SHA-512 are the ones that were recorded, and " } else { "No digest was recorded, but " };
            let bytes = read.size;
            (FixityOutcome::Ok, format!("{bytes} bytes read. {digest}the {payload} with its manifests."))
        }
        (None, None, None) if recorded => {
            (FixityOutcome::Ok, format!("{} bytes read. SHA-256 and SHA-512 are the ones that were recorded.", read.size))
        }
        (None, None, None) => {
            let message =
                "Every byte was read, but no digest was ever recorded and the package is no bag: there is nothing to compare with.";
            (FixityOutcome::Unknown, message.to_owned())
        }
    };
    Found { outcome, message, size: read.size, sha256: Some(read.sha256) }
}

/// The bag's own manifests, checked beside the digests of the package: both read the same bytes at the same time, so that the second
/// finds them in memory.
struct Manifests {
    checking: tokio::task::JoinHandle<Result<Verdict, PackageError>>,
    // Whoever gives up, stops the other.
    _stop: tokio_util::sync::DropGuard,
}

struct UntilStopped(CancellationToken);

impl bag::Progress for UntilStopped {
    fn read(&mut self, _: ReadSoFar) -> ControlFlow<()> {
        if self.0.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Manifests {
    /// Begins, for a package that lies in a folder of this machine.
    fn begin(services: &Services, aip: &Aip, store: &Arc<dyn ObjectStore>) -> Option<Self> {
        let path: PathBuf = store.file(aip.object_key)?;
        let stop = services.stopping().child_token();
        Some(Self::checked_by(stop, move |watch| packages::verify(&path, Limits::default(), watch)))
    }

    fn checked_by(
        stop: CancellationToken,
        verify: impl FnOnce(&mut UntilStopped) -> Result<Verdict, PackageError> + Send + 'static,
    ) -> Self {
        let mut watch = UntilStopped(stop.clone());
        Self { checking: tokio::task::spawn_blocking(move || verify(&mut watch)), _stop: stop.drop_guard() }
    }

    /// What the manifests say; `None` for a package that is none of the containers that are read here.
    async fn verdict(self) -> Result<Option<Verdict>, Halt> {
        // One that breaks the verification would do so each time: it is told, and not tried for ever.
        match self.checking.await.map_err(|error| Halt::Failed(format!("the verification broke off ({error})")))? {
            Ok(verdict) => Ok(Some(verdict)),
            Err(PackageError::Stopped) => Err(Halt::Stopping),
            // The digests say whether it is damaged; a package that is no container is kept as it is.
            Err(PackageError::Refused { .. }) => Ok(None),
            Err(error) => Err(Halt::Failed(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A verdict without which nothing is said: neither "ok", nor that it is tried again for ever.
    #[tokio::test]
    async fn a_package_that_breaks_the_verification_is_told_and_given_up() {
        let manifests = Manifests::checked_by(CancellationToken::new(), |_| panic!("the container cannot be read by anybody"));
        let Err(Halt::Failed(cause)) = manifests.verdict().await else { panic!("a check that broke off has no verdict") };
        assert!(cause.starts_with("the verification broke off ("), "{cause}");
    }

    #[tokio::test]
    async fn whoever_gives_up_stops_the_verification() {
        let stop = CancellationToken::new();
        let manifests = Manifests::checked_by(stop.clone(), |watch| {
            while !watch.0.is_cancelled() {
                std::thread::yield_now();
            }
            Err(PackageError::Stopped)
        });
        stop.cancel();
        assert!(matches!(manifests.verdict().await, Err(Halt::Stopping)));
    }
}
