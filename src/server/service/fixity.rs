//! Fixity checks: begun by a person, kept for good.

use super::{ServiceError, Services, moves::at_rest};
use crate::{
    api::{FixityChecks, FixityStarted},
    domain::{Person, TaskStatus, WorkflowType, workflow::FIXITY_CHECK},
    server::{
        db::{aips, fixity, locations, tally, work, work::About},
        workflows::{CheckLocation, Fixity, NewWork, Work, begin_workflow},
    },
};
use uuid::Uuid;

/// Checks that are told of an AIP.
const TOLD: u64 = 20;

impl Services {
    /// The newest fixity checks of an AIP.
    ///
    /// # Errors
    /// When there is no such AIP.
    pub async fn fixity_checks(&self, aip: Uuid) -> Result<FixityChecks, ServiceError> {
        let row = self.aip_row(aip).await?;
        Ok(FixityChecks { checks: fixity::of_aip(self.db().read(), row.id, TOLD).await? })
    }

    /// Begins a fixity check, which goes on by itself.
    ///
    /// # Errors
    /// When there is no such AIP, it is not stored, or something is being done to it.
    pub async fn check_fixity(&self, aip: Uuid) -> Result<(), ServiceError> {
        let work = self.begin_fixity_check(aip).await?;
        self.carry_on_later(work).await;
        Ok(())
    }

    /// Records that a fixity check begins. Whoever calls this carries it on.
    pub(crate) async fn begin_fixity_check(&self, uuid: Uuid) -> Result<Uuid, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut aip = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
                    at_rest(change, &aip).await?;
                    let new = NewWork {
                        aip: &mut aip,
                        kind: WorkflowType::Unspecified,
                        name: FIXITY_CHECK,
                        status: None,
                        task: ("Check fixity", "Reading every byte of the AIP".into(), TaskStatus::InProgress),
                        location_id: None,
                    };
                    begin_workflow(change, new, false, |task| Work::Fixity(Fixity { task })).await.map(|(work, ..)| work)
                })
            }))
            .await
    }

    /// Begins to check everything that a location keeps, one AIP after the other.
    ///
    /// # Errors
    /// When there is no such location, or it is being checked already.
    pub async fn check_location_fixity(&self, uuid: Uuid, by: Person) -> Result<FixityStarted, ServiceError> {
        let (work, told) = self
            .db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let id = locations::id_of(change.tx(), uuid).await?.ok_or(ServiceError::LocationNotFound(uuid))?;
                    if work::at_location::<_, Work>(change.tx(), id).await?.is_some() {
                        return Err(ServiceError::NotValid(
                            "the location is being checked already; its AIPs' pages show how far it is".into(),
                        ));
                    }
                    let counts = tally::read(change.tx(), Some(id)).await?.counts;
                    let told = FixityStarted { started: counts.stored, skipped: counts.total() - counts.stored - counts.deleted };
                    let work = change.new_id();
                    let about = About { location_id: Some(id), ..About::default() };
                    work::insert(change, work, about, false, &Work::CheckLocation(CheckLocation { after: 0, by })).await?;
                    Ok((work, told))
                })
            }))
            .await?;
        self.carry_on_later(work).await;
        Ok(told)
    }
}
