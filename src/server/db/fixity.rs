//! Fixity checks and what they came to.

use super::{
    Change, DbErr,
    rows::{all, run, signed, unsigned, word},
};
use crate::domain::{FixityCheck, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};

fn read(row: &QueryResult) -> Result<FixityCheck, DbErr> {
    Ok(FixityCheck {
        checked_at: Timestamp::from_micros(row.try_get("", "checked_at")?),
        outcome: word(row, "outcome")?,
        message: row.try_get("", "message")?,
        size: unsigned(row.try_get("", "size")?)?,
        sha256: row.try_get("", "sha256")?,
        workflow_uuid: row.try_get("", "workflow_uuid")?,
    })
}

/// The newest checks of an AIP first.
pub async fn of_aip<C: ConnectionTrait>(db: &C, aip_id: i64, limit: u64) -> Result<Vec<FixityCheck>, DbErr> {
    let sql = "SELECT * FROM fixity_check WHERE aip_id = $1 ORDER BY id DESC LIMIT $2";
    all(db, sql, vec![aip_id.into(), signed(limit)?.into()]).await?.iter().map(read).collect()
}

/// Records a check.
pub async fn insert(change: &Change, aip_id: i64, check: &FixityCheck) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO fixity_check (aip_id, workflow_uuid, checked_at, outcome, message, size, sha256) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            aip_id.into(),
            check.workflow_uuid.into(),
            check.checked_at.micros().into(),
            check.outcome.as_str().into(),
            check.message.clone().into(),
            signed(check.size)?.into(),
            check.sha256.clone().into(),
        ],
    )
    .await?;
    Ok(())
}
