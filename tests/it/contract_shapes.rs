//! Resources and lists to the field, and what is recorded as it is given (`storage-api.md` sections 2, 3, 4.3, 4.4 and 4.6).

use crate::support::{Reply, Socket, TestServer, bag};
use reqwest::Method;
use serde_json::{Value, json};
use strongroom::{
    domain::{TaskStatus, WorkflowType},
    server::service::{NewTask, NewWorkflow},
};
use uuid::Uuid;

const LOCATIONS: &str = "/api/storage/locations";

/// A UUID (RFC 9562 version 8) that holds this number.
fn uuid(number: u128) -> Uuid {
    uuid::Builder::from_custom_bytes(number.to_be_bytes()).into_uuid()
}

fn announced(number: u128) -> Value {
    json!({ "uuid": uuid(number), "name": format!("box {number}"), "object_key": uuid(number + 1_000) })
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Whether nothing in it is `null`: what is absent is left out.
fn without_null(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().all(without_null),
        Value::Object(fields) => fields.values().all(without_null),
        _ => true,
    }
}

fn filesystem(name: &str, path: &str) -> Value {
    json!({ "name": name, "source": "filesystem", "purpose": "aip_store", "config": { "type": "filesystem", "value": { "path": path } } })
}

#[tokio::test]
async fn a_resource_has_its_fields_and_what_is_absent_is_left_out() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let bare = server.post("/api/storage/aips", &announced(1)).await.json();
    assert_eq!(keys(&bare), ["created_at", "name", "object_key", "status", "uuid", "version"]);
    let kept = server.deposit("box", bag(b"letter", b"letter")).await;
    let with_bytes = ["format", "location_uuid", "name", "object_key", "sha256", "sha512", "size", "status", "uuid", "version"];
    assert_eq!(keys(&kept), [&["created_at"], &with_bytes[..]].concat());
    let shown = server.get(&format!("{LOCATIONS}/{location}")).await.json();
    let of_location =
        ["aip_count", "created_at", "description", "name", "purpose", "source", "total_size", "updated_at", "uuid", "version"];
    assert_eq!(keys(&shown), of_location);
    let page = server.get("/api/storage/aips?limit=1").await.json();
    assert_eq!((keys(&page), keys(&page["page"])), (vec!["counts", "items", "page"], vec!["limit", "offset", "total"]));
    for path in ["/api/storage/aips", LOCATIONS, &format!("{LOCATIONS}/{location}/aips"), "/api/about"] {
        let told = server.get(path).await.json();
        assert!(without_null(&told), "{path}: {told}");
    }
}

#[tokio::test]
async fn a_workflow_says_no_more_than_has_happened() {
    let server = TestServer::start().await;
    server.post("/api/storage/aips", &announced(1)).await;
    let (services, path) = (server.services(), format!("/api/storage/aips/{}/workflows", uuid(1)));
    let new = NewWorkflow { aip_uuid: uuid(1), kind: WorkflowType::MoveAip, temporal_id: format!("storage-move-workflow-{}", uuid(1)) };
    let workflow = services.start_workflow(new).await.expect("started");
    let first = async || server.get(&path).await.json()["workflows"][0].clone();
    assert_eq!(keys(&first().await), ["aip_uuid", "started_at", "status", "temporal_id", "type", "uuid", "version"], "no tasks, no end");
    let new = NewTask { workflow_uuid: workflow.uuid, name: "Copy AIP".into(), note: "Copying AIP to target location".into() };
    let task = services.start_task(new).await.expect("started");
    let begun = first().await;
    assert_eq!(keys(&begun["tasks"][0]), ["name", "note", "started_at", "status", "uuid", "version", "workflow_uuid"]);
    services.finish_task(task.uuid, TaskStatus::Done, "AIP copied to target location".into()).await.expect("finished");
    let ended = first().await;
    assert_eq!(ended["tasks"][0]["completed_at"], "2026-06-01T10:00:00Z");
    assert!(ended.get("completed_at").is_none() && without_null(&ended), "{ended}");
}

