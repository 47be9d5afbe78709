//! Packages on their way in. A row is written before the first byte and says, after a crash, what may lie on the disk.

use super::{
    Change, DbErr,
    rows::{all, one, run, signed, unsigned, word},
};
use crate::{bag::Verdict, domain::Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

/// How far a package is, as the database keeps it: the wire's words, and `storing` between proof and record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Bytes are awaited.
    Receiving,
    /// All bytes are here and are being verified.
    Checking,
    /// Verified; the file is being given its final name. After a crash either name may exist.
    Storing,
    /// Recorded as an AIP.
    Stored,
    /// Refused; nothing of it is left.
    Refused,
    /// The service failed; nothing of it is left.
    Failed,
}

impl Stage {
    const WORDS: [(Self, &'static str); 6] = [
        (Self::Receiving, "receiving"),
        (Self::Checking, "checking"),
        (Self::Storing, "storing"),
        (Self::Stored, "stored"),
        (Self::Refused, "refused"),
        (Self::Failed, "failed"),
    ];

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(stage, _)| *stage == self).map_or("failed", |(_, word)| word)
    }
}

impl std::str::FromStr for Stage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::WORDS
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(stage, _)| *stage)
            .ok_or_else(|| format!("{text:?} is not a stage of an upload"))
    }
}

/// One package on its way in.
#[derive(Debug, Clone)]
pub struct UploadRow {
    /// Identity of the upload.
    pub uuid: Uuid,
    /// Name that the AIP will have.
    pub name: String,
    /// Bytes that will come, when that is known.
    pub size: Option<u64>,
    /// Row id of the location that will keep it.
    pub location_id: i64,
    /// UUID of that location.
    pub location_uuid: Uuid,
    /// Name that its object will have.
    pub object_key: Uuid,
    /// How far it is.
    pub stage: Stage,
    /// Whether its client may come back and go on: if not, a restart ends it.
    pub resumable: bool,
    /// Bytes that are on the disk for certain.
    pub safe_offset: u64,
    /// When it was announced.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub touched_at: Timestamp,
    /// The AIP that it became.
    pub aip_uuid: Option<Uuid>,
    /// What happened, for a person.
    pub message: Option<String>,
    /// What its verification found.
    pub verdict: Option<Box<Verdict>>,
}

const SELECT: &str = "SELECT u.*, l.uuid AS location_uuid FROM upload u JOIN location l ON l.id = u.location_id";

fn read_row(row: &QueryResult) -> Result<UploadRow, DbErr> {
    let verdict: Option<String> = row.try_get("", "verdict")?;
    Ok(UploadRow {
        uuid: row.try_get("", "uuid")?,
        name: row.try_get("", "name")?,
        size: row.try_get::<Option<i64>>("", "size")?.map(unsigned).transpose()?,
        location_id: row.try_get("", "location_id")?,
        location_uuid: row.try_get("", "location_uuid")?,
        object_key: row.try_get("", "object_key")?,
        stage: word(row, "state")?,
        resumable: row.try_get("", "resumable")?,
        safe_offset: unsigned(row.try_get("", "safe_offset")?)?,
        created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
        touched_at: Timestamp::from_micros(row.try_get("", "touched_at")?),
        aip_uuid: row.try_get("", "aip_uuid")?,
        message: row.try_get("", "message")?,
        verdict: verdict.map(|json| serde_json::from_str(&json).map_err(|error| DbErr::Json(error.to_string()))).transpose()?,
    })
}

/// Reads one upload.
pub async fn find<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<UploadRow>, DbErr> {
    one(db, &format!("{SELECT} WHERE u.uuid = $1"), vec![uuid.into()]).await?.as_ref().map(read_row).transpose()
}

/// All uploads that are under way.
pub async fn under_way<C: ConnectionTrait>(db: &C) -> Result<Vec<UploadRow>, DbErr> {
    let sql = format!("{SELECT} WHERE u.state IN ('receiving', 'checking', 'storing') ORDER BY u.created_at");
    all(db, &sql, vec![]).await?.iter().map(read_row).collect()
}

/// Records an upload that is about to begin.
pub async fn insert(change: &Change, upload: &UploadRow) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO upload (uuid, name, size, location_id, object_key, state, resumable, safe_offset, created_at, touched_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        vec![
            upload.uuid.into(),
            upload.name.clone().into(),
            upload.size.map(signed).transpose()?.into(),
            upload.location_id.into(),
            upload.object_key.into(),
            upload.stage.as_str().into(),
            upload.resumable.into(),
            signed(upload.safe_offset)?.into(),
            change.at().micros().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes how far an upload is.
pub async fn update(change: &Change, upload: &UploadRow) -> Result<(), DbErr> {
    let verdict = upload.verdict.as_ref().map(serde_json::to_string).transpose().map_err(|error| DbErr::Json(error.to_string()))?;
    run(
        change.tx(),
        "UPDATE upload SET state = $1, safe_offset = $2, touched_at = $3, aip_uuid = $4, message = $5, verdict = $6, size = $7 WHERE uuid = $8",
        vec![
            upload.stage.as_str().into(),
            signed(upload.safe_offset)?.into(),
            change.at().micros().into(),
            upload.aip_uuid.into(),
            upload.message.clone().into(),
            verdict.into(),
            upload.size.map(signed).transpose()?.into(),
            upload.uuid.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Forgets an upload.
pub async fn delete(change: &Change, uuid: Uuid) -> Result<(), DbErr> {
    run(change.tx(), "DELETE FROM upload WHERE uuid = $1", vec![uuid.into()]).await?;
    Ok(())
}

/// Forgets the outcomes that nobody has asked for since.
pub async fn forget_before(change: &Change, before: Timestamp) -> Result<(), DbErr> {
    let sql = "DELETE FROM upload WHERE touched_at < $1 AND state IN ('stored', 'refused', 'failed')";
    run(change.tx(), sql, vec![before.micros().into()]).await?;
    Ok(())
}
