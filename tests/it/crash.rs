//! Killed at any instant: no half package, no record without its bytes, and nothing lost that was there before.

use crate::support::{
    process::{Process, client},
    soon,
};
use bytes::Bytes;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};
use strongroom::{
    bag::PackageFormat,
    server::packages::builder::{BagBuilder, package},
};
use tempfile::TempDir;

const KILLS: u64 = 40;
const PART: usize = 256 * 1024;

fn some_bag(rng: &mut StdRng, number: u64) -> Vec<u8> {
    let mut content = vec![0; rng.random_range(1..2_000_000)];
    rng.fill(&mut content[..]);
    package(PackageFormat::Tar, &BagBuilder::new().top_directory(format!("bag-{number}")).file("payload.bin", content).build())
        .expect("made")
}

async fn json_of(client: &Client, url: String) -> Value {
    let text = client.get(url).send().await.expect("answered").text().await.expect("read");
    serde_json::from_str(&text).expect("JSON")
}

/// Every AIP by UUID; waits until no upload is being verified any more.
async fn settled(process: &Process, client: &Client, upload: Option<&str>) -> BTreeMap<String, Value> {
    if let Some(upload) = upload {
        soon("the end of the verification", async {
            loop {
                let told = json_of(client, format!("{}/api/storage/uploads/{upload}", process.origin)).await;
                if told["state"] != "checking" {
                    return;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    let list = json_of(client, format!("{}/api/storage/aips?limit=1000", process.origin)).await;
    list["items"].as_array().expect("rows").iter().map(|aip| (aip["uuid"].as_str().expect("text").to_owned(), aip.clone())).collect()
}

/// Holds the disk against the record.
fn agrees(store: &Path, aips: &BTreeMap<String, Value>, resting: Option<&str>) {
    let mut objects: Vec<String> = fs::read_dir(store)
        .expect("there")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("text"))
        .filter(|name| name != ".staging")
        .collect();
    objects.sort();
    let mut keys: Vec<String> = aips.values().map(|aip| aip["object_key"].as_str().expect("text").to_owned()).collect();
    keys.sort();
    assert_eq!(objects, keys, "each object has its record and each record its object");
    for aip in aips.values() {
        let bytes = fs::read(store.join(aip["object_key"].as_str().expect("text"))).expect("readable");
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(aip["sha256"], digest, "the bytes are those that were recorded");
        assert_eq!(aip["size"], bytes.len());
    }
    let staged = fs::read_dir(store.join(".staging")).expect("there").count();
    assert!(staged <= usize::from(resting.is_some()), "nothing half is left but an upload that can be gone on with");
}

/// One deposit in one stream, cut off by the kill at a random instant. Whether it was answered with success.
async fn stream_and_kill(process: Process, client: &Client, body: Vec<u8>, rng: &mut StdRng) -> bool {
    let chunks: Vec<Result<Bytes, std::io::Error>> = body.chunks(64 * 1024).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let url = format!("{}/api/storage/deposits?name=streamed", process.origin);
    let sending = tokio::spawn(client.post(url).body(reqwest::Body::wrap_stream(futures::stream::iter(chunks))).send());
    // Not waiting for anything: this is the random instant.
    tokio::time::sleep(Duration::from_micros(rng.random_range(0..120_000))).await;
    process.kill().await;
    matches!(sending.await.expect("not cancelled"), Ok(reply) if reply.status() == 201)
}

/// One upload in parts, killed between or within them, or while it is verified and stored. Its UUID.
async fn upload_and_kill(process: Process, client: &Client, body: &[u8], rng: &mut StdRng) -> String {
    let base = format!("{}/api/storage/uploads", process.origin);
    let told = client.post(&base).body(json!({"name": "in parts", "size": body.len()}).to_string()).send().await.expect("answered");
    let told: Value = serde_json::from_str(&told.text().await.expect("read")).expect("JSON");
    let uuid = told["uuid"].as_str().expect("text").to_owned();
    let url = format!("{base}/{uuid}");
    let (client, body) = (client.clone(), body.to_vec());
    let sending = tokio::spawn(async move { send_parts(&client, &url, &body, 0).await });
    tokio::time::sleep(Duration::from_micros(rng.random_range(0..150_000))).await;
    process.kill().await;
    let _ = sending.await.expect("not cancelled");
    uuid
}

async fn send_parts(client: &Client, url: &str, body: &[u8], from: usize) -> Result<(), reqwest::Error> {
    let mut offset = from;
    while offset < body.len() {
        let part = &body[offset..body.len().min(offset + PART)];
        let reply = client.patch(url).header("upload-offset", offset).body(part.to_vec()).send().await?;
        assert_eq!(reply.status(), 200);
        reply.bytes().await?;
        offset += part.len();
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_instant_leaves_whole_packages_only() {
    let data = TempDir::new().expect("a folder");
    let store = data.path().join("locations/main-store");
    let client = client();
    let mut rng = StdRng::seed_from_u64(7);
    let mut before: BTreeMap<String, Value> = BTreeMap::new();
    let (mut kept, mut gone_on) = (0, 0);
    for number in 0..KILLS {
        let process = Process::start(data.path(), &[]).await;
        let body = some_bag(&mut rng, number);
        let (acknowledged, upload) = if number % 2 == 0 {
            (stream_and_kill(process, &client, body.clone(), &mut rng).await, None)
        } else {
            (false, Some(upload_and_kill(process, &client, &body, &mut rng).await))
        };

        let process = Process::start(data.path(), &[]).await;
        let mut aips = settled(&process, &client, upload.as_deref()).await;
        agrees(&store, &aips, upload.as_deref());
        for (uuid, aip) in &before {
            assert_eq!(aips.get(uuid), Some(aip), "what was there before is there, unchanged");
        }
        assert!(aips.len() <= before.len() + 1, "no package twice");
        assert!(!acknowledged || aips.len() == before.len() + 1, "what was acknowledged is kept");

        if let Some(uuid) = upload {
            let url = format!("{}/api/storage/uploads/{uuid}", process.origin);
            let told = json_of(&client, url.clone()).await;
            if told["state"] == "receiving" {
                let offset = usize::try_from(told["offset"].as_u64().expect("a number")).expect("fits");
                send_parts(&client, &url, &body, offset).await.expect("gone on with");
                gone_on += 1;
            }
            aips = settled(&process, &client, Some(&uuid)).await;
            assert_eq!(json_of(&client, url).await["state"], "stored", "an upload that was cut off can be brought to its end");
            assert_eq!(aips.len(), before.len() + 1);
            agrees(&store, &aips, None);
        }
        kept += usize::from(aips.len() > before.len());
        before = aips;
        process.kill().await;
    }
    // Both ways of ending were reached, or the instants were badly chosen.
    assert!(kept > 0 && gone_on > 0, "{kept} kept, {gone_on} gone on with");
}
