//! Sessions of people who signed in, and the record of who did what.

use sea_orm_migration::prelude::*;

/// Sessions and the audit.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_identity"
    }
}

const STATEMENTS: &[&str] = &[
    // key is the SHA-256 of the secret in the cookie; claims is what the provider said of the person.
    "CREATE TABLE session (
        key BLOB PRIMARY KEY NOT NULL, provider TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL,
        claims TEXT NOT NULL, created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)",
    "CREATE INDEX session_by_person ON session (subject, issuer)",
    "CREATE INDEX session_by_expires_at ON session (expires_at)",
    "CREATE TABLE audit (
        id INTEGER PRIMARY KEY, at BIGINT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL, issuer TEXT, subject TEXT, name TEXT,
        aip_uuid BLOB, address TEXT, detail TEXT)",
    "CREATE INDEX audit_by_aip ON audit (aip_uuid, id)",
    "CREATE INDEX audit_by_person ON audit (subject, issuer, id)",
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
