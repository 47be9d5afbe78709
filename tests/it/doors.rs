//! The programs of `examples/clients` and the hook of `examples/git` beside a real service: what they print is what happens there,
//! also when connections break and where people sign in.

use crate::support::{
    IdentityProvider, TestServer,
    process::output,
    proxy::{Fault, Proxy, seeded},
    soon,
    tools::{Printing, python},
};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};
use strongroom::server::config::Config;
use tempfile::TempDir;
use uuid::Uuid;

/// One of the clients, against this address.
fn client(test: &str, server: &str, arguments: &[&str]) -> Option<Command> {
    let mut command = python(test, "clients")?;
    command.args(arguments).env("STRONGROOM_SERVER", server);
    Some(command)
}

fn push() -> Value {
    json!({ "type": "git.push", "data": { "repository": "finding-aids", "branch": "main", "commits": 3 } })
}

fn created(location: Uuid) -> String {
    format!("location_created_event {location}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_and_what_is_announced_is_heard() {
    let server = TestServer::start().await;
    let Some(client) = client("what_changes_and_what_is_announced_is_heard", &server.origin(), &["changes.py", "2"]) else { return };
    let mut changes = Printing::start(client);
    assert_eq!(changes.line().await, "listening");
    let wing = server.location("north-wing").await;
    assert_eq!(changes.line().await, format!("created location {wing} version 1 north-wing"));
    assert_eq!(server.post("/api/events", &push()).await.status, 201);
    let data = r#"{"branch": "main", "commits": 3, "repository": "finding-aids"}"#;
    assert_eq!(changes.rest().await, [format!("git.push {data}")], "and it ends after two");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_opened_again() {
    let server = TestServer::start().await;
    let proxy = Proxy::start(server.host().parse().expect("an address")).await;
    let origin = format!("http://{}", proxy.addr);
    let Some(client) = client("a_connection_that_breaks_is_opened_again", &origin, &["changes.py"]) else { return };
    let mut changes = Printing::start(client);
    assert_eq!(changes.line().await, "listening");
    assert!(proxy.strike(&mut seeded(1), Fault::Cut), "there is a connection");
    assert_eq!((changes.line().await, changes.line().await), ("cut off".into(), "listening".into()));
    let wing = server.location("north-wing").await;
    assert_eq!(changes.line().await, format!("created location {wing} version 1 north-wing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_misses_nothing_and_hears_nothing_twice() {
    let server = TestServer::start().await;
    let proxy = Proxy::start(server.host().parse().expect("an address")).await;
    let origin = format!("http://{}", proxy.addr);
    let Some(client) = client("who_follows_misses_nothing_and_hears_nothing_twice", &origin, &["follow.py", "3"]) else { return };
    let mut follower = Printing::start(client);
    assert_eq!(follower.line().await, "read anew: 0 AIPs");
    let first = server.location("first").await;
    assert_eq!(follower.line().await, created(first));
    // What happens before the way to the new process is open is missed by the connection, not by the follower.
    let server = server.restart().await;
    let second = server.location("second").await;
    proxy.point_to(server.host().parse().expect("an address"));
    let cut = follower.until("goes on: 1 missed").await;
    assert!(cut.iter().all(|line| line == "bye: restart" || line == "cut off"), "{cut:?}");
    assert_eq!(follower.line().await, created(second));
    let third = server.location("third").await;
    assert_eq!(follower.rest().await, [created(third)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_come_over_the_door_or_are_asked_for() {
    let test = "metrics_come_over_the_door_or_are_asked_for";
    for (told, most) in [(true, 3), (false, 1)] {
        let change = |config: &mut Config| (config.ws_metrics_interval, config.ws_enabled) = (100, told);
        let server = TestServer::start_with(change).await;
        let Some(client) = client(test, &server.origin(), &["metrics.py", &most.to_string()]) else { return };
        let lines = Printing::start(client).rest().await;
        assert_eq!(lines.len(), most, "{lines:?}");
        assert!(lines.iter().all(|line| line.contains(", memory ") && line.contains(", queue 0")), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_sent_only_what_is_new() {
    let server = TestServer::start().await;
    let arguments = ["poll.py", "/api/storage/locations", "inf", "0.1"];
    let Some(client) = client("who_asks_is_sent_only_what_is_new", &server.origin(), &arguments) else { return };
    let mut poll = Printing::start(client);
    assert_eq!((poll.line().await, poll.line().await), ("read /api/storage/locations".into(), "as before".into()));
    server.location("north-wing").await;
    // The log may be asked before the list or after it.
    let (mut changed, mut told) = (0, 0);
    while (changed, told) != (1, 1) {
        match poll.line().await.as_str() {
            "as before" => {}
            "changed" => changed += 1,
            line if line.ends_with(" location_created_event") => told += 1,
            line => panic!("{line}"),
        }
    }
    assert_eq!(poll.line().await, "as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_sign_in_a_token_opens_the_doors() {
    let test = "where_people_sign_in_a_token_opens_the_doors";
    let Some(provider) = IdentityProvider::start(test).await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let token = provider.mint(&json!({ "account": "administrator" })).await;
    for (arguments, first) in [(["changes.py", "1"], "listening"), (["follow.py", "1"], "read anew: 0 AIPs")] {
        let Some(refused) = client(test, &server.origin(), &arguments) else { return };
        let ended = soon("its end", output(refused)).await;
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(!ended.status.success() && ended.stdout.is_empty() && said.contains("401"), "{said}");

        let mut admitted = client(test, &server.origin(), &arguments).expect("it was there a moment ago");
        admitted.env("STRONGROOM_TOKEN", &token);
        let mut admitted = Printing::start(admitted);
        assert_eq!(admitted.line().await, first);
    }
}

/// Runs a command of Git that is nobody's and has no settings.
async fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]).args(arguments);
    command.current_dir(folder).env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1").env("no_proxy", "127.0.0.1");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let ended = output(command).await;
    assert!(ended.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&ended.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_announced_and_never_held_up() {
    if let Some(program) = crate::support::guide::missing(&["git", "curl", "jq"]) {
        println!("SKIP a_push_is_announced_and_never_held_up: {program} is not installed");
        return;
    }
    let server = TestServer::start().await;
    let folder = TempDir::new().expect("a folder");
    let (bare, work) = (folder.path().join("finding-aids.git"), folder.path().join("work"));
    for arguments in [&["init", "-q", "--bare", "finding-aids.git"][..], &["init", "-q", "-b", "main", "work"]] {
        git(folder.path(), arguments).await;
    }
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/git/post-receive"), bare.join("hooks/post-receive")).expect("copied");
    for (name, value) in [("strongroom.server", server.origin().as_str()), ("receive.denyDeleteCurrent", "ignore")] {
        git(&bare, &["config", name, value]).await;
    }
    let commit = ["commit", "-q", "--allow-empty", "-m", "A series"];
    for arguments in
        [&commit[..], &commit, &["push", "-q", "../finding-aids.git", "main"], &commit, &["push", "-q", "../finding-aids.git", "main"]]
    {
        git(&work, arguments).await;
    }
    // Neither is a branch with commits.
    for reference in ["main:refs/tags/v1", ":main"] {
        git(&work, &["push", "-q", "../finding-aids.git", reference]).await;
    }
    let log = server.get("/api/events?kind=announcement").await.json();
    let items = log["items"].as_array().expect("items").iter().rev().map(|event| &event["value"]["value"]["item"]);
    let pushes: Vec<_> = items.map(|item| ["repository", "branch", "commits"].map(|field| item["data"][field].clone())).collect();
    assert_eq!(pushes, [2, 1].map(|commits| [json!("finding-aids"), json!("main"), json!(commits)]), "{log}");
    // And when nobody is there to be told.
    server.stop().await;
    git(&work, &["push", "-q", "../finding-aids.git", "main:again"]).await;
}
