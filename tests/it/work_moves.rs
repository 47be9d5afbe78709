//! Moving AIPs (`storage-api.md` sections 0, 4.2, 4.6 and 9.1).

use crate::support::{Socket, TestServer, archive::lines, bag};
use serde_json::{Value, json};
use std::fs;
use strongroom::domain::{Ids as _, RandomIds};
use uuid::Uuid;

async fn send(server: &TestServer, aip: &Value, location: Uuid) -> crate::support::Reply {
    let path = format!("/api/storage/aips/{}/store", aip["uuid"].as_str().expect("a UUID"));
    server.post(&path, &json!({ "location_uuid": location })).await
}

fn uuid(aip: &Value) -> &str {
    aip["uuid"].as_str().expect("a UUID")
}

#[tokio::test]
async fn a_move_appears_in_the_order_of_the_contract_and_ends_in_the_target() {
    let server = TestServer::start().await;
    let second = server.add_location("second").await;
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box", package.clone()).await;
    let mut socket = Socket::plain(&server).await;

    let reply = send(&server, &aip, second).await;
    assert_eq!(reply.told(), (202, ""));
    assert_eq!(
        lines(&mut socket, 9).await,
        [
            "S processing",
            "W+ in progress",
            "T+ Copy AIP in progress: Copying AIP to target location",
            "T Copy AIP done: AIP copied to target location",
            "T+ Delete AIP in progress: Deleting AIP from source location",
            "T Delete AIP done: AIP deleted from source location",
            "L",
            "S stored",
            "W done",
        ]
    );
    let moved = server.at_rest(uuid(&aip)).await;
    assert_eq!((&moved["status"], &moved["location_uuid"]), (&json!("stored"), &json!(second)));
    assert!(server.holds("second", &aip, &package) && !server.object(&aip).exists());
    let path = format!("/api/storage/aips/{}/store", uuid(&aip));
    assert_eq!(server.get(&path).await.told(), (200, "{\"done\":true}"));
    let workflow = &server.workflows(uuid(&aip)).await[0];
    assert_eq!(workflow["temporal_id"], format!("storage-move-workflow-{}", uuid(&aip)));
    assert!(workflow["completed_at"].is_string() && workflow["tasks"].as_array().expect("tasks").len() == 2);

    let back = server.first_location().await;
    assert_eq!(send(&server, &aip, back).await.status, 202);
    assert_eq!(server.at_rest(uuid(&aip)).await["location_uuid"], json!(back));
    assert!(server.holds("main-store", &aip, &package) && !server.object_in("second", &aip).exists());
}

#[tokio::test]
async fn what_cannot_be_moved_is_told_and_untouched() {
    let server = TestServer::start().await;
    let second = server.add_location("second").await;
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box", package.clone()).await;
    let path = format!("/api/storage/aips/{}/store", uuid(&aip));

    let unknown = format!("/api/storage/aips/{}/store", Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5eff));
    assert_eq!(server.post(&unknown, &json!({ "location_uuid": second })).await.status, 404);
    assert_eq!(server.get(&unknown).await.status, 404);
    assert_eq!(server.get(&path).await.error(424, "failed_dependency"), "the AIP was never moved");
    for (location, message) in [
        (server.first_location().await, "location_uuid: the AIP is in \"Main store\" already"),
        (Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5e01), "location_uuid: there is no location with this UUID"),
    ] {
        assert_eq!(send(&server, &aip, location).await.error(400, "not_valid"), message);
    }
    let elsewhere = json!({ "name": "elsewhere", "source": "filesystem", "purpose": "unspecified",
        "config": { "type": "filesystem", "value": { "path": "elsewhere" } } });
    let elsewhere = server.post("/api/storage/locations", &elsewhere).await.json()["uuid"].as_str().expect("text").parse().expect("a UUID");
    assert_eq!(send(&server, &aip, elsewhere).await.error(400, "not_valid"), "location_uuid: \"elsewhere\" is not a store for AIPs");
    assert_eq!(server.post(&path, &json!({})).await.error(400, "missing_field"), "\"location_uuid\" is missing from the body");

    let announced = json!({ "uuid": Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5e02), "name": "announced", "object_key": RandomIds.next(), "status": "pending" });
    let announced = server.post("/api/storage/aips", &announced).await.json();
    assert_eq!(send(&server, &announced, second).await.error(400, "not_valid"), "AIP is not stored");
    assert!(server.workflows(uuid(&aip)).await.is_empty() && server.holds("main-store", &aip, &package));
}

