//! Pages of AIPs: filtered, sorted, counted.
//!
//! A page is found in two steps: the row ids off an index that holds everything the filters and the order look at, then those
//! few rows. Counts come from the tally. What a text or a time narrows is counted by `service/search.rs`, which keeps what is read
//! here at the end.

use super::{
    DbErr,
    aips::{COLUMNS, folded, read_row},
    rows::{all, signed, unsigned, word},
    tally,
};
use crate::{
    api::{Aips, AipsQuery, PageInfo, aips::SortColumn},
    domain::{Aip, AipStatus},
};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use std::collections::HashMap;

/// Rows read at a time while the searched texts are gathered.
const GATHERED: u64 = 2_000;
/// More changes than this are not worth following one by one.
const FOLLOWED: u64 = 20_000;
/// So many rows are found by their filter and sorted; where a filter keeps more, the wanted order is walked until the page is full.
const SORTED: u64 = 3_000;

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
fn conditions(query: &AipsQuery, location_id: Option<i64>) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(status) = query.status {
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

/// Which rows of an order make up a page, from whichever end is nearer: an offset is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    backwards: bool,
    limit: u64,
    offset: u64,
}

impl Window {
    fn of(query: &AipsQuery, total: u64) -> Self {
        let AipsQuery { limit, offset, .. } = *query;
        let left = total.saturating_sub(offset);
        let limit = limit.min(left);
        let from_the_end = left - limit;
        if from_the_end < offset { Self { backwards: true, limit, offset: from_the_end } } else { Self { backwards: false, limit, offset } }
    }
}

fn order(query: &AipsQuery, backwards: bool) -> String {
    let column = match query.sort.column {
        SortColumn::Recorded => return if backwards { "id" } else { "id DESC" }.into(),
        SortColumn::Name => "name_sort",
        SortColumn::CreatedAt => "created_at",
        SortColumn::Size => "size",
        SortColumn::Status => "status",
        SortColumn::Location => "location_sort",
    };
    let direction = if query.sort.descending == backwards { "ASC" } else { "DESC" };
    format!("{column} {direction}, id {direction}")
}

/// The table, in SQLite with the index that is in the query's order: left to itself it takes the index of a filter even where
/// that keeps nearly everything, and sorts all of it for one page. Other databases know by their statistics.
fn in_order(backend: DbBackend, query: &AipsQuery) -> &'static str {
    match (backend, query.sort.column) {
        (DbBackend::Sqlite, SortColumn::Name) => "aip INDEXED BY aip_by_name",
        (DbBackend::Sqlite, SortColumn::CreatedAt) => "aip INDEXED BY aip_by_created_at",
        (DbBackend::Sqlite, SortColumn::Size) => "aip INDEXED BY aip_by_size",
        (DbBackend::Sqlite, SortColumn::Status) => "aip INDEXED BY aip_by_status",
        (DbBackend::Sqlite, SortColumn::Location) => "aip INDEXED BY aip_by_location_name",
        // Every index ends with the order of recording.
        _ => "aip",
    }
}

/// One page of what neither a text nor a time narrows. `location_id` is the row id for the query's location.
pub async fn page<C: ConnectionTrait>(db: &C, query: &AipsQuery, location_id: Option<i64>) -> Result<Aips, DbErr> {
    let counts = tally::read(db, location_id).await?.counts;
    let total = query.status.map_or_else(|| counts.total(), |status| counts.get(status));
    let items = rows(db, query, location_id, total).await?;
    Ok(Aips { items, page: PageInfo { limit: query.limit, offset: query.offset, total }, counts })
}

/// The rows of a page; `total` is how many rows match.
pub async fn rows<C: ConnectionTrait>(db: &C, query: &AipsQuery, location_id: Option<i64>, total: u64) -> Result<Vec<Aip>, DbErr> {
    if query.offset >= total {
        return Ok(Vec::new());
    }
    let from = if total > SORTED { in_order(db.get_database_backend(), query) } else { "aip" };
    let window = Window::of(query, total);
    let (sql, values) = ids_of_page(from, query, location_id, window)?;
    let mut ids = ids_of(&all(db, &sql, values).await?)?;
    if window.backwards {
        ids.reverse();
    }
    by_ids(db, &ids).await
}

fn ids_of_page(from: &str, query: &AipsQuery, location_id: Option<i64>, window: Window) -> Result<(String, Vec<Value>), DbErr> {
    let mut conditions = conditions(query, location_id);
    let clause = conditions.clause();
    let limit = conditions.push(signed(window.limit)?);
    let offset = conditions.push(signed(window.offset)?);
    let order = order(query, window.backwards);
    Ok((format!("SELECT id FROM {from} {clause} ORDER BY {order} LIMIT {limit} OFFSET {offset}"), conditions.values))
}

/// All rows that match, in the query's order, whatever its page.
pub async fn ids<C: ConnectionTrait>(db: &C, query: &AipsQuery, location_id: Option<i64>) -> Result<Vec<i64>, DbErr> {
    let conditions = conditions(query, location_id);
    let sql = format!("SELECT id FROM aip {} ORDER BY {}", conditions.clause(), order(query, false));
    ids_of(&all(db, &sql, conditions.values).await?)
}

