//! What the event log keeps, and what it notices of being put back (`realtime.md` section 1).

use crate::support::{Sse, TestServer, soon};
use serde_json::json;
use std::{fs, path::Path};
use strongroom::{
    api::CreateAip,
    domain::{AipStatus, Ids as _, RandomIds},
    realtime::Position,
};
use tempfile::TempDir;

async fn add_aips(server: &TestServer, count: usize) {
    for _ in 0..count {
        let body = CreateAip {
            uuid: RandomIds.next(),
            name: "fonds".into(),
            object_key: RandomIds.next(),
            status: AipStatus::Stored,
            location_uuid: None,
        };
        server.services().create_aip(body).await.expect("recorded");
    }
}

async fn oldest(server: &TestServer) -> u64 {
    let items = server.get("/api/events?limit=500").await.json()["items"].as_array().expect("entries").clone();
    items.last().map_or(0, |item| item["seq"].as_u64().expect("a number"))
}

async fn pruned(server: &TestServer) {
    let Some(work) = server.services().prune_log().await.expect("begun") else { return };
    soon("the end of the pruning", async {
        while server.services().is_at_work(work).await.expect("readable") {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Copies the database of a service that does not run, with what SQLite has not carried over yet.
fn copy_database(from: &Path, to: &Path) {
    for file in ["strongroom.db", "strongroom.db-wal", "strongroom.db-shm"] {
        let _ = fs::remove_file(to.join(file));
        if from.join(file).exists() {
            fs::copy(from.join(file), to.join(file)).expect("copied");
        }
    }
}

/// What a client is told that goes on from there: none when it may.
async fn told(server: &TestServer, position: Position) -> Option<String> {
    let mut stream = Sse::open(server, Some(&position.to_string())).await;
    stream.next().await;
    add_aips(server, 1).await;
    let piece = stream.next().await;
    (piece.name == "resync").then(|| piece.json()["reason"].as_str().expect("a reason").to_owned())
}

#[tokio::test]
async fn everything_is_kept_unless_the_settings_say_otherwise() {
    let server = TestServer::start().await;
    add_aips(&server, 20).await;
    server.clock.advance(1_000_000_000);
    pruned(&server).await;
    assert_eq!(oldest(&server).await, 1);
}

#[tokio::test]
async fn what_is_older_or_beyond_the_number_goes_and_only_if_both_let_it() {
    for (days, count, left) in [(30, 0, 6), (0, 4, 4), (30, 4, 6), (30, 15, 15), (100, 4, 20)] {
        let server = TestServer::start_with(|config| (config.event_retention_days, config.event_retention_count) = (days, count)).await;
        add_aips(&server, 20 - usize::try_from(server.services().position().seq).expect("few") - 6).await;
        server.clock.advance(40 * 24 * 3600);
        add_aips(&server, 6).await;
        pruned(&server).await;
        assert_eq!(21 - oldest(&server).await, left, "{days} days, {count} entries");
    }
}

#[tokio::test]
async fn who_stands_at_what_was_let_go_of_starts_anew_and_others_go_on() {
    let server = TestServer::start_with(|config| (config.event_retention_count, config.ring_size) = (5, 2)).await;
    add_aips(&server, 3).await;
    let early = server.services().position();
    add_aips(&server, 10).await;
    let late = server.services().position();
    add_aips(&server, 3).await;
    pruned(&server).await;
    assert_eq!(told(&server, early).await.as_deref(), Some("too_old"));
    assert_eq!(told(&server, late).await, None);
}

#[tokio::test]
async fn a_backup_that_was_put_back_is_another_log() {
    let server = TestServer::start().await;
    add_aips(&server, 3).await;
    let (data, backup) = (server.data().to_owned(), TempDir::new().expect("a folder"));
    let server = server.restart_with(|_| copy_database(&data, backup.path())).await;
    let known = server.services().position();
    assert_eq!(told(&server, known).await, None, "a restart is no reason");
    add_aips(&server, 2).await;
    let lost = server.services().position();
    let server = server.restart_with(|_| copy_database(backup.path(), &data)).await;
    assert_ne!(server.services().position().epoch, lost.epoch);
    for position in [known, lost] {
        assert_eq!(told(&server, position).await.as_deref(), Some("epoch"));
    }
    let now = server.services().position();
    let server = server.restart().await;
    assert_eq!(told(&server, now).await, None, "and then it is this one");
    assert_eq!(server.get("/api/storage/aips").await.json()["page"]["total"], json!(6), "three of the backup, and three since");
}
