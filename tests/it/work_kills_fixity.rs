//! Killed at any instant of a fixity check: it comes to a verdict by itself, one for each check, and what was not read is never "ok".

use crate::support::{
    killed::{Killed, Rested},
    process::Process,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs};

const KILLS: u64 = 40;
/// AIPs that are checked; the first one's file is damaged.
const AIPS: usize = 4;
/// Checks that are told of an AIP.
const TOLD: usize = 20;

/// Each check that was begun has its verdict, and it is the true one.
fn judged(archive: &Killed, uuid: &str, rested: &Rested, checks: &Value, sound: bool) {
    let checks = checks["checks"].as_array().expect("a list");
    assert_eq!(checks.len(), rested.workflows.len().min(TOLD), "one for each check that was begun");
    for (check, workflow) in checks.iter().zip(rested.workflows.iter().rev()) {
        assert_eq!(check["workflow_uuid"], workflow["uuid"]);
        let (outcome, status) = if sound { ("ok", "done") } else { ("damaged", "error") };
        assert_eq!((&check["outcome"], &workflow["status"]), (&json!(outcome), &json!(status)), "{check}");
        assert_eq!(check["size"], archive.packages[uuid].bytes.len(), "every byte was read");
        assert_eq!(check["sha256"] == rested.aip["sha256"], sound, "{check}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_instant_of_a_fixity_check_ends_in_a_true_verdict() {
    let mut archive = Killed::new(14);
    let process = archive.start().await;
    let location = archive.first_location(&process).await;
    let mut aips = Vec::new();
    for _ in 0..AIPS {
        aips.push(archive.deposit(&process, &location, 3_000_000..12_000_000).await);
    }
    process.kill().await;
    let object = archive.file("locations/main-store").join(&archive.packages[&aips[0]].key);
    let mut bytes = archive.packages[&aips[0]].bytes.clone();
    *bytes.last_mut().expect("bytes") ^= 1;
    fs::write(object, bytes).expect("damaged");

    let look = async |archive: &Killed, process: &Process| {
        let now: BTreeMap<String, Rested> = archive.at_rest(process).await;
        for (uuid, rested) in &now {
            assert_eq!(rested.aip["status"], "stored");
            let checks = archive.get(process, &format!("aips/{uuid}/fixity")).await;
            judged(archive, uuid, rested, &checks, *uuid != aips[0]);
        }
        now.values().map(|rested| rested.workflows.len()).sum::<usize>()
    };
    let begin = async |archive: &mut Killed, process: &Process| {
        look(archive, process).await;
        for uuid in &aips {
            let (status, told) = archive.post(process, &format!("aips/{uuid}/fixity"), &Value::Null).await;
            assert_eq!(status, 202, "{told}");
        }
    };
    archive.killed(KILLS, 250_000, begin).await;
    let process = archive.start().await;
    let checks = look(&archive, &process).await;
    process.kill().await;
    assert!(checks >= AIPS * (KILLS as usize) / 2, "{checks} checks");
}
