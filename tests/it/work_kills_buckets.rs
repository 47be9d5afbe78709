//! Killed at any instant of a move from a folder to a bucket or back: one good copy is recorded, and no byte is lost.

use crate::support::{
    killed::{Killed, Rested, objects},
    process::Process,
    s3::S3Server,
};
use serde_json::json;
use std::{collections::BTreeMap, fs};
use uuid::Uuid;

const KILLS: u64 = 40;
/// AIPs that go back and forth: one goes up whole, the other in parts.
const SIZES: [std::ops::Range<usize>; 2] = [1_000_000..2_000_000, 9_000_000..10_000_000];

/// Holds folder and bucket against the record.
fn agrees(archive: &Killed, store: &S3Server, folder: &str, aips: &BTreeMap<String, Rested>) {
    let (mut in_folder, mut in_bucket) = (Vec::new(), Vec::new());
    for (uuid, package) in &archive.packages {
        assert_eq!(aips[uuid].aip["status"], "stored");
        let (file, expected) = if aips[uuid].text("location_uuid") == folder {
            (archive.file("locations/main-store").join(&package.key), &mut in_folder)
        } else {
            (store.object(&package.key), &mut in_bucket)
        };
        expected.push(package.key.clone());
        assert!(fs::read(file).expect("where it is recorded") == package.bytes, "the bytes are those that were deposited");
    }
    in_folder.sort();
    in_bucket.sort();
    let kept: Vec<String> = store.objects().into_iter().filter(|name| Uuid::try_parse(name).is_ok()).collect();
    assert_eq!((objects(&archive.file("locations/main-store")), kept), (in_folder, in_bucket), "each object is where it is recorded only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_instant_of_a_move_with_a_bucket_loses_nothing() {
    let (mut archive, store) = (Killed::new(12), S3Server::start().await);
    let process = archive.start().await;
    let folder = archive.first_location(&process).await;
    let bucket = archive.add_location(&process, "bucket", "minio", &store.config()).await;
    for size in SIZES {
        archive.deposit(&process, &folder, size).await;
    }
    process.kill().await;

    let (mut up, mut down, mut before) = (0, 0, BTreeMap::<String, String>::new());
    let begin = async |archive: &mut Killed, process: &Process| {
        let now = archive.at_rest(process).await;
        agrees(archive, &store, &folder, &now);
        for (uuid, rested) in &now {
            let at = rested.text("location_uuid").to_owned();
            let to = if at == folder { &bucket } else { &folder };
            let (status, told) = archive.post(process, &format!("aips/{uuid}/store"), &json!({ "location_uuid": to })).await;
            assert_eq!(status, 202, "{told}");
            let came = if at == folder { &mut down } else { &mut up };
            *came += u64::from(before.insert(uuid.clone(), at.clone()).is_some_and(|before| before != at));
        }
    };
    archive.killed(KILLS, 300_000, begin).await;

    let process = archive.start().await;
    let aips = archive.at_rest(&process).await;
    agrees(&archive, &store, &folder, &aips);
    for workflow in aips.values().flat_map(|rested| &rested.workflows) {
        assert_eq!(workflow["status"], "done", "{workflow}");
    }
    process.kill().await;
    assert!(up > 5 && down > 5, "{up} moves into the bucket and {down} out of it came to their end between kills");
}
