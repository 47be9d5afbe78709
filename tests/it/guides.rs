//! What docs/ tells people to type, typed: against the real binary, in the order in which it stands there.

use crate::support::{
    guide::{examples, missing, run},
    process::{Process, client},
    soon, tar,
    tools::tool,
};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

const API: &str = include_str!("../../docs/api.md");
const INTEGRATION: &str = include_str!("../../docs/integration.md");
const OPERATIONS: &str = include_str!("../../docs/operations.md");

#[tokio::test(flavor = "multi_thread")]
async fn the_api_guide_says_what_happens() {
    if let Some(program) = missing(&["bash", "curl", "jq"]) {
        println!("SKIP the_api_guide_says_what_happens: {program} is not installed");
        return;
    }
    let (data, folder) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let process = Process::start(data.path(), &[]).await;
    let examples = examples(API, None);
    assert!(examples.len() > 15, "the guide has examples");
    run(&examples, folder.path(), &[("STRONGROOM", &process.origin)]).await;
}

/// With the programs of `examples/clients` in the folder, and the Python that has what they import.
#[tokio::test(flavor = "multi_thread")]
async fn the_guide_to_integration_says_what_happens() {
    let test = "the_guide_to_integration_says_what_happens";
    if let Some(program) = missing(&["bash", "curl", "jq"]) {
        println!("SKIP {test}: {program} is not installed");
        return;
    }
    let python = match tool("examples/bin/python") {
        Ok(python) => python,
        Err(reason) => {
            println!("SKIP {test}: {reason}");
            return;
        }
    };
    let (data, folder) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    for program in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clients")).expect("there") {
        let program = program.expect("readable");
        if program.file_type().expect("known").is_file() {
            fs::copy(program.path(), folder.path().join(program.file_name())).expect("copied");
        }
    }
    let path = format!("{}:{}", python.parent().expect("a folder").display(), std::env::var("PATH").expect("set"));
    let process = Process::start(data.path(), &[]).await;
    let examples = examples(INTEGRATION, None);
    assert!(examples.len() > 10, "the guide has examples");
    let origin = process.origin.as_str();
    run(&examples, folder.path(), &[("STRONGROOM", origin), ("STRONGROOM_SERVER", origin), ("PATH", &path)]).await;
}

async fn deposit(origin: &str, name: &str, package: Vec<u8>) -> Value {
    let reply = client().post(format!("{origin}/api/storage/deposits?name={name}")).body(package).send().await.expect("an answer");
    assert_eq!(reply.status(), 201);
    reply.json::<Value>().await.expect("JSON")["aip"].clone()
}

async fn get(origin: &str, path: &str) -> Vec<u8> {
    let reply = client().get(format!("{origin}{path}")).send().await.expect("an answer");
    assert_eq!(reply.status(), 200, "{path}");
    reply.bytes().await.expect("read").to_vec()
}

async fn json(origin: &str, path: &str) -> Value {
    serde_json::from_slice(&get(origin, path).await).expect("JSON")
}

/// A backup that is made while the service runs, and what is restored from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_back_what_there_was() {
    if let Some(program) = missing(&["bash", "curl", "jq", "sqlite3"]) {
        println!("SKIP a_backup_brings_back_what_there_was: {program} is not installed");
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let [data, backup, restored] = ["data", "backup", "restored"].map(|name| folder.path().join(name));
    let variables = |origin| {
        let path = |path: &std::path::PathBuf| path.to_str().expect("UTF-8").to_owned();
        [("DATA", path(&data)), ("BACKUP", path(&backup)), ("RESTORED", path(&restored)), ("STRONGROOM", origin)]
    };
    let mut examples = examples(OPERATIONS, Some("## Backup and restore"));
    let check = examples.split_off(2);

    let process = Process::start(&data, &[]).await;
    let package = tar(&[("letter.txt", b"Dear archive")]);
    let before = deposit(&process.origin, "before", package.clone()).await;
    // Not carried over yet, as on any service that runs: a copy of the database's file alone would know nothing.
    assert!(fs::metadata(data.join("strongroom.db-wal")).is_ok_and(|wal| wal.len() > 0));
    let values = variables(process.origin.clone());
    run(&examples, folder.path(), &values.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    deposit(&process.origin, "after", tar(&[("letter.txt", b"Dear reader")])).await;
    process.kill().await;
    fs::remove_dir_all(&data).expect("a disk that is lost");

    let process = Process::start(&restored, &[]).await;
    let values = variables(process.origin.clone());
    run(&check, folder.path(), &values.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    let aips = json(&process.origin, "/api/storage/aips").await;
    assert_eq!((aips["page"]["total"].as_u64(), &aips["items"][0]["uuid"]), (Some(1), &before["uuid"]));
    let path = format!("/api/storage/aips/{}", before["uuid"].as_str().expect("a UUID"));
    assert_eq!(get(&process.origin, &format!("{path}/download")).await, package);
    let outcome = soon("the fixity check", async {
        loop {
            let checks = json(&process.origin, &format!("{path}/fixity")).await;
            if let Some(check) = checks["checks"].get(0) {
                return check["outcome"].clone();
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(outcome.await, "ok");
}
