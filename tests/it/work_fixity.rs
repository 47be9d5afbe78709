//! Fixity checks: what was not read is never "ok".

use crate::support::{Socket, TestServer, archive::lines, bag, soon, tar};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _};
use strongroom::domain::{Ids as _, RandomIds};
use uuid::Uuid;

async fn check(server: &TestServer, aip: &Value) -> Value {
    let path = format!("/api/storage/aips/{}/fixity", aip["uuid"].as_str().expect("a UUID"));
    let reply = server.post(&path, &json!({})).await;
    assert_eq!(reply.told(), (202, ""));
    let before = server.aip(aip["uuid"].as_str().expect("a UUID")).await;
    server.at_rest(aip["uuid"].as_str().expect("a UUID")).await;
    assert_eq!(before["status"], "stored", "it can be read while it is checked");
    server.get(&path).await.json()["checks"][0].clone()
}

#[tokio::test]
async fn a_sound_package_is_ok_and_says_what_was_compared() {
    let server = TestServer::start().await;
    let (letter, plain) =
        (server.deposit("letter", bag(b"letter", b"letter")).await, server.deposit("plain", tar(&[("a.txt", b"a")])).await);
    let mut socket = Socket::plain(&server).await;
    let found = check(&server, &letter).await;
    assert_eq!((&found["outcome"], &found["size"], &found["sha256"]), (&json!("ok"), &letter["size"], &letter["sha256"]));
    let message =
        "bytes read. SHA-256 and SHA-512 are the ones that were recorded, and the payload file of the bag agrees with its manifests.";
    assert!(found["message"].as_str().is_some_and(|text| text.ends_with(message)), "{found}");
    let told = lines(&mut socket, 4).await;
    assert_eq!(told[..2], ["W+ in progress", "T+ Check fixity in progress: Reading every byte of the AIP"]);
    assert!(told[2].starts_with("T Check fixity done: ") && told[3] == "W done", "{told:?}");
    let workflow = &server.workflows(letter["uuid"].as_str().expect("a UUID")).await[0];
    assert_eq!((&workflow["type"], &workflow["uuid"]), (&json!("unspecified"), &found["workflow_uuid"]));

    let found = check(&server, &plain).await;
    assert_eq!(found["outcome"], "ok");
    assert!(
        found["message"].as_str().is_some_and(|text| text.ends_with("bytes read. SHA-256 and SHA-512 are the ones that were recorded.")),
        "{found}"
    );
}

#[tokio::test]
async fn damage_is_found_and_never_ok() {
    let server = TestServer::start_with(|config| config.workflow_retry_ms = 1).await;
    let package = bag(b"letter", b"letter");
    for (damage, outcome, says) in [
        ("one bit", "damaged", "The AIP is damaged: its SHA-256 is "),
        ("short", "damaged", "The AIP is damaged: its size in bytes is "),
        ("longer", "damaged", "The AIP is damaged: its size in bytes is "),
        ("missing", "damaged", "The AIP's file is not in its location"),
        ("a folder", "unknown", "Not every byte could be read: "),
    ] {
        let aip = server.deposit("box", package.clone()).await;
        let object = server.object(&aip);
        let mut bytes = package.clone();
        match damage {
            "one bit" => bytes[1030] ^= 1,
            "short" => bytes.truncate(package.len() - 1),
            "longer" => bytes.push(0),
            _ => {}
        }
        fs::set_permissions(&object, fs::Permissions::from_mode(0o644)).expect("changed");
        fs::write(&object, bytes).expect("damaged");
        if damage == "missing" || damage == "a folder" {
            fs::remove_file(&object).expect("removed");
        }
        if damage == "a folder" {
            fs::create_dir(&object).expect("made");
        }
        let found = check(&server, &aip).await;
        assert_eq!(found["outcome"], outcome, "{damage}: {found}");
        assert!(found["message"].as_str().is_some_and(|text| text.starts_with(says)), "{damage}: {found}");
        let workflow = &server.workflows(aip["uuid"].as_str().expect("a UUID")).await[0];
        assert_eq!((&workflow["status"], &workflow["tasks"][0]["status"]), (&json!("error"), &json!("error")), "{damage}");
        assert_eq!(server.aip(aip["uuid"].as_str().expect("a UUID")).await["status"], "stored");
    }
}

#[tokio::test]
async fn a_package_without_a_recorded_digest_is_ok_only_by_its_own_manifests() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    for (package, outcome) in
        [(bag(b"letter", b"letter"), "ok"), (bag(b"letter", b"another"), "damaged"), (b"no container".to_vec(), "unknown")]
    {
        let body = json!({ "uuid": RandomIds.next(), "name": "announced", "object_key": RandomIds.next(), "status": "stored", "location_uuid": location });
        let aip = server.post("/api/storage/aips", &body).await.json();
        fs::write(server.object(&aip), &package).expect("brought by another system");
        let found = check(&server, &aip).await;
        assert_eq!((&found["outcome"], &found["size"]), (&json!(outcome), &json!(package.len())), "{found}");
    }
}

#[tokio::test]
async fn a_whole_location_is_checked_one_after_the_other() {
    let server = TestServer::start().await;
    let mut aips = Vec::new();
    for number in 0..5 {
        aips.push(server.deposit(&format!("box-{number}"), bag(b"letter", b"letter")).await);
    }
    let announced = json!({ "uuid": RandomIds.next(), "name": "announced", "object_key": RandomIds.next(), "status": "pending", "location_uuid": server.first_location().await });
    server.post("/api/storage/aips", &announced).await;
    fs::write(server.object(&aips[3]), b"damaged").expect("damaged");
    let path = format!("/api/storage/locations/{}/fixity", server.first_location().await);
    let reply = server.post(&path, &json!({})).await;
    assert_eq!(reply.told(), (202, "{\"started\":5,\"skipped\":1}"));
    let outcomes = soon("all checks", async {
        loop {
            let mut outcomes = Vec::new();
            for aip in &aips {
                let checks = server.get(&format!("/api/storage/aips/{}/fixity", aip["uuid"].as_str().expect("a UUID"))).await.json();
                outcomes.extend(checks["checks"].as_array().expect("a list").iter().map(|check| check["outcome"].clone()));
            }
            if outcomes.len() == aips.len() {
                return outcomes;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(outcomes, ["ok", "ok", "ok", "damaged", "ok"]);
    let unknown = format!("/api/storage/locations/{}/fixity", Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5eff));
    assert_eq!(server.post(&unknown, &json!({})).await.status, 404);
}

#[tokio::test]
async fn what_is_not_there_or_not_stored_cannot_be_checked() {
    let server = TestServer::start().await;
    assert_eq!(
        server
            .post(&format!("/api/storage/aips/{}/fixity", Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5eff)), &json!({}))
            .await
            .status,
        404
    );
    assert_eq!(
        server.get(&format!("/api/storage/aips/{}/fixity", Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5eff))).await.status,
        404
    );
    let body = json!({ "uuid": RandomIds.next(), "name": "announced", "object_key": RandomIds.next() });
    let aip = server.post("/api/storage/aips", &body).await.json();
    let path = format!("/api/storage/aips/{}/fixity", aip["uuid"].as_str().expect("a UUID"));
    assert_eq!(server.post(&path, &json!({})).await.error(400, "not_valid"), "AIP is not stored");
    assert_eq!(server.get(&path).await.told(), (200, "{\"checks\":[]}"));
}
