//! The doors for other applications, with a client of our own: what changes, what is announced, how busy the machine is.

use crate::support::{IdentityProvider, Reply, Socket, TestServer, bag, soon};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const AIP: Uuid = Uuid::from_u128(0xd184_5cb6_a5ea_474a_9ab8_26f9_bcd9_19f5);

async fn announce_aip(server: &TestServer) -> Uuid {
    let body = json!({ "uuid": AIP, "name": "box", "object_key": Uuid::from_u128(1), "status": "stored" });
    assert_eq!(server.post("/api/storage/aips", &body).await.status, 200);
    AIP
}

async fn open(server: &TestServer, path: &str) -> Socket {
    Socket::open_at(server, path, &[]).await.expect("an upgrade")
}

fn subscribe() -> Value {
    json!({ "type": "subscribe", "channel": "metrics" })
}

#[tokio::test]
async fn changes_of_resources_are_told_with_their_entity_tag() {
    let server = TestServer::start().await;
    let mut door = open(&server, "/ws").await;
    let uuid = announce_aip(&server).await;
    let told = door.frame().await;
    let etag = server.get(&format!("/api/storage/aips/{uuid}")).await.header("etag").to_owned();
    assert_eq!((&told["type"], &told["event"], &told["resource_type"]), (&json!("resource_change"), &json!("created"), &json!("aip")));
    assert_eq!((&told["resource"]["id"], told["resource"]["etag"].as_str()), (&json!(uuid), Some(etag.as_str())), "{told}");
    let location = server.first_location().await;
    server.send(Method::PATCH, &format!("/api/storage/locations/{location}"), &json!({ "name": "North" })).await;
    let told = door.frame().await;
    assert_eq!(
        (&told["event"], &told["resource_type"], &told["resource"]["name"]),
        (&json!("updated"), &json!("location"), &json!("North"))
    );
}

#[tokio::test]
async fn the_dashboards_own_connection_tells_the_same_under_its_topic() {
    let server = TestServer::start().await;
    let (mut socket, _) = Socket::listening(&server, &["resources"], None).await;
    let uuid = announce_aip(&server).await;
    let told = socket.frame().await;
    assert_eq!((&told["type"], &told["resource"]["id"]), (&json!("resource_change"), &json!(uuid)));
}

