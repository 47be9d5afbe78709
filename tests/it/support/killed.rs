//! An archive whose service is killed (SIGKILL) again and again, at random instants, in the middle of what it does.

use super::{
    process::{Process, client},
    soon,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};
use strongroom::{
    bag::PackageFormat,
    server::packages::builder::{BagBuilder, package},
};
use tempfile::TempDir;

/// A package as it was deposited.
pub struct Deposited {
    /// Its object's name.
    pub key: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The data folder, and what was put into it.
pub struct Killed {
    data: TempDir,
    client: Client,
    rng: StdRng,
    /// By the AIP's UUID.
    pub packages: BTreeMap<String, Deposited>,
}

/// An AIP at rest: itself, and what was done to it but its deposit.
pub struct Rested {
    pub aip: Value,
    pub workflows: Vec<Value>,
}

impl Rested {
    /// A field of the AIP that is a text.
    pub fn text(&self, field: &str) -> &str {
        self.aip[field].as_str().unwrap_or_default()
    }
}

impl Killed {
    /// An empty archive; the same seed kills at the same instants.
    pub fn new(seed: u64) -> Self {
        let data = TempDir::new().expect("a folder");
        Self { data, client: client(), rng: StdRng::seed_from_u64(seed), packages: BTreeMap::new() }
    }

    /// Starts the service.
    pub async fn start(&self) -> Process {
        Process::start(self.data.path(), &[]).await
    }

    /// A file of the data folder.
    pub fn file(&self, path: &str) -> PathBuf {
        self.data.path().join(path)
    }

    /// Reads.
    pub async fn get(&self, process: &Process, path: &str) -> Value {
        self.get_at(process, &format!("/api/storage/{path}")).await
    }

    async fn get_at(&self, process: &Process, path: &str) -> Value {
        let reply = self.client.get(format!("{}{path}", process.origin)).send().await.expect("answered");
        serde_json::from_str(&reply.text().await.expect("read")).expect("JSON")
    }

    /// Sends JSON.
    pub async fn post(&self, process: &Process, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}/api/storage/{path}", process.origin);
        let reply = self.client.post(url).body(body.to_string()).send().await.expect("answered");
        let status = reply.status();
        (status, serde_json::from_str(&reply.text().await.expect("read")).unwrap_or_default())
    }

    /// The location that the archive began with.
    pub async fn first_location(&self, process: &Process) -> String {
        self.get(process, "locations").await[0]["uuid"].as_str().expect("text").to_owned()
    }

    /// Records another location.
    pub async fn add_location(&self, process: &Process, name: &str, source: &str, config: &Value) -> String {
        let body = json!({ "name": name, "source": source, "purpose": "aip_store", "config": config });
        let (status, created) = self.post(process, "locations", &body).await;
        assert_eq!(status, 201, "{created}");
        created["uuid"].as_str().expect("text").to_owned()
    }

    /// Deposits a package of random bytes, at least and at most so many, into a location. Its UUID.
    pub async fn deposit(&mut self, process: &Process, location: &str, bytes: std::ops::Range<usize>) -> String {
        let mut content = vec![0; self.rng.random_range(bytes)];
        self.rng.fill(&mut content[..]);
        let bytes = package(PackageFormat::Tar, &BagBuilder::new().file("payload.bin", content).build()).expect("made");
        let url = format!("{}/api/storage/deposits?name=box&location={location}", process.origin);
        let reply = self.client.post(url).body(bytes.clone()).send().await.expect("answered").text().await.expect("read");
        let aip = serde_json::from_str::<Value>(&reply).expect("JSON")["aip"].clone();
        let text = |field: &str| aip[field].as_str().unwrap_or_else(|| panic!("not kept: {reply}")).to_owned();
        self.packages.insert(text("uuid"), Deposited { key: text("object_key"), bytes });
        text("uuid")
    }

    /// The paths of what others did under the locations, as far as it is known by now.
    pub async fn alarms(&self, process: &Process) -> Vec<String> {
        let mut alarms = Vec::new();
        for location in self.get(process, "locations").await.as_array().expect("a list") {
            let uuid = location["uuid"].as_str().expect("text");
            let changes = self.get(process, &format!("locations/{uuid}/changes")).await["items"].clone();
            let paths = changes.as_array().expect("a list").iter().map(|change| change["value"]["value"]["item"]["data"]["path"].clone());
            alarms.extend(paths.map(|path| path.as_str().expect("text").to_owned()));
        }
        alarms
    }

    /// Every AIP once nothing is being done to any: nobody has to help it there. The tasks say so, too, and none of it was taken for
    /// somebody else's doing.
    pub async fn at_rest(&self, process: &Process) -> BTreeMap<String, Rested> {
        soon("the end of all work", async {
            for uuid in self.packages.keys() {
                let busy = format!("aips/{uuid}/workflows?status=in+progress");
                while self.get(process, &busy).await["workflows"] != json!([]) {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
        })
        .await;
        soon("the end of all tasks", async {
            let at_work = |task: &Value| ["STARTED", "PROGRESS"].contains(&task["state"].as_str().expect("text"));
            while self.get_at(process, "/api/tasks").await["items"].as_array().expect("a list").iter().any(at_work) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
        assert_eq!(self.alarms(process).await, Vec::<String>::new());
        let mut rested = BTreeMap::new();
        for uuid in self.packages.keys() {
            let aip = self.get(process, &format!("aips/{uuid}")).await;
            let mut workflows = self.get(process, &format!("aips/{uuid}/workflows")).await["workflows"].as_array().expect("a list").clone();
            workflows.retain(|workflow| workflow["type"] != "upload aip");
            rested.insert(uuid.clone(), Rested { aip, workflows });
        }
        rested
    }

    /// Starts the service, has it begin something, and kills it within so many microseconds after; so many times. Every third time it is
    /// killed while it goes on with what the last kill cut off.
    pub async fn killed(&mut self, kills: u64, within: u64, mut begin: impl AsyncFnMut(&mut Self, &Process)) {
        for kill in 0..kills {
            let process = self.start().await;
            if kill % 3 != 2 {
                begin(self, &process).await;
            }
            // Not waiting for anything: this is the random instant.
            tokio::time::sleep(Duration::from_micros(self.rng.random_range(0..within))).await;
            process.kill().await;
        }
    }
}

/// Names of the objects in a folder.
pub fn objects(folder: &std::path::Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("there").map(|entry| entry.expect("readable").file_name().into_string().expect("text"));
    let mut objects: Vec<String> = names.filter(|name| name != ".staging").collect();
    objects.sort();
    objects
}
