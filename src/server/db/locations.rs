//! Locations.

use super::{
    Change, Concerns, DbErr,
    aips::folded,
    rows::{all, one, run, signed, unsigned, word},
    tally,
};
use crate::domain::{Location, LocationConfig, LocationPurpose, StorageEvent, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

const COLUMNS: &str = "id, uuid, name, description, source, purpose, config, created_at, updated_at, version";

/// A location with its row id and how it is reached.
#[derive(Debug, Clone)]
pub struct LocationRow {
    /// Row id.
    pub id: i64,
    /// How it is reached; holds secrets.
    pub config: LocationConfig,
    /// The location; its counts are filled where it is read through [`find`] and [`list`].
    pub location: Location,
}

async fn read_row<C: ConnectionTrait>(db: &C, row: &QueryResult) -> Result<LocationRow, DbErr> {
    let id: i64 = row.try_get("", "id")?;
    let tally = tally::read(db, Some(id)).await?;
    let config = serde_json::from_str(&row.try_get::<String>("", "config")?)
        .map_err(|_hidden| DbErr::Json("the configuration of a location cannot be read".into()))?;
    Ok(LocationRow {
        id,
        config,
        location: Location {
            name: row.try_get("", "name")?,
            description: row.try_get("", "description")?,
            source: word(row, "source")?,
            purpose: word(row, "purpose")?,
            uuid: row.try_get("", "uuid")?,
            created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
            updated_at: Some(Timestamp::from_micros(row.try_get("", "updated_at")?)),
            aip_count: tally.counts.total() - tally.counts.deleted,
            total_size: tally.kept_bytes,
            version: unsigned(row.try_get("", "version")?)?,
        },
    })
}

/// Reads one location.
pub async fn find<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<LocationRow>, DbErr> {
    match one(db, &format!("SELECT {COLUMNS} FROM location WHERE uuid = $1"), vec![uuid.into()]).await? {
        Some(row) => Ok(Some(read_row(db, &row).await?)),
        None => Ok(None),
    }
}

/// Reads one location by its name.
pub async fn find_named<C: ConnectionTrait>(db: &C, name: &str) -> Result<Option<LocationRow>, DbErr> {
    match one(db, &format!("SELECT {COLUMNS} FROM location WHERE name = $1"), vec![name.into()]).await? {
        Some(row) => Ok(Some(read_row(db, &row).await?)),
        None => Ok(None),
    }
}

/// Reads the oldest location that keeps AIPs: where a package goes when nobody says where.
pub async fn first_store<C: ConnectionTrait>(db: &C) -> Result<Option<LocationRow>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM location WHERE purpose = $1 ORDER BY id LIMIT 1");
    match one(db, &sql, vec![LocationPurpose::AipStore.as_str().into()]).await? {
        Some(row) => Ok(Some(read_row(db, &row).await?)),
        None => Ok(None),
    }
}

/// Row id of a location.
pub async fn id_of<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<i64>, DbErr> {
    one(db, "SELECT id FROM location WHERE uuid = $1", vec![uuid.into()]).await?.map(|row| row.try_get("", "id")).transpose()
}

/// All locations by name.
pub async fn list<C: ConnectionTrait>(db: &C) -> Result<Vec<LocationRow>, DbErr> {
    let mut locations = Vec::new();
    for row in all(db, &format!("SELECT {COLUMNS} FROM location ORDER BY lower(name), id"), vec![]).await? {
        locations.push(read_row(db, &row).await?);
    }
    Ok(locations)
}

/// Records a location and tells of it.
pub async fn insert(change: &mut Change, location: &Location, config: &LocationConfig) -> Result<(), DbErr> {
    let config = serde_json::to_string(config).map_err(|_hidden| DbErr::Json("the configuration cannot be written".into()))?;
    run(
        change.tx(),
        "INSERT INTO location (uuid, name, description, source, purpose, config, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            location.uuid.into(),
            location.name.clone().into(),
            location.description.clone().into(),
            location.source.as_str().into(),
            location.purpose.as_str().into(),
            config.into(),
            location.created_at.micros().into(),
            location.created_at.micros().into(),
            signed(location.version)?.into(),
        ],
    )
    .await?;
    change.tell(
        StorageEvent::LocationCreated { uuid: location.uuid, item: location.clone() },
        location.version,
        Concerns::location(location.uuid),
    );
    Ok(())
}

/// Changes name and description and tells of it.
pub async fn update(change: &mut Change, row: &mut LocationRow, name: String, description: String) -> Result<(), DbErr> {
    let renamed = row.location.name != name;
    row.location.name = name;
    row.location.description = description;
    row.location.updated_at = Some(change.at());
    row.location.version += 1;
    run(
        change.tx(),
        "UPDATE location SET name = $1, description = $2, updated_at = $3, version = $4 WHERE id = $5",
        vec![
            row.location.name.clone().into(),
            row.location.description.clone().into(),
            change.at().micros().into(),
            signed(row.location.version)?.into(),
            row.id.into(),
        ],
    )
    .await?;
    if renamed {
        let sort = folded(&row.location.name);
        run(change.tx(), "UPDATE aip SET location_sort = $1 WHERE location_id = $2", vec![sort.into(), row.id.into()]).await?;
    }
    change.tell(
        StorageEvent::LocationUpdated { uuid: row.location.uuid, item: row.location.clone() },
        row.location.version,
        Concerns::location(row.location.uuid),
    );
    Ok(())
}

/// Up to where in the log somebody took note of what changed under a location.
pub async fn noted<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<u64>, DbErr> {
    let row = one(db, "SELECT noted_seq FROM location WHERE uuid = $1", vec![uuid.into()]).await?;
    row.map(|row| unsigned(row.try_get("", "noted_seq")?)).transpose()
}

/// Records that somebody took note up to there: whether that is further than before.
pub async fn note(change: &Change, id: i64, seq: u64) -> Result<bool, DbErr> {
    let sql = "UPDATE location SET noted_seq = $1 WHERE id = $2 AND noted_seq < $1 RETURNING id";
    Ok(one(change.tx(), sql, vec![signed(seq)?.into(), id.into()]).await?.is_some())
}

/// Notes that what a location holds has changed.
pub async fn touch(change: &Change, id: i64) -> Result<(), DbErr> {
    run(change.tx(), "UPDATE location SET updated_at = $1 WHERE id = $2", vec![change.at().micros().into(), id.into()]).await?;
    Ok(())
}

/// How many rows of any kind refer to a location: it can be removed when there are none.
pub async fn references<C: ConnectionTrait>(db: &C, id: i64) -> Result<u64, DbErr> {
    let sql = "SELECT (SELECT count(*) FROM aip WHERE location_id = $1) + (SELECT count(*) FROM upload WHERE location_id = $1
        AND state IN ('receiving', 'checking', 'storing')) + (SELECT count(*) FROM work WHERE location_id = $1) AS refs";
    one(db, sql, vec![id.into()]).await?.map_or(Ok(0), |row| unsigned(row.try_get("", "refs")?))
}

/// Removes a location that nothing refers to and tells of it.
pub async fn delete(change: &mut Change, row: &LocationRow) -> Result<(), DbErr> {
    for sql in
        ["DELETE FROM upload WHERE location_id = $1", "DELETE FROM aip_tally WHERE location_id = $1", "DELETE FROM location WHERE id = $1"]
    {
        run(change.tx(), sql, vec![row.id.into()]).await?;
    }
    change.tell(StorageEvent::LocationDeleted { uuid: row.location.uuid }, row.location.version + 1, Concerns::location(row.location.uuid));
    Ok(())
}