#[tokio::test]
async fn every_status_is_recorded_as_it_is_given_and_told() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    for (number, status) in ["unspecified", "stored", "pending", "processing", "deleted", "queued"].into_iter().enumerate() {
        let mut body = announced(number as u128 + 1);
        body["status"] = json!(status);
        assert_eq!(server.post("/api/storage/aips", &body).await.json()["status"], status);
        let event = socket.event().await;
        assert_eq!((&event["value"]["type"], &event["value"]["value"]["item"]["status"]), (&json!("aip_created_event"), &json!(status)));
    }
    let mut body = announced(9);
    body["status"] = json!("failed");
    server.post("/api/storage/aips", &body).await.error(400, "invalid_enum_value");
}

#[tokio::test]
async fn the_record_that_was_made_last_comes_first_whatever_the_clock_says() {
    let server = TestServer::start().await;
    for number in 1..=3 {
        server.post("/api/storage/aips", &announced(number)).await;
        server.clock.advance(-3_600);
    }
    let page = server.get("/api/storage/aips").await.json();
    let names: Vec<_> = page["items"].as_array().expect("items").iter().map(|item| item["name"].clone()).collect();
    assert_eq!(names, ["box 3", "box 2", "box 1"]);
}

#[tokio::test]
async fn no_word_is_added_to_what_enduros_clients_read() {
    let server = TestServer::start().await;
    let schemas = server.get("/api/openapi.json").await.json()["components"]["schemas"].clone();
    for (name, words) in [
        ("AipStatus", &["stored", "pending", "processing", "queued", "deleted", "unspecified"][..]),
        ("LocationPurpose", &["unspecified", "aip_store"]),
        ("WorkflowType", &["unspecified", "upload aip", "move aip", "delete aip"]),
        ("WorkflowStatus", &["unspecified", "in progress", "done", "error", "queued", "pending", "canceled"]),
        ("TaskStatus", &["unspecified", "in progress", "done", "error", "queued", "pending"]),
        // Its dashboard shows a source that it does not know as it is.
        ("LocationSource", &["unspecified", "filesystem", "minio", "sftp", "amss"]),
    ] {
        let mut told: Vec<&str> = schemas[name]["enum"].as_array().expect("words").iter().filter_map(Value::as_str).collect();
        let mut words = words.to_vec();
        told.sort_unstable();
        words.sort_unstable();
        assert_eq!(told, words, "{name}");
    }
}

/// What the service writes for itself would raise alarms there without end.
#[tokio::test]
async fn no_location_is_where_the_service_keeps_its_own_data() {
    let server = TestServer::start_with(|config| {
        let around = config.data.parent().expect("a folder").to_path_buf();
        config.location_roots.push(around);
    })
    .await;
    let path = |path: &str| server.data().join(path).to_str().expect("UTF-8").to_owned();
    for (name, path) in [("all", path("")), ("submissions", path("submissions")), ("within", path("reports/within"))] {
        let refused = server.post(LOCATIONS, &filesystem(name, &path)).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.body.contains("path: the service keeps its own data there"), "{refused:?}");
    }
    assert_eq!(server.post(LOCATIONS, &filesystem("beside", &path("beside"))).await.status, 201);
}

