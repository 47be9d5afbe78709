//! Sessions of people who signed in. Only the digest of a session's secret is here.

use super::{
    Change, DbErr,
    rows::{all, one, run},
};
use crate::{
    domain::{Person, Timestamp},
    server::auth::SessionKey,
};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::HashSet;

/// One session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// What it is known by.
    pub key: SessionKey,
    /// The id of the provider that vouched for the person.
    pub provider: String,
    /// Whose it is.
    pub person: Person,
    /// What the provider said of them, as JSON.
    pub claims: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last noted that something was asked in it.
    pub seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

fn key(row: &QueryResult) -> Result<SessionKey, DbErr> {
    let bytes: Vec<u8> = row.try_get("", "key")?;
    bytes.try_into().map(SessionKey).map_err(|_wrong_length| DbErr::Type("a session's key is not 32 bytes long".into()))
}

/// Reads one session, whether or not it has expired.
pub async fn find<C: ConnectionTrait>(db: &C, session: SessionKey) -> Result<Option<SessionRow>, DbErr> {
    let row = one(db, "SELECT * FROM session WHERE key = $1", vec![session.0.to_vec().into()]).await?;
    row.map(|row| {
        Ok(SessionRow {
            key: key(&row)?,
            provider: row.try_get("", "provider")?,
            person: Person { issuer: row.try_get("", "issuer")?, subject: row.try_get("", "subject")?, name: row.try_get("", "name")? },
            claims: row.try_get("", "claims")?,
            created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
            seen_at: Timestamp::from_micros(row.try_get("", "seen_at")?),
            expires_at: Timestamp::from_micros(row.try_get("", "expires_at")?),
        })
    })
    .transpose()
}

/// What all sessions are known by.
pub async fn keys<C: ConnectionTrait>(db: &C) -> Result<HashSet<SessionKey>, DbErr> {
    all(db, "SELECT key FROM session", vec![]).await?.iter().map(key).collect()
}

/// Records a session.
pub async fn insert(change: &Change, session: &SessionRow) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO session (key, provider, issuer, subject, name, claims, created_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            session.key.0.to_vec().into(),
            session.provider.clone().into(),
            session.person.issuer.clone().into(),
            session.person.subject.clone().into(),
            session.person.name.clone().into(),
            session.claims.clone().into(),
            session.created_at.micros().into(),
            session.seen_at.micros().into(),
            session.expires_at.micros().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes what the provider says of a person now into all their sessions with it; yields those where it was something else.
pub async fn update_claims(change: &Change, provider: &str, person: &Person, claims: &str) -> Result<Vec<SessionKey>, DbErr> {
    let rows = all(
        change.tx(),
        "UPDATE session SET claims = $1, name = $2 WHERE provider = $3 AND issuer = $4 AND subject = $5 AND claims <> $1 RETURNING key",
        vec![claims.into(), person.name.clone().into(), provider.into(), person.issuer.clone().into(), person.subject.clone().into()],
    )
    .await?;
    rows.iter().map(key).collect()
}

/// Notes that something was asked in a session.
pub async fn note_use(change: &Change, session: SessionKey) -> Result<(), DbErr> {
    let values = vec![change.at().micros().into(), session.0.to_vec().into()];
    run(change.tx(), "UPDATE session SET seen_at = $1 WHERE key = $2", values).await?;
    Ok(())
}

/// Removes a session; yields the id of its provider if it was there.
pub async fn delete(change: &Change, session: SessionKey) -> Result<Option<String>, DbErr> {
    let row = one(change.tx(), "DELETE FROM session WHERE key = $1 RETURNING provider", vec![session.0.to_vec().into()]).await?;
    row.map(|row| row.try_get("", "provider")).transpose()
}

/// Removes those that ended before `now`, or were last used before `rested`.
pub async fn delete_expired(change: &Change, now: Timestamp, rested: Timestamp) -> Result<Vec<SessionKey>, DbErr> {
    let values = vec![now.micros().into(), rested.micros().into()];
    let rows = all(change.tx(), "DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2 RETURNING key", values).await?;
    rows.iter().map(key).collect()
}
