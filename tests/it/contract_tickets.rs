//! What a ticket opens, and what is told of it (`storage-api.md` sections 0 and 5.5).

use crate::support::{
    Reply, Socket, TestServer, bag,
    process::{Process, client},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

const MONITOR_COOKIE: &str = "enduro-storage-ws-ticket";
const DOWNLOAD_COOKIE: &str = "enduro-aip-download-ticket";
const REPORT_COOKIE: &str = "enduro-delreport-ticket";
const MONITOR: &str = "/api/storage/monitor";

/// The ticket that an address hands out.
async fn ticket(server: &TestServer, path: &str) -> String {
    let reply = Reply::to(server.request(Method::POST, path)).await;
    let pair = reply.header("set-cookie").strip_suffix("; Max-Age=5; HttpOnly; Secure").unwrap_or_else(|| panic!("{reply:?}"));
    let (name, value) = pair.split_once('=').expect("a pair");
    assert!([MONITOR_COOKIE, DOWNLOAD_COOKIE, REPORT_COOKIE].contains(&name) && value.len() == 43, "{pair}");
    value.to_owned()
}

#[tokio::test]
async fn a_ticket_opens_the_door_it_is_for_and_no_other() {
    let server = TestServer::start().await;
    let (aip, other) = (server.deposit("box", bag(b"letter", b"letter")).await, server.deposit("other", bag(b"a", b"a")).await);
    let at = |aip: &Value, what: &str| format!("/api/storage/aips/{}/{what}", aip["uuid"].as_str().expect("a UUID"));
    let deleted = server.deposit("deleted", bag(b"b", b"b")).await;
    assert_eq!(server.post(&at(&deleted, "deletion-auto"), &json!({ "reason": "A duplicate of another AIP." })).await.status, 202);
    server.at_rest(deleted["uuid"].as_str().expect("a UUID")).await;

    let (download, report) = (at(&aip, "download"), at(&deleted, "deletion-report"));
    for (handed_out_at, door, cookie) in [
        (MONITOR, &download, DOWNLOAD_COOKIE),
        (MONITOR, &report, REPORT_COOKIE),
        (&download, &at(&other, "download"), DOWNLOAD_COOKIE),
        (&download, &report, REPORT_COOKIE),
        (&report, &download, DOWNLOAD_COOKIE),
    ] {
        let cookie = format!("{cookie}={}", ticket(&server, handed_out_at).await);
        let reply = Reply::to(server.request(Method::GET, door).header("cookie", cookie)).await;
        assert_eq!(reply.told(), (401, "\"Unauthorized\""), "of {handed_out_at} at {door}");
    }
    for handed_out_at in [&download, &report] {
        let cookie = format!("{}={}", MONITOR_COOKIE, ticket(&server, handed_out_at).await);
        let Err((status, body)) = Socket::open(&server, &[("cookie", &cookie)]).await else { panic!("the upgrade went through") };
        assert_eq!((status, body.as_str()), (401, "\"Unauthorized\""));
    }
}

#[tokio::test]
async fn a_ticket_is_in_no_log_whether_it_is_good_or_not() {
    let (data, client) = (TempDir::new().expect("a folder"), client());
    let log = data.path().join("log.txt");
    let process = Process::start_logging(data.path(), &log, "debug").await;
    let url = format!("{}{MONITOR}", process.origin);
    let reply = Reply::to(client.post(&url)).await;
    let good = reply.header("set-cookie").split(['=', ';']).nth(1).expect("a ticket").to_owned();
    let bad = "recognisable-5f2c-recognisable-5f2c-recogni";
    let upgrade = |value: &str| {
        let handshake = [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
        let request = handshake.iter().fold(client.get(&url), |request, (name, value)| request.header(*name, *value));
        request.header("sec-websocket-key", "c3Ryb25ncm9vbSB0ZXN0IQ==").header("cookie", format!("{}={value}", MONITOR_COOKIE)).send()
    };
    for (value, status) in [(bad, 401), (good.as_str(), 101), (good.as_str(), 401)] {
        assert_eq!(upgrade(value).await.expect("an answer").status(), status);
    }
    process.kill().await;
    let log = fs::read_to_string(&log).expect("a log");
    assert!(log.contains(MONITOR), "the log was heard: {log}");
    assert!(!log.contains(&good) && !log.contains(bad), "{log}");
}
