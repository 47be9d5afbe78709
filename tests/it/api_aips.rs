//! The resource AIPs (`storage-api.md` sections 3, 4.2, 4.3 and 4.5).

use crate::support::TestServer;
use reqwest::Method;
use serde_json::{Value, json};
use strongroom::{
    domain::{TaskStatus, WorkflowStatus, WorkflowType},
    server::service::{NewTask, NewWorkflow},
};
use uuid::Uuid;

/// An AIP with a UUID and an object key made of its number.
fn announced(number: u128, name: &str) -> Value {
    json!({ "uuid": uuid(number), "name": name, "object_key": uuid(number + 1_000) })
}

/// A UUID (RFC 9562 version 8) that holds this number.
fn uuid(number: u128) -> Uuid {
    uuid::Builder::from_custom_bytes(number.to_be_bytes()).into_uuid()
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn an_empty_archive_has_an_empty_page() {
    let server = TestServer::start().await;
    let reply = server.get("/api/storage/aips").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    let page = reply.json();
    assert_eq!(page["items"], json!([]));
    assert_eq!(page["page"], json!({ "limit": 20, "offset": 0, "total": 0 }));
}

#[tokio::test]
async fn an_announced_aip_is_answered_listed_and_shown() {
    let server = TestServer::start().await;
    let location = server.first_location().await;
    let mut body = announced(1, "fonds-12.zip");
    body["status"] = json!("stored");
    body["location_uuid"] = json!(location);
    let created = server.post("/api/storage/aips", &body).await;
    assert_eq!(created.status, 200, "not 201: as Enduro answers");
    let aip = created.json();
    for (field, value) in body.as_object().expect("an object") {
        assert_eq!(&aip[field], value, "{field}");
    }
    assert_eq!(aip["created_at"], "2026-06-01T10:00:00Z");
    assert!(aip.get("deletion_report_key").is_none(), "absent, never null");
    assert_eq!(server.get(&format!("/api/storage/aips/{}", uuid(1))).await.json(), aip);
    assert_eq!(server.get("/api/storage/aips").await.json()["items"], json!([aip]));
    assert_eq!(server.get(&format!("/api/storage/locations/{location}/aips")).await.json(), json!([aip]));
}

#[tokio::test]
async fn the_status_of_an_announced_aip_is_unspecified_unless_given() {
    let server = TestServer::start().await;
    let aip = server.post("/api/storage/aips", &announced(1, "a")).await.json();
    assert_eq!(aip["status"], "unspecified");
    assert!(aip.get("location_uuid").is_none(), "absent, never null");
}

#[tokio::test]
async fn a_taken_uuid_or_object_key_is_told_by_name() {
    let server = TestServer::start().await;
    server.post("/api/storage/aips", &announced(1, "a")).await;
    let mut same_key = announced(2, "b");
    same_key["object_key"] = json!(uuid(1_001));
    for (body, field) in [(announced(1, "b"), "uuid"), (same_key, "object_key")] {
        let reply = server.post("/api/storage/aips", &body).await;
        assert!(reply.error(400, "not_valid").contains(field), "{reply:?}");
        assert_eq!(reply.header("goa-error"), "not_valid");
    }
    let mut nowhere = announced(3, "c");
    nowhere["location_uuid"] = json!(uuid(9));
    assert!(server.post("/api/storage/aips", &nowhere).await.error(400, "not_valid").contains("location"));
    assert_eq!(server.get("/api/storage/aips").await.json()["page"]["total"], 1, "nothing of what was refused is kept");
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_cut_into_pages() {
    let server = TestServer::start().await;
    for (number, name) in [(1, "Charters"), (2, "council minutes"), (3, "100% maps"), (4, "maps")] {
        let mut body = announced(number, name);
        body["status"] = json!(if number == 4 { "stored" } else { "pending" });
        server.post("/api/storage/aips", &body).await;
        server.clock.advance(60);
    }
    let list = async |query: &str| {
        let reply = server.get(&format!("/api/storage/aips?{query}")).await;
        assert_eq!(reply.status, 200, "{query}: {reply:?}");
        reply.json()
    };
    assert_eq!(names(&list("").await), ["maps", "100% maps", "council minutes", "Charters"], "newest first");
    assert_eq!(names(&list("sort=name").await), ["100% maps", "Charters", "council minutes", "maps"], "ignoring case");
    assert_eq!(names(&list("sort=-created_at").await), ["maps", "100% maps", "council minutes", "Charters"]);
    assert_eq!(names(&list("query=CHART").await), ["Charters"], "in either case");
    assert_eq!(names(&list("query=%25").await), ["100% maps"], "a percent sign is no wildcard");
    assert_eq!(names(&list("query=_").await), Vec::<&str>::new(), "nor is an underscore");
    assert_eq!(names(&list(&format!("query={}", uuid(2))).await), ["council minutes"]);
    assert_eq!(names(&list(&format!("query={}", uuid(1_003))).await), ["100% maps"], "by object key");
    assert_eq!(names(&list("status=stored").await), ["maps"]);
    assert_eq!(names(&list(&format!("location_uuid={}", server.first_location().await)).await), Vec::<&str>::new());
    let page = list("limit=2&offset=1&status=pending").await;
    assert_eq!(names(&page), ["council minutes", "Charters"]);
    assert_eq!(page["page"], json!({ "limit": 2, "offset": 1, "total": 3 }), "effective values and the filtered count");
    assert_eq!(list("limit=-1").await["page"]["limit"], 1000);
}

#[tokio::test]
async fn time_bounds_are_inclusive_below_and_exclusive_above() {
    let server = TestServer::start().await;
    for (number, name) in [(1, "10:00"), (2, "10:01"), (3, "10:02")] {
        server.post("/api/storage/aips", &announced(number, name)).await;
        server.clock.advance(60);
    }
    for (query, expected) in [
        ("earliest_created_time=2026-06-01T10:01:00Z", vec!["10:02", "10:01"]),
        ("latest_created_time=2026-06-01T10:01:00.000Z", vec!["10:00"]),
        ("earliest_created_time=2026-06-01T12:01:00%2B02:00&latest_created_time=2026-06-01T10:02:00Z", vec!["10:01"]),
        ("earliest_created_time=2026-06-01T10:01:00Z&latest_created_time=2026-06-01T10:01:00Z", vec!["10:01"]),
        ("earliest_created_time=&latest_created_time=", vec!["10:02", "10:01", "10:00"]),
    ] {
        assert_eq!(names(&server.get(&format!("/api/storage/aips?{query}")).await.json()), expected, "{query}");
    }
    let reversed = "earliest_created_time=2026-06-02T00:00:00Z&latest_created_time=2026-06-01T00:00:00Z";
    let reply = server.get(&format!("/api/storage/aips?{reversed}")).await;
    assert_eq!(reply.error(400, "not_valid"), "created at: time range: end cannot be before start");
}

#[tokio::test]
async fn every_form_of_a_uuid_names_the_same_aip() {
    let server = TestServer::start().await;
    let id = "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5";
    server.post("/api/storage/aips", &json!({ "uuid": format!("urn:uuid:{id}"), "name": "a", "object_key": uuid(1) })).await;
    for form in [id.to_owned(), id.to_uppercase(), id.replace('-', ""), format!("%7B{id}%7D"), format!("urn:uuid:{id}")] {
        let reply = server.get(&format!("/api/storage/aips/{form}")).await;
        assert_eq!((reply.status.as_u16(), reply.json()["uuid"].as_str().unwrap_or_default()), (200, id), "{form}");
    }
}

#[tokio::test]
async fn workflows_are_oldest_first_with_their_tasks_in_order() {
    let server = TestServer::start().await;
    server.post("/api/storage/aips", &announced(1, "a")).await;
    let path = format!("/api/storage/aips/{}/workflows", uuid(1));
    assert_eq!(server.get(&path).await.told(), (200, r#"{"workflows":[]}"#));
    let services = server.services();
    for (kind, status) in [(WorkflowType::MoveAip, WorkflowStatus::Done), (WorkflowType::DeleteAip, WorkflowStatus::Error)] {
        let new = NewWorkflow { aip_uuid: uuid(1), kind, temporal_id: format!("storage-{kind}") };
        let workflow = services.start_workflow(new).await.expect("started");
        for name in ["Copy AIP", "Delete AIP"] {
            let task = services
                .start_task(NewTask { workflow_uuid: workflow.uuid, name: name.into(), note: "At work".into() })
                .await
                .expect("started");
            services.finish_task(task.uuid, TaskStatus::Done, format!("{name}: done")).await.expect("finished");
        }
        server.clock.advance(1);
        services.finish_workflow(workflow.uuid, status).await.expect("finished");
    }
    let workflows = server.get(&path).await.json();
    let told: Vec<_> = workflows["workflows"].as_array().expect("workflows").iter().map(|workflow| workflow["type"].clone()).collect();
    assert_eq!(told, ["move aip", "delete aip"]);
    let first = &workflows["workflows"][0];
    assert_eq!((&first["started_at"], &first["completed_at"]), (&json!("2026-06-01T10:00:00Z"), &json!("2026-06-01T10:00:01Z")));
    let tasks: Vec<_> = first["tasks"].as_array().expect("tasks").iter().map(|task| (task["name"].clone(), task["note"].clone())).collect();
    assert_eq!(tasks, [(json!("Copy AIP"), json!("Copy AIP: done")), (json!("Delete AIP"), json!("Delete AIP: done"))]);
    for (query, count) in [("status=error", 1), ("type=move+aip", 1), ("type=move%20aip&status=error", 0), ("status=&type=", 2)] {
        let found = server.get(&format!("{path}?{query}")).await.json();
        assert_eq!(found["workflows"].as_array().expect("workflows").len(), count, "{query}");
    }
    let message = server.get(&format!("{path}?status=failed&type=copy")).await.error(400, "invalid_enum_value");
    assert!(message.contains("failed") && message.contains("copy"), "{message}");
}

#[tokio::test]
async fn what_does_not_exist_is_told_in_shape_b() {
    let server = TestServer::start().await;
    for path in ["", "/workflows", "/verification"] {
        let reply = server.get(&format!("/api/storage/aips/d1845cb6-a5ea-474a-9ab8-26f9bcd919f5{path}")).await;
        assert_eq!(reply.told(), (404, r#"{"message":"AIP not found","uuid":"d1845cb6-a5ea-474a-9ab8-26f9bcd919f5"}"#), "{path}");
        assert_eq!(reply.header("goa-error"), "not_found");
    }
}

#[tokio::test]
async fn an_aip_that_was_never_read_here_has_no_verification() {
    let server = TestServer::start().await;
    server.post("/api/storage/aips", &announced(1, "a")).await;
    assert_eq!(server.get(&format!("/api/storage/aips/{}/verification", uuid(1))).await.told(), (200, "null"));
}

#[tokio::test]
async fn the_filtered_view_is_exported_whole() {
    let server = TestServer::start().await;
    for number in 1..=3 {
        server.post("/api/storage/aips", &announced(number, &format!("box {number}, \"A\""))).await;
    }
    let reply = server.get("/api/storage/aips.csv?query=box&sort=name&limit=1").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").starts_with("text/csv"));
    let lines: Vec<_> = reply.body.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4, "a head and every row: {reply:?}");
    assert!(lines[1].starts_with("\"box 1, \"\"A\"\"\","), "{}", lines[1]);
}

#[tokio::test]
async fn a_record_cannot_be_replaced_or_removed() {
    let server = TestServer::start().await;
    server.post("/api/storage/aips", &announced(1, "a")).await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let reply = server.send(method, &format!("/api/storage/aips/{}", uuid(1)), &json!({})).await;
        assert_eq!(reply.told(), (405, ""));
    }
}
