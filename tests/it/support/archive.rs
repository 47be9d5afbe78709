//! An archive to work on: two locations and packages in the first.

use super::{Reply, Socket, TestServer, soon};
use reqwest::Method;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};
use uuid::Uuid;

/// Statuses at which nothing is being done to an AIP, and a deletion request rests.
const AT_REST: [&str; 3] = ["stored", "deleted", "pending"];

impl TestServer {
    /// Records a second location, in the folder of its name.
    pub async fn add_location(&self, name: &str) -> Uuid {
        let body = json!({ "name": name, "source": "filesystem", "purpose": "aip_store",
            "config": { "type": "filesystem", "value": { "path": name } } });
        let reply = self.post("/api/storage/locations", &body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["uuid"].as_str().and_then(|text| text.parse().ok()).expect("a UUID")
    }

    /// Deposits a package into the first location.
    pub async fn deposit(&self, name: &str, package: Vec<u8>) -> Value {
        let reply = Reply::to(self.request(Method::POST, &format!("/api/storage/deposits?name={name}")).body(package)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["aip"].clone()
    }

    /// An AIP as it is now.
    pub async fn aip(&self, uuid: &str) -> Value {
        self.get(&format!("/api/storage/aips/{uuid}")).await.json()
    }

    /// An AIP once nothing is being done to it any more.
    pub async fn at_rest(&self, uuid: &str) -> Value {
        soon("the end of the work", async {
            loop {
                let busy = self.workflows(uuid).await.iter().any(|workflow| workflow["status"] == "in progress");
                let aip = self.aip(uuid).await;
                if !busy && AT_REST.contains(&aip["status"].as_str().expect("a status")) {
                    return aip;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }

    /// An AIP once it stands so.
    pub async fn at_rest_as(&self, uuid: &str, status: &str) -> Value {
        soon("the end of the work", async {
            loop {
                let aip = self.aip(uuid).await;
                if aip["status"] == status {
                    return aip;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }

    /// What is and was done to an AIP, without its deposit.
    pub async fn workflows(&self, uuid: &str) -> Vec<Value> {
        let list = self.get(&format!("/api/storage/aips/{uuid}/workflows")).await.json();
        list["workflows"].as_array().expect("a list").iter().filter(|workflow| workflow["type"] != "upload aip").cloned().collect()
    }

    /// Where an AIP's bytes lie, or would, in the location of this folder.
    pub fn object_in(&self, folder: &str, aip: &Value) -> PathBuf {
        self.data().join("locations").join(folder).join(aip["object_key"].as_str().expect("a key"))
    }

    /// Whether an AIP's bytes are in the location of this folder, as they were deposited.
    pub fn holds(&self, folder: &str, aip: &Value, package: &[u8]) -> bool {
        fs::read(self.object_in(folder, aip)).is_ok_and(|bytes| bytes == package)
    }
}

/// One line for each event, in the letters of `storage-api.md` section 9, with what is told.
pub fn line(event: &Value) -> String {
    let value = &event["value"]["value"];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let item = &value["item"];
    match event["value"]["type"].as_str().expect("a type") {
        "aip_status_updated_event" => format!("S {}", text(&value["status"])),
        "aip_location_updated_event" => "L".to_owned(),
        "aip_updated_event" => "U".to_owned(),
        "aip_workflow_created_event" => format!("W+ {}", text(&item["status"])),
        "aip_workflow_updated_event" => format!("W {}", text(&item["status"])),
        "aip_task_created_event" => format!("T+ {} {}: {}", text(&item["name"]), text(&item["status"]), text(&item["note"])),
        "aip_task_updated_event" => format!("T {} {}: {}", text(&item["name"]), text(&item["status"]), text(&item["note"])),
        other => other.to_owned(),
    }
}

/// The next events, one line each.
pub async fn lines(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(line(&socket.event().await));
    }
    lines
}
