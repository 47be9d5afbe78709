//! The shapes and names of errors, to the byte (`storage-api.md` sections 1 and 1.1).

use crate::support::{Reply, TestServer};
use reqwest::Method;
use serde_json::json;

const AIPS: &str = "/api/storage/aips";

async fn posted(server: &TestServer, content_type: Option<&str>, body: &'static str) -> Reply {
    let mut request = server.request(Method::POST, AIPS).body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    Reply::to(request).await
}

#[tokio::test]
async fn shape_a_is_these_six_fields_in_this_order() {
    let server = TestServer::start().await;
    let reply = server.get("/api/storage/aips/nonsense").await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.without_id(),
        r#"{"name":"invalid_format","id":"IDIDIDID","message":"uuid must be a UUID, not \"nonsense\"","temporary":false,"timeout":false,"fault":false}"#
    );
    let again = server.get("/api/storage/aips/nonsense").await;
    assert_ne!(reply.json()["id"], again.json()["id"], "random per occurrence");
}

#[tokio::test]
async fn only_declared_errors_carry_their_name_in_a_header() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/api/storage/aips/nonsense").await.header("goa-error"), "");
    assert_eq!(server.get("/api/storage/aips/d1845cb6-a5ea-474a-9ab8-26f9bcd919f5").await.header("goa-error"), "not_found");
}

#[tokio::test]
async fn a_uuid_of_another_variant_is_refused_in_a_path() {
    let server = TestServer::start().await;
    for text in ["00000000-0000-0000-0000-000000000000", "d1845cb6-a5ea-474a-1ab8-26f9bcd919f5", "%FF%FE", "d1845cb6"] {
        for resource in ["aips", "locations", "uploads"] {
            server.get(&format!("/api/storage/{resource}/{text}")).await.error(400, "invalid_format");
        }
    }
}

#[tokio::test]
async fn several_failures_are_one_answer_and_the_first_names_it() {
    let server = TestServer::start().await;
    let message =
        server.get("/api/storage/aips?status=lost&limit=ten&earliest_created_time=yesterday").await.error(400, "invalid_enum_value");
    let parts: Vec<_> = message.split("; ").collect();
    assert_eq!(parts.len(), 3, "{message}");
    assert!(parts[0].contains("lost") && message.contains("ten") && message.contains("yesterday"), "{message}");
    server.get("/api/storage/aips?limit=ten").await.error(400, "invalid_field_type");
    server.get("/api/storage/aips?latest_created_time=2026-06-01").await.error(400, "invalid_format");
    server.get("/api/storage/aips?sort=colour").await.error(400, "invalid_enum_value");
}

#[tokio::test]
async fn bodies_are_told_apart() {
    let server = TestServer::start().await;
    for (content_type, body, status, name) in [
        (None, "", 400, "missing_payload"),
        (Some("application/json"), "", 400, "missing_payload"),
        (None, "{", 400, "decode_payload"),
        (None, "[]", 400, "decode_payload"),
        (None, r#"{"uuid":"nonsense","name":"a"}"#, 400, "decode_payload"),
        (None, r#"{"name":7}"#, 400, "decode_payload"),
        (None, "{}", 400, "missing_field"),
        (Some("application/json; charset=utf-8"), r#"{"name":"a"} and more"#, 400, "missing_field"),
        (Some("text/plain"), "{}", 415, "unsupported_media_type"),
        (Some("application/x-www-form-urlencoded"), "{}", 415, "unsupported_media_type"),
    ] {
        posted(&server, content_type, body).await.error(status, name);
    }
    let location = json!({ "name": "a", "source": "tape", "purpose": "attic" });
    let message = server.post("/api/storage/locations", &location).await.error(400, "invalid_enum_value");
    assert!(message.contains("tape") && message.contains("attic"), "{message}");
}

#[tokio::test]
async fn json_without_a_content_type_is_read() {
    let server = TestServer::start().await;
    let body = r#"{"uuid":"9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01","name":"a","object_key":"2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77","colour":"red"} {}"#;
    assert_eq!(posted(&server, None, body).await.status, 200, "unknown fields and what follows the value are ignored");
}

#[tokio::test]
async fn a_json_body_is_bounded() {
    let server = TestServer::start().await;
    let body = json!({ "name": "a".repeat(70_000), "size": 1 });
    server.post("/api/storage/uploads", &body).await.error(413, "request_too_large");
}

#[tokio::test]
async fn unknown_addresses_and_methods() {
    let server = TestServer::start().await;
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/about/",
        "/api/storage/aips/",
        "/api/storage/aips/d1845cb6-a5ea-474a-9ab8-26f9bcd919f5/nothing",
    ] {
        let reply = server.get(path).await;
        reply.error(404, "fault");
        assert_eq!(reply.json()["fault"], true, "{path}");
    }
    let reply = server.send(Method::DELETE, "/api/about", &json!({})).await;
    assert_eq!(reply.told(), (405, ""));
}

#[tokio::test]
async fn every_answer_says_which_version_and_which_position() {
    let server = TestServer::start().await;
    for path in ["/api/about", "/api/storage/locations", "/api/storage/aips/nonsense", "/api/nothing"] {
        let reply = server.get(path).await;
        assert_eq!(reply.header("x-enduro-version"), env!("CARGO_PKG_VERSION"), "{path}");
        assert_eq!(reply.header("strongroom-position"), server.services().position().to_string(), "{path}");
        assert!(!reply.header("x-request-id").is_empty(), "{path}");
        // What may be asked for again with its tag may be kept until then; a problem may not.
        let caching = if reply.status == 200 { "private, no-cache" } else { "no-store" };
        assert_eq!(reply.header("cache-control"), caching, "{path}");
    }
}

#[tokio::test]
async fn the_position_is_that_before_the_request() {
    let server = TestServer::start().await;
    let before = server.services().position();
    let reply = server.post("/api/storage/locations", &json!({ "name": "b", "source": "filesystem", "purpose": "aip_store", "config": { "type": "filesystem", "value": { "path": "b" } } })).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.header("strongroom-position"), before.to_string(), "never newer than the data");
    assert_eq!(server.services().position().seq, before.seq + 1);
}
