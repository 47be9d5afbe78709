//! Which locations an event concerns, so that whoever watches one location is told of it (`realtime.md` section 2).

use sea_orm_migration::prelude::*;

/// The locations of an event.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_topics"
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE event ADD COLUMN location_uuid BLOB",
    "ALTER TABLE event ADD COLUMN left_location_uuid BLOB",
    // Entries from before do not say which locations they concern: nobody may go on from among them.
    "UPDATE event_log SET epoch = random()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in STATEMENTS {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
