//! The pages as a browser first gets them.

use crate::support::{TestServer, process::Process};
use reqwest::Method;
use serde_json::json;

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
