//! AIPs, one by one. Lists are in `search`.

use super::{
    Change, Concerns, DbErr,
    rows::{one, run, signed, unsigned, word},
    tally::{self, Place},
};
use crate::{
    bag::Verdict,
    domain::{Aip, AipStatus, Digests, PackageFormat, StorageEvent, Timestamp},
};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

/// The columns that [`read_row`] reads, from `aip a LEFT JOIN location l`.
pub(super) const COLUMNS: &str =
    "a.id, a.name, a.uuid, a.status, a.object_key, l.uuid AS location_uuid, a.location_id, a.deletion_report_key,
    a.created_at, a.size, a.format, a.sha256, a.sha512, a.version";

/// An AIP with the row ids that other tables refer to.
#[derive(Debug, Clone)]
pub struct AipRow {
    /// Row id.
    pub id: i64,
    /// Row id of its location.
    pub location_id: Option<i64>,
    /// The AIP.
    pub aip: Aip,
}

impl AipRow {
    fn place(&self) -> Place {
        Place { location_id: self.location_id, status: self.aip.status, size: self.aip.size.unwrap_or(0) }
    }
}

pub(super) fn read_row(row: &QueryResult) -> Result<AipRow, DbErr> {
    let format: Option<String> = row.try_get("", "format")?;
    Ok(AipRow {
        id: row.try_get("", "id")?,
        location_id: row.try_get("", "location_id")?,
        aip: Aip {
            name: row.try_get("", "name")?,
            uuid: row.try_get("", "uuid")?,
            status: word(row, "status")?,
            object_key: row.try_get("", "object_key")?,
            location_uuid: row.try_get("", "location_uuid")?,
            deletion_report_key: row.try_get("", "deletion_report_key")?,
            created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
            size: row.try_get::<Option<i64>>("", "size")?.map(unsigned).transpose()?,
            format: format
                .map(|word| word.parse().map_err(|_unknown| DbErr::Type(format!("unknown package format {word:?}"))))
                .transpose()?,
            sha256: row.try_get("", "sha256")?,
            sha512: row.try_get("", "sha512")?,
            version: unsigned(row.try_get("", "version")?)?,
        },
    })
}

/// Reads one AIP.
pub async fn find<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<AipRow>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM aip a LEFT JOIN location l ON l.id = a.location_id WHERE a.uuid = $1");
    one(db, &sql, vec![uuid.into()]).await?.as_ref().map(read_row).transpose()
}

/// The first stored AIP of a location after a row id, with its own.
pub async fn next_stored<C: ConnectionTrait>(db: &C, location: Uuid, after: i64) -> Result<Option<(i64, Uuid)>, DbErr> {
    let sql = "SELECT a.id, a.uuid FROM aip a JOIN location l ON l.id = a.location_id WHERE l.uuid = $1 AND a.status = $2 AND a.id > $3
        ORDER BY a.id LIMIT 1";
    let row = one(db, sql, vec![location.into(), AipStatus::Stored.as_str().into(), after.into()]).await?;
    row.map(|row| Ok((row.try_get("", "id")?, row.try_get("", "uuid")?))).transpose()
}

/// Whether an AIP with this UUID, or with this object key, is already recorded; names the field.
pub async fn taken<C: ConnectionTrait>(db: &C, uuid: Uuid, object_key: Uuid) -> Result<Option<&'static str>, DbErr> {
    if one(db, "SELECT 1 AS found FROM aip WHERE uuid = $1", vec![uuid.into()]).await?.is_some() {
        return Ok(Some("uuid"));
    }
    Ok(uuid_of_object(db, object_key).await?.map(|_| "object_key"))
}

/// The AIP whose object has this key.
pub async fn uuid_of_object<C: ConnectionTrait>(db: &C, object_key: Uuid) -> Result<Option<Uuid>, DbErr> {
    one(db, "SELECT uuid FROM aip WHERE object_key = $1", vec![object_key.into()]).await?.map(|row| row.try_get("", "uuid")).transpose()
}

/// What sorting compares: lower case, so that "archive" stands beside "Archive".
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Records an AIP, kept in the location with this row id and name, and tells of it.
pub async fn insert(change: &mut Change, aip: &Aip, location: Option<(i64, &str)>) -> Result<i64, DbErr> {
    let search_text = format!("{}\n{}\n{}", folded(&aip.name), aip.uuid, aip.object_key);
    let row = one(
        change.tx(),
        "INSERT INTO aip (uuid, name, status, object_key, location_id, deletion_report_key, created_at, size, format, sha256, sha512, version,
            name_sort, location_sort, search_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id",
        vec![
            aip.uuid.into(),
            aip.name.clone().into(),
            aip.status.as_str().into(),
            aip.object_key.into(),
            location.map(|(id, _)| id).into(),
            aip.deletion_report_key.clone().into(),
            aip.created_at.micros().into(),
            aip.size.map(signed).transpose()?.into(),
            aip.format.map(|format| format.extension().to_owned()).into(),
            aip.sha256.clone().into(),
            aip.sha512.clone().into(),
            signed(aip.version)?.into(),
            folded(&aip.name).into(),
            location.map(|(_, name)| folded(name)).unwrap_or_default().into(),
            search_text.into(),
        ],
    )
    .await?
    .ok_or_else(|| DbErr::RecordNotInserted)?;
    let place = Place { location_id: location.map(|(id, _)| id), status: aip.status, size: aip.size.unwrap_or(0) };
    tally::shift(change, None, place).await?;
    change.tell(StorageEvent::AipCreated { uuid: aip.uuid, item: aip.clone() }, aip.version, Concerns::aip(aip));
    row.try_get("", "id")
}

