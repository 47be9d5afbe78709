//! The event log: what happened, in order (`realtime.md` section 1).

use super::{
    Change, Concerns, Db, DbErr,
    rows::{all, one, run, signed, unsigned},
};
use crate::{
    api::{EventFrame, EventRecord, EventRecords, EventsQuery},
    domain::{EventKind, StorageEvent, Timestamp},
    realtime::Position,
    server::hub::HubEvent,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use std::sync::Arc;
use uuid::Uuid;

/// Entries of a page when nothing else is asked for, and at most.
const LIMITS: (u64, u64) = (50, 500);

/// Reads where the log stands; begins a log with this epoch if there is none.
pub async fn open(db: &Db, new_epoch: u64) -> Result<Position, DbErr> {
    // The database has no unsigned numbers: the epoch is the same 64 bits, whatever their sign.
    let epoch = i64::from_ne_bytes(new_epoch.to_ne_bytes());
    run(db.read(), "INSERT INTO event_log (id, epoch, last_seq) VALUES (1, $1, 0) ON CONFLICT (id) DO NOTHING", vec![epoch.into()]).await?;
    let row = one(db.read(), "SELECT epoch, last_seq FROM event_log WHERE id = 1", vec![]).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the event log has no head".into()))?;
    let seq = unsigned(row.try_get("", "last_seq")?)?;
    let epoch = u64::from_ne_bytes(row.try_get::<i64>("", "epoch")?.to_ne_bytes());
    Ok(Position { epoch, seq, tag: tag_at(db, seq).await?.unwrap_or(0) })
}

/// The tag of the entry with this seq, if the log still has it.
pub async fn tag_at(db: &Db, seq: u64) -> Result<Option<u64>, DbErr> {
    let row = one(db.read(), "SELECT id FROM event WHERE seq = $1", vec![signed(seq)?.into()]).await?;
    row.map(|row| Ok(Position::tag_of(row.try_get::<Uuid>("", "id")?))).transpose()
}

/// The oldest entry that the log still has; `None` when it has none.
pub async fn oldest(db: &Db) -> Result<Option<u64>, DbErr> {
    let row = one(db.read(), "SELECT seq FROM event ORDER BY seq LIMIT 1", vec![]).await?;
    row.map(|row| unsigned(row.try_get("", "seq")?)).transpose()
}

/// Gives the log another identity: nobody goes on from a place that they had in it, everybody reads everything anew.
pub async fn renew_epoch(db: &Db, epoch: u64) -> Result<(), DbErr> {
    let epoch = i64::from_ne_bytes(epoch.to_ne_bytes());
    run(db.read(), "UPDATE event_log SET epoch = $1 WHERE id = 1", vec![epoch.into()]).await?;
    Ok(())
}

/// What the log keeps: everything that neither of the two lets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Entries from before this instant may go; `None` keeps entries of any age.
    pub before: Option<Timestamp>,
    /// So many of the newest entries stay, and older ones may go; `None` keeps any number.
    pub count: Option<u64>,
}

/// Removes at most `limit` of the oldest entries, those that both age and number let go where both are set: how many went. What
/// stays is always an unbroken end of the log.
pub async fn prune(change: &Change, retention: Retention, limit: u64) -> Result<u64, DbErr> {
    let Retention { before, count } = retention;
    if before.is_none() && count.is_none() {
        return Ok(0);
    }
    let rows = all(change.tx(), "SELECT seq, at FROM event ORDER BY seq LIMIT $1", vec![signed(limit)?.into()]).await?;
    let head = one(change.tx(), "SELECT last_seq FROM event_log WHERE id = 1", vec![]).await?;
    let head = head.ok_or_else(|| DbErr::RecordNotFound("the event log has no head".into()))?;
    let end: i64 = head.try_get("", "last_seq")?;
    let kept_from = count.map_or(i64::MAX, |count| end - i64::try_from(count).unwrap_or(i64::MAX));
    let (mut last, mut gone) = (None, 0);
    for row in rows {
        let (seq, at): (i64, i64) = (row.try_get("", "seq")?, row.try_get("", "at")?);
        if seq > kept_from || before.is_some_and(|before| at >= before.micros()) {
            break;
        }
        (last, gone) = (Some(seq), gone + 1);
    }
    if let Some(last) = last {
        run(change.tx(), "DELETE FROM event WHERE seq <= $1", vec![last.into()]).await?;
    }
    Ok(gone)
}

fn value(row: &QueryResult) -> Result<StorageEvent, DbErr> {
    serde_json::from_str(&row.try_get::<String>("", "value")?).map_err(|error| DbErr::Json(error.to_string()))
}

