//! Downloads (`storage-api.md` sections 4.6, 4.7 and 7): a ticket first, then the bytes, whole or in ranges.

use crate::{
    api::problem::{ErrorObject, NotFound},
    domain::{Aip, attribute, format},
    realtime::etag::{EntityTag, Verdict},
    server::{
        db::audit::AuditEntry,
        http::{
            Api,
            address::ClientAddress,
            caller::Caller,
            conditional::{ASK_EACH_TIME, NOT_THAT, preconditions, put},
            extract::Params,
            problem::Failure,
            tickets::Purpose,
        },
        service::Download,
    },
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::ops::Range;
use uuid::Uuid;

/// What RFC 8187 lets stand in an extended parameter, as far as it matters for names.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Hands out a ticket for one download of this AIP, in a cookie.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/download",
    tag = "aips",
    operation_id = "request_aip_download",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "The ticket, in the cookie enduro-aip-download-ticket"),
        (status = 400, description = "The AIP is neither stored nor pending", body = ErrorObject),
        (status = 404, description = "There is no such AIP, or its bytes are not in its location", body = NotFound),
        (status = 503, description = "Too many tickets are waiting to be used, or its location cannot be reached just now", body = ErrorObject),
    )
)]
pub async fn request(
    State(api): State<Api>,
    caller: Caller,
    ClientAddress(address): ClientAddress,
    Params(uuid): Params<Uuid>,
) -> Result<Response, Failure> {
    let access = caller.may(attribute::AIPS_DOWNLOAD)?;
    api.services.download(uuid).await?;
    api.hand_out_in_cookie(access, Purpose::Download(uuid), None, address)
}

/// The package, whole or the part that `Range` asks for (RFC 9110 section 14).
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}/download",
    tag = "aips",
    operation_id = "download_aip",
    params(
        ("uuid" = Uuid, Path, description = "The AIP"),
        ("range" = Option<String>, Header, description = "Only this part, e.g. bytes=0-1023"),
        ("if-match" = Option<String>, Header, description = "Only if it has this ETag"),
        ("if-none-match" = Option<String>, Header, description = "Only if it has another ETag"),
        ("if-range" = Option<String>, Header, description = "The part only if it has this ETag, otherwise the whole"),
    ),
    responses(
        (status = 200, description = "The package", content_type = "*/*"),
        (status = 206, description = "The part of it", content_type = "*/*"),
        (status = 304, description = "It is the one that the client has"),
        (status = 400, description = "The AIP is neither stored nor pending", body = ErrorObject),
        (status = 401, description = "The ticket was used already, is too old or is for something else", body = String),
        (status = 404, description = "There is no such AIP, or its bytes are not in its location", body = NotFound),
        (status = 412, description = "It has another ETag than those in If-Match", body = ErrorObject),
        (status = 416, description = "It has no such part"),
        (status = 503, description = "Its location cannot be reached just now", body = ErrorObject),
    )
)]
pub async fn send(
    State(api): State<Api>,
    caller: Caller,
    ClientAddress(address): ClientAddress,
    Params(uuid): Params<Uuid>,
    request: Request,
) -> Result<Response, Failure> {
    let access = api.admit_to_fetch(&caller, request.headers(), Purpose::Download(uuid), attribute::AIPS_DOWNLOAD).await?;
    let download = api.services.download(uuid).await?;
    let tag = etag(&download.aip);
    match preconditions(request.headers()).conditions().evaluate(tag.as_ref(), true) {
        Verdict::Perform => {}
        Verdict::NotModified => {
            let mut answer = (StatusCode::NOT_MODIFIED, [(header::CACHE_CONTROL, ASK_EACH_TIME)]).into_response();
            put(answer.headers_mut(), tag.as_ref());
            return Ok(answer);
        }
        Verdict::Failed => return Err(Failure::precondition_failed(NOT_THAT, tag.as_ref())),
    }
    // Before the first byte: a download that is not written down does not happen.
    let entry = AuditEntry { aip_uuid: Some(uuid), address, ..AuditEntry::done("AIP.download", &access.person) };
    api.services.audit(entry).await?;
    answer(request.headers(), download, tag).await
}

