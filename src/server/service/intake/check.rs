//! Is it whole, and is it what it says it is?

use super::{Active, ServiceError, Services};
use crate::{
    bag::{Outcome, PackageFormat, Progress, Verdict},
    server::packages::{self, Limits, PackageError},
};
use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

/// Why a package was not taken in.
pub(super) enum CheckError {
    /// The package is at fault.
    Refused(ServiceError),
    /// It was called off.
    Cancelled,
    /// The service is at fault.
    Failed(ServiceError),
}

struct Watch(Arc<Active>);

impl Progress for Watch {
    fn read(&mut self, read: crate::bag::ReadSoFar) -> ControlFlow<()> {
        self.0.checked.store(read.bytes, Ordering::Relaxed);
        if self.0.cancelled.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Services {
    /// Reads every byte of a staged package and judges it.
    pub(super) async fn check(&self, path: PathBuf, active: &Arc<Active>) -> Result<(PackageFormat, Verdict), CheckError> {
        let failed = |error: &dyn std::fmt::Display| CheckError::Failed(ServiceError::Internal(format!("verification: {error}")));
        let _turn = Arc::clone(&self.0.intake.checks).acquire_owned().await.map_err(|error| failed(&error))?;
        let mut watch = Watch(Arc::clone(active));
        let checked = tokio::task::spawn_blocking(move || {
            let format = packages::detect(&path)?.ok_or_else(|| PackageError::Refused {
                reason: "This is none of the containers that are taken in: 7z, zip, tar or tar.gz".into(),
                path: None,
            })?;
            Ok((format, packages::verify(&path, Limits::default(), &mut watch)?))
        });
        match checked.await.map_err(|error| failed(&error))? {
            Ok((_, verdict)) if verdict.outcome == Outcome::Invalid => {
                let count = verdict.errors().count();
                let message = format!(
                    "The package is a bag that is not valid: {}. Nothing of it was kept; mend the package and deposit it again.",
                    if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") },
                );
                Err(CheckError::Refused(ServiceError::Refused { message, verdict: Some(Box::new(verdict)) }))
            }
            Ok(good) => Ok(good),
            Err(error @ PackageError::Refused { .. }) => {
                let message = format!("The package was refused: {error}. Nothing of it was kept.");
                Err(CheckError::Refused(ServiceError::Refused { message, verdict: None }))
            }
            Err(PackageError::Stopped) => Err(CheckError::Cancelled),
            Err(error) => Err(failed(&error)),
        }
    }
}
