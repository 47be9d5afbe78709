//! Uploads as Enduro's clients make them (`storage-api.md` sections 4.2, 4.6 and 9.3): an address that takes one package once, then
//! word that it is complete; a move brings it to its location.

use super::{Active, BodyError, ServiceError, Services, check::CheckError, checked_name, receive::Staged};
use crate::{
    domain::{Aip, AipStatus, Timestamp},
    server::{
        actor,
        db::{
            aips,
            submissions::{self, SubmissionState},
        },
        metrics::Traffic,
        objects::{Filesystem, ObjectStore as _, StagedStore},
    },
};
use bytes::Bytes;
use futures::Stream;
use std::sync::Arc;
use uuid::Uuid;

/// How long an address is good (`storage-api.md` section 4.2).
const PATIENCE: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

impl Services {
    /// Where submitted packages lie until they are moved to a location.
    pub(crate) fn submissions(&self) -> Filesystem {
        Filesystem::new(self.config().data.join("submissions"))
    }

    /// Announces an AIP whose package will be put to an address of ours. `secret` is the digest of what makes the address.
    ///
    /// # Errors
    /// When the name is none or the UUID is taken.
    pub async fn submit(&self, uuid: Uuid, name: &str, secret: [u8; 32]) -> Result<(), ServiceError> {
        let name = checked_name(name)?;
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let object_key = change.new_id();
                    if let Some(field) = aips::taken(change.tx(), uuid, object_key).await? {
                        return Err(ServiceError::NotValid(format!("{field}: an AIP with this {field} is recorded already")));
                    }
                    let aip = Aip {
                        name,
                        uuid,
                        status: AipStatus::Unspecified,
                        object_key,
                        location_uuid: None,
                        deletion_report_key: None,
                        created_at: change.at(),
                        size: None,
                        format: None,
                        sha256: None,
                        sha512: None,
                        version: 1,
                    };
                    let id = aips::insert(change, &aip, None).await?;
                    let expires_at = Timestamp::from(change.at().utc() + PATIENCE);
                    Ok(submissions::insert(change, id, &secret, expires_at).await?)
                })
            }))
            .await
    }

    /// Takes a submitted package in, once.
    ///
    /// # Errors
    /// When the address is not good (any more), or the package is refused: then another one may be put until the time is over.
    pub async fn receive_submission<S>(&self, secret: [u8; 32], body: S) -> Result<(), ServiceError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let found = submissions::find(self.db().read(), &secret).await?;
        let found = found.filter(|found| found.state == SubmissionState::Waiting && found.expires_at > self.clock().now());
        let aip = found.ok_or(ServiceError::SubmissionNotFound)?.aip_uuid;
        let services = self.clone();
        // On its own task: a client that hangs up must not leave a half package behind.
        let task = tokio::spawn(actor::handed_on(async move { services.receive_package(aip, body).await }));
        task.await.map_err(|error| ServiceError::Internal(format!("a submission was not taken in: {error}")))?
    }

    async fn receive_package<S>(&self, uuid: Uuid, body: S) -> Result<(), ServiceError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let active = self.0.intake.of(uuid);
        let Ok(_turn) = active.staged.try_lock() else {
            return Err(ServiceError::NotAvailable("this package is on its way already".into()));
        };
        let key = self.aip(uuid).await?.object_key;
        let submissions = self.submissions();
        submissions.probe().await?;
        let store = StagedStore::folder(submissions);
        let received = self.receive_and_record(uuid, key, &store, body, &active).await;
        self.0.intake.forget(uuid);
        if received.is_err() {
            store.discard(key).await?;
        }
        received
    }

    async fn receive_and_record<S>(
        &self,
        uuid: Uuid,
        key: Uuid,
        store: &StagedStore,
        body: S,
        active: &Arc<Active>,
    ) -> Result<(), ServiceError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        // What a stop between name and record left has no record: it is written anew.
        store.uncommit(key).await?;
        let mut staged = Staged::open(store, key, 0).await?;
        staged.receive(Box::pin(body), self.config().upload_max_size, &self.meters().bytes(Traffic::TakenIn)).await?;
        let digests = staged.into_digests();
        let (format, verdict) = match self.check(store.staging().staged(key), active).await {
            Ok(good) => good,
            Err(CheckError::Refused(error) | CheckError::Failed(error)) => return Err(error),
            Err(CheckError::Cancelled) => return Err(ServiceError::NotAvailable("the submission was called off".into())),
        };
        store.commit(key, &digests.sha256).await?;
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut row = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
                    aips::set_content(change, &mut row, &digests, format).await?;
                    aips::insert_verdict(change, row.id, &verdict).await?;
                    Ok(submissions::set_state(change, row.id, SubmissionState::Received).await?)
                })
            }))
            .await
    }

    /// Notes that a submission is complete: the AIP awaits a decision where it goes.
    ///
    /// # Errors
    /// When no package of such an AIP was received.
    pub async fn complete_submission(&self, uuid: Uuid) -> Result<(), ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let none = || {
                        ServiceError::NotAvailable(
                            "no package was received that could be completed: put it to the address that submit returned first".into(),
                        )
                    };
                    // Of an AIP that is not there nothing was received either; clients know no other answer (section 4.2).
                    let mut row = aips::find(change.tx(), uuid).await?.ok_or_else(none)?;
                    if submissions::state_of(change.tx(), row.id).await? != Some(SubmissionState::Received) {
                        return Err(none());
                    }
                    submissions::set_state(change, row.id, SubmissionState::Complete).await?;
                    Ok(aips::set_status(change, &mut row, AipStatus::Pending).await?)
                })
            }))
            .await
    }

    /// Forgets addresses that nobody used in time.
    pub(super) async fn tidy_submissions(&self) -> Result<(), ServiceError> {
        self.db().write(Box::new(move |change| Box::pin(async move { Ok(submissions::forget_expired(change).await?) }))).await
    }
}
