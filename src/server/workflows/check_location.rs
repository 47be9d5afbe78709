//! Checking everything in a location, one AIP after the other: each check is a workflow of its own, on its AIP's page.

use super::{
    engine,
    step::{CheckLocation, Halt, Work},
};
use crate::server::{
    db::{
        aips,
        work::{self, WorkRow},
    },
    service::{ServiceError, Services},
};

pub(super) async fn step(services: &Services, row: &WorkRow<Work>, state: CheckLocation) -> Result<(), Halt> {
    let location = row.location_uuid.ok_or_else(|| Halt::Record("a check of a location without one".into()))?;
    let uuid = row.uuid;
    let Some((id, aip)) = aips::next_stored(services.db().read(), location, state.after).await? else {
        return services.write_step(move |change| Box::pin(async move { Ok(work::end(change, uuid).await?) })).await;
    };
    // One that something else is done to is passed over: whoever asked was told how many those were.
    match services.begin_fixity_check(aip).await {
        Ok(check) => while Box::pin(engine::step(services, check)).await? {},
        Err(ServiceError::Internal(cause)) => return Err(Halt::Record(cause)),
        Err(passed_over) => tracing::info!(%aip, %passed_over, "not checked"),
    }
    let state = Work::CheckLocation(CheckLocation { after: id, ..state });
    services.write_step(move |change| Box::pin(async move { Ok(work::update(change, uuid, false, &state).await?) })).await
}
