//! The progress of tasks: of other systems, and of our own.

use crate::support::{IdentityProvider, Reply, Socket, TestServer, bag, soon};
use reqwest::Method;
use serde_json::{Value, json};
use strongroom::domain::Person;

fn states(tasks: &Value) -> Vec<(String, String)> {
    let items = tasks["items"].as_array().unwrap_or_else(|| panic!("{tasks}"));
    items
        .iter()
        .map(|task| (task["task_id"].as_str().unwrap_or_default().into(), task["state"].as_str().unwrap_or_default().into()))
        .collect()
}

/// The next message of this type.
async fn message(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let frame = socket.frame().await;
        if frame["type"] == kind {
            return frame;
        }
    }
}

#[tokio::test]
async fn a_task_of_another_system_goes_forward_on_every_screen() {
    let server = TestServer::start().await;
    let (mut socket, _) = Socket::listening(&server, &["tasks"], None).await;
    let report = async |body: Value| server.post("/api/tasks/ocr:17/progress", &body).await;
    let begun = report(json!({ "state": "PROGRESS", "progress": 40, "message": "Page 4 of 10", "name": "OCR" })).await;
    assert_eq!((begun.status.as_u16(), &begun.json()["progress"]), (200, &json!(40)), "{begun:?}");
    let told = message(&mut socket, "task.progress").await;
    assert_eq!((&told["task_id"], &told["message"], &told["name"]), (&json!("ocr:17"), &json!("Page 4 of 10"), &json!("OCR")));
    assert_eq!(report(json!({ "state": "STARTED" })).await.json()["state"], "PROGRESS", "a late report does not take it back");
    let ended = report(json!({ "state": "SUCCESS", "result": { "pages": 10 } })).await.json();
    assert_eq!((&ended["state"], &ended["progress"], &ended["result"]["pages"]), (&json!("SUCCESS"), &json!(100), &json!(10)));
    assert_eq!(report(json!({ "state": "FAILURE" })).await.json()["state"], "SUCCESS", "it has ended");
    let told = message(&mut socket, "task.progress").await;
    assert_eq!((&told["state"], &told["version"]), (&json!("SUCCESS"), &ended["version"]), "what came meanwhile is told as one");
    assert_eq!(states(&server.get("/api/tasks").await.json()), [("ocr:17".into(), "SUCCESS".into())]);
    let (mut late, _) = Socket::listening(&server, &["tasks"], None).await;
    assert_eq!(message(&mut late, "task.progress").await["state"], "SUCCESS", "who comes later is told how all stand");
}

#[tokio::test]
async fn a_report_that_is_wrong_changes_nothing_and_is_told_what_would_be_right() {
    let server = TestServer::start().await;
    for (id, body, sentence) in [
        ("t", json!({}), "state has to be one of PENDING, STARTED, PROGRESS, SUCCESS, FAILURE"),
        ("t", json!({ "state": "PROGRESS", "progress": 101 }), "progress has to be a number from 0 to 100"),
        ("t%20u", json!({ "state": "PROGRESS" }), "a task id is 1 to 128 letters"),
        ("t", json!({ "state": "PROGRESS", "task_id": "u" }), "task_id is not the task of the address"),
    ] {
        let refused = server.post(&format!("/api/tasks/{id}/progress"), &body).await.error(400, "not_valid");
        assert!(refused.contains(sentence), "{refused}");
    }
    server
        .post("/api/tasks/t/progress", &json!({ "state": "PROGRESS", "message": "x".repeat(20_000) }))
        .await
        .error(413, "request_too_large");
    assert_eq!(states(&server.get("/api/tasks").await.json()), []);
}

