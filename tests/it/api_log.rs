//! The service itself, the archive at a glance and the log that people read.

use crate::support::TestServer;
use serde_json::json;
use uuid::Uuid;

async fn with_three_aips() -> TestServer {
    let server = TestServer::start().await;
    for number in 1..=3_u128 {
        let body = json!({ "uuid": Uuid::from_u128(number), "name": format!("box {number}"), "object_key": Uuid::from_u128(100 + number), "status": "stored" });
        assert_eq!(server.post("/api/storage/aips", &body).await.status, 200);
    }
    server
}

#[tokio::test]
async fn the_service_says_what_it_is() {
    let server = TestServer::start().await;
    let about = server.get("/api/about").await.json();
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(about["preservation_system"], "Unknown");
    assert!(about["upload_max_size"].is_u64());
    let before = about["instance_id"].clone();
    let server = server.restart().await;
    assert_ne!(server.get("/api/about").await.json()["instance_id"], before, "another process, another identity");
}

#[tokio::test]
async fn the_overview_is_one_answer() {
    let server = with_three_aips().await;
    let overview = server.get("/api/storage/overview").await.json();
    assert_eq!(overview["counts"]["stored"], 3);
    assert_eq!(overview["locations"].as_array().expect("locations").len(), 1);
    assert!(overview["health"].as_array().is_some_and(|checks| checks.iter().all(|check| check["ok"] == true)), "{overview}");
    assert_eq!(overview["activity"][0]["value"]["type"], "aip_created_event", "newest first");
}

#[tokio::test]
async fn the_log_is_read_backwards_in_pieces() {
    let server = with_three_aips().await;
    let all = server.get("/api/events").await.json();
    let seqs: Vec<_> = all["items"].as_array().expect("items").iter().map(|item| item["seq"].as_u64().expect("a seq")).collect();
    assert_eq!(seqs, [4, 3, 2, 1], "three packages and the first location");
    assert!(all.get("next_before").is_none());
    let first = server.get("/api/events?limit=3").await.json();
    let rest = server.get(&format!("/api/events?limit=3&before={}", first["next_before"])).await.json();
    let mut pieces = first["items"].as_array().expect("items").clone();
    pieces.extend(rest["items"].as_array().expect("items").clone());
    assert_eq!(json!(pieces), all["items"], "each entry once");
    let of_one = server.get(&format!("/api/events?aip_uuid={}", Uuid::from_u128(2))).await.json();
    assert_eq!((of_one["items"].as_array().expect("items").len(), &of_one["items"][0]["name"]), (1, &json!("box 2")));
    server.get("/api/events?aip_uuid=nonsense&before=x").await.error(400, "invalid_field_type");
}

#[tokio::test]
async fn the_log_is_filtered_by_kind_time_and_place() {
    let server = with_three_aips().await;
    let seqs = async |query: &str| {
        let answer = server.get(&format!("/api/events?{query}")).await.json();
        answer["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .iter()
            .map(|item| item["seq"].as_u64().expect("a seq"))
            .collect::<Vec<_>>()
    };
    assert_eq!(seqs("kind=location").await, [1]);
    assert_eq!(seqs("kind=aip&limit=2").await, [4, 3]);
    assert_eq!(seqs("kind=workflow").await, [0; 0]);
    assert_eq!(seqs("after=1&before=4").await, [3, 2]);
    let at = server.get("/api/events?before=3").await.json()["items"][0]["at"].as_str().expect("a time").to_owned();
    assert!(seqs(&format!("earliest_time={at}")).await.contains(&2));
    assert!(!seqs(&format!("latest_time={at}")).await.contains(&2), "up to, and not with");
    assert_eq!(seqs("person=nobody").await, [0; 0], "nobody signs in here");
    server.get("/api/events?kind=x").await.error(400, "invalid_enum_value");
    server.get("/api/events?earliest_time=yesterday").await.error(400, "invalid_format");
}

#[tokio::test]
async fn the_log_is_exported_as_it_is_filtered() {
    let server = TestServer::start().await;
    for number in 1..=600_u128 {
        let body = json!({ "uuid": Uuid::from_u128(number), "name": format!("=box, {number}"), "object_key": Uuid::from_u128(10_000 + number), "status": "stored" });
        assert_eq!(server.post("/api/storage/aips", &body).await.status, 200);
    }
    let reply = server.get("/api/events.csv?kind=aip").await;
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8; header=present");
    let lines: Vec<&str> = reply.body.split_terminator("\r\n").collect();
    assert_eq!((lines[0], lines.len()), ("seq,at,type,person,aip_uuid,name,value", 601));
    assert!(lines[1].starts_with("601,") && lines[600].starts_with("2,"), "{} {}", lines[1], lines[600]);
    assert!(lines[600].contains(",aip_created_event,,00000000-0000-0000-0000-000000000001,\"'=box, 1\","), "{}", lines[600]);
}

#[tokio::test]
async fn the_log_goes_on_after_a_restart() {
    let server = with_three_aips().await;
    let before = server.services().position();
    let server = server.restart().await;
    assert_eq!(server.services().position(), before, "same log, same place");
}

/// Nobody can take note of what they were not shown.
#[tokio::test]
async fn what_changed_under_a_location_is_shown_from_its_beginning() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let changes = format!("/api/storage/locations/{location}/changes");
    for number in 0..=100 {
        let data = json!({ "location_uuid": location, "path": number.to_string(), "change": "vanished" });
        assert_eq!(server.post("/api/events", &json!({ "type": "structure.changed", "data": data })).await.status, 201);
    }
    let shown = async || {
        let answer = server.get(&changes).await.json();
        let items = answer["items"].as_array().expect("items").clone();
        let paths = items.iter().map(|item| item["value"]["value"]["item"]["data"]["path"].as_str().expect("a path").parse::<u32>());
        (items[0]["seq"].clone(), paths.map(|path| path.expect("a number")).collect::<Vec<_>>())
    };
    let (newest, paths) = shown().await;
    assert_eq!(paths, (0..100).rev().collect::<Vec<_>>(), "newest first");
    server.post(&format!("{changes}/acknowledge"), &json!({ "up_to": newest })).await;
    assert_eq!(shown().await.1, [100]);
}
