//! One step after the other.

use super::{
    check_fixity, check_location, delete_aip, move_aip, prune_log,
    step::{Halt, Work},
};
use crate::server::{
    actor,
    db::work::{self, WorkRow},
    service::Services,
};
use std::time::Duration;
use tracing::{Instrument as _, error_span, field::Empty};
use uuid::Uuid;

/// How long to wait before a step whose record could not be read or written is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Carries work on until it is over, a person has to decide, or the service stops. Work that is carried on already, by another
/// call, is left to that.
///
/// # Errors
/// When the service stops, or the record cannot be read or written: the work is there still, and is to be carried on later.
pub async fn carry_on(services: &Services, uuid: Uuid) -> Result<(), String> {
    let Some(_turn) = services.work_in_hand().take(uuid) else { return Ok(()) };
    loop {
        match step(services, uuid).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(halt) => {
                if !matches!(halt, Halt::Stopping) {
                    tracing::error!(work = %uuid, %halt, "a step could not be done; it is tried again");
                    tokio::select! {
                        () = tokio::time::sleep(AGAIN) => {}
                        () = services.stopping().cancelled() => {}
                    }
                }
                return Err(halt.to_string());
            }
        }
    }
}

/// Does the next step. Whether there is another one that can be done at once.
pub(super) async fn step(services: &Services, uuid: Uuid) -> Result<bool, Halt> {
    let Some(row) = work::find::<_, Work>(services.db().read(), uuid).await? else { return Ok(false) };
    if row.waiting {
        return Ok(false);
    }
    if services.stopping().is_cancelled() {
        return Err(Halt::Stopping);
    }
    let span = error_span!("step", otel.name = row.state.next_step(), work = %uuid, aip = ?row.aip_uuid, request_id = Empty);
    if let Some(origin) = services.queue().origin(uuid) {
        origin.name_in(&span);
    }
    let step = actor::by(row.person.clone(), async {
        match row.state.clone() {
            Work::Move(state) => move_aip::step(services, &row, state).await,
            Work::Delete(state) => delete_aip::step(services, &row, state).await,
            Work::Fixity(state) => check_fixity::step(services, &row, state).await,
            Work::CheckLocation(state) => check_location::step(services, &row, state).await,
            Work::PruneLog => prune_log::step(services, &row).await,
        }
    });
    step.instrument(span).await?;
    Ok(true)
}

/// What most work is about.
pub(super) fn aip_and_workflow(row: &WorkRow<Work>) -> Result<(Uuid, Uuid), Halt> {
    row.aip_uuid.zip(row.workflow_uuid).ok_or_else(|| Halt::Record("work without an AIP or a workflow".into()))
}
