//! What a location's configuration holds in secrets stays there: no door, no log and no failure gives it away.

use crate::support::{
    bag,
    process::{Process, client},
    s3::{KEY, S3Server, SECRET},
    soon,
};
use futures::StreamExt as _;
use reqwest::Client;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;
use tokio_tungstenite::connect_async;

const TOKEN: &str = "session-token-recognisable-5f2c";

/// Everything that was said, and who said it.
#[derive(Default)]
struct Heard(Vec<(String, String)>);

impl Heard {
    fn add(&mut self, place: &str, text: impl Into<String>) {
        self.0.push((place.into(), text.into()));
    }

    async fn get(&mut self, client: &Client, origin: &str, path: &str) -> String {
        let reply = client.get(format!("{origin}{path}")).send().await.expect("an answer");
        let headers = format!("{:?}", reply.headers());
        let text = reply.text().await.expect("a body");
        self.add(path, headers + &text);
        text
    }

    async fn post(&mut self, client: &Client, url: String, body: Vec<u8>) -> (u16, String) {
        let reply = client.post(&url).header("content-type", "application/json").body(body).send().await.expect("an answer");
        let status = reply.status().as_u16();
        let text = reply.text().await.expect("a body");
        self.add(&url, text.clone());
        (status, text)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_found_nowhere() {
    let (data, store, client) = (TempDir::new().expect("a folder"), S3Server::start().await, client());
    let log = data.path().join("log.txt");
    let process = Process::start_logging(data.path(), &log, "debug").await;
    let origin = process.origin.clone();
    let mut heard = Heard::default();

    let (mut socket, _) = connect_async(format!("{}/api/storage/monitor", origin.replace("http", "ws"))).await.expect("a monitor");
    let mut lines = client.get(format!("{origin}/api/storage/monitor")).send().await.expect("a monitor").bytes_stream();

    let locations = format!("{origin}/api/storage/locations");
    let body = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut config = store.config();
        change(&mut config);
        json!({ "name": name, "source": "minio", "purpose": "aip_store", "config": config }).to_string().into_bytes()
    };
    let (status, created) = heard.post(&client, locations.clone(), body("bucket", &|_| {})).await;
    assert_eq!(status, 201, "{created}");
    let location = serde_json::from_str::<Value>(&created).expect("JSON")["uuid"].as_str().expect("a UUID").to_owned();
    let with_a_token = body("with a token", &|config| {
        config["value"]["bucket"] = json!("another");
        config["value"]["token"] = json!(TOKEN);
    });
    assert_eq!(heard.post(&client, locations.clone(), with_a_token).await.0, 201);
    // What is wrong is told, and not what was typed.
    for (name, change) in [
        ("twice", (&|_: &mut Value| {}) as &dyn Fn(&mut Value)),
        ("elsewhere", &|config| config["value"]["endpoint"] = json!("http://127.0.0.1:1")),
        ("in the address", &|config| config["value"]["endpoint"] = json!(format!("http://{KEY}:{SECRET}@127.0.0.1:1"))),
        ("as bucket", &|config| config["value"]["bucket"] = json!(format!("{SECRET}/"))),
        ("as region", &|config| config["value"]["region"] = json!(format!("{SECRET}/"))),
        ("as profile", &|config| config["value"]["profile"] = json!(SECRET)),
        ("as type", &|config| config["type"] = json!(SECRET)),
        ("in pieces", &|config| config["value"]["secret"] = json!([SECRET])),
    ] {
        let (status, text) = heard.post(&client, locations.clone(), body(name, change)).await;
        assert_eq!(status, 400, "{name}: {text}");
    }

    let deposits = format!("{origin}/api/storage/deposits?name=letters&location=bucket");
    let (status, deposited) = heard.post(&client, deposits.clone(), bag(b"Dear Sir", b"Dear Sir")).await;
    assert_eq!(status, 201, "{deposited}");
    let aip = serde_json::from_str::<Value>(&deposited).expect("JSON")["aip"]["uuid"].as_str().expect("a UUID").to_owned();

    let document: Value = serde_json::from_str(&heard.get(&client, &origin, "/api/openapi.json").await).expect("JSON");
    let mut addresses: Vec<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .filter(|(path, methods)| methods.get("get").is_some() && !path.ends_with("/monitor"))
        .map(|(path, _)| path.replace("{uuid}", if path.contains("locations") { &location } else { &aip }))
        .collect();
    assert!(addresses.len() > 8, "{addresses:?}");
    addresses
        .extend(["/", "/storage/aips", "/storage/locations", "/storage/locations/new", "/storage/deposit", "/about"].map(str::to_owned));
    addresses.push(format!("/storage/aips/{aip}"));
    addresses.push(format!("/storage/locations/{location}"));
    addresses.push(format!("/storage/locations/{location}/aips"));
    for address in &addresses {
        heard.get(&client, &origin, address).await;
    }
    let away = store.go_away().await;
    for address in &addresses {
        heard.get(&client, &origin, address).await;
    }
    let (status, text) = heard.post(&client, deposits, bag(b"Dear Madam", b"Dear Madam")).await;
    assert_eq!(status, 503, "{text}");
    drop(away);

    // Until the deposit's last event, whatever comes.
    for (name, wanted) in [("WebSocket", 8), ("SSE", 8)] {
        let mut texts = String::new();
        soon(name, async {
            while texts.matches("_event").count() < wanted {
                texts += &match name {
                    "WebSocket" => socket.next().await.expect("open").expect("a frame").to_string(),
                    _ => String::from_utf8_lossy(&lines.next().await.expect("open").expect("a piece")).into_owned(),
                };
            }
        })
        .await;
        heard.add(name, texts);
    }
    process.kill().await;
    heard.add("the log", fs::read_to_string(&log).expect("a log"));

    for (place, text) in &heard.0 {
        assert!(!text.is_empty(), "{place} said something");
        for secret in [SECRET, KEY, TOKEN] {
            assert!(!text.contains(secret), "{place}: {text}");
        }
    }
    let (_, log) = heard.0.last().expect("the log");
    assert!(log.contains("a store is asked again"), "the log was heard: {log}");
}
