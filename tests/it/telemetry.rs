//! What the process writes about itself: lines of JSON, and traces over OTLP.

use crate::support::{Reply, bag, process::Process, soon};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing};
use reqwest::Client;
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;

const CREDENTIAL: &str = "hush-hush-5f2c";
const WHISPER: &str = "whisper-77";

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

impl Collector {
    /// Starts one; yields it with its address.
    async fn start() -> (Self, String) {
        async fn take(State(Collector(taken)): State<Collector>, headers: HeaderMap, body: Bytes) {
            taken.lock().expect("whole").push((headers, body));
        }
        let collector = Self::default();
        let router = Router::new().route("/v1/traces", routing::post(take)).with_state(collector.clone());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (collector, address)
    }

    /// Everything that it was sent, as one text: protocol buffers hold text as it is.
    fn text(&self) -> String {
        let taken = self.0.lock().expect("whole");
        taken.iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect()
    }

    fn headers(&self) -> HeaderMap {
        self.0.lock().expect("whole").first().expect("something was sent").0.clone()
    }
}

/// Asks with everything that must not be told.
async fn ask(process: &Process, client: &Client, path: &str) -> Reply {
    let request = client.get(format!("{}{path}?query={WHISPER}", process.origin));
    Reply::to(request.header("authorization", format!("Bearer {CREDENTIAL}")).header("cookie", format!("a={CREDENTIAL}"))).await
}

/// Deposits a package, has it checked, and waits for the end of that; yields the id of the request that began it.
async fn check_a_package(process: &Process, client: &Client) -> String {
    let deposit = client.post(format!("{}/api/storage/deposits?name=box", process.origin)).body(bag(b"letter", b"letter"));
    let aip = Reply::to(deposit).await.json()["aip"]["uuid"].as_str().expect("a UUID").to_owned();
    let address = format!("{}/api/storage/aips/{aip}", process.origin);
    let begun = Reply::to(client.post(format!("{address}/fixity"))).await;
    assert_eq!(begun.told(), (202, ""));
    soon("the end of the check", async {
        while Reply::to(client.get(format!("{address}/fixity"))).await.json()["checks"][0].is_null() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    begun.header("x-request-id").to_owned()
}

fn lines(log: &Path) -> Vec<Value> {
    let text = fs::read_to_string(log).expect("a log");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))).collect()
}

/// The ids of the requests that a line belongs to.
fn requests_of(line: &Value) -> Vec<&str> {
    let spans = line["spans"].as_array().into_iter().flatten().chain(line.get("span"));
    spans.filter_map(|span| span["request_id"].as_str()).collect()
}

#[tokio::test]
async fn each_line_of_json_names_its_request_and_no_secret() {
    let (data, client) = (TempDir::new().expect("a folder"), Client::builder().no_proxy().build().expect("a client"));
    let log = data.path().join("log");
    let settings = [("STRONGROOM_LOG_FORMAT", "json"), ("RUST_LOG", "warn,strongroom=debug")];
    let process = Process::start_logging_with(data.path(), &log, &settings).await;
    let mut asked = Vec::new();
    for path in ["/api/about", "/api/storage/aips", "/api/storage/aips/nonsense", "/api/storage/submissions/hush-hush-5f2c"] {
        asked.push((path, ask(&process, &client, path).await));
    }
    check_a_package(&process, &client).await;
    process.terminate().await;
    assert!(process.ended().await.success());
    let lines = lines(&log);
    for (path, reply) in &asked {
        let id = reply.header("x-request-id");
        let of_it: Vec<_> = lines.iter().filter(|line| requests_of(line).contains(&id)).collect();
        let answered = of_it.iter().find(|line| line["fields"]["message"] == "answered").unwrap_or_else(|| panic!("{path}: {of_it:?}"));
        assert_eq!(answered["fields"]["status"], reply.status.as_u16(), "{path}");
        assert_eq!((&answered["level"], answered["timestamp"].is_string()), (&json!("INFO"), true));
    }
    let text = fs::read_to_string(&log).expect("a log");
    for secret in [CREDENTIAL, WHISPER, "query="] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn traces_reach_their_collector_before_the_end_and_tell_no_secret() {
    let (data, client) = (TempDir::new().expect("a folder"), Client::builder().no_proxy().build().expect("a client"));
    let (collector, address) = Collector::start().await;
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=of-the-collector"),
        ("NO_PROXY", "127.0.0.1"),
        // What is not logged is traced all the same.
        ("RUST_LOG", "error"),
    ];
    let process = Process::start_with(data.path(), &settings).await;
    let reply = ask(&process, &client, "/api/storage/aips").await;
    ask(&process, &client, "/api/storage/submissions/hush-hush-5f2c").await;
    let begun_by = check_a_package(&process, &client).await;
    process.terminate().await;
    assert!(process.ended().await.success());
    let text = collector.text();
    for told in
        ["strongroom", "GET /api/storage/aips", "POST /api/storage/aips/{uuid}/fixity", "check fixity", reply.header("x-request-id")]
    {
        assert!(text.contains(told), "{told}");
    }
    assert!(text.matches(begun_by.as_str()).count() >= 2, "the request, and the step that it began");
    for secret in [CREDENTIAL, WHISPER, "query=", "of-the-collector"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let headers = collector.headers();
    assert_eq!(
        (&headers["content-type"], &headers["x-key"]),
        (&"application/x-protobuf".parse().expect("text"), &"of-the-collector".parse().expect("text"))
    );
}

#[tokio::test]
async fn a_collector_that_is_not_there_harms_nothing_and_is_told_of_once() {
    let (data, client) = (TempDir::new().expect("a folder"), Client::builder().no_proxy().build().expect("a client"));
    let log = data.path().join("log");
    let settings = [
        ("STRONGROOM_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("STRONGROOM_LOG_FORMAT", "json"),
        ("NO_PROXY", "127.0.0.1"),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "100"),
    ];
    let process = Process::start_logging_with(data.path(), &log, &settings).await;
    let about_it = |lines: Vec<Value>| {
        lines.iter().filter(|line| line["target"] != "strongroom::server::http::layers::trace" && line["level"] != "INFO").count()
    };
    soon("that it is told", async {
        while about_it(lines_so_far(&log)) == 0 {
            assert_eq!(ask(&process, &client, "/api/about").await.status, 200);
        }
    })
    .await;
    for _ in 0..20 {
        assert_eq!(ask(&process, &client, "/api/about").await.status, 200);
    }
    process.terminate().await;
    assert!(process.ended().await.success());
    assert_eq!(about_it(lines(&log)), 1, "{}", fs::read_to_string(&log).expect("a log"));
}

/// The lines that are whole, of a log that is being written.
fn lines_so_far(log: &Path) -> Vec<Value> {
    let text = fs::read_to_string(log).expect("a log");
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
