//! What people see of work that takes long or fails (`storage-api.md` sections 4.6, 9.1 and 9.2).

use crate::support::{
    Socket, TestServer,
    archive::lines,
    bag,
    s3::{Fault, S3Server},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;

const REASON: &str = "A duplicate of another AIP.";

fn uuid(aip: &Value) -> &str {
    aip["uuid"].as_str().expect("a UUID")
}

fn at(aip: &Value, what: &str) -> String {
    format!("/api/storage/aips/{}/{what}", uuid(aip))
}

/// The first line of each note, which is the contract's; what follows is the cause, for a person.
fn first_lines(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| line.split('\n').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_move_that_is_under_way_says_so_and_keeps_the_aip_to_itself() {
    let server = TestServer::start_with(|config| config.workflow_retry_ms = 1).await;
    let store = S3Server::start().await;
    let body = json!({ "name": "bucket", "source": "minio", "purpose": "aip_store", "config": store.config() });
    let bucket = server.post("/api/storage/locations", &body).await.json()["uuid"].clone();
    let second = server.add_location("second").await;
    let aip = server.deposit("box&location=Main%20store", bag(b"letter", b"letter")).await;
    store.fail(usize::MAX, Method::PUT, "", Fault::Busy);
    assert_eq!(server.post(&at(&aip, "store"), &json!({ "location_uuid": bucket })).await.status, 202);

    assert_eq!(server.get(&at(&aip, "store")).await.told(), (200, "{\"done\":false}"));
    assert_eq!(server.aip(uuid(&aip)).await["status"], "processing");
    assert_eq!(server.post(&at(&aip, "store"), &json!({ "location_uuid": second })).await.error(400, "not_valid"), "AIP is not stored");
    assert_eq!(server.post(&at(&aip, "deletion-auto"), &json!({ "reason": REASON })).await.error(400, "not_valid"), "AIP is not stored");
    assert!(server.post(&at(&aip, "reject"), &Value::Null).await.error(409, "not_available").starts_with("something is being done"));
    assert_eq!(server.get(&at(&aip, "download")).await.error(400, "not_valid"), "AIP is not available for download");

    store.mend();
    assert_eq!(server.at_rest(uuid(&aip)).await["location_uuid"], bucket);
    assert_eq!(server.get(&at(&aip, "store")).await.told(), (200, "{\"done\":true}"));
}

#[tokio::test]
async fn a_move_that_fails_ends_stored_and_with_a_sentence() {
    let server = TestServer::start().await;
    let second = server.add_location("second").await;
    let aip = server.deposit("box", bag(b"letter", b"letter")).await;
    fs::write(server.object(&aip), b"damaged").expect("damaged");
    let mut socket = Socket::plain(&server).await;
    assert_eq!(server.post(&at(&aip, "store"), &json!({ "location_uuid": second })).await.status, 202);
    assert_eq!(
        first_lines(lines(&mut socket, 6).await),
        [
            "S processing",
            "W+ in progress",
            "T+ Copy AIP in progress: Copying AIP to target location",
            "T Copy AIP error: Failed to copy AIP to target location",
            "S stored",
            "W error",
        ]
    );
}

#[tokio::test]
async fn a_deletion_that_fails_ends_stored_and_can_be_asked_for_again() {
    let server = TestServer::start_with(|config| config.workflow_retry_ms = 1).await;
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box", package.clone()).await;
    // Where the file was, a folder that is not empty: nobody can remove that as a file.
    let object = server.object(&aip);
    fs::remove_file(&object).expect("removed");
    fs::create_dir_all(object.join("in the way")).expect("made");
    let mut socket = Socket::plain(&server).await;
    assert_eq!(server.post(&at(&aip, "deletion-auto"), &json!({ "reason": REASON })).await.status, 202);
    let told = first_lines(lines(&mut socket, 8).await);
    assert_eq!(told[4..], ["T+ Delete AIP in progress: Deleting AIP", "T Delete AIP error: Failed to delete AIP:", "S stored", "W error"]);

    fs::remove_dir_all(&object).expect("out of the way");
    fs::write(&object, &package).expect("brought back");
    assert_eq!(server.post(&at(&aip, "deletion-auto"), &json!({ "reason": REASON })).await.status, 202);
    assert_eq!(server.at_rest(uuid(&aip)).await["status"], "deleted");
    assert!(!object.exists());
}

#[tokio::test]
async fn a_deletion_from_a_location_that_cannot_be_used_any_more_says_so() {
    let server = TestServer::start().await;
    let package = bag(b"letter", b"letter");
    // A path that is complete: once its root is taken away, it lies outside.
    let folder = server.data().join("locations/complete");
    let body = json!({ "name": "complete", "source": "filesystem", "purpose": "aip_store",
        "config": { "type": "filesystem", "value": { "path": folder } } });
    assert_eq!(server.post("/api/storage/locations", &body).await.status, 201);
    let aip = server.deposit("box&location=complete", package.clone()).await;
    let elsewhere = server.data().join("elsewhere");
    let server = server.restart_with(|config| config.location_roots = vec![elsewhere]).await;
    let mut socket = Socket::plain(&server).await;
    assert_eq!(server.post(&at(&aip, "deletion-auto"), &json!({ "reason": REASON })).await.status, 202);
    let told = first_lines(lines(&mut socket, 8).await);
    assert_eq!(told[5..], ["T Delete AIP error: Failed to get location information:", "S stored", "W error"]);
    assert!(server.holds("complete", &aip, &package));
}

#[tokio::test]
async fn a_report_that_cannot_be_kept_ends_the_workflow_and_the_aip_is_deleted_all_the_same() {
    let server = TestServer::start().await;
    let aip = server.deposit("box", bag(b"letter", b"letter")).await;
    fs::write(server.data().join("reports"), "in the way of the folder").expect("written");
    let mut socket = Socket::plain(&server).await;
    assert_eq!(server.post(&at(&aip, "deletion-auto"), &json!({ "reason": REASON })).await.status, 202);
    assert_eq!(
        lines(&mut socket, 8).await[4..],
        [
            "T+ Delete AIP in progress: Deleting AIP",
            "T Delete AIP done: AIP deleted from FILESYSTEM source location",
            "S deleted",
            "W error",
        ]
    );
    let deleted = server.at_rest(uuid(&aip)).await;
    assert!(deleted["status"] == "deleted" && deleted.get("deletion_report_key").is_none(), "{deleted}");
    assert!(!server.object(&aip).exists());
    assert_eq!(
        server.post(&at(&aip, "deletion-report"), &Value::Null).await.error(400, "not_valid"),
        "deletion report is not available for download"
    );
}
