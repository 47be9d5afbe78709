//! What is being done and has to be brought to its end, deletion requests, fixity checks, and submissions.

use sea_orm_migration::prelude::*;

/// The work of workflows.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_work"
    }
}

const STATEMENTS: &[&str] = &[
    // A row is there exactly as long as the work is not over. At most one thing at a time is done to an AIP.
    "CREATE TABLE work (
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, aip_id BIGINT UNIQUE REFERENCES aip (id), workflow_uuid BLOB,
        location_id BIGINT REFERENCES location (id), waiting BOOLEAN NOT NULL, state TEXT NOT NULL)",
    "CREATE TABLE deletion_request (
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, aip_id BIGINT NOT NULL REFERENCES aip (id), workflow_uuid BLOB NOT NULL,
        reason TEXT NOT NULL, status TEXT NOT NULL, requester_issuer TEXT NOT NULL, requester_subject TEXT NOT NULL,
        requester_name TEXT NOT NULL, requested_at BIGINT NOT NULL, reviewer_issuer TEXT, reviewer_subject TEXT, reviewer_name TEXT,
        reviewed_at BIGINT)",
    "CREATE INDEX deletion_request_by_aip ON deletion_request (aip_id, id)",
    "CREATE INDEX deletion_request_by_status ON deletion_request (status, id)",
    "CREATE TABLE fixity_check (
        id INTEGER PRIMARY KEY, aip_id BIGINT NOT NULL REFERENCES aip (id), workflow_uuid BLOB NOT NULL, checked_at BIGINT NOT NULL,
        outcome TEXT NOT NULL, message TEXT NOT NULL, size BIGINT NOT NULL, sha256 TEXT)",
    "CREATE INDEX fixity_check_by_aip ON fixity_check (aip_id, id)",
    // The address that a package is put to holds a secret, of which only the digest is kept.
    "CREATE TABLE submission (
        aip_id BIGINT PRIMARY KEY REFERENCES aip (id), secret BLOB NOT NULL UNIQUE, expires_at BIGINT NOT NULL, state TEXT NOT NULL)",
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
