//! What happens under a location without Strongroom having done it raises an alarm; what Strongroom does never does.

use crate::support::{Reply, Socket, TestServer, bag, soon};
use reqwest::Method;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, time::Duration};
use uuid::Uuid;

async fn deposit(server: &TestServer, name: &str) -> Value {
    let request = server.request(Method::POST, &format!("/api/storage/deposits?name={name}")).body(bag(b"Dear Sir", b"Dear Sir"));
    Reply::to(request).await.json()["aip"].clone()
}

async fn changes(server: &TestServer, location: Uuid) -> Vec<Value> {
    let answer = server.get(&format!("/api/storage/locations/{location}/changes")).await.json();
    answer["items"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

/// Waits until the watch stands: it tells of a file that a test makes. One that was made too early is followed by another.
async fn watched(server: &TestServer, location: Uuid, folder: &str) -> PathBuf {
    let folder = server.data().join("locations").join(folder);
    for number in 0..20 {
        fs::write(folder.join(format!("probe-{number}")), "x").expect("written");
        let told = async {
            loop {
                if let Some(newest) = changes(server, location).await.first() {
                    return newest["seq"].clone();
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if let Ok(up_to) = tokio::time::timeout(Duration::from_secs(3), told).await {
            server.post(&format!("/api/storage/locations/{location}/changes/acknowledge"), &json!({ "up_to": up_to })).await;
            return folder;
        }
    }
    panic!("the watch tells of nothing");
}

/// The next alarm, as it is told to whoever looks at the location.
async fn alarm(socket: &mut Socket, path: &str) -> Value {
    soon("the alarm", async {
        loop {
            let frame = socket.frame().await;
            let data = &frame["value"]["value"]["item"]["data"];
            if frame["value"]["type"] == "announced_event" && data["path"] == path {
                return data.clone();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_file_changed_behind_our_back_raises_the_alarm() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let folder = watched(&server, location, "main-store").await;
    let aip = deposit(&server, "letters").await;
    let key = aip["object_key"].as_str().expect("a key").to_owned();
    let (mut socket, _) = Socket::listening(&server, &[&format!("location:{location}")], None).await;
    fs::write(folder.join(&key), "other bytes").expect("written");
    assert_eq!(alarm(&mut socket, &key).await["change"], "changed");
    fs::remove_file(folder.join(&key)).expect("removed");
    assert_eq!(alarm(&mut socket, &key).await["change"], "vanished");
    fs::create_dir(folder.join("new")).expect("made");
    assert_eq!(alarm(&mut socket, "new").await["change"], "appeared");
    let held = changes(&server, location).await;
    assert!(held.len() >= 3, "{held:?}");
    let acknowledged =
        server.post(&format!("/api/storage/locations/{location}/changes/acknowledge"), &json!({ "up_to": held[0]["seq"] })).await;
    assert_eq!(acknowledged.status, 202);
    assert_eq!(changes(&server, location).await, Vec::<Value>::new());
    server.get(&format!("/api/storage/locations/{}/changes", Uuid::from_u128(7))).await;
}

#[tokio::test]
async fn a_folder_that_takes_the_place_of_another_raises_the_alarm_and_is_watched() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let folder = watched(&server, location, "main-store").await;
    let (mut socket, _) = Socket::listening(&server, &[&format!("location:{location}")], None).await;
    let (other, away) = (server.data().join("other"), server.data().join("away"));
    fs::create_dir(&other).expect("made");
    fs::rename(&folder, &away).expect("moved away");
    fs::rename(&other, &folder).expect("moved there");
    assert_eq!(alarm(&mut socket, ".").await["change"], "changed");
    fs::write(away.join("elsewhere"), "x").expect("written");
    fs::write(folder.join("theirs"), "x").expect("written");
    assert_eq!(alarm(&mut socket, "theirs").await["change"], "appeared");
    // One that was removed and made anew may have the number of the old one.
    fs::remove_dir_all(&folder).expect("removed");
    fs::create_dir(&folder).expect("made");
    assert_eq!(alarm(&mut socket, ".").await["change"], "changed");
    fs::write(folder.join("again"), "x").expect("written");
    assert_eq!(alarm(&mut socket, "again").await["change"], "appeared");
    fs::rename(&folder, server.data().join("gone")).expect("moved away");
    assert_eq!(alarm(&mut socket, ".").await["change"], "vanished");
    let told = changes(&server, location).await;
    let of_whole = told.iter().filter(|change| change["value"]["value"]["item"]["data"]["path"] == ".");
    assert_eq!(of_whole.count(), 3, "each is told once: {told:?}");
    assert!(told.iter().all(|change| change["value"]["value"]["item"]["data"]["path"] != "elsewhere"), "{told:?}");
}

#[tokio::test]
async fn a_link_in_the_place_of_a_folder_raises_the_alarm() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let folder = watched(&server, location, "main-store").await;
    let (mut socket, _) = Socket::listening(&server, &[&format!("location:{location}")], None).await;
    let away = server.data().join("away");
    fs::rename(&folder, &away).expect("moved away");
    std::os::unix::fs::symlink(&away, &folder).expect("linked");
    assert_eq!(alarm(&mut socket, ".").await["change"], "vanished", "it leads out of where locations may be");
}

#[tokio::test]
async fn what_happens_just_before_the_end_is_told_after_the_next_start() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let folder = watched(&server, location, "main-store").await;
    fs::write(folder.join("late"), "x").expect("written");
    // What is told of this, the system told after the other; that waits, since something appeared there just now.
    fs::remove_file(folder.join("probe-0")).expect("removed");
    soon("the alarm that need not wait", async {
        while !changes(&server, location).await.iter().any(|change| change["value"]["value"]["item"]["data"]["change"] == "vanished") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let server = server.restart().await;
    let told = changes(&server, location).await;
    assert!(told.iter().any(|change| change["value"]["value"]["item"]["data"]["path"] == "late"), "{told:?}");
}

#[tokio::test]
async fn what_we_do_ourselves_never_does() {
    let server = TestServer::start().await;
    let (first, second) = (server.first_location().await, server.location("second").await);
    for (location, folder) in [(first, "main-store"), (second, "second")] {
        watched(&server, location, folder).await;
    }
    let before = server.get("/api/events?kind=announcement&limit=1").await.json()["items"][0]["seq"].clone();
    for number in 0..5 {
        let aip = deposit(&server, &format!("letters-{number}")).await;
        let uuid = aip["uuid"].as_str().expect("a UUID").to_owned();
        let moved = server.post(&format!("/api/storage/aips/{uuid}/store"), &json!({ "location_uuid": second })).await;
        assert_eq!(moved.status, 202, "{moved:?}");
        soon("the move", async {
            while server.get(&format!("/api/storage/aips/{uuid}")).await.json()["location_uuid"] != json!(second) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            while server.get(&format!("/api/storage/aips/{uuid}")).await.json()["status"] != "stored" {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
    }
    // What is done to a file of another's is told after all of this was looked at.
    let (mut socket, _) = Socket::listening(&server, &["activity"], None).await;
    for folder in ["main-store", "second"] {
        fs::write(server.data().join("locations").join(folder).join("theirs"), "x").expect("written");
        assert_eq!(alarm(&mut socket, "theirs").await["change"], "appeared");
    }
    let told = server.get(&format!("/api/events?kind=announcement&after={before}")).await.json();
    let paths: Vec<&Value> =
        told["items"].as_array().expect("items").iter().map(|item| &item["value"]["value"]["item"]["data"]["path"]).collect();
    assert!(paths.iter().all(|path| path.as_str().is_some_and(|path| path == "theirs" || path.starts_with("probe"))), "{paths:?}");
}
