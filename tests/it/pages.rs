//! The pages as a browser first gets them.

use crate::support::{TestServer, process::Process};
use reqwest::Method;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The title is written last, when what the page was made of may be gone already: that once broke one answer in a hundred off.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_whole_and_titled_however_many_are_asked_for_at_once() {
    let server = TestServer::start().await;
    let body = json!({ "name": "North", "source": "filesystem", "purpose": "aip_store", "config": { "type": "filesystem", "value": { "path": "north" } } });
    let made = server.request(Method::POST, "/api/storage/locations").json(&body).send().await.expect("an answer");
    let location = made.json::<serde_json::Value>().await.expect("JSON")["uuid"].as_str().expect("a UUID").to_owned();
    let (page, aips) = (format!("/storage/locations/{location}"), format!("/storage/locations/{location}/aips"));
    for _ in 0..20 {
        let asked: Vec<_> = [&page, &aips, &page, &aips, &page, &aips, &page, &aips]
            .map(|path| tokio::spawn(server.request(Method::GET, path).send()))
            .into_iter()
            .collect();
        for answer in asked {
            let answer = answer.await.expect("a task").expect("an answer");
            let html = answer.text().await.expect("a whole page");
            assert!(html.contains("<title>North · Strongroom</title>") && html.contains("</html>"), "{html}");
        }
    }
}

#[tokio::test]
async fn without_a_command_the_program_serves() {
    let data = tempfile::tempdir().expect("a folder");
    let process = Process::start_plain(data.path()).await;
    let answer = reqwest::get(format!("{}/about", process.origin)).await.expect("an answer");
    assert_eq!(answer.status(), 200);
}

/// What is asked twice is answered twice, and not always alike: the page would show one answer and take another along for the
/// browser, which then breaks off where the two differ.
#[tokio::test]
async fn no_page_asks_for_anything_twice() {
    let server = TestServer::start().await;
    let location = json!({ "name": "North", "source": "filesystem", "purpose": "aip_store", "config": { "type": "filesystem", "value": { "path": "north" } } });
    let location = server.post("/api/storage/locations", &location).await.json()["uuid"].as_str().expect("a UUID").to_owned();
    let (aip, key) = ("d1845cb6-a5ea-474a-9ab8-26f9bcd919f5", uuid::Uuid::from_u128(2));
    server.post("/api/storage/aips", &json!({ "uuid": aip, "name": "a", "object_key": key, "status": "stored" })).await;
    let pages = ["/", "/storage/aips", "/storage/locations", "/storage/locations/new", "/storage/deposit", "/activity", "/about"]
        .map(str::to_owned);
    let of_one = [format!("/storage/aips/{aip}"), format!("/storage/locations/{location}")];
    let within = ["aips", "edit"].map(|tab| format!("/storage/locations/{location}/{tab}"));
    for page in pages.into_iter().chain(of_one).chain(within) {
        let html = server.get(&page).await.body;
        let mut answers: Vec<&str> =
            html.split("__RESOLVED_RESOURCES[").skip(1).filter_map(|rest| rest.split_once("] = ")).map(|(_, answer)| answer).collect();
        let asked = answers.len();
        assert!(asked > 1, "{page} takes no answers along: {html}");
        answers.sort_unstable();
        answers.dedup();
        assert_eq!(asked, answers.len(), "{page}");
    }
}

/// Several services may run in one process, and begin while others have much to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_service_that_begins_holds_up_no_page_of_another() {
    let server = Arc::new(TestServer::start().await);
    let ended = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (server, ended) = (Arc::clone(&server), Arc::clone(&ended));
            tokio::spawn(async move {
                while !ended.load(Ordering::Relaxed) {
                    let html = server.get("/storage/aips").await.body;
                    assert!(html.contains("</html>"), "{html}");
                }
            })
        })
        .collect();
    for _ in 0..10 {
        TestServer::start().await.stop().await;
    }
    ended.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.expect("whole pages");
    }
}
