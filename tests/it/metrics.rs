//! The service's figures, for Prometheus.

use crate::support::{IdentityProvider, Reply, Socket, TestServer, bag, soon};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;

/// What was told at one moment: each series, as it is written, with its value.
#[derive(Debug)]
struct Figures(BTreeMap<String, f64>);

impl Figures {
    async fn of(server: &TestServer) -> Self {
        let reply = server.get("/metrics").await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
        assert_eq!(reply.header("cache-control"), "no-store");
        Self::read(&reply.body)
    }

    fn read(text: &str) -> Self {
        let series = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(
            series
                .map(|line| {
                    let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no series: {line}"));
                    (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number: {line}")))
                })
                .collect(),
        )
    }

    /// The value of a series; 0 before it was first counted.
    fn at(&self, series: &str) -> f64 {
        self.0.get(series).copied().unwrap_or_default()
    }
}

fn requests(method: &str, route: &str, status: u16) -> String {
    format!("strongroom_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")
}

#[tokio::test]
async fn what_was_done_is_counted_and_nothing_else() {
    let server = TestServer::start().await;
    let target = server.add_location("annex").await;
    let package = bag(b"letter", b"letter");
    let before = Figures::of(&server).await;

    let aip = server.deposit("letters-of-nobody", package.clone()).await;
    let uuid = aip["uuid"].as_str().expect("a UUID").to_owned();
    for _ in 0..3 {
        server.get("/api/storage/aips?query=letters-of-nobody").await;
    }
    server.get("/api/storage/aips/d1845cb6-a5ea-474a-9ab8-26f9bcd919f5/verification").await.json();
    server.get("/api/nothing/letters-of-nobody").await.error(404, "fault");
    assert_eq!(server.post(&format!("/api/storage/aips/{uuid}/fixity"), &json!({})).await.status, 202);
    server.at_rest(&uuid).await;
    assert_eq!(server.post(&format!("/api/storage/aips/{uuid}/store"), &json!({ "location_uuid": target })).await.status, 202);
    server.at_rest(&uuid).await;
    assert_eq!(server.get(&format!("/api/storage/aips/{uuid}/download")).await.status, 200);

    let after = Figures::of(&server).await;
    let size = package.len() as f64;
    for (series, more) in [
        (requests("POST", "/api/storage/deposits", 201), 1.0),
        (requests("GET", "/api/storage/aips", 200), 3.0),
        (requests("GET", "/api/storage/aips/{uuid}/verification", 404), 1.0),
        (requests("GET", "/api/{*anything}", 404), 1.0),
        (requests("GET", "/metrics", 200), 1.0),
        (r#"strongroom_http_request_duration_seconds_count{method="GET",route="/api/storage/aips"}"#.into(), 3.0),
        (r#"strongroom_events_total{type="aip_created_event"}"#.into(), 1.0),
        (r#"strongroom_events_total{type="aip_location_updated_event"}"#.into(), 1.0),
        (r#"strongroom_workflows_total{type="upload aip",outcome="done"}"#.into(), 1.0),
        (r#"strongroom_workflows_total{type="check fixity",outcome="done"}"#.into(), 1.0),
        (r#"strongroom_workflows_total{type="move aip",outcome="done"}"#.into(), 1.0),
        (r#"strongroom_workflows_total{type="move aip",outcome="error"}"#.into(), 0.0),
        (r#"strongroom_bytes_total{operation="deposit"}"#.into(), size),
        (r#"strongroom_bytes_total{operation="fixity"}"#.into(), size),
        (r#"strongroom_bytes_total{operation="move"}"#.into(), 2.0 * size),
        (r#"strongroom_bytes_total{operation="download"}"#.into(), size),
    ] {
        assert_eq!(after.at(&series) - before.at(&series), more, "{series}");
    }
    let events: f64 = after.0.iter().filter(|(series, _)| series.starts_with("strongroom_events_total")).map(|(_, count)| count).sum();
    assert_eq!(events, server.services().position().seq as f64, "every entry of the log, and none twice");
    assert_eq!(after.at(&format!("strongroom_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    assert!(after.at("process_resident_memory_bytes") > 1_000_000.0 && after.at("process_start_time_seconds") > 1e9);
    for series in after.0.keys() {
        let named = [uuid.as_str(), "letters", "nobody", "query", "d1845cb6", "annex", "127.0.0.1"];
        assert!(!named.iter().any(|name| series.contains(name)), "{series} tells what was asked for");
    }
}

#[tokio::test]
async fn live_connections_are_counted_while_they_last() {
    let server = TestServer::start().await;
    let (open, opened, closed) =
        ["", "_opened_total", "_closed_total"].map(|what| format!("strongroom_live_connections{what}{{door=\"monitor\"}}")).into();
    let (first, second) = (Socket::plain(&server).await, Socket::plain(&server).await);
    let figures = Figures::of(&server).await;
    assert_eq!((figures.at(&open), figures.at(&opened), figures.at(&closed)), (2.0, 2.0, 0.0));
    drop(first);
    let figures = soon("the end of a connection", async {
        loop {
            let figures = Figures::of(&server).await;
            if figures.at(&closed) > 0.0 {
                return figures;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!((figures.at(&open), figures.at(&opened), figures.at(&closed)), (1.0, 2.0, 1.0));
    drop(second);
}

#[tokio::test]
async fn a_page_is_one_request_whatever_it_asks_for_itself() {
    let server = TestServer::start().await;
    let before = Figures::of(&server).await;
    assert_eq!(server.get("/storage/aips").await.status, 200);
    assert_eq!(server.get("/no-such-page/letters-of-nobody").await.status, 404);
    let after = Figures::of(&server).await;
    let more = |series: &str| after.at(series) - before.at(series);
    assert_eq!(more(&requests("GET", "/storage/aips", 200)), 1.0);
    assert_eq!(more(&requests("GET", "other", 404)), 1.0);
    assert_eq!(more(&requests("GET", "/api/storage/aips", 200)), 0.0, "that was the page");
    assert!(after.0.keys().all(|series| !series.contains("letters")));
}

#[tokio::test]
async fn work_that_is_not_over_is_told_with_its_age() {
    let Some(provider) = IdentityProvider::start("work_that_is_not_over_is_told_with_its_age").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let bearer = provider.bearer("administrator").await;
    let aip = json!({ "uuid": "9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01", "name": "a", "object_key": "2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77",
        "status": "stored", "location_uuid": server.first_location().await });
    let send = |path: &str, body: serde_json::Value| {
        Reply::to(server.request(Method::POST, &format!("/api/storage/{path}")).header("authorization", &bearer).json(&body))
    };
    assert_eq!(send("aips", aip).await.status, 200);
    let asked =
        send("aips/9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01/deletion-request", json!({ "reason": "A duplicate of another AIP." })).await;
    assert_eq!(asked.told(), (202, ""));
    let figures = Figures::read(&server.get_as(&bearer, "/metrics").await.body);
    assert_eq!(figures.at(r#"strongroom_work{state="waiting"}"#), 1.0, "for a person");
    assert_eq!((figures.at(r#"strongroom_work{state="queued"}"#), figures.at("strongroom_work_oldest_age")), (0.0, 0.0));
}

#[tokio::test]
async fn where_people_sign_in_it_takes_an_attribute_on_either_listener() {
    let Some(provider) = IdentityProvider::start("where_people_sign_in_it_takes_an_attribute_on_either_listener").await else { return };
    let server = TestServer::start_trusting(&provider, |config| config.api_listen = Some(([127, 0, 0, 1], 0).into())).await;
    let holding = async |attributes: &[&str]| {
        format!("Bearer {}", provider.mint(&json!({ "account": "nobody", "claims": { "attributes": attributes } })).await)
    };
    let (with, without) = (holding(&["system:metrics:read"]).await, holding(&["storage:*"]).await);
    for address in [format!("{}/metrics", server.origin()), format!("{}/metrics", server.direct())] {
        let ask = |bearer: &str| Reply::to(server.request_to(Method::GET, &address).header("authorization", bearer));
        assert_eq!(ask("").await.told(), (401, "\"Unauthorized\""), "{address}");
        assert_eq!(ask(&without).await.told(), (403, "\"Forbidden\""), "{address}");
        let reply = ask(&with).await;
        assert!(reply.status == 200 && reply.body.contains("strongroom_build_info"), "{address}: {reply:?}");
    }
    assert_eq!(Reply::to(server.request_to(Method::GET, &format!("{}/api/metrics", server.direct()))).await.status, 404);
}
