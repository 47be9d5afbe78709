//! Who did it, beside each event and each piece of work; and what the log is filtered by.

use sea_orm_migration::prelude::*;

/// The persons of events and work.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_actors"
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE event ADD COLUMN issuer TEXT",
    "ALTER TABLE event ADD COLUMN subject TEXT",
    "ALTER TABLE event ADD COLUMN person TEXT",
    "ALTER TABLE work ADD COLUMN person TEXT",
    "CREATE INDEX event_by_type ON event (type, seq)",
    "CREATE INDEX event_by_person ON event (person, seq) WHERE person IS NOT NULL",
    "CREATE INDEX event_by_at ON event (at)",
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