fn ids_of(rows: &[QueryResult]) -> Result<Vec<i64>, DbErr> {
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// The rows of a page among AIPs that are known to match, in the query's order.
pub async fn rows_among<C: ConnectionTrait>(db: &C, query: &AipsQuery, ids: &[i64]) -> Result<Vec<Aip>, DbErr> {
    // Numbers of our own, not text from outside; there may be more of them than a statement may have parameters.
    let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT id FROM aip WHERE id IN ({list}) ORDER BY {} LIMIT $1 OFFSET $2", order(query, false));
    let page = all(db, &sql, vec![signed(query.limit)?.into(), signed(query.offset)?.into()]).await?;
    by_ids(db, &ids_of(&page)?).await
}

/// These AIPs, in this order.
pub async fn by_ids<C: ConnectionTrait>(db: &C, ids: &[i64]) -> Result<Vec<Aip>, DbErr> {
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

/// Every AIP of a location in the order of recording (`storage-api.md` section 4.4 asks for an unpaged list).
pub async fn of_location<C: ConnectionTrait>(db: &C, location_id: i64) -> Result<Vec<Aip>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM aip a LEFT JOIN location l ON l.id = a.location_id WHERE a.location_id = $1 ORDER BY a.id");
    all(db, &sql, vec![location_id.into()]).await?.iter().map(|row| Ok(read_row(row)?.aip)).collect()
}

/// What text search looks at of one AIP.
#[derive(Debug, Clone)]
pub struct Searched {
    /// Row id.
    pub id: i64,
    /// Name, UUID and object key, in lower case.
    pub text: String,
    /// Where it stands.
    pub status: AipStatus,
    /// Row id of its location.
    pub location_id: Option<i64>,
    /// When it was recorded, in microseconds.
    pub created_at: i64,
}

fn read_searched(row: &QueryResult) -> Result<Searched, DbErr> {
    Ok(Searched {
        id: row.try_get("", "id")?,
        text: row.try_get("", "search_text")?,
        status: word(row, "status")?,
        location_id: row.try_get("", "location_id")?,
        created_at: row.try_get("", "created_at")?,
    })
}

/// What is searched of the AIPs that follow a row id, some at a time.
pub async fn searched_after<C: ConnectionTrait>(db: &C, id: i64) -> Result<Vec<Searched>, DbErr> {
    let sql = "SELECT id, search_text, status, location_id, created_at FROM aip WHERE id > $1 ORDER BY id LIMIT $2";
    all(db, sql, vec![id.into(), signed(GATHERED)?.into()]).await?.iter().map(read_searched).collect()
}

/// What is searched of the AIPs that changed after one place in the log, up to and including another, by rising id; `None` if
/// the log does not tell that any more, or it is too much to follow.
pub async fn searched_since<C: ConnectionTrait>(db: &C, after: u64, until: u64) -> Result<Option<Vec<Searched>>, DbErr> {
    if until.saturating_sub(after) > FOLLOWED {
        return Ok(None);
    }
    let bounds = vec![signed(after)?.into(), signed(until)?.into()];
    let held = all(db, "SELECT count(*) AS held FROM event WHERE seq > $1 AND seq <= $2", bounds.clone()).await?;
    let held = held.first().map_or(Ok(0), |row| row.try_get::<i64>("", "held"))?;
    if unsigned(held)? != until - after {
        return Ok(None);
    }
    let sql = "SELECT id, search_text, status, location_id, created_at FROM aip
        WHERE uuid IN (SELECT aip_uuid FROM event WHERE seq > $1 AND seq <= $2) ORDER BY id";
    all(db, sql, bounds).await?.iter().map(read_searched).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::SortKey,
        domain::{RandomIds, SystemClock, Timestamp},
        server::db::Db,
    };
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        /// From either end, the rows are those that skipping and taking gives.
        #[test]
        fn a_window_holds_the_rows_of_the_page(total in 0u64..60, offset in 0u64..70, limit in 1u64..30) {
            let query = AipsQuery { offset, limit, ..AipsQuery::default() };
            let (skipped, taken) = (offset as usize, limit as usize);
            let expected: Vec<u64> = (0..total).skip(skipped).take(taken).collect();
            let window = Window::of(&query, total);
            let (skipped, taken) = (window.offset as usize, window.limit as usize);
            let mut found: Vec<u64> = if window.backwards {
                (0..total).rev().skip(skipped).take(taken).collect()
            } else {
                (0..total).skip(skipped).take(taken).collect()
            };
            if window.backwards {
                found.reverse();
            }
            prop_assert_eq!(found, expected);
            prop_assert!(window.offset <= total / 2 || offset >= total, "never more than half is walked");
        }
    }

    /// Whatever keeps nearly all of an archive is shown without sorting all of it, and without leaving the index.
    #[tokio::test]
    async fn a_page_of_many_is_read_in_order_off_one_index() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::open(&dir.path().join("db"), Arc::new(SystemClock), Arc::new(RandomIds)).await.expect("opened");
        db.migrate().await.expect("migrated");
        for (column, word) in SortColumn::NAMED {
            for filters in 0..8 {
                let query = AipsQuery {
                    sort: SortKey { column, descending: filters % 2 == 0 },
                    status: (filters & 1 > 0).then_some(AipStatus::Stored),
                    earliest_created_time: (filters & 2 > 0).then(|| Timestamp::from_micros(1)),
                    ..AipsQuery::default()
                };
                let from = in_order(db.read().get_database_backend(), &query);
                let (sql, values) =
                    ids_of_page(from, &query, (filters & 4 > 0).then_some(1), Window::of(&query, 10_000)).expect("a statement");
                let plan = all(db.read(), &format!("EXPLAIN QUERY PLAN {sql}"), values).await.expect("a plan");
                let steps: Vec<String> = plan.iter().map(|step| step.try_get("", "detail").expect("a text")).collect();
                assert!(steps.len() == 1 && steps[0].contains("COVERING INDEX"), "by {word}, {filters:03b}: {steps:?}");
            }
        }
    }
}
