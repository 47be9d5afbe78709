//! Temporary errors are tried again; permanent ones are not.

use super::step::Halt;
use crate::server::{objects::StoreError, service::Services};
use std::time::Duration;

/// How often something is tried (`storage-api.md` section 9.1).
const ATTEMPTS: u32 = 5;

/// Tries until it goes well, fails for good, was tried five times, or the service stops; waits one second before the second time,
/// and twice as long each time after.
pub(super) async fn retried<T, F>(services: &Services, attempt: impl Fn() -> F) -> Result<T, Halt>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = Duration::from_millis(services.config().workflow_retry_ms);
    for number in 1.. {
        match services.stopping().run_until_cancelled(attempt()).await {
            None => return Err(Halt::Stopping),
            Some(Ok(value)) => return Ok(value),
            Some(Err(error)) if error.is_temporary() && number < ATTEMPTS => {
                tracing::warn!(%error, number, "tried again");
                if services.stopping().run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return Err(Halt::Stopping);
                }
                pause *= 2;
            }
            Some(Err(error)) => return Err(Halt::Failed(error.to_string())),
        }
    }
    Err(Halt::Stopping)
}
