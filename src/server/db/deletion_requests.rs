//! Deletion requests: who asked for what, and who decided.

use super::{
    Change, DbErr,
    rows::{all, one, run, signed, word},
};
use crate::{
    api::AwaitingReview,
    domain::{DeletionRequest, DeletionStatus, Person, Timestamp},
    realtime::{
        resource_change::{DELETION_REQUEST_SEEN_WITH, ResourceChange},
        topic::Topic,
    },
    server::hub::news::Note,
};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

/// A request with the identities of those who made and decided it.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// The request; `mine` is left false here.
    pub request: DeletionRequest,
    /// Who asked.
    pub requester: Person,
    /// What people see of the deletion.
    pub workflow_uuid: Uuid,
}

const SELECT: &str = "SELECT r.uuid, r.workflow_uuid, r.reason, r.status, r.requester_issuer, r.requester_subject, r.requester_name,
    r.requested_at, r.reviewer_name, r.reviewed_at, a.uuid AS aip_uuid, a.name AS aip_name
    FROM deletion_request r JOIN aip a ON a.id = r.aip_id";

fn read(row: &QueryResult) -> Result<RequestRow, DbErr> {
    let requester = Person {
        issuer: row.try_get("", "requester_issuer")?,
        subject: row.try_get("", "requester_subject")?,
        name: row.try_get("", "requester_name")?,
    };
    let request = DeletionRequest {
        uuid: row.try_get("", "uuid")?,
        aip_uuid: row.try_get("", "aip_uuid")?,
        reason: row.try_get("", "reason")?,
        status: word(row, "status")?,
        requester: requester.name.clone(),
        requested_at: Timestamp::from_micros(row.try_get("", "requested_at")?),
        reviewer: row.try_get("", "reviewer_name")?,
        reviewed_at: row.try_get::<Option<i64>>("", "reviewed_at")?.map(Timestamp::from_micros),
        mine: false,
    };
    Ok(RequestRow { request, requester, workflow_uuid: row.try_get("", "workflow_uuid")? })
}

/// All requests about an AIP, newest first.
pub async fn of_aip<C: ConnectionTrait>(db: &C, aip_id: i64) -> Result<Vec<RequestRow>, DbErr> {
    all(db, &format!("{SELECT} WHERE r.aip_id = $1 ORDER BY r.id DESC"), vec![aip_id.into()]).await?.iter().map(read).collect()
}

/// The request about an AIP that awaits a decision.
pub async fn pending<C: ConnectionTrait>(db: &C, aip_id: i64) -> Result<Option<RequestRow>, DbErr> {
    let sql = format!("{SELECT} WHERE r.aip_id = $1 AND r.status = $2 ORDER BY r.id DESC LIMIT 1");
    one(db, &sql, vec![aip_id.into(), DeletionStatus::Pending.as_str().into()]).await?.as_ref().map(read).transpose()
}

/// Reads one request.
pub async fn find<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<RequestRow>, DbErr> {
    one(db, &format!("{SELECT} WHERE r.uuid = $1"), vec![uuid.into()]).await?.as_ref().map(read).transpose()
}

/// The requests that await a decision and were not made by this person, oldest first.
pub async fn awaiting<C: ConnectionTrait>(db: &C, reviewer: &Person, limit: u64) -> Result<Vec<AwaitingReview>, DbErr> {
    let sql = format!("{SELECT} WHERE r.status = $1 AND NOT (r.requester_issuer = $2 AND r.requester_subject = $3) ORDER BY r.id LIMIT $4");
    let values = vec![
        DeletionStatus::Pending.as_str().into(),
        reviewer.issuer.clone().into(),
        reviewer.subject.clone().into(),
        signed(limit)?.into(),
    ];
    all(db, &sql, values)
        .await?
        .iter()
        .map(|row| Ok(AwaitingReview { aip_name: row.try_get("", "aip_name")?, request: read(row)?.request }))
        .collect()
}

/// Records a request.
pub async fn insert(change: &mut Change, row: &RequestRow, aip_id: i64) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO deletion_request (uuid, aip_id, workflow_uuid, reason, status, requester_issuer, requester_subject, requester_name,
            requested_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            row.request.uuid.into(),
            aip_id.into(),
            row.workflow_uuid.into(),
            row.request.reason.clone().into(),
            row.request.status.as_str().into(),
            row.requester.issuer.clone().into(),
            row.requester.subject.clone().into(),
            row.requester.name.clone().into(),
            row.request.requested_at.micros().into(),
        ],
    )
    .await?;
    told(change, &row.request);
    Ok(())
}

/// Tells those who keep copies how a request stands.
fn told(change: &mut Change, request: &DeletionRequest) {
    let text = ResourceChange::of_deletion_request(request).to_text().into();
    change.note(Note { topic: Topic::Resources, seen_with: DELETION_REQUEST_SEEN_WITH, text });
}

/// Records a decision.
pub async fn decide(change: &mut Change, uuid: Uuid, status: DeletionStatus, by: &Person) -> Result<(), DbErr> {
    run(
        change.tx(),
        "UPDATE deletion_request SET status = $1, reviewer_issuer = $2, reviewer_subject = $3, reviewer_name = $4, reviewed_at = $5
         WHERE uuid = $6",
        vec![
            status.as_str().into(),
            by.issuer.clone().into(),
            by.subject.clone().into(),
            by.name.clone().into(),
            change.at().micros().into(),
            uuid.into(),
        ],
    )
    .await?;
    if let Some(row) = find(change.tx(), uuid).await? {
        told(change, &row.request);
    }
    Ok(())
}
