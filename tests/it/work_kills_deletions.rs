//! Killed at any instant after a deletion was approved: it comes to its end by itself, and what is not recorded as deleted has all its
//! bytes.

use crate::support::{
    killed::{Killed, Rested, objects},
    process::Process,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs};

const KILLS: u64 = 40;
/// AIPs that are deleted at a time.
const AT_ONCE: usize = 3;
const REASON: &str = "A duplicate of another AIP.";

/// A deletion that is over: its bytes, its request, its workflow and its report say so.
fn deleted(archive: &Killed, rested: &Rested, requests: &Value) {
    let [request] = &requests["requests"].as_array().expect("a list")[..] else { panic!("one request: {requests}") };
    assert_eq!(request["status"], "approved");
    let [workflow] = &rested.workflows[..] else { panic!("one deletion: {:?}", rested.workflows) };
    let tasks: Vec<_> = workflow["tasks"].as_array().expect("tasks").iter().map(|task| task["status"].clone()).collect();
    assert_eq!((&workflow["status"], tasks), (&json!("done"), vec![json!("done"), json!("done")]), "{workflow}");
    let report = fs::read(archive.file(rested.text("deletion_report_key"))).expect("where it is recorded");
    assert!(report.starts_with(b"%PDF-") && report.trim_ascii_end().ends_with(b"%%EOF"), "the report is whole");
}

/// Holds the disk against the record.
fn agrees(archive: &Killed, aips: &BTreeMap<String, Rested>) {
    let store = archive.file("locations/main-store");
    let mut expected = Vec::new();
    for (uuid, package) in &archive.packages {
        if aips[uuid].aip["status"] == "deleted" {
            continue;
        }
        assert_eq!(aips[uuid].aip["status"], "stored");
        assert!(fs::read(store.join(&package.key)).expect("there") == package.bytes, "the bytes are those that were deposited");
        expected.push(package.key.clone());
    }
    expected.sort();
    assert_eq!(objects(&store), expected, "nothing is kept of what is recorded as deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_instant_of_a_deletion_leaves_all_or_nothing() {
    let mut archive = Killed::new(13);
    let mut asked: Vec<String> = Vec::new();
    let look = async |archive: &Killed, process: &Process, asked: &[String]| {
        let now = archive.at_rest(process).await;
        agrees(archive, &now);
        for uuid in asked {
            // Whoever was told that it was accepted need not ask again.
            assert_eq!(now[uuid].aip["status"], "deleted");
            let requests = archive.get(process, &format!("aips/{uuid}/deletion-requests")).await;
            deleted(archive, &now[uuid], &requests);
        }
    };
    let begin = async |archive: &mut Killed, process: &Process| {
        look(archive, process, &asked).await;
        let location = archive.first_location(process).await;
        for _ in 0..AT_ONCE {
            asked.push(archive.deposit(process, &location, 1..500_000).await);
        }
        for uuid in asked.iter().rev().take(AT_ONCE) {
            let (status, told) = archive.post(process, &format!("aips/{uuid}/deletion-auto"), &json!({ "reason": REASON })).await;
            assert_eq!(status, 202, "{told}");
        }
    };
    archive.killed(KILLS, 150_000, begin).await;
    let process = archive.start().await;
    look(&archive, &process, &asked).await;
    process.kill().await;
}