#[tokio::test]
async fn a_damaged_package_is_not_moved() {
    let server = TestServer::start().await;
    let second = server.add_location("second").await;
    let package = bag(b"letter", b"letter");
    for damage in ["changed", "short", "missing"] {
        let aip = server.deposit(damage, package.clone()).await;
        let object = server.object(&aip);
        let mut bytes = package.clone();
        match damage {
            "changed" => bytes[600] ^= 1,
            "short" => bytes.truncate(1000),
            _ => {}
        }
        if damage == "missing" { fs::remove_file(&object) } else { fs::write(&object, &bytes) }.expect("damaged");

        assert_eq!(send(&server, &aip, second).await.status, 202);
        let after = server.at_rest(uuid(&aip)).await;
        assert_eq!((&after["status"], &after["location_uuid"]), (&json!("stored"), &aip["location_uuid"]), "{damage}");
        let workflow = &server.workflows(uuid(&aip)).await[0];
        assert_eq!((&workflow["status"], &workflow["tasks"][0]["status"]), (&json!("error"), &json!("error")));
        let note = workflow["tasks"][0]["note"].as_str().expect("a note");
        assert!(
            note.starts_with("Failed to copy AIP to target location\n") && note.ends_with("Nothing was removed: the AIP is where it was."),
            "{note}"
        );
        assert!(!server.object_in("second", &aip).exists(), "{damage}: no copy of what is not the package");
        assert!(damage == "missing" || fs::read(&object).expect("there") == bytes);
        let path = format!("/api/storage/aips/{}/store", uuid(&aip));
        assert_eq!(server.get(&path).await.error(424, "failed_dependency"), "the last move of the AIP failed");
    }
}

#[tokio::test]
async fn an_object_that_is_there_already_is_never_overwritten() {
    let server = TestServer::start().await;
    let second = server.add_location("second").await;
    let package = bag(b"letter", b"letter");
    let (foreign, same) = (server.deposit("foreign", package.clone()).await, server.deposit("same", package.clone()).await);
    fs::write(server.object_in("second", &foreign), b"somebody else's").expect("written");
    fs::write(server.object_in("second", &same), &package).expect("written");

    assert_eq!(send(&server, &foreign, second).await.status, 202);
    let after = server.at_rest(uuid(&foreign)).await;
    assert_eq!(after["location_uuid"], foreign["location_uuid"]);
    assert_eq!(fs::read(server.object_in("second", &foreign)).expect("there"), b"somebody else's");
    assert!(server.holds("main-store", &foreign, &package));
    let note = server.workflows(uuid(&foreign)).await[0]["tasks"][0]["note"].clone();
    assert!(note.as_str().is_some_and(|note| note.contains("It was there before this move and was not touched.")), "{note}");

    // The same package, as an earlier move whose source could not be removed leaves it.
    assert_eq!(send(&server, &same, second).await.status, 202);
    assert_eq!(server.at_rest(uuid(&same)).await["location_uuid"], json!(second));
    assert!(server.holds("second", &same, &package) && !server.object(&same).exists());
}

#[tokio::test]
async fn two_moves_at_once_are_one_move() {
    let server = TestServer::start().await;
    let (second, third) = (server.add_location("second").await, server.add_location("third").await);
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box", package.clone()).await;
    let (one, other) = tokio::join!(send(&server, &aip, second), send(&server, &aip, third));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 400], "{one:?} {other:?}");
    let after = server.at_rest(uuid(&aip)).await;
    let places = ["main-store", "second", "third"].map(|folder| server.holds(folder, &aip, &package));
    assert_eq!(places, [false, after["location_uuid"] == json!(second), after["location_uuid"] == json!(third)]);
    assert_eq!(server.workflows(uuid(&aip)).await.len(), 1);
}

#[tokio::test]
async fn a_location_that_a_move_needs_is_not_removed() {
    let server = TestServer::start().await;
    let second = server.add_location("second").await;
    let aip = server.deposit("box", bag(b"letter", b"letter")).await;
    assert_eq!(send(&server, &aip, second).await.status, 202);
    let reply = server.send(reqwest::Method::DELETE, &format!("/api/storage/locations/{second}"), &json!({})).await;
    assert_eq!(reply.status, 400, "{reply:?}");
    assert_eq!(server.at_rest(uuid(&aip)).await["location_uuid"], json!(second));
}
