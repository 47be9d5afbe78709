//! Each operation needs the attribute that the contract gives it, and no other (`storage-api.md` sections 4, 5.2 and 5.3).

use crate::support::{IdentityProvider, Reply, TestServer};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;
use strongroom::domain::attribute;

const UUID: &str = "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5";
const REASON: &str = r#"{"reason":"A duplicate of another AIP."}"#;
const AIP: &str = r#"{"uuid":"9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01","name":"box","object_key":"2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77"}"#;
const LOCATION: &str =
    r#"{"name":"north","source":"filesystem","purpose":"aip_store","config":{"type":"filesystem","value":{"path":"north"}}}"#;
const TARGET: &str = r#"{"location_uuid":"5d2f6f2e-6a1e-4f0e-9a56-0f0b7b3a1c11"}"#;

/// Method, address below `/api/storage/`, attribute below `storage:`, body. The first seventeen and the locations' first four are
/// Enduro's.
const OPERATIONS: [(&str, &str, &str, &str); 33] = [
    ("GET", "aips", "aips:list", ""),
    ("POST", "aips", "aips:create", AIP),
    ("GET", "aips/{uuid}", "aips:read", ""),
    ("POST", "aips/{uuid}/submit", "aips:submit", r#"{"name":"box"}"#),
    ("POST", "aips/{uuid}/submit-complete", "aips:submit", ""),
    ("POST", "aips/{uuid}/store", "aips:move", TARGET),
    ("GET", "aips/{uuid}/store", "aips:move", ""),
    ("POST", "aips/{uuid}/reject", "aips:review", ""),
    ("GET", "aips/{uuid}/workflows", "aips:workflows:list", ""),
    ("POST", "aips/{uuid}/deletion-request", "aips:deletion:request", REASON),
    ("POST", "aips/{uuid}/deletion-review", "aips:deletion:review", r#"{"approved":true}"#),
    ("POST", "aips/{uuid}/deletion-cancel", "aips:deletion:request", "{}"),
    ("POST", "aips/{uuid}/deletion-auto", "aips:deletion:auto", REASON),
    ("POST", "aips/{uuid}/download", "aips:download", ""),
    ("GET", "aips/{uuid}/download", "aips:download", ""),
    ("POST", "aips/{uuid}/deletion-report", "aips:deletion:report", ""),
    ("GET", "aips/{uuid}/deletion-report", "aips:deletion:report", ""),
    ("GET", "locations", "locations:list", ""),
    ("POST", "locations", "locations:create", LOCATION),
    ("GET", "locations/{uuid}", "locations:read", ""),
    ("GET", "locations/{uuid}/aips", "locations:aips:list", ""),
    ("PATCH", "locations/{uuid}", "locations:update", "{}"),
    ("DELETE", "locations/{uuid}", "locations:delete", ""),
    ("POST", "locations/{uuid}/fixity", "aips:fixity", ""),
    ("POST", "aips/{uuid}/fixity", "aips:fixity", ""),
    ("GET", "aips/{uuid}/fixity", "aips:read", ""),
    ("GET", "aips/{uuid}/verification", "aips:read", ""),
    ("GET", "aips/{uuid}/deletion-requests", "aips:read", ""),
    ("GET", "aips.csv", "aips:list", ""),
    ("POST", "uploads", "aips:create", r#"{"name":"box","size":1}"#),
    ("GET", "uploads/{uuid}", "aips:create", ""),
    ("GET", "locations/{uuid}/changes", "locations:read", ""),
    ("POST", "locations/{uuid}/changes/acknowledge", "locations:update", r#"{"up_to":1}"#),
];

/// Those of other systems and of operators: method, address, attribute, body.
const BESIDE: [(&str, &str, &str, &str); 4] = [
    ("GET", "/api/tasks", "storage:aips:workflows:list", ""),
    ("POST", "/api/tasks/ocr-17/progress", "tasks:report", r#"{"state":"STARTED"}"#),
    ("POST", "/api/events", "events:publish", r#"{"type":"git.push","data":{"repository":"r","branch":"main"}}"#),
    ("GET", "/api/system/metrics", "system:metrics:read", ""),
];

/// All of them, with whole addresses and attributes.
fn operations() -> impl Iterator<Item = (&'static str, String, String, &'static str)> {
    let storage = OPERATIONS.iter().map(|(method, path, needed, body)| {
        (*method, format!("/api/storage/{}", path.replace("{uuid}", UUID)), format!("storage:{needed}"), *body)
    });
    let beside = BESIDE.iter().map(|(method, path, needed, body)| (*method, (*path).to_owned(), (*needed).to_owned(), *body));
    storage.chain(beside)
}

#[tokio::test]
async fn each_operation_needs_its_attribute_and_no_other() {
    let Some(provider) = IdentityProvider::start("each_operation_needs_its_attribute_and_no_other").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let holding = async |attributes: Vec<&str>| {
        format!("Bearer {}", provider.mint(&json!({ "account": "nobody", "claims": { "attributes": attributes } })).await)
    };
    let ask = async |bearer: &str, method: &str, path: &str, body: &'static str| {
        let request = server.request(method.parse::<Method>().expect("a method"), path).header("authorization", bearer);
        Reply::to(if body.is_empty() { request } else { request.header("content-type", "application/json").body(body) }).await
    };
    for (method, path, needed, body) in operations() {
        let others = attribute::ALL.iter().copied().filter(|attribute| *attribute != needed).collect();
        let refused = ask(&holding(others).await, method, &path, body).await;
        assert_eq!(refused.told(), (403, "\"Forbidden\""), "{method} {path} without {needed}");
        let reply = ask(&holding(vec![&needed]).await, method, &path, body).await;
        assert!(!matches!(reply.status.as_u16(), 401 | 403 | 405), "{method} {path} with {needed}: {reply:?}");
    }
}

#[test]
fn every_attribute_opens_something() {
    let needed: BTreeSet<String> = operations().map(|(_, _, attribute, _)| attribute).collect();
    let known: BTreeSet<String> = attribute::ALL.iter().map(|attribute| (*attribute).to_owned()).collect();
    assert_eq!(needed, known);
}
