//! Locations, AIPs, workflows with tasks, the event log, and uploads under way.

use sea_orm_migration::prelude::*;

/// The first schema.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_archive"
    }
}

// Times are microseconds since the Unix epoch; UUIDs are 16 bytes; words are the wire's.
const TABLES: &[&str] = &[
    "CREATE TABLE location (
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
        source TEXT NOT NULL, purpose TEXT NOT NULL, config TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
        version BIGINT NOT NULL)",
    // name_sort and location_sort hold what is sorted by, so that a page of 170,000 rows is read off an index; search_text holds
    // what is searched, folded to lower case here because databases disagree on how to fold what is not ASCII.
    "CREATE TABLE aip (
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, name TEXT NOT NULL, status TEXT NOT NULL, object_key BLOB NOT NULL UNIQUE,
        location_id BIGINT REFERENCES location (id), deletion_report_key TEXT, created_at BIGINT NOT NULL, size BIGINT, format TEXT,
        sha256 TEXT, sha512 TEXT, version BIGINT NOT NULL,
        name_sort TEXT NOT NULL, location_sort TEXT NOT NULL, search_text TEXT NOT NULL)",
    "CREATE TABLE aip_verdict (aip_id BIGINT PRIMARY KEY REFERENCES aip (id), verdict TEXT NOT NULL)",
    // How many AIPs, and bytes, there are of each status in each location (0 for none): counts on every page cost a few rows.
    "CREATE TABLE aip_tally (
        location_id BIGINT NOT NULL, status TEXT NOT NULL, aips BIGINT NOT NULL, bytes BIGINT NOT NULL, PRIMARY KEY (location_id, status))",
    "CREATE TABLE workflow (
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, temporal_id TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL,
        started_at BIGINT, completed_at BIGINT, aip_id BIGINT NOT NULL REFERENCES aip (id), version BIGINT NOT NULL)",
    "CREATE TABLE task (
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, name TEXT NOT NULL, status TEXT NOT NULL, started_at BIGINT, completed_at BIGINT,
        note TEXT, workflow_id BIGINT NOT NULL REFERENCES workflow (id), version BIGINT NOT NULL)",
    "CREATE TABLE event_log (id INTEGER PRIMARY KEY, epoch BIGINT NOT NULL, last_seq BIGINT NOT NULL)",
    "CREATE TABLE event (
        seq INTEGER PRIMARY KEY, id BLOB NOT NULL, at BIGINT NOT NULL, type TEXT NOT NULL, resource_uuid BLOB, aip_uuid BLOB,
        version BIGINT NOT NULL, value TEXT NOT NULL)",
    "CREATE TABLE upload (
        uuid BLOB PRIMARY KEY NOT NULL, name TEXT NOT NULL, size BIGINT, location_id BIGINT NOT NULL REFERENCES location (id),
        object_key BLOB NOT NULL UNIQUE, state TEXT NOT NULL, resumable BOOLEAN NOT NULL, safe_offset BIGINT NOT NULL,
        created_at BIGINT NOT NULL, touched_at BIGINT NOT NULL, aip_uuid BLOB, message TEXT, verdict TEXT)",
];

const INDEXES: &[&str] = &[
    // Each holds what the filters look at, so that filtering does not leave the index.
    "CREATE INDEX aip_by_name ON aip (name_sort, id, status, location_id, created_at)",
    "CREATE INDEX aip_by_created_at ON aip (created_at, id, status, location_id)",
    "CREATE INDEX aip_by_size ON aip (size, id, status, location_id, created_at)",
    "CREATE INDEX aip_by_status ON aip (status, id, location_id, created_at)",
    "CREATE INDEX aip_by_location_name ON aip (location_sort, id, status, location_id, created_at)",
    "CREATE INDEX aip_by_location ON aip (location_id, id, status, created_at)",
    "CREATE INDEX workflow_by_aip ON workflow (aip_id, id)",
    "CREATE INDEX workflow_by_status ON workflow (status, id)",
    "CREATE INDEX task_by_workflow ON task (workflow_id, id)",
    "CREATE INDEX event_by_aip ON event (aip_uuid, seq)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in TABLES.iter().chain(INDEXES) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
