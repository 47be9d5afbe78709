//! The resource locations (`storage-api.md` sections 3 and 4.4).

use crate::support::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

const LOCATIONS: &str = "/api/storage/locations";

fn filesystem(name: &str, path: &str) -> Value {
    json!({ "name": name, "source": "filesystem", "purpose": "aip_store", "config": { "type": "filesystem", "value": { "path": path } } })
}

#[tokio::test]
async fn a_location_is_created_shown_changed_and_removed() {
    let server = TestServer::start().await;
    let created = server.post(LOCATIONS, &filesystem("second-store", "second-store")).await;
    assert_eq!(created.status, 201);
    let answer = created.json();
    assert_eq!(answer.as_object().expect("an object").len(), 1, "the UUID and nothing else");
    let path = format!("{LOCATIONS}/{}", answer["uuid"].as_str().expect("a UUID"));

    let shown = server.get(&path).await.json();
    for (field, value) in [
        ("name", "second-store"),
        ("description", ""),
        ("source", "filesystem"),
        ("purpose", "aip_store"),
        ("created_at", "2026-06-01T10:00:00Z"),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert!(shown.get("config").is_none());
    let list = server.get(LOCATIONS).await.json();
    assert_eq!(list.as_array().expect("a bare array").len(), 2, "with the one that a new service has");

    let changed = server.send(Method::PATCH, &path, &json!({ "description": "The other building" })).await;
    assert_eq!(changed.status, 200);
    assert_eq!((&changed.json()["name"], &changed.json()["description"]), (&json!("second-store"), &json!("The other building")));

    let removed = server.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(removed.told(), (204, ""));
    let gone = server.get(&path).await;
    assert_eq!(gone.told(), (404, format!(r#"{{"message":"location not found","uuid":{}}}"#, answer["uuid"]).as_str()));
    assert_eq!(server.send(Method::DELETE, &path, &json!({})).await.status, 404);
    assert_eq!(server.send(Method::PATCH, &path, &json!({})).await.status, 404);
    assert_eq!(server.get(&format!("{path}/aips")).await.status, 404);
}

#[tokio::test]
async fn a_location_that_keeps_something_stays() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let aip = json!({ "uuid": "9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01", "name": "a", "object_key": "2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77", "location_uuid": location });
    server.post("/api/storage/aips", &aip).await;
    server.send(Method::DELETE, &format!("{LOCATIONS}/{location}"), &json!({})).await.error(400, "not_valid");
    assert_eq!(server.get(&format!("{LOCATIONS}/{location}")).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_before_it_is_recorded() {
    let server = TestServer::start().await;
    server.post(LOCATIONS, &filesystem("taken", "taken")).await;
    for (body, part) in [
        (filesystem("taken", "elsewhere"), "name"),
        (filesystem("", "elsewhere"), "name"),
        (filesystem("outside", "/etc"), "path"),
        (filesystem("climbing", "../outside"), "path"),
        (json!({ "name": "b", "source": "filesystem", "purpose": "aip_store" }), "config"),
    ] {
        let message = server.post(LOCATIONS, &body).await.error(400, "not_valid");
        assert!(message.contains(part), "{part} in {message}");
    }
    assert_eq!(server.get(LOCATIONS).await.json().as_array().expect("a bare array").len(), 2);
}

/// The traps of the original: credentials come back from nowhere.
#[tokio::test]
async fn secrets_go_in_and_never_come_out() {
    const SECRET: &str = "hush-hush-5f2c";
    let server = TestServer::start().await;
    let configs = [
        json!({ "type": "s3", "value": { "bucket": "b", "region": "r", "endpoint": "http://127.0.0.1:1", "key": SECRET, "secret": SECRET, "token": SECRET } }),
        json!({ "type": "sftp", "value": { "address": "a", "username": "u", "password": SECRET, "directory": "d" } }),
        json!({ "type": "amss", "value": { "api_key": SECRET, "url": "https://amss.example", "username": "u" } }),
        json!({ "type": "s3", "value": { "bucket": "b", "secret": SECRET } }),
        json!({ "type": SECRET, "value": {} }),
        json!(SECRET),
    ];
    for config in configs {
        let body =
            json!({ "name": format!("{config:.30}").len().to_string(), "source": "minio", "purpose": "aip_store", "config": config });
        let reply = server.post(LOCATIONS, &body).await;
        assert!(!reply.body.contains(SECRET), "{reply:?}");
    }
    for path in [LOCATIONS, "/api/storage/overview", "/api/events", "/api/openapi.json"] {
        assert!(!server.get(path).await.body.contains(SECRET), "{path}");
    }
}