#[tokio::test]
async fn a_folder_is_named_by_path_or_url_and_lies_under_the_roots() {
    let second = tempfile::tempdir().expect("a folder");
    let root = second.path().to_path_buf();
    let server = TestServer::start_with(|config| config.location_roots.push(root)).await;
    let url = |name: &str, url: String| json!({ "name": name, "source": "unspecified", "purpose": "aip_store", "config": { "type": "url", "value": { "url": url } } });
    let first = server.data().join("locations");
    for body in [
        filesystem("relative", "relative"),
        filesystem("absolute", first.join("absolute").to_str().expect("UTF-8")),
        filesystem("elsewhere", second.path().join("elsewhere").to_str().expect("UTF-8")),
        url("by url", format!("file://{}", first.join("by%20url").display())),
    ] {
        let made = server.post(LOCATIONS, &body).await;
        assert_eq!(made.status, 201, "{body}: {made:?}");
        let path = format!("/api/storage/deposits?name=box&location={}", made.json()["uuid"].as_str().expect("a UUID"));
        assert_eq!(Reply::to(server.request(Method::POST, &path).body(bag(b"letter", b"letter"))).await.status, 201, "{body}");
    }
    assert!(first.join("relative").is_dir() && second.path().join("elsewhere").is_dir() && first.join("by url").is_dir());
    for body in [
        url("outside", "file:///etc/strongroom".into()),
        url("climbing", format!("file://{}/../outside", first.display())),
        url("relative url", "file://second-store".into()),
        url("remote", "https://archive.example/store".into()),
        filesystem("the root itself", first.to_str().expect("UTF-8")),
    ] {
        assert!(server.post(LOCATIONS, &body).await.error(400, "not_valid").starts_with("invalid configuration: "), "{body}");
    }
}

#[tokio::test]
async fn what_a_location_is_called_is_not_held_against_its_configuration() {
    let server = TestServer::start().await;
    for source in ["unspecified", "minio", "sftp", "amss", "filesystem"] {
        let mut body = filesystem(source, source);
        body["source"] = json!(source);
        let made = server.post(LOCATIONS, &body).await;
        assert_eq!((made.status.as_u16(), keys(&made.json())), (201, vec!["uuid"]), "{source}");
        let shown = server.get(&format!("{LOCATIONS}/{}", made.json()["uuid"].as_str().expect("a UUID"))).await.json();
        assert_eq!(shown["source"], source);
    }
}

#[tokio::test]
async fn what_is_accepted_is_answered_without_body_or_type() {
    let server = TestServer::start().await;
    let second = server.add_location("second").await;
    let mut aips = Vec::new();
    for name in ["moved", "rejected", "deleted", "checked", "fetched"] {
        aips.push(server.deposit(name, bag(b"letter", b"letter")).await["uuid"].as_str().expect("a UUID").to_owned());
    }
    for (aip, what, body, status) in [
        (0, "store", json!({ "location_uuid": second }), 202),
        (1, "reject", Value::Null, 202),
        (2, "deletion-auto", json!({ "reason": "A duplicate of another AIP." }), 202),
        (3, "fixity", Value::Null, 202),
        (4, "download", Value::Null, 200),
    ] {
        let path = format!("/api/storage/aips/{}/{what}", aips[aip]);
        let reply = if body.is_null() { Reply::to(server.request(Method::POST, &path)).await } else { server.post(&path, &body).await };
        assert_eq!((reply.told(), reply.header("content-type")), ((status, ""), ""), "{what}");
    }
}

#[tokio::test]
async fn options_are_answered_at_every_address_of_the_storage() {
    let server = TestServer::start().await;
    let document = server.get("/api/openapi.json").await.json();
    let paths: Vec<&String> =
        document["paths"].as_object().expect("paths").keys().filter(|path| path.starts_with("/api/storage/")).collect();
    assert!(paths.len() > 15, "{paths:?}");
    for path in paths {
        for origin in [None, Some("https://elsewhere.example")] {
            let mut request = server.request(Method::OPTIONS, &path.replace("{uuid}", &uuid(1).to_string()));
            if let Some(origin) = origin {
                request = request.header("origin", origin).header("access-control-request-method", "POST");
            }
            let reply = Reply::to(request).await;
            assert_eq!((reply.told(), reply.header("access-control-allow-origin")), ((204, ""), ""), "{path}");
            assert!(!reply.header("allow").is_empty(), "{path}");
        }
    }
    assert_eq!(Reply::to(server.request(Method::OPTIONS, "/api/storage/nothing")).await.status, 404);
}
