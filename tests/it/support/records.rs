//! What the service wrote into its database and tells nobody over HTTP.

use super::{TestServer, soon};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

impl TestServer {
    async fn database(&self) -> DatabaseConnection {
        let file = self.services().config().database();
        Database::connect(format!("sqlite://{}?mode=ro", file.display())).await.expect("the database opens")
    }

    /// Waits until one column of what a statement selects is as wanted.
    async fn until<T>(&self, what: &str, sql: &str, wanted: impl Fn(Vec<String>) -> Option<T>) -> T {
        let database = self.database().await;
        soon(what, async {
            loop {
                let statement = Statement::from_string(database.get_database_backend(), sql);
                let rows = database.query_all_raw(statement).await.expect("rows");
                let lines = rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect();
                if let Some(found) = wanted(lines) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }

    /// What an operator does with the database while the service runs.
    pub async fn operator(&self, sql: &str) {
        let file = self.services().config().database();
        let database = Database::connect(format!("sqlite://{}?mode=rw", file.display())).await.expect("the database opens");
        database.execute_unprepared(sql).await.expect("done");
    }

    /// What is written down of who did what, once there are so many: action, outcome, name, detail, address.
    pub async fn audited(&self, count: usize) -> Vec<String> {
        let sql =
            "SELECT action || '|' || outcome || '|' || coalesce(name, '') || '|' || coalesce(detail, '') || '|' || coalesce(address, '')
                   FROM audit ORDER BY id";
        self.until("the record of who did what", sql, |lines| (lines.len() >= count).then_some(lines)).await
    }

    /// Waits until it is written down that the newest session was used more than so many seconds after it began.
    pub async fn seen_later_than(&self, seconds: i64) {
        let sql = "SELECT CAST((seen_at - created_at) / 1000000 AS TEXT) FROM session ORDER BY created_at DESC LIMIT 1";
        let later = |lines: Vec<String>| lines.first()?.parse::<i64>().ok().filter(|seen| *seen > seconds).map(drop);
        self.until("the note of a session's use", sql, later).await;
    }
}
