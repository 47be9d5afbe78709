//! Entity tags and conditional requests (`realtime.md` section 1, RFC 9110 section 13).

use crate::support::{Reply, TestServer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const AIP: &str = "9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01";

/// A server with one AIP, and the address of its location.
async fn with_an_aip() -> (TestServer, String) {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    announce(&server, AIP, location).await;
    (server, format!("/api/storage/locations/{location}"))
}

async fn announce(server: &TestServer, uuid: &str, location: Uuid) {
    let body = json!({ "uuid": uuid, "name": "fonds-12.zip", "object_key": uuid, "status": "stored", "location_uuid": location });
    assert_eq!(server.post("/api/storage/aips", &body).await.status, 200);
}

async fn ask(server: &TestServer, method: Method, path: &str, condition: (&str, &str)) -> Reply {
    Reply::to(server.request(method, path).header(condition.0, condition.1)).await
}

async fn patch(server: &TestServer, path: &str, seen: &str, body: Value) -> Reply {
    Reply::to(server.request(Method::PATCH, path).header("if-match", seen).json(&body)).await
}

/// The addresses that are read, from the document: one that is added is asked here too.
async fn addresses(server: &TestServer, location: &str) -> Vec<String> {
    let document = server.get("/api/openapi.json").await.json();
    let paths = document["paths"].as_object().expect("paths");
    let json = |item: &&Value| item["get"]["responses"]["200"]["content"].get("application/json").is_some();
    let named = |path: &String| match path.starts_with("/api/storage/locations/") {
        true => path.replace("/api/storage/locations/{uuid}", location),
        false => path.replace("{uuid}", AIP),
    };
    paths.iter().filter(|(_, item)| json(item)).map(|(path, _)| named(path)).collect()
}

#[tokio::test]
async fn every_json_answer_has_a_tag_and_is_not_sent_twice() {
    let (server, location) = with_an_aip().await;
    let (mut tagged, mut others) = (0, Vec::new());
    for path in addresses(&server, &location).await {
        let first = server.get(&path).await;
        if first.status != StatusCode::OK {
            others.push(path);
            continue;
        }
        tagged += 1;
        let tag = first.header("etag");
        assert!(tag.len() > 20 && tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
        if path == "/api/system/metrics" {
            // Another one at each moment.
            continue;
        }
        let caching = if path == "/api/user" { "no-store" } else { "private, no-cache" };
        assert_eq!(first.header("cache-control"), caching, "{path}");
        let head = ask(&server, Method::HEAD, &path, ("accept", "*/*")).await;
        assert_eq!((head.header("etag"), head.header("content-length")), (tag, first.body.len().to_string().as_str()), "{path}");
        for (method, field) in [(Method::GET, tag.to_owned()), (Method::HEAD, format!("\"x\", W/{tag}")), (Method::GET, "*".into())] {
            let again = ask(&server, method, &path, ("if-none-match", &field)).await;
            assert_eq!(again.told(), (304, ""), "{path} {field}");
            for name in ["etag", "cache-control", "strongroom-position", "x-enduro-version"] {
                assert_eq!(again.header(name), first.header(name), "{path}: {name}");
            }
            assert_eq!(again.header("content-type"), "", "{path}");
        }
        let other = ask(&server, Method::GET, &path, ("if-none-match", "\"other\"")).await;
        assert_eq!(other.told(), (200, first.body.as_str()), "{path}");
    }
    assert!(tagged >= 10, "{tagged}");
    assert!(others.iter().all(|path| path.contains("/uploads/") || path.ends_with("/store")), "nothing to show: {others:?}");
}

#[tokio::test]
async fn what_is_no_json_answer_is_left_alone() {
    let (server, _) = with_an_aip().await;
    for path in ["/api/storage/aips.csv", "/api/events.csv"] {
        let reply = ask(&server, Method::GET, path, ("if-none-match", "*")).await;
        assert_eq!((reply.status.as_u16(), reply.header("etag"), reply.header("cache-control")), (200, "", "no-store"), "{path}");
    }
    for path in ["/api/nothing", "/api/storage/aips/nonsense", "/api/storage/aips/d1845cb6-a5ea-474a-9ab8-26f9bcd919f5"] {
        let reply = ask(&server, Method::GET, path, ("if-none-match", "*")).await;
        assert_eq!((reply.header("etag"), reply.header("cache-control")), ("", "no-store"), "{path}");
        assert!(reply.status.is_client_error(), "{path}");
    }
}

#[tokio::test]
async fn a_change_makes_another_tag() {
    let (server, location) = with_an_aip().await;
    let aip = format!("/api/storage/aips/{AIP}");
    assert_eq!(server.get(&aip).await.header("etag"), format!("\"{AIP}-1\""), "as resource_change tells it");
    let paths = [location.as_str(), "/api/storage/locations", "/api/storage/aips", "/api/storage/overview", "/api/events"];
    let mut before = Vec::new();
    for path in paths {
        before.push(server.get(path).await.header("etag").to_owned());
    }
    announce(&server, "0c7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e02", location.rsplit('/').next().expect("a UUID").parse().expect("a UUID")).await;
    for (path, tag) in paths.into_iter().zip(before) {
        let reply = ask(&server, Method::GET, path, ("if-none-match", &tag)).await;
        assert_eq!(reply.status, 200, "{path} shows more now");
        assert_ne!(reply.header("etag"), tag, "{path}");
    }
    let unchanged = ask(&server, Method::GET, &aip, ("if-none-match", &format!("\"{AIP}-1\""))).await;
    assert_eq!(unchanged.status, 304, "the other AIP is none of its business");
    assert_eq!(unchanged.header("strongroom-position"), server.services().position().to_string(), "of now, not of then");
}

#[tokio::test]
async fn a_change_is_made_to_the_version_that_was_seen() {
    let (server, location) = with_an_aip().await;
    let seen = server.get(&location).await.header("etag").to_owned();
    announce(&server, "0c7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e02", location.rsplit('/').next().expect("a UUID").parse().expect("a UUID")).await;
    assert_ne!(server.get(&location).await.header("etag"), seen, "it holds more");
    let changed = patch(&server, &location, &seen, json!({ "name": "north" })).await;
    assert_eq!(changed.status, 200, "which is no reason to edit its name once more: {changed:?}");
    assert_eq!(changed.header("etag"), server.get(&location).await.header("etag"));

    let late = patch(&server, &location, &seen, json!({ "name": "south" })).await;
    let message = late.error(412, "precondition_failed");
    assert!(message.contains("version 2") && message.contains("Nothing was changed"), "{message}");
    assert_eq!(late.header("etag"), changed.header("etag"), "to go on with");
    assert_eq!((late.header("goa-error"), late.header("cache-control")), ("precondition_failed", "no-store"));
    assert_eq!(server.get(&location).await.json()["name"], "north");
    for (condition, status) in [("*", 200), (changed.header("etag"), 412), ("2", 412), ("", 412)] {
        assert_eq!(patch(&server, &location, condition, json!({ "name": format!("to {status}") })).await.status, status, "{condition}");
    }
    assert_eq!(patch(&server, "/api/storage/locations/d1845cb6-a5ea-474a-9ab8-26f9bcd919f5", "*", json!({})).await.status, 404);
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_not_removed() {
    let server = TestServer::start().await;
    let body = json!({ "name": "North", "source": "filesystem", "purpose": "aip_store", "config": { "type": "filesystem", "value": { "path": "north" } } });
    let made = server.post("/api/storage/locations", &body).await.json();
    let location = format!("/api/storage/locations/{}", made["uuid"].as_str().expect("a UUID"));
    let seen = server.get(&location).await.header("etag").to_owned();
    let changed = patch(&server, &location, &seen, json!({ "description": "In use from now on" })).await;
    let late = ask(&server, Method::DELETE, &location, ("if-match", &seen)).await;
    late.error(412, "precondition_failed");
    assert_eq!(late.header("etag"), changed.header("etag"));
    assert_eq!(server.get(&location).await.status, 200);
    assert_eq!(ask(&server, Method::DELETE, &location, ("if-match", changed.header("etag"))).await.status, 204);
}

#[tokio::test]
async fn of_two_who_saw_the_same_one_changes_it_and_one_is_told() {
    let (server, location) = with_an_aip().await;
    for round in 0..8 {
        let seen = server.get(&location).await.header("etag").to_owned();
        let (one, other) = tokio::join!(
            patch(&server, &location, &seen, json!({ "name": format!("one {round}") })),
            patch(&server, &location, &seen, json!({ "name": format!("other {round}") })),
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{one:?} {other:?}");
        let winner = if one.status == 200 { "one" } else { "other" };
        assert_eq!(server.get(&location).await.json()["name"], format!("{winner} {round}"));
    }
}

#[tokio::test]
async fn a_foreign_page_that_may_read_may_ask_again() {
    let server = TestServer::start_with(|config| config.allowed_origins.push("https://partner.example".into())).await;
    let ask = |tag: String| {
        let request = server.request(Method::GET, "/api/about").header("origin", "https://partner.example");
        Reply::to(request.header("if-none-match", tag))
    };
    let first = ask(String::new()).await;
    let again = ask(first.header("etag").to_owned()).await;
    assert_eq!((again.status.as_u16(), again.header("access-control-allow-origin")), (304, "https://partner.example"));
}