#[tokio::test]
async fn a_silent_task_is_stalled_and_a_finished_one_goes() {
    let server = TestServer::start_with(|config| (config.task_silence_seconds, config.task_kept_seconds) = (1, 0)).await;
    let (mut socket, _) = Socket::listening(&server, &["tasks"], None).await;
    server.post("/api/tasks/a/progress", &json!({ "state": "STARTED" })).await;
    assert_eq!(message(&mut socket, "task.progress").await["stalled"], Value::Null);
    assert_eq!(message(&mut socket, "task.progress").await["stalled"], true);
    server.post("/api/tasks/a/progress", &json!({ "state": "SUCCESS" })).await;
    soon("the end of its time", async {
        while !states(&server.get("/api/tasks").await.json()).is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let late = server.post("/api/tasks/a/progress", &json!({ "state": "PROGRESS" })).await;
    assert_eq!(late.told(), (204, ""), "it ended, and nothing is known of it: {late:?}");
    assert_eq!(states(&server.get("/api/tasks").await.json()), []);
}

#[tokio::test]
async fn our_own_steps_report_like_everybody_else() {
    let server = TestServer::start().await;
    let (mut socket, _) = Socket::listening(&server, &["tasks"], None).await;
    let made = Reply::to(server.request(Method::POST, "/api/storage/deposits?name=letters").body(bag(b"Dear Sir", b"Dear Sir"))).await;
    let aip = made.json()["aip"]["uuid"].clone();
    assert_eq!(server.post(&format!("/api/storage/aips/{}/fixity", aip.as_str().expect("a UUID")), &json!({})).await.status, 202);
    soon("the end of the check", async {
        loop {
            let told = message(&mut socket, "task.progress").await;
            if told["name"] == "Check fixity" && told["state"] == "SUCCESS" {
                assert_eq!((&told["aip_uuid"], &told["source"]), (&aip, &Value::Null), "{told}");
                break;
            }
        }
    })
    .await;
    let taken = server
        .post(
            &format!("/api/tasks/{}/progress", server.get("/api/tasks").await.json()["items"][0]["task_id"].as_str().expect("an id")),
            &json!({ "state": "FAILURE" }),
        )
        .await;
    assert_eq!(taken.status, 403, "nobody else reports ours: {taken:?}");
}

#[tokio::test]
async fn what_has_not_ended_is_among_the_tasks_after_a_restart() {
    let server = TestServer::start().await;
    let deposited = server.deposit("letters", bag(b"Dear Sir", b"Dear Sir")).await["uuid"].clone();
    let aip = deposited.as_str().and_then(|text| text.parse().ok()).expect("a UUID");
    let person = |name: &str| Person { issuer: "https://id.example".into(), subject: name.into(), name: name.into() };
    server.services().request_deletion(aip, "A duplicate of another AIP.", &person("ada")).await.expect("requested");
    let server = server.restart().await;
    let stands = async |state: &str| {
        soon("the request among the tasks", async {
            loop {
                let tasks = server.get("/api/tasks").await.json();
                let request = tasks["items"].as_array().and_then(|all| all.iter().find(|task| task["name"] == "AIP deletion request"));
                if let Some(request) = request.filter(|request| request["state"] == state) {
                    return request.clone();
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    };
    let waits = stands("PENDING").await;
    assert_eq!((&waits["aip_uuid"], &waits["source"], &waits["stalled"]), (&deposited, &Value::Null, &Value::Null), "{waits}");
    server.services().review_deletion(aip, false, &person("bob")).await.expect("rejected");
    assert_eq!(stands("SUCCESS").await["task_id"], waits["task_id"], "it is gone on with");
}

#[tokio::test]
async fn a_task_belongs_to_who_reports_it_and_needs_the_attribute() {
    let Some(provider) = IdentityProvider::start("a_task_belongs_to_who_reports_it_and_needs_the_attribute").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let bearer = async |account: &str, attributes: &[&str]| {
        format!("Bearer {}", provider.mint(&json!({ "account": account, "claims": { "attributes": attributes } })).await)
    };
    let report = async |bearer: &str, state: &str| {
        let request = server.request(Method::POST, "/api/tasks/scan/progress").header("authorization", bearer);
        Reply::to(request.json(&json!({ "state": state }))).await
    };
    let (worker, other) = (bearer("administrator", &["tasks:report"]).await, bearer("requester", &["tasks:report"]).await);
    assert_eq!(report(&bearer("requester", &["storage:*"]).await, "STARTED").await.status, 403);
    assert_eq!(report(&worker, "STARTED").await.json()["source"], "administrator@example.org");
    let refused = report(&other, "FAILURE").await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert_eq!(report(&worker, "SUCCESS").await.json()["state"], "SUCCESS");
}
