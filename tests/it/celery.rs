//! A Celery worker that reports to the service (`examples/celery`), as a site would run it: its three tasks are known, and nothing that
//! the service does is a hindrance to them.

use crate::support::{
    IdentityProvider, TestServer,
    process::{Process, client, output},
    soon,
    tools::python,
};
use serde_json::{Value, json};
use std::process::Command;
use tempfile::TempDir;

const TEXT: &str = "Text of scanned pages";
const THUMBNAILS: &str = "Thumbnails";
const CHECKSUM: &str = "Checksum of a master file";

/// Runs a worker for three tasks: name and state of each, as Celery knows them, and its id.
async fn work(mut worker: Command, settings: &[(&str, &str)]) -> Vec<(String, String, String)> {
    worker.arg("run.py").envs(settings.iter().copied());
    let ended = soon("the worker's end", output(worker)).await;
    let told = String::from_utf8(ended.stdout).expect("UTF-8");
    assert!(ended.status.success(), "{}\n{told}\n{}", ended.status, String::from_utf8_lossy(&ended.stderr));
    let text = |line: &Value, name: &str| line[name].as_str().expect("told").to_owned();
    let lines = told.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.map(|line| (text(&line, "name"), text(&line, "state"), text(&line, "task_id"))).collect()
}

/// How they always end, whatever becomes of the reports.
fn assert_done(done: &[(String, String, String)]) {
    let done: Vec<_> = done.iter().map(|(name, state, _)| (name.as_str(), state.as_str())).collect();
    assert_eq!(done, [(TEXT, "SUCCESS"), (THUMBNAILS, "SUCCESS"), (CHECKSUM, "FAILURE")]);
}

/// What the service says of each of these.
fn known(answer: &Value, done: &[(String, String, String)]) -> Vec<Value> {
    let items = answer["items"].as_array().expect("items");
    assert_eq!(items.len(), done.len(), "these and no others: {answer}");
    let of = |id: &str| items.iter().find(|task| task["task_id"] == id).unwrap_or_else(|| panic!("{id} is not in {answer}")).clone();
    done.iter().map(|(.., id)| of(id)).collect()
}

fn assert_known(tasks: &[Value]) {
    let said = |task: &Value| ["name", "state", "progress", "message", "result"].map(|field| task[field].clone());
    let words = json!({ "message": "15 words on 5 pages", "pages": 5, "words": 15 });
    let images = json!({ "message": "5 thumbnails", "images": 5 });
    assert_eq!(said(&tasks[0]), [json!(TEXT), json!("SUCCESS"), json!(100), json!("15 words on 5 pages"), words]);
    assert_eq!(said(&tasks[1]), [json!(THUMBNAILS), json!("SUCCESS"), json!(100), json!("5 thumbnails"), images]);
    let missing = json!("FileNotFoundError: minutes-1987.tif is not there");
    assert_eq!(said(&tasks[2]), [json!(CHECKSUM), json!("FAILURE"), json!(0), missing, Value::Null]);
    for task in tasks {
        assert!(task["started_at"].is_string() && task["finished_at"].is_string(), "{task}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tasks_of_a_worker_are_known_with_their_ends() {
    let Some(worker) = python("the_tasks_of_a_worker_are_known_with_their_ends", "celery") else { return };
    let data = TempDir::new().expect("a folder");
    let process = Process::start(data.path(), &[]).await;
    let done = work(worker, &[("STRONGROOM_SERVER", &process.origin)]).await;
    assert_done(&done);
    // The worker ends when it has told all.
    let answer = client().get(format!("{}/api/tasks", process.origin)).send().await.expect("an answer");
    assert_known(&known(&answer.json().await.expect("JSON"), &done));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_sign_in_a_worker_shows_its_token() {
    let test = "where_people_sign_in_a_worker_shows_its_token";
    let Some(worker) = python(test, "celery") else { return };
    let other = python(test, "celery").expect("it was there a moment ago");
    let Some(provider) = IdentityProvider::start(test).await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let reporter = provider.mint(&json!({ "account": "administrator", "claims": { "attributes": ["tasks:report"] } })).await;
    let reader = provider.mint(&json!({ "account": "reader", "claims": { "attributes": ["storage:aips:list"] } })).await;
    let done = work(worker, &[("STRONGROOM_SERVER", &server.origin()), ("STRONGROOM_TOKEN", &reporter)]).await;
    assert_done(&done);
    assert_done(&work(other, &[("STRONGROOM_SERVER", &server.origin()), ("STRONGROOM_TOKEN", &reader)]).await);
    // Those of the second are not among them: its token does not permit that.
    let answer = server.get_as(&provider.bearer("administrator").await, "/api/tasks").await;
    let tasks = known(&answer.json(), &done);
    assert_known(&tasks);
    assert!(tasks.iter().all(|task| task["source"].is_string()), "who reports is told: {tasks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_is_no_hindrance() {
    let Some(worker) = python("a_service_that_is_away_is_no_hindrance", "celery") else { return };
    // Bound and never served.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", nobody.local_addr().expect("bound"));
    assert_done(&work(worker, &[("STRONGROOM_SERVER", &address)]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reporter_keeps_its_promises() {
    let Some(mut python) = python("the_reporter_keeps_its_promises", "celery") else { return };
    python.args(["-m", "unittest"]);
    let ended = soon("the tests in Python", output(python)).await;
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
