//! Killed at any instant of a move: one good copy is recorded, no byte is lost, and nothing stays `processing`.

use crate::support::{
    process::{Process, client},
    soon,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use reqwest::Client;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};
use strongroom::{
    bag::PackageFormat,
    server::packages::builder::{BagBuilder, package},
};
use tempfile::TempDir;

/// Kills; as many as the contract of moves asks for.
const KILLS: u64 = 200;
/// AIPs that go back and forth.
const AIPS: u64 = 3;

async fn json_of(client: &Client, url: String) -> Value {
    let text = client.get(url).send().await.expect("answered").text().await.expect("read");
    serde_json::from_str(&text).expect("JSON")
}

struct Archive {
    data: TempDir,
    client: Client,
    locations: [String; 2],
    packages: BTreeMap<String, (String, Vec<u8>)>,
}

impl Archive {
    async fn new(rng: &mut StdRng) -> Self {
        let data = TempDir::new().expect("a folder");
        let client = client();
        let process = Process::start(data.path(), &[]).await;
        let body = json!({ "name": "second", "source": "filesystem", "purpose": "aip_store",
            "config": { "type": "filesystem", "value": { "path": "second" } } });
        let url = format!("{}/api/storage/locations", process.origin);
        client.post(&url).body(body.to_string()).send().await.expect("answered");
        let rows = json_of(&client, url).await;
        let locations = [0, 1].map(|at| rows[at]["uuid"].as_str().expect("text").to_owned());
        let mut packages = BTreeMap::new();
        for number in 0..AIPS {
            let mut content = vec![0; rng.random_range(3_000_000..12_000_000)];
            rng.fill(&mut content[..]);
            let bag = BagBuilder::new().file("payload.bin", content).build();
            let bytes = package(PackageFormat::Tar, &bag).expect("made");
            let url = format!("{}/api/storage/deposits?name=box-{number}", process.origin);
            let reply = client.post(url).body(bytes.clone()).send().await.expect("answered").text().await.expect("read");
            let aip = serde_json::from_str::<Value>(&reply).expect("JSON")["aip"].clone();
            let text = |field: &str| aip[field].as_str().expect("text").to_owned();
            packages.insert(text("uuid"), (text("object_key"), bytes));
        }
        process.kill().await;
        Self { data, client, locations, packages }
    }

    fn store(&self, location: &str) -> std::path::PathBuf {
        self.data.path().join("locations").join(if location == self.locations[0] { "main-store" } else { "second" })
    }

    /// Every AIP once nothing is being done to any.
    async fn settled(&self, process: &Process) -> BTreeMap<String, Value> {
        soon("the end of every move", async {
            loop {
                let list = json_of(&self.client, format!("{}/api/storage/aips", process.origin)).await;
                let rows = list["items"].as_array().expect("rows");
                if rows.iter().all(|aip| aip["status"] == "stored") {
                    return rows.iter().map(|aip| (aip["uuid"].as_str().expect("text").to_owned(), aip.clone())).collect();
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await
    }

    /// Holds the disks against the record.
    fn agrees(&self, aips: &BTreeMap<String, Value>) {
        let mut expected = [Vec::new(), Vec::new()];
        for (uuid, (key, bytes)) in &self.packages {
            let location = aips[uuid]["location_uuid"].as_str().expect("text");
            expected[usize::from(location != self.locations[0])].push(key.clone());
            assert!(
                fs::read(self.store(location).join(key)).expect("where it is recorded") == *bytes,
                "the bytes are those that were deposited"
            );
        }
        for (location, mut expected) in self.locations.iter().zip(expected) {
            expected.sort();
            assert_eq!(objects(&self.store(location)), expected, "each object is recorded where it is, and nowhere else");
        }
    }
}

fn objects(store: &Path) -> Vec<String> {
    let names = fs::read_dir(store).expect("there").map(|entry| entry.expect("readable").file_name().into_string().expect("text"));
    let mut objects: Vec<String> = names.filter(|name| name != ".staging").collect();
    objects.sort();
    objects
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_instant_of_a_move_loses_nothing() {
    let mut rng = StdRng::seed_from_u64(11);
    let archive = Archive::new(&mut rng).await;
    let mut moved = 0;
    let mut aips: BTreeMap<String, Value> = BTreeMap::new();
    for kill in 0..KILLS {
        let process = Process::start(archive.data.path(), &[]).await;
        // Every third time the service is killed while it goes on with what the last kill cut off.
        if kill % 3 != 2 || aips.is_empty() {
            let now = archive.settled(&process).await;
            archive.agrees(&now);
            moved += now
                .iter()
                .filter(|(uuid, aip)| aips.get(*uuid).is_some_and(|before| before["location_uuid"] != aip["location_uuid"]))
                .count();
            aips = now;
            for (uuid, aip) in &aips {
                let to = &archive.locations[usize::from(aip["location_uuid"] == archive.locations[0].as_str())];
                let url = format!("{}/api/storage/aips/{uuid}/store", process.origin);
                let reply = archive.client.post(url).body(json!({ "location_uuid": to }).to_string()).send().await.expect("answered");
                assert_eq!(reply.status(), 202);
            }
        }
        // Not waiting for anything: this is the random instant.
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..250_000))).await;
        process.kill().await;
    }
    let process = Process::start(archive.data.path(), &[]).await;
    let aips = archive.settled(&process).await;
    archive.agrees(&aips);
    let mut workflows = 0;
    for uuid in archive.packages.keys() {
        let list = json_of(&archive.client, format!("{}/api/storage/aips/{uuid}/workflows", process.origin)).await;
        for workflow in list["workflows"].as_array().expect("a list") {
            assert_eq!(workflow["status"], "done", "{workflow}");
            assert!(workflow["tasks"].as_array().expect("tasks").iter().all(|task| task["status"] == "done"), "{workflow}");
            workflows += 1;
        }
    }
    process.kill().await;
    assert!(moved > 50, "{moved} moves came to their end between kills; {workflows} workflows");
}
