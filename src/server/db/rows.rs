//! From SQL to rows and back. Statements number their parameters `$1`, `$2`, … which both databases read.

use super::DbErr;
use sea_orm::{ConnectionTrait, ExecResult, QueryResult, Statement, Value};

pub(super) async fn run<C: ConnectionTrait>(db: &C, sql: &str, values: Vec<Value>) -> Result<ExecResult, DbErr> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}

pub(super) async fn one<C: ConnectionTrait>(db: &C, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>, DbErr> {
    db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}

pub(super) async fn all<C: ConnectionTrait>(db: &C, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}

/// Databases have no unsigned numbers.
pub(super) fn signed(value: u64) -> Result<i64, DbErr> {
    i64::try_from(value).map_err(|_out_of_range| DbErr::Type(format!("{value} does not fit into the database")))
}

pub(super) fn unsigned(value: i64) -> Result<u64, DbErr> {
    u64::try_from(value).map_err(|_negative| DbErr::Type(format!("the database holds {value} where no negative number may stand")))
}

/// Reads a column that holds the word of an enumeration.
pub(super) fn word<T: std::str::FromStr<Err: std::fmt::Display>>(row: &QueryResult, column: &str) -> Result<T, DbErr> {
    row.try_get::<String>("", column)?.parse().map_err(|error: T::Err| DbErr::Type(format!("column {column}: {error}")))
}