async fn answer(asked: &HeaderMap, download: Download, tag: Option<EntityTag>) -> Result<Response, Failure> {
    let size = download.size;
    // The part is only good together with what the client has of the same package.
    let same = asked.get(header::IF_RANGE).is_none_or(|value| tag.as_ref().is_some_and(|tag| value.as_bytes() == tag.as_str().as_bytes()));
    let range = asked.get(header::RANGE).filter(|_| same).and_then(|range| part(range, size)).transpose();
    let Ok(range) = range else {
        let headers = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
    };
    let (status, range) = match range {
        Some(range) => (StatusCode::PARTIAL_CONTENT, range),
        None => (StatusCode::OK, 0..size),
    };
    let mut answer = (status, Body::from_stream(download.bytes(range.clone()).await?)).into_response();
    let headers = answer.headers_mut();
    let kind = download.aip.format.map_or("application/octet-stream", |format| format.media_type());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, ASK_EACH_TIME);
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(which) = HeaderValue::try_from(format!("bytes {}-{}/{size}", range.start, range.end - 1))
    {
        headers.insert(header::CONTENT_RANGE, which);
    }
    if let Ok(disposition) = HeaderValue::try_from(disposition(&download.aip)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    put(headers, tag.as_ref());
    Ok(answer)
}

/// The one part that is asked for. `None` when the whole is to be sent: for no range, for what is none (RFC 9110 section 14.2 lets it be
/// ignored) and for several. `Err` when there is no such part.
fn part(asked: &HeaderValue, size: u64) -> Option<Result<Range<u64>, Unsatisfiable>> {
    let ranges = http_range_header::parse_range_header(asked.to_str().ok()?).ok()?;
    if ranges.ranges.len() > 1 {
        return None;
    }
    if size == 0 {
        return Some(Err(Unsatisfiable));
    }
    let found = ranges.validate(size).ok().and_then(|ranges| ranges.into_iter().next());
    Some(found.map(|range| *range.start()..range.end() + 1).ok_or(Unsatisfiable))
}

/// The package has no such part.
#[derive(Debug, PartialEq, Eq)]
struct Unsatisfiable;

/// The package's digest: two packages with the same bytes are the same package. None for one whose bytes were never read here.
fn etag(aip: &Aip) -> Option<EntityTag> {
    EntityTag::read(&format!("\"{}\"", aip.sha256.as_deref()?))
}

/// `attachment` with the package's own name and kind (RFC 6266); the UUID tells packages of one name apart.
fn disposition(aip: &Aip) -> String {
    let name = format::without_extension(&aip.name);
    let extension = aip.format.map_or_else(String::new, |format| format!(".{}", format.extension()));
    let whole = format!("{name}-{}{extension}", aip.uuid);
    // For clients that know no other characters; what they would read as the end of the name is replaced as well.
    let plain: String = whole.chars().map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '/' | '%') { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&whole, KEPT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PackageFormat;

    fn aip(name: &str) -> Aip {
        let json = serde_json::json!({ "name": name, "uuid": Uuid::from_u128(7), "status": "stored", "object_key": Uuid::from_u128(8),
            "created_at": "2026-06-01T10:00:00Z" });
        Aip { format: Some(PackageFormat::TarGz), ..serde_json::from_value(json).expect("an AIP") }
    }

    #[test]
    fn a_file_is_named_as_the_package_is() {
        let uuid = Uuid::from_u128(7);
        for (name, plain, extended) in
            [("box-12.tgz", "box-12", "box-12"), ("Briefe \"Müller\"/1950", "Briefe__M_ller__1950", "Briefe%20%22M%C3%BCller%22%2F1950")]
        {
            assert_eq!(
                disposition(&aip(name)),
                format!("attachment; filename=\"{plain}-{uuid}.tar.gz\"; filename*=UTF-8''{extended}-{uuid}.tar.gz")
            );
        }
    }

    #[test]
    fn one_part_is_read_from_what_is_asked_for() {
        for (asked, found) in [
            ("bytes=0-9", Some(Ok(0..10))),
            ("bytes=10-", Some(Ok(10..100))),
            ("bytes=-5", Some(Ok(95..100))),
            ("bytes=90-1000", Some(Ok(90..100))),
            ("bytes=100-", Some(Err(Unsatisfiable))),
            ("bytes=0-9, 20-29", None),
            ("lines=1-2", None),
            ("nonsense", None),
        ] {
            assert_eq!(part(&HeaderValue::from_static(asked), 100), found, "{asked}");
        }
        assert_eq!(part(&HeaderValue::from_static("bytes=0-"), 0), Some(Err(Unsatisfiable)), "nothing has no part");
    }
}
