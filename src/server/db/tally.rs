//! Counts and sums of AIPs, kept up to date by every change.

use super::{
    Change, DbErr,
    rows::{all, run, signed, unsigned, word},
};
use crate::{api::StatusCounts, domain::AipStatus};
use sea_orm::ConnectionTrait;

/// Where an AIP is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Row id of its location, if it has one.
    pub location_id: Option<i64>,
    /// Its status.
    pub status: AipStatus,
    /// Its bytes.
    pub size: u64,
}

/// Moves an AIP in the counts: from where it was (if it was) to where it is.
pub(super) async fn shift(change: &Change, from: Option<Place>, to: Place) -> Result<(), DbErr> {
    if let Some(from) = from {
        add(change, from, -1).await?;
    }
    add(change, to, 1).await
}

async fn add(change: &Change, place: Place, sign: i64) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO aip_tally (location_id, status, aips, bytes) VALUES ($1, $2, $3, $4)
         ON CONFLICT (location_id, status) DO UPDATE SET aips = aip_tally.aips + excluded.aips, bytes = aip_tally.bytes + excluded.bytes",
        vec![place.location_id.unwrap_or(0).into(), place.status.as_str().into(), sign.into(), (sign * signed(place.size)?).into()],
    )
    .await?;
    Ok(())
}

/// What a tally counts: of everything, or of one location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// AIPs by status.
    pub counts: StatusCounts,
    /// Bytes of those that are kept.
    pub kept_bytes: u64,
}

/// Reads the tally of one location, or of all.
pub(crate) async fn read<C: ConnectionTrait>(db: &C, location_id: Option<i64>) -> Result<Tally, DbErr> {
    let rows = match location_id {
        Some(id) => all(db, "SELECT status, aips, bytes FROM aip_tally WHERE location_id = $1", vec![id.into()]).await?,
        None => all(db, "SELECT status, aips, bytes FROM aip_tally", vec![]).await?,
    };
    let mut tally = Tally::default();
    for row in rows {
        let status: AipStatus = word(&row, "status")?;
        *tally.counts.get_mut(status) += unsigned(row.try_get("", "aips")?)?;
        if status != AipStatus::Deleted {
            tally.kept_bytes += unsigned(row.try_get("", "bytes")?)?;
        }
    }
    Ok(tally)
}