/// At most `limit` entries that follow `seq`, as they travel.
pub async fn after(db: &Db, seq: u64, limit: u64) -> Result<Vec<Arc<HubEvent>>, DbErr> {
    let sql = "SELECT seq, id, at, version, value, aip_uuid, location_uuid, left_location_uuid, person FROM event WHERE seq > $1 ORDER BY seq LIMIT $2";
    let rows = all(db.read(), sql, vec![signed(seq)?.into(), signed(limit)?.into()]).await?;
    rows.iter()
        .map(|row| {
            let seq = unsigned(row.try_get("", "seq")?)?;
            let value = value(row)?;
            let concerns = Concerns {
                aip: row.try_get("", "aip_uuid")?,
                location: row.try_get("", "location_uuid")?,
                left_location: row.try_get("", "left_location_uuid")?,
            };
            let tag = Position::tag_of(row.try_get::<Uuid>("", "id")?);
            let frame = EventFrame {
                seq: Some(seq),
                tag: Some(tag),
                version: Some(unsigned(row.try_get("", "version")?)?),
                at: Some(Timestamp::from_micros(row.try_get("", "at")?)),
                person: row.try_get("", "person")?,
                value,
            };
            let event = HubEvent::new(&frame, seq, tag, concerns);
            event.map(Arc::new).map_err(|error| DbErr::Json(error.to_string()))
        })
        .collect()
}

/// A page of the log, newest first, with the names that people know things by; with or without the steps of workflows.
pub async fn page<C: ConnectionTrait>(db: &C, query: &EventsQuery, with_steps: bool) -> Result<EventRecords, DbErr> {
    filtered(db, query, with_steps, None, Order::NewestFirst).await
}

/// What was announced about a location, oldest first.
pub async fn announced_of<C: ConnectionTrait>(db: &C, location: Uuid, query: &EventsQuery) -> Result<Vec<EventRecord>, DbErr> {
    let query = EventsQuery { kind: Some(EventKind::Announcement), ..query.clone() };
    Ok(filtered(db, &query, true, Some(location), Order::OldestFirst).await?.items)
}

#[derive(Clone, Copy)]
enum Order {
    NewestFirst,
    OldestFirst,
}

async fn filtered<C: ConnectionTrait>(
    db: &C,
    query: &EventsQuery,
    with_steps: bool,
    location: Option<Uuid>,
    order: Order,
) -> Result<EventRecords, DbErr> {
    let limit = query.limit.filter(|limit| *limit > 0).unwrap_or(LIMITS.0).min(LIMITS.1);
    let mut values: Vec<Value> = Vec::new();
    let mut conditions = Vec::new();
    let mut when = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(condition.replace('?', &format!("${}", values.len())));
        }
    };
    let bounded = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX).into();
    when("e.aip_uuid = ?", query.aip_uuid.map(Into::into));
    when("e.location_uuid = ?", location.map(Into::into));
    when("e.person = ?", query.person.clone().map(Into::into));
    when("e.seq < ?", query.before.map(bounded));
    when("e.seq > ?", query.after.map(bounded));
    when("e.at >= ?", query.earliest_time.map(|at| at.micros().into()));
    when("e.at < ?", query.latest_time.map(|at| at.micros().into()));
    if let Some(kind) = query.kind {
        let types: Vec<String> = kind.types().iter().map(|kind| format!("'{kind}'")).collect();
        conditions.push(format!("e.type IN ({})", types.join(", ")));
    }
    if !with_steps {
        conditions.push("e.type NOT IN ('aip_task_created_event', 'aip_task_updated_event')".into());
    }
    let clause = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    values.push(signed(limit + 1)?.into());
    let order = match order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    let sql = format!(
        "SELECT e.seq, e.at, e.version, e.aip_uuid, e.value, e.person, coalesce(a.name, l.name) AS name FROM event e
         LEFT JOIN aip a ON a.uuid = e.aip_uuid LEFT JOIN location l ON l.uuid = e.resource_uuid {clause} ORDER BY e.seq {order} LIMIT ${}",
        values.len()
    );
    let mut items = all(db, &sql, values)
        .await?
        .iter()
        .map(|row| {
            Ok(EventRecord {
                seq: unsigned(row.try_get("", "seq")?)?,
                at: Timestamp::from_micros(row.try_get("", "at")?),
                version: unsigned(row.try_get("", "version")?)?,
                aip_uuid: row.try_get("", "aip_uuid")?,
                name: row.try_get("", "name")?,
                person: row.try_get("", "person")?,
                value: value(row)?,
            })
        })
        .collect::<Result<Vec<_>, DbErr>>()?;
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_before = if more { items.last().map(|item| item.seq) } else { None };
    Ok(EventRecords { items, next_before })
}
