//! Pages of AIPs: filtered, sorted, counted.
//!
//! A page is found in two steps: the row ids off an index that holds everything the filters and the order look at, then those
//! few rows. Counts come from the tally unless a text or a time narrows them.

use super::{
    DbErr,
    aips::{COLUMNS, folded, read_row},
    rows::{all, signed, unsigned, word},
    tally,
};
use crate::{
    api::{Aips, AipsQuery, PageInfo, StatusCounts, aips::SortColumn},
    domain::{Aip, AipStatus},
};
use sea_orm::{ConnectionTrait, Value};
use std::collections::HashMap;

/// The conditions of a query, with the values that they refer to.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, sql: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push(sql.replace("$?", &format!("${}", self.values.len())));
    }

    fn push(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn clause(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!("WHERE {}", self.sql.join(" AND ")) }
    }
}

/// `location_id` is the row id for the query's location.
fn conditions(query: &AipsQuery, location_id: Option<i64>, with_status: bool) -> Conditions {
    let mut conditions = Conditions::default();
    if let (true, Some(status)) = (with_status, query.status) {
        conditions.add("status = $?", status.as_str());
    }
    if let Some(id) = location_id {
        conditions.add("location_id = $?", id);
    }
    if let Some(earliest) = query.earliest_created_time {
        conditions.add("created_at >= $?", earliest.micros());
    }
    if let Some(latest) = query.latest_created_time {
        // Equal bounds mean exactly that instant (`storage-api.md` section 4.3).
        let exact = query.earliest_created_time == Some(latest);
        conditions.add(if exact { "created_at <= $?" } else { "created_at < $?" }, latest.micros());
    }
    if let Some(text) = &query.query {
        conditions.add("instr(search_text, $?) > 0", folded(text));
    }
    conditions
}

fn order(query: &AipsQuery) -> String {
    let column = match query.sort.column {
        SortColumn::Recorded => return "id DESC".into(),
        SortColumn::Name => "name_sort",
        SortColumn::CreatedAt => "created_at",
        SortColumn::Size => "size",
        SortColumn::Status => "status",
        SortColumn::Location => "location_sort",
    };
    let direction = if query.sort.descending { "DESC" } else { "ASC" };
    format!("{column} {direction}, id {direction}")
}

/// One page. `location_id` is the row id for the query's location.
pub async fn page<C: ConnectionTrait>(db: &C, query: &AipsQuery, location_id: Option<i64>) -> Result<Aips, DbErr> {
    let counts = counts(db, query, location_id).await?;
    let total = query.status.map_or_else(|| counts.total(), |status| counts.get(status));
    let items = if query.offset < total { rows(db, query, location_id).await? } else { Vec::new() };
    Ok(Aips { items, page: PageInfo { limit: query.limit, offset: query.offset, total }, counts })
}

/// The rows of a page without its counts.
pub async fn rows<C: ConnectionTrait>(db: &C, query: &AipsQuery, location_id: Option<i64>) -> Result<Vec<Aip>, DbErr> {
    let mut conditions = conditions(query, location_id, true);
    let clause = conditions.clause();
    let limit = conditions.push(signed(query.limit)?);
    let offset = conditions.push(signed(query.offset)?);
    let ids = all(db, &format!("SELECT id FROM aip {clause} ORDER BY {} LIMIT {limit} OFFSET {offset}", order(query)), conditions.values).await?;
    let ids = ids.iter().map(|row| row.try_get::<i64>("", "id")).collect::<Result<Vec<_>, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let marks = (1..=ids.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {COLUMNS} FROM aip a LEFT JOIN location l ON l.id = a.location_id WHERE a.id IN ({marks})");
    let mut found = HashMap::with_capacity(ids.len());
    for row in all(db, &sql, ids.iter().map(|id| (*id).into()).collect()).await? {
        let row = read_row(&row)?;
        found.insert(row.id, row.aip);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

async fn counts<C: ConnectionTrait>(db: &C, query: &AipsQuery, location_id: Option<i64>) -> Result<StatusCounts, DbErr> {
    if query.query.is_none() && query.earliest_created_time.is_none() && query.latest_created_time.is_none() {
        return Ok(tally::read(db, location_id).await?.counts);
    }
    let conditions = conditions(query, location_id, false);
    let sql = format!("SELECT status, count(*) AS aips FROM aip {} GROUP BY status", conditions.clause());
    let mut counts = StatusCounts::default();
    for row in all(db, &sql, conditions.values).await? {
        *counts.get_mut(word::<AipStatus>(&row, "status")?) = unsigned(row.try_get("", "aips")?)?;
    }
    Ok(counts)
}

/// Every AIP of a location in the order of recording (`storage-api.md` section 4.4 asks for an unpaged list).
pub async fn of_location<C: ConnectionTrait>(db: &C, location_id: i64) -> Result<Vec<Aip>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM aip a LEFT JOIN location l ON l.id = a.location_id WHERE a.location_id = $1 ORDER BY a.id");
    all(db, &sql, vec![location_id.into()]).await?.iter().map(|row| Ok(read_row(row)?.aip)).collect()
}