/// Sets the status and tells of it.
pub async fn set_status(change: &mut Change, row: &mut AipRow, status: AipStatus) -> Result<(), DbErr> {
    let from = row.place();
    row.aip.status = status;
    row.aip.version += 1;
    run(
        change.tx(),
        "UPDATE aip SET status = $1, version = $2 WHERE id = $3",
        vec![status.as_str().into(), signed(row.aip.version)?.into(), row.id.into()],
    )
    .await?;
    tally::shift(change, Some(from), row.place()).await?;
    change.tell(StorageEvent::AipStatusUpdated { uuid: row.aip.uuid, status }, row.aip.version, Concerns::aip(&row.aip));
    Ok(())
}

/// Sets the location and tells of it.
pub async fn set_location(change: &mut Change, row: &mut AipRow, location: (i64, Uuid, &str)) -> Result<(), DbErr> {
    let (location_id, location_uuid, name) = location;
    let from = row.place();
    row.location_id = Some(location_id);
    let left_location = row.aip.location_uuid.replace(location_uuid);
    row.aip.version += 1;
    run(
        change.tx(),
        "UPDATE aip SET location_id = $1, location_sort = $2, version = $3 WHERE id = $4",
        vec![location_id.into(), folded(name).into(), signed(row.aip.version)?.into(), row.id.into()],
    )
    .await?;
    tally::shift(change, Some(from), row.place()).await?;
    let concerns = Concerns { left_location, ..Concerns::aip(&row.aip) };
    change.tell(StorageEvent::AipLocationUpdated { uuid: row.aip.uuid, location_uuid }, row.aip.version, concerns);
    Ok(())
}

/// Sets the key of the deletion report and tells of it.
pub async fn set_deletion_report(change: &mut Change, row: &mut AipRow, key: String) -> Result<(), DbErr> {
    row.aip.deletion_report_key = Some(key.clone());
    row.aip.version += 1;
    run(
        change.tx(),
        "UPDATE aip SET deletion_report_key = $1, version = $2 WHERE id = $3",
        vec![key.into(), signed(row.aip.version)?.into(), row.id.into()],
    )
    .await?;
    change.tell(StorageEvent::AipUpdated { uuid: row.aip.uuid, item: row.aip.clone() }, row.aip.version, Concerns::aip(&row.aip));
    Ok(())
}

/// Records what was read of an AIP that was announced before its bytes came, and tells of it.
pub async fn set_content(change: &mut Change, row: &mut AipRow, digests: &Digests, format: PackageFormat) -> Result<(), DbErr> {
    let from = row.place();
    row.aip.size = Some(digests.size);
    row.aip.format = Some(format);
    row.aip.sha256 = Some(digests.sha256.clone());
    row.aip.sha512 = Some(digests.sha512.clone());
    row.aip.version += 1;
    run(
        change.tx(),
        "UPDATE aip SET size = $1, format = $2, sha256 = $3, sha512 = $4, version = $5 WHERE id = $6",
        vec![
            signed(digests.size)?.into(),
            format.extension().to_owned().into(),
            digests.sha256.clone().into(),
            digests.sha512.clone().into(),
            signed(row.aip.version)?.into(),
            row.id.into(),
        ],
    )
    .await?;
    tally::shift(change, Some(from), row.place()).await?;
    change.tell(StorageEvent::AipUpdated { uuid: row.aip.uuid, item: row.aip.clone() }, row.aip.version, Concerns::aip(&row.aip));
    Ok(())
}

/// Keeps what the verification of a deposited package found.
pub async fn insert_verdict(change: &Change, aip_id: i64, verdict: &Verdict) -> Result<(), DbErr> {
    let json = serde_json::to_string(verdict).map_err(|error| DbErr::Json(error.to_string()))?;
    run(change.tx(), "INSERT INTO aip_verdict (aip_id, verdict) VALUES ($1, $2)", vec![aip_id.into(), json.into()]).await?;
    Ok(())
}

/// Reads what the verification of a deposited package found.
pub async fn verdict<C: ConnectionTrait>(db: &C, aip_id: i64) -> Result<Option<Verdict>, DbErr> {
    let Some(row) = one(db, "SELECT verdict FROM aip_verdict WHERE aip_id = $1", vec![aip_id.into()]).await? else { return Ok(None) };
    serde_json::from_str(&row.try_get::<String>("", "verdict")?).map(Some).map_err(|error| DbErr::Json(error.to_string()))
}
