//! Up to where in the log somebody took note of what changed under a location without the service having done it.

use sea_orm_migration::prelude::*;

/// What was taken note of.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_noted_changes"
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE location ADD COLUMN noted_seq BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX event_announced ON event (location_uuid, seq) WHERE type = 'announced_event'",
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
