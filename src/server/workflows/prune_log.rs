//! Letting go of the oldest entries of the event log, as far as the settings say so (`realtime.md` section 1).

use super::step::Halt;
use crate::{
    domain::Timestamp,
    server::{
        db::{
            events::{self, Retention},
            work::{self, WorkRow},
        },
        service::Services,
        workflows::Work,
    },
};

/// Entries that go in one transaction: few enough that nobody waits for it.
const AT_ONCE: u64 = 2_000;
/// Microseconds.
const DAY: i64 = 24 * 3600 * 1_000_000;

pub(super) async fn step(services: &Services, row: &WorkRow<Work>) -> Result<(), Halt> {
    let retention = retention(services);
    let uuid = row.uuid;
    let gone = services
        .write_step(move |change| {
            Box::pin(async move {
                let gone = events::prune(change, retention, AT_ONCE).await?;
                if gone < AT_ONCE {
                    work::end(change, uuid).await?;
                }
                Ok(gone)
            })
        })
        .await?;
    if gone > 0 {
        tracing::info!(gone, "entries of the event log were let go, as the settings say");
    }
    Ok(())
}

fn retention(services: &Services) -> Retention {
    let config = services.config();
    let days = config.event_retention_days;
    Retention {
        before: (days > 0).then(|| Timestamp::from_micros(services.clock().now().micros() - i64::from(days) * DAY)),
        count: Some(config.event_retention_count).filter(|count| *count > 0),
    }
}
