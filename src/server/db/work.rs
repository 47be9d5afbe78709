//! Work that is not over: what a process that starts goes on with. What it says to people is in `workflows`.

use super::{
    Change, DbErr,
    rows::{all, one, run, unsigned},
};
use crate::domain::{Person, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use uuid::Uuid;

/// A piece of work, with its state as the workflow that does it wrote it.
#[derive(Debug, Clone)]
pub struct WorkRow<S> {
    /// Its identity.
    pub uuid: Uuid,
    /// The AIP that it is done to; none for work on a whole location.
    pub aip_uuid: Option<Uuid>,
    /// What people see of it.
    pub workflow_uuid: Option<Uuid>,
    /// Another location that it needs, which cannot be removed meanwhile.
    pub location_uuid: Option<Uuid>,
    /// In whose name it is done; nobody's where the service began it.
    pub person: Option<Arc<Person>>,
    /// Whether it rests until a person decides.
    pub waiting: bool,
    /// How far it is.
    pub state: S,
}

const SELECT: &str = "SELECT w.uuid, w.workflow_uuid, w.waiting, w.state, w.person, a.uuid AS aip_uuid, l.uuid AS location_uuid FROM work w
    LEFT JOIN aip a ON a.id = w.aip_id LEFT JOIN location l ON l.id = w.location_id";

fn read<S: DeserializeOwned>(row: &QueryResult) -> Result<WorkRow<S>, DbErr> {
    Ok(WorkRow {
        uuid: row.try_get("", "uuid")?,
        aip_uuid: row.try_get("", "aip_uuid")?,
        workflow_uuid: row.try_get("", "workflow_uuid")?,
        location_uuid: row.try_get("", "location_uuid")?,
        person: person(row)?,
        waiting: row.try_get("", "waiting")?,
        state: serde_json::from_str(&row.try_get::<String>("", "state")?).map_err(|error| DbErr::Json(error.to_string()))?,
    })
}

fn person(row: &QueryResult) -> Result<Option<Arc<Person>>, DbErr> {
    let text: Option<String> = row.try_get("", "person")?;
    text.map(|text| serde_json::from_str(&text).map(Arc::new).map_err(|error| DbErr::Json(error.to_string()))).transpose()
}

fn written<S: Serialize>(state: &S) -> Result<Value, DbErr> {
    serde_json::to_string(state).map(Into::into).map_err(|error| DbErr::Json(error.to_string()))
}

/// Reads one piece of work; `None` once it is over.
pub async fn find<C: ConnectionTrait, S: DeserializeOwned>(db: &C, uuid: Uuid) -> Result<Option<WorkRow<S>>, DbErr> {
    one(db, &format!("{SELECT} WHERE w.uuid = $1"), vec![uuid.into()]).await?.as_ref().map(read).transpose()
}

/// Reads what is being done to an AIP.
pub async fn at_aip<C: ConnectionTrait, S: DeserializeOwned>(db: &C, aip_id: i64) -> Result<Option<WorkRow<S>>, DbErr> {
    one(db, &format!("{SELECT} WHERE w.aip_id = $1"), vec![aip_id.into()]).await?.as_ref().map(read).transpose()
}

/// Whether anything is being done to an AIP.
pub async fn is_at_aip<C: ConnectionTrait>(db: &C, aip_id: i64) -> Result<bool, DbErr> {
    Ok(one(db, "SELECT 1 AS found FROM work WHERE aip_id = $1", vec![aip_id.into()]).await?.is_some())
}

/// All work that can go on without a person, oldest first.
pub async fn runnable<C: ConnectionTrait>(db: &C) -> Result<Vec<Uuid>, DbErr> {
    all(db, "SELECT uuid FROM work WHERE NOT waiting ORDER BY id", vec![]).await?.iter().map(|row| row.try_get("", "uuid")).collect()
}

/// How much work there is, at work or waiting for its turn; what waits for a person is not counted.
pub async fn depth<C: ConnectionTrait>(db: &C) -> Result<u64, DbErr> {
    one(db, "SELECT count(*) AS depth FROM work WHERE NOT waiting", vec![]).await?.map_or(Ok(0), |row| unsigned(row.try_get("", "depth")?))
}

/// Work on whole locations.
pub async fn at_location<C: ConnectionTrait, S: DeserializeOwned>(db: &C, location_id: i64) -> Result<Option<WorkRow<S>>, DbErr> {
    let sql = format!("{SELECT} WHERE w.location_id = $1 AND w.aip_id IS NULL");
    one(db, &sql, vec![location_id.into()]).await?.as_ref().map(read).transpose()
}

/// How much work is not over.
#[derive(Debug, Clone, Copy)]
pub struct Backlog {
    /// Pieces that can go on.
    pub queued: u64,
    /// Pieces that rest until a person decides.
    pub waiting: u64,
    /// When the oldest of those that can go on began, as far as people see them.
    pub oldest: Option<Timestamp>,
}

/// Counts the work that is not over.
pub async fn backlog<C: ConnectionTrait>(db: &C) -> Result<Backlog, DbErr> {
    let sql = "SELECT count(*) AS pieces, coalesce(sum(CASE WHEN w.waiting THEN 1 ELSE 0 END), 0) AS waiting,
            min(CASE WHEN w.waiting THEN NULL ELSE f.started_at END) AS oldest
        FROM work w LEFT JOIN workflow f ON f.uuid = w.workflow_uuid";
    let row = one(db, sql, vec![]).await?.ok_or_else(|| DbErr::RecordNotFound("a count".into()))?;
    let (pieces, waiting) = (unsigned(row.try_get("", "pieces")?)?, unsigned(row.try_get("", "waiting")?)?);
    let oldest: Option<i64> = row.try_get("", "oldest")?;
    Ok(Backlog { queued: pieces - waiting, waiting, oldest: oldest.map(Timestamp::from_micros) })
}

/// What a new piece of work is about, in row ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct About {
    /// The AIP.
    pub aip_id: Option<i64>,
    /// Another location that it needs.
    pub location_id: Option<i64>,
    /// What people see of it.
    pub workflow_uuid: Option<Uuid>,
}

/// Records work that begins.
pub async fn insert<S: Serialize>(change: &Change, uuid: Uuid, about: About, waiting: bool, state: &S) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO work (uuid, aip_id, workflow_uuid, location_id, waiting, state, person) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            uuid.into(),
            about.aip_id.into(),
            about.workflow_uuid.into(),
            about.location_id.into(),
            waiting.into(),
            written(state)?,
            change.person().map(written).transpose()?.unwrap_or(Value::String(None)),
        ],
    )
    .await?;
    Ok(())
}

/// Records how far work is.
pub async fn update<S: Serialize>(change: &Change, uuid: Uuid, waiting: bool, state: &S) -> Result<(), DbErr> {
    let sql = "UPDATE work SET waiting = $1, state = $2 WHERE uuid = $3";
    run(change.tx(), sql, vec![waiting.into(), written(state)?, uuid.into()]).await?;
    Ok(())
}

/// Records that work is over, however it ended.
pub async fn end(change: &Change, uuid: Uuid) -> Result<(), DbErr> {
    run(change.tx(), "DELETE FROM work WHERE uuid = $1", vec![uuid.into()]).await?;
    Ok(())
}
