//! Addresses that take one package each.

use super::{
    Change, DbErr,
    rows::{one, run, word},
};
use crate::domain::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

crate::domain::wire_enum! {
    /// How far a submission is.
    SubmissionState {
        /// Nothing came yet.
        Waiting = "waiting",
        /// The package came, and is sound.
        Received = "received",
        /// Whoever sent it said that it is complete; it lies in no location yet.
        Complete = "complete",
    }
}

/// A submission.
#[derive(Debug, Clone, Copy)]
pub struct SubmissionRow {
    /// The AIP.
    pub aip_uuid: Uuid,
    /// Until when the address is good.
    pub expires_at: Timestamp,
    /// How far it is.
    pub state: SubmissionState,
}

fn read(row: &QueryResult) -> Result<SubmissionRow, DbErr> {
    Ok(SubmissionRow {
        aip_uuid: row.try_get("", "aip_uuid")?,
        expires_at: Timestamp::from_micros(row.try_get("", "expires_at")?),
        state: word(row, "state")?,
    })
}

/// Finds the submission of an address by the digest of its secret.
pub async fn find<C: ConnectionTrait>(db: &C, secret: &[u8; 32]) -> Result<Option<SubmissionRow>, DbErr> {
    let sql = "SELECT a.uuid AS aip_uuid, s.expires_at, s.state FROM submission s JOIN aip a ON a.id = s.aip_id WHERE s.secret = $1";
    one(db, sql, vec![secret.to_vec().into()]).await?.as_ref().map(read).transpose()
}

/// How far the submission of an AIP is.
pub async fn state_of<C: ConnectionTrait>(db: &C, aip_id: i64) -> Result<Option<SubmissionState>, DbErr> {
    one(db, "SELECT state FROM submission WHERE aip_id = $1", vec![aip_id.into()]).await?.map(|row| word(&row, "state")).transpose()
}

/// Records an address.
pub async fn insert(change: &Change, aip_id: i64, secret: &[u8; 32], expires_at: Timestamp) -> Result<(), DbErr> {
    let sql = "INSERT INTO submission (aip_id, secret, expires_at, state) VALUES ($1, $2, $3, $4)";
    let state = SubmissionState::Waiting.as_str().into();
    run(change.tx(), sql, vec![aip_id.into(), secret.to_vec().into(), expires_at.micros().into(), state]).await?;
    Ok(())
}

/// Records how far a submission is.
pub async fn set_state(change: &Change, aip_id: i64, state: SubmissionState) -> Result<(), DbErr> {
    run(change.tx(), "UPDATE submission SET state = $1 WHERE aip_id = $2", vec![state.as_str().into(), aip_id.into()]).await?;
    Ok(())
}

/// Forgets the submission of an AIP that has a location now.
pub async fn forget(change: &Change, aip_id: i64) -> Result<(), DbErr> {
    run(change.tx(), "DELETE FROM submission WHERE aip_id = $1", vec![aip_id.into()]).await?;
    Ok(())
}

/// Forgets addresses that nobody used in time.
pub async fn forget_expired(change: &Change) -> Result<(), DbErr> {
    let sql = "DELETE FROM submission WHERE state = $1 AND expires_at < $2";
    run(change.tx(), sql, vec![SubmissionState::Waiting.as_str().into(), change.at().micros().into()]).await?;
    Ok(())
}
