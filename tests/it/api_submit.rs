//! Uploads as Enduro's clients make them (`storage-api.md` sections 4.2, 4.6 and 9.3).

use crate::support::{Reply, Socket, TestServer, archive::lines, bag};
use reqwest::Method;
use serde_json::json;
use std::fs;

const AIP: &str = "9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01";

async fn submit(server: &TestServer) -> String {
    let reply = server.post(&format!("/api/storage/aips/{AIP}/submit"), &json!({ "name": "fonds" })).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    let url = reply.json()["url"].as_str().expect("an address").to_owned();
    assert!(url.starts_with(&format!("{}/api/storage/submissions/", server.origin())), "{url}");
    url
}

async fn put(server: &TestServer, url: &str, package: &[u8]) -> Reply {
    Reply::to(server.request_to(Method::PUT, url).body(package.to_vec())).await
}

#[tokio::test]
async fn a_submission_goes_from_unspecified_over_pending_to_its_location() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    let package = bag(b"letter", b"letter");
    let complete = format!("/api/storage/aips/{AIP}/submit-complete");
    server.post(&complete, &json!({})).await.error(409, "not_available");
    let url = submit(&server).await;
    assert_eq!(server.aip(AIP).await["status"], "unspecified");
    assert_eq!(
        server.post(&complete, &json!({})).await.error(409, "not_available").split(':').next(),
        Some("no package was received that could be completed")
    );

    assert_eq!(put(&server, &url, &package).await.told(), (200, ""));
    assert_eq!(put(&server, &url, &package).await.status, 404, "the address is good once");
    assert_eq!(server.post(&complete, &json!({})).await.told(), (202, ""));
    assert_eq!(server.post(&complete, &json!({})).await.status, 409, "it is complete");
    let aip = server.aip(AIP).await;
    assert_eq!((&aip["status"], &aip["size"]), (&json!("pending"), &json!(package.len())));
    assert!(aip.get("location_uuid").is_none());
    let fetched = server.request(Method::GET, &format!("/api/storage/aips/{AIP}/download")).send().await.expect("answered");
    assert_eq!(fetched.bytes().await.expect("read"), package, "whoever decides where it goes can look at it");
    assert_eq!(lines(&mut socket, 3).await, ["aip_created_event", "U", "S pending"]);

    let location = server.first_location().await;
    let reply = server.post(&format!("/api/storage/aips/{AIP}/store"), &json!({ "location_uuid": location })).await;
    assert_eq!(reply.told(), (202, ""));
    let stored = server.at_rest_as(AIP, "stored").await;
    assert_eq!(stored["location_uuid"], json!(location));
    assert!(server.holds("main-store", &stored, &package));
    let left =
        fs::read_dir(server.data().join("submissions")).expect("there").filter(|entry| entry.as_ref().expect("readable").path().is_file());
    assert_eq!(left.count(), 0, "nothing of it is left where it was submitted");
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_and_may_be_sent_again() {
    let server = TestServer::start().await;
    let url = submit(&server).await;
    assert_eq!(put(&server, &url, &bag(b"letter", b"another")).await.status, 400);
    assert_eq!(put(&server, &url, b"no container").await.status, 400);
    let staging = server.data().join("submissions/.staging");
    assert_eq!(fs::read_dir(staging).expect("there").count(), 0);
    assert_eq!(put(&server, &url, &bag(b"letter", b"letter")).await.status, 200);
    let again = server.post(&format!("/api/storage/aips/{AIP}/submit"), &json!({ "name": "fonds" })).await;
    assert_eq!(again.error(400, "not_valid"), "uuid: an AIP with this uuid is recorded already");
    assert_eq!(server.post(&format!("/api/storage/aips/{AIP}/submit"), &json!({})).await.status, 400);
    assert_eq!(put(&server, &format!("{}/api/storage/submissions/invented", server.origin()), b"x").await.status, 404);
}

#[tokio::test]
async fn an_address_is_good_for_fifteen_minutes() {
    let server = TestServer::start().await;
    let url = submit(&server).await;
    server.clock.advance(15 * 60);
    assert_eq!(put(&server, &url, &bag(b"letter", b"letter")).await.status, 404);
}
