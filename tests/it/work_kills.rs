//! Killed at any instant of a move: one good copy is recorded, no byte is lost, nothing stays `processing`, and nothing
//! that the service did itself is taken for somebody else's doing.

use crate::support::{
    killed::{Killed, Rested, objects},
    process::Process,
    soon,
};
use serde_json::json;
use std::{collections::BTreeMap, fs, time::Duration};

/// Kills; as many as the contract of moves asks for.
const KILLS: u64 = 200;
/// AIPs that go back and forth.
const AIPS: u64 = 3;

/// Holds the disks against the record.
fn agrees(archive: &Killed, locations: &[String; 2], aips: &BTreeMap<String, Rested>) {
    let stores = ["locations/main-store", "locations/second"].map(|folder| archive.file(folder));
    let mut expected = [Vec::new(), Vec::new()];
    for (uuid, package) in &archive.packages {
        assert_eq!(aips[uuid].aip["status"], "stored");
        let at = usize::from(aips[uuid].text("location_uuid") != locations[0]);
        expected[at].push(package.key.clone());
        let found = fs::read(stores[at].join(&package.key)).expect("where it is recorded");
        assert!(found == package.bytes, "the bytes are those that were deposited");
    }
    for (store, mut expected) in stores.iter().zip(expected) {
        expected.sort();
        assert_eq!(objects(store), expected, "each object is recorded where it is, and nowhere else");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_instant_of_a_move_loses_nothing() {
    let mut archive = Killed::new(11);
    let process = archive.start().await;
    let config = json!({ "type": "filesystem", "value": { "path": "second" } });
    let locations = [archive.first_location(&process).await, archive.add_location(&process, "second", "filesystem", &config).await];
    for _ in 0..AIPS {
        archive.deposit(&process, &locations[0], 3_000_000..12_000_000).await;
    }
    process.kill().await;

    let (mut moved, mut before) = (0, BTreeMap::<String, String>::new());
    let begin = async |archive: &mut Killed, process: &Process| {
        let now = archive.at_rest(process).await;
        agrees(archive, &locations, &now);
        for (uuid, rested) in &now {
            let at = rested.text("location_uuid");
            moved += u64::from(before.insert(uuid.clone(), at.to_owned()).is_some_and(|before| before != at));
            let to = &locations[usize::from(at == locations[0])];
            let (status, told) = archive.post(process, &format!("aips/{uuid}/store"), &json!({ "location_uuid": to })).await;
            assert_eq!(status, 202, "{told}");
        }
    };
    archive.killed(KILLS, 250_000, begin).await;

    let process = archive.start().await;
    let aips = archive.at_rest(&process).await;
    agrees(&archive, &locations, &aips);
    for workflow in aips.values().flat_map(|rested| &rested.workflows) {
        assert_eq!(workflow["status"], "done", "{workflow}");
        assert!(workflow["tasks"].as_array().expect("tasks").iter().all(|task| task["status"] == "done"), "{workflow}");
    }
    // What is done to a file of another's is told after all of this was looked at.
    for folder in ["locations/main-store", "locations/second"] {
        fs::write(archive.file(folder).join("theirs"), "x").expect("written");
    }
    soon("the alarms", async {
        while archive.alarms(&process).await.len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(archive.alarms(&process).await, ["theirs", "theirs"]);
    process.kill().await;
    assert!(moved > 50, "{moved} moves came to their end between kills");
}
