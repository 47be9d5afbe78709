//! The report of a deletion (`storage-api.md` sections 4.6, 4.7 and 7): a ticket first, then the PDF.

use crate::{
    api::problem::ErrorObject,
    domain::attribute,
    server::{
        db::audit::AuditEntry,
        http::{
            Api, address::ClientAddress, caller::Caller, conditional::ASK_EACH_TIME, extract::Params, problem::Failure, tickets::Purpose,
        },
    },
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

/// Hands out a ticket for one download of the report, in a cookie.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/deletion-report",
    tag = "deletion",
    operation_id = "request_aip_deletion_report",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "The ticket, in the cookie enduro-delreport-ticket"),
        (status = 400, description = "The AIP was not deleted, or there is no report of it", body = ErrorObject),
        (status = 404, description = "There is no such AIP, or its report is lost", body = ErrorObject),
        (status = 503, description = "Too many tickets are waiting to be used", body = ErrorObject),
    )
)]
pub async fn request(
    State(api): State<Api>,
    caller: Caller,
    ClientAddress(address): ClientAddress,
    Params(uuid): Params<Uuid>,
) -> Result<Response, Failure> {
    let access = caller.may(attribute::AIPS_DELETION_REPORT)?;
    api.services.deletion_report(uuid).await?;
    api.hand_out_in_cookie(access, Purpose::DeletionReport(uuid), None, address)
}

/// The report, as PDF/A.
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}/deletion-report",
    tag = "deletion",
    operation_id = "download_aip_deletion_report",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "The report", content_type = "application/pdf"),
        (status = 400, description = "The AIP was not deleted, or there is no report of it", body = ErrorObject),
        (status = 401, description = "The ticket was used already, is too old or is for something else", body = String),
        (status = 404, description = "There is no such AIP, or its report is lost", body = ErrorObject),
    )
)]
pub async fn send(
    State(api): State<Api>,
    caller: Caller,
    ClientAddress(address): ClientAddress,
    Params(uuid): Params<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let access = api.admit_to_fetch(&caller, &headers, Purpose::DeletionReport(uuid), attribute::AIPS_DELETION_REPORT).await?;
    let pdf = api.services.deletion_report(uuid).await?;
    let entry = AuditEntry { aip_uuid: Some(uuid), address, ..AuditEntry::done("aip.download_deletion_report", &access.person) };
    api.services.audit(entry).await?;
    let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"))], pdf).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, ASK_EACH_TIME);
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"aip_deletion_report_{uuid}.pdf\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