#[tokio::test]
async fn a_request_for_a_deletion_is_a_resource_too() {
    let Some(provider) = IdentityProvider::start("a_request_for_a_deletion_is_a_resource_too").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let (administrator, requester) = (provider.bearer("administrator").await, provider.bearer("requester").await);
    let made = server.request(Method::POST, "/api/storage/deposits?name=letters").header("authorization", &administrator);
    let made = Reply::to(made.body(bag(b"Dear Sir", b"Dear Sir"))).await.json();
    let uuid = made["aip"]["uuid"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let mut door = Socket::open_at(&server, "/ws", &[("authorization", &administrator)]).await.expect("an upgrade");
    let ask = server.request(Method::POST, &format!("/api/storage/aips/{uuid}/deletion-request")).header("authorization", &requester);
    assert_eq!(Reply::to(ask.json(&json!({ "reason": "A duplicate of another AIP." }))).await.status, 202);
    let told = soon("the request", async {
        loop {
            let frame = door.frame().await;
            if frame["resource_type"] == "deletion_request" {
                return frame;
            }
        }
    })
    .await;
    assert_eq!((&told["event"], &told["resource"]["aip_uuid"]), (&json!("created"), &json!(uuid)));
    assert!(!told.to_string().contains("duplicate"), "why is for those who may read the request: {told}");
}

#[tokio::test]
async fn what_other_systems_announce_is_told_kept_and_checked() {
    let server = TestServer::start().await;
    let mut door = open(&server, "/ws").await;
    let (mut socket, _) = Socket::listening(&server, &["activity"], None).await;
    let push = json!({ "type": "git.push", "data": { "repository": "finding-aids", "branch": "main", "commits": 3 } });
    let made = server.post("/api/events", &push).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(door.frame().await, made.json(), "as it is");
    let event = socket.event().await;
    assert_eq!((&event["value"]["type"], &event["value"]["value"]["item"]), (&json!("announced_event"), &made.json()));
    let kept = server.get("/api/events?kind=announcement").await.json();
    assert_eq!(kept["items"][0]["value"]["value"]["item"], made.json());
    for (body, sentence) in [
        (json!({ "type": "git.rebase", "data": {} }), "git.rebase"),
        (json!({ "type": "git.push", "data": { "repository": "r" } }), "data.branch is missing"),
        (json!({ "type": "git.push", "data": { "repository": "r", "branch": "b", "token": "x" } }), "is not a field"),
        (
            json!({ "type": "structure.changed", "data": { "path": "a", "change": "vanished", "location_uuid": Uuid::from_u128(9) } }),
            "there is no location",
        ),
    ] {
        let refused = server.post("/api/events", &body).await.error(400, "not_valid");
        assert!(refused.contains(sentence), "{refused}");
    }
    let long = json!({ "type": "git.commit", "data": { "repository": "x".repeat(9_000), "commit": "0123456" } });
    server.post("/api/events", &long).await.error(413, "request_too_large");
    assert_eq!(
        server.get("/api/events?kind=announcement").await.json()["items"].as_array().map(Vec::len),
        Some(1),
        "nothing else was kept"
    );
}

#[tokio::test]
async fn every_viewer_is_told_the_same_sample() {
    let server = TestServer::start_with(|config| config.ws_metrics_interval = 200).await;
    let (mut one, mut two) = (open(&server, "/ws/metrics").await, open(&server, "/ws/metrics").await);
    let (mut own, _) = Socket::listening(&server, &["metrics"], None).await;
    for door in [&mut one, &mut two] {
        door.send(&subscribe()).await;
    }
    let mut seen = Vec::new();
    for door in [&mut one, &mut two, &mut own] {
        let mut told = Vec::new();
        while told.len() < 4 {
            let frame = door.frame().await;
            if frame["type"] == "metrics" {
                told.push(frame);
            }
        }
        seen.push(told);
    }
    let times = |told: &Vec<Value>| told.iter().map(|frame| frame["data"]["at_ms"].as_u64()).collect::<Vec<_>>();
    let (first, second, third) = (times(&seen[0]), times(&seen[1]), times(&seen[2]));
    assert!(first.iter().filter(|at| second.contains(at)).count() >= 3, "{first:?} {second:?}");
    assert!(first.iter().filter(|at| third.contains(at)).count() >= 2, "{first:?} {third:?}");
    let sample = &seen[0][3]["data"];
    assert!(sample["memory"]["total"].as_u64().is_some_and(|total| total > 0), "{sample}");
    assert!(sample["processor"]["total"].is_number() && sample["processes"]["count"].as_u64() > Some(0), "{sample}");
    assert_eq!(sample["service"]["connections"], 3);
    assert!(sample["service"]["resident"].as_u64() > Some(0) && sample["service"]["open_files"].as_u64() > Some(0), "{sample}");
    let placed: Vec<&Value> =
        sample["disks"].as_array().expect("disks").iter().flat_map(|disk| disk["locations"].as_array()).flatten().collect();
    assert_eq!(placed, [&json!(server.first_location().await)], "{sample}");
    one.send(&json!({ "type": "unsubscribe", "channel": "metrics" })).await;
    one.send(&json!({ "type": "subscribe", "channel": "weather" })).await;
    let refusal = soon("an answer", async {
        loop {
            let frame = one.frame().await;
            if frame["type"] != "metrics" {
                return frame;
            }
        }
    })
    .await;
    assert_eq!(refusal, json!({ "type": "error", "message": "channel has to be metrics" }));
}

#[tokio::test]
async fn who_asks_is_answered_also_where_connections_are_told_nothing() {
    let server = TestServer::start_with(|config| config.ws_enabled = false).await;
    let (status, _) = Socket::open_at(&server, "/ws/metrics", &[]).await.err().expect("no door");
    assert_eq!(status, 503);
    let (mut own, _) = Socket::listening(&server, &["metrics"], None).await;
    let told = own.frame().await;
    assert_eq!(told["type"], "error", "{told}");
    let sample = server.get("/api/system/metrics").await.json();
    assert_eq!((&sample["type"], sample["data"]["node"]["id"].is_string()), (&json!("metrics"), true));
}

#[tokio::test]
async fn nobody_looks_while_nobody_watches() {
    let server = TestServer::start_with(|config| config.ws_metrics_interval = 100).await;
    let mut door = open(&server, "/ws/metrics").await;
    door.send(&subscribe()).await;
    assert_eq!(door.frame().await["type"], "metrics");
    let system = server.system();
    assert!(system.is_running());
    drop(door);
    soon("rest", async {
        while system.is_running() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    })
    .await;
    assert_eq!(server.get("/api/system/metrics").await.json()["type"], "metrics", "who asks is answered all the same");
    assert!(!system.is_running());
}

#[tokio::test]
async fn the_doors_are_for_who_may_come_in() {
    let Some(provider) = IdentityProvider::start("the_doors_are_for_who_may_come_in").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let bearer = async |attributes: &[&str]| {
        format!("Bearer {}", provider.mint(&json!({ "account": "administrator", "claims": { "attributes": attributes } })).await)
    };
    for path in ["/ws", "/ws/metrics"] {
        assert_eq!(Socket::open_at(&server, path, &[]).await.err().map(|(status, _)| status), Some(401), "{path}");
        let all = bearer(&["*"]).await;
        let ticket =
            Reply::to(server.request(Method::POST, path).header("authorization", &all).json(&json!({ "carry": "subprotocol" }))).await;
        let carried = format!("ticket.{}", ticket.json()["ticket"].as_str().expect("a ticket"));
        let other = if path == "/ws" { "/ws/metrics" } else { "/ws" };
        let wrong = Socket::open_at(&server, other, &[("sec-websocket-protocol", &carried)]).await;
        assert_eq!(wrong.err().map(|(status, _)| status), Some(401), "a ticket opens one door");
    }
    let all = bearer(&["*"]).await;
    let ticket =
        Reply::to(server.request(Method::POST, "/ws").header("authorization", &all).json(&json!({ "carry": "subprotocol" }))).await;
    let carried = format!("strongroom.resources.v1, ticket.{}", ticket.json()["ticket"].as_str().expect("a ticket"));
    let door = Socket::open_at(&server, "/ws", &[("sec-websocket-protocol", &carried)]).await.expect("an upgrade");
    assert_eq!(door.protocol.as_deref(), Some("strongroom.resources.v1"));
    let none = bearer(&["storage:*"]).await;
    let mut metrics = Socket::open_at(&server, "/ws/metrics", &[("authorization", &none)]).await.expect("an upgrade");
    metrics.send(&subscribe()).await;
    assert_eq!(metrics.frame().await["type"], "error");
    let blind = bearer(&["storage:locations:*"]).await;
    let mut changes = Socket::open_at(&server, "/ws", &[("authorization", &blind)]).await.expect("an upgrade");
    let aip = json!({ "uuid": AIP, "name": "box", "object_key": Uuid::from_u128(2), "status": "stored" });
    Reply::to(server.request(Method::POST, "/api/storage/aips").header("authorization", &all).json(&aip)).await;
    let location = server.first_location().await;
    let rename = server.request(Method::PATCH, &format!("/api/storage/locations/{location}")).header("authorization", &all);
    Reply::to(rename.json(&json!({ "name": "North" }))).await;
    assert_eq!(changes.frame().await["resource_type"], "location", "of AIPs it is told nothing");
}
