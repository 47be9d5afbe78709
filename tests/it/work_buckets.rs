//! Moves, fixity checks and deletions where a bucket of an S3-compatible store is the source, the target, or both.

use crate::support::{
    TestServer, bag,
    s3::{Fault, S3Server},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;

const REASON: &str = "A duplicate of another AIP.";

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

async fn add_bucket(server: &TestServer, name: &str, store: &S3Server) -> Value {
    let body = json!({ "name": name, "source": "minio", "purpose": "aip_store", "config": store.config() });
    let reply = server.post("/api/storage/locations", &body).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()["uuid"].clone()
}

async fn sent(server: &TestServer, aip: &Value, location: &Value) -> Value {
    let path = format!("/api/storage/aips/{}/store", text(&aip["uuid"]));
    assert_eq!(server.post(&path, &json!({ "location_uuid": location })).await.told(), (202, ""));
    server.at_rest(text(&aip["uuid"])).await
}

fn in_bucket(store: &S3Server, aip: &Value) -> Option<Vec<u8>> {
    fs::read(store.object(text(&aip["object_key"]))).ok()
}

#[tokio::test]
async fn a_package_is_moved_in_every_direction_checked_and_deleted() {
    let (server, one, other) = (TestServer::start().await, S3Server::start().await, S3Server::start().await);
    let folder = json!(server.first_location().await);
    let (first, second) = (add_bucket(&server, "first", &one).await, add_bucket(&server, "second", &other).await);
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box&location=Main%20store", package.clone()).await;

    for (to, at) in
        [(&first, [false, true, false]), (&second, [false, false, true]), (&folder, [true, false, false]), (&second, [false, false, true])]
    {
        let moved = sent(&server, &aip, to).await;
        assert_eq!((&moved["status"], &moved["location_uuid"]), (&json!("stored"), to));
        let is = |found: Option<Vec<u8>>| found.is_some_and(|bytes| bytes == package);
        assert_eq!([server.holds("main-store", &aip, &package), is(in_bucket(&one, &aip)), is(in_bucket(&other, &aip))], at);
    }
    let fixity = format!("/api/storage/aips/{}/fixity", text(&aip["uuid"]));
    server.post(&fixity, &json!({})).await;
    server.at_rest(text(&aip["uuid"])).await;
    let found = server.get(&fixity).await.json()["checks"][0].clone();
    assert_eq!((&found["outcome"], &found["size"]), (&json!("ok"), &json!(package.len())), "{found}");

    let delete = format!("/api/storage/aips/{}/deletion-auto", text(&aip["uuid"]));
    assert_eq!(server.post(&delete, &json!({ "reason": REASON })).await.status, 202);
    assert_eq!(server.at_rest(text(&aip["uuid"])).await["status"], "deleted");
    assert_eq!(in_bucket(&other, &aip), None);
    let workflows = server.workflows(text(&aip["uuid"])).await;
    let note = &workflows.last().expect("the deletion")["tasks"][1]["note"];
    assert_eq!(note, "AIP deleted from MINIO source location");
}

#[tokio::test]
async fn damage_in_a_bucket_is_found_and_not_moved() {
    let (server, store) = (TestServer::start().await, S3Server::start().await);
    let folder = json!(server.first_location().await);
    let bucket = add_bucket(&server, "bucket", &store).await;
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box&location=Main%20store", package.clone()).await;
    sent(&server, &aip, &bucket).await;
    let mut damaged = package.clone();
    damaged[700] ^= 1;
    fs::write(store.object(text(&aip["object_key"])), &damaged).expect("damaged");

    let fixity = format!("/api/storage/aips/{}/fixity", text(&aip["uuid"]));
    server.post(&fixity, &json!({})).await;
    server.at_rest(text(&aip["uuid"])).await;
    assert_eq!(server.get(&fixity).await.json()["checks"][0]["outcome"], "damaged");
    let after = sent(&server, &aip, &folder).await;
    assert_eq!((&after["status"], &after["location_uuid"]), (&json!("stored"), &bucket));
    assert!(!server.object(&aip).exists() && in_bucket(&store, &aip) == Some(damaged));
}

#[tokio::test]
async fn a_move_into_a_bucket_that_fails_for_a_while_goes_well_in_the_end() {
    for fault in [Fault::Busy, Fault::AnswerLost] {
        let server = TestServer::start_with(|config| config.workflow_retry_ms = 1).await;
        let store = S3Server::start().await;
        let bucket = add_bucket(&server, "bucket", &store).await;
        let package = bag(b"letter", b"letter");
        let aip = server.deposit("box&location=Main%20store", package.clone()).await;
        store.fail(3, Method::PUT, "", fault);
        let moved = sent(&server, &aip, &bucket).await;
        assert_eq!(moved["location_uuid"], bucket, "{fault:?}");
        assert_eq!(in_bucket(&store, &aip), Some(package), "{fault:?}");
        assert!(!server.object(&aip).exists());
    }
}
