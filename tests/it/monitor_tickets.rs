//! Tickets (`realtime.md` section 3, `storage-api.md` sections 5.4 and 5.5).

use crate::support::{Reply, Socket, TestServer};
use reqwest::Method;
use serde_json::json;

const MONITOR: &str = "/api/storage/monitor";

/// Asks for a ticket as our own pages do.
async fn ticket(server: &TestServer, origin: Option<&str>) -> String {
    let mut request = server.request(Method::POST, MONITOR).header("content-type", "application/json").body(r#"{"carry":"subprotocol"}"#);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    let reply = Reply::to(request).await;
    assert_eq!((reply.status.as_u16(), reply.header("set-cookie")), (200, ""), "no cookie beside the body");
    let ticket = reply.json();
    assert_eq!(ticket["expires_in"], 5);
    ticket["ticket"].as_str().expect("a ticket").to_owned()
}

async fn open(server: &TestServer, ticket: &str, origin: Option<&str>) -> Result<Socket, (u16, String)> {
    let protocols = format!("strongroom.v1, ticket.{ticket}");
    let mut headers = vec![("sec-websocket-protocol", protocols.as_str())];
    headers.extend(origin.map(|origin| ("origin", origin)));
    Socket::open(server, &headers).await
}

fn refused(result: Result<Socket, (u16, String)>) -> (u16, String) {
    match result {
        Ok(_) => panic!("the upgrade went through"),
        Err(refused) => refused,
    }
}

fn unauthorized() -> (u16, String) {
    (401, "\"Unauthorized\"".to_owned())
}

#[tokio::test]
async fn a_ticket_opens_the_monitor_once() {
    let server = TestServer::start().await;
    let ticket = ticket(&server, None).await;
    assert_eq!(ticket.len(), 43);
    let mut socket = open(&server, &ticket, None).await.expect("an upgrade");
    assert_eq!(socket.protocol.as_deref(), Some("strongroom.v1"), "the ticket is not echoed");
    assert_eq!(socket.begin(&["storage"], None).await["type"], "session.started");
    assert_eq!(refused(open(&server, &ticket, None).await), unauthorized());
}

#[tokio::test]
async fn a_ticket_lasts_five_seconds() {
    let server = TestServer::start().await;
    let (early, late) = (ticket(&server, None).await, ticket(&server, None).await);
    server.clock.advance(4);
    open(&server, &early, None).await.expect("an upgrade");
    server.clock.advance(1);
    assert_eq!(refused(open(&server, &late, None).await), unauthorized());
}

#[tokio::test]
async fn a_ticket_belongs_to_the_page_that_asked_for_it() {
    let server = TestServer::start_with(|config| config.allowed_origins.push("https://partner.example".into())).await;
    let own = server.origin();
    let for_own = ticket(&server, Some(&own)).await;
    assert_eq!(refused(open(&server, &for_own, Some("https://partner.example")).await), unauthorized());
    assert_eq!(refused(open(&server, &for_own, Some(&own)).await), unauthorized(), "used up by the attempt");
    let for_own = ticket(&server, Some(&own)).await;
    open(&server, &for_own, Some(&own)).await.expect("an upgrade");
}

#[tokio::test]
async fn an_invented_ticket_opens_nothing() {
    let server = TestServer::start().await;
    assert_eq!(refused(open(&server, "invented", None).await), unauthorized());
    assert_eq!(refused(Socket::open(&server, &[("cookie", "enduro-storage-ws-ticket=invented")]).await), unauthorized());
}

#[tokio::test]
async fn a_foreign_page_gets_neither_ticket_nor_connection() {
    let server = TestServer::start().await;
    let request = server.request(Method::POST, MONITOR).header("origin", "https://evil.example");
    assert_eq!(Reply::to(request).await.status, 403);
    assert_eq!(refused(Socket::open(&server, &[("origin", "https://evil.example")]).await).0, 403);
    assert_eq!(refused(Socket::open(&server, &[("host", "evil.example"), ("origin", "http://evil.example")]).await).0, 403);
}

#[tokio::test]
async fn enduros_clients_carry_it_in_a_cookie() {
    let server = TestServer::start().await;
    let reply = Reply::to(server.request(Method::POST, MONITOR)).await;
    assert_eq!((reply.told(), reply.header("content-type")), ((200, ""), ""), "no body and no content type");
    let cookie = reply.header("set-cookie").to_owned();
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert_eq!(attributes, "Max-Age=5; HttpOnly; Secure", "the browser sends it to this folder of addresses, on either listener");
    assert_eq!(pair.strip_prefix("enduro-storage-ws-ticket=").map(str::len), Some(43));
    let mut socket = Socket::open(&server, &[("cookie", pair)]).await.expect("an upgrade");
    assert_eq!(socket.protocol, None);
    socket.hello().await;
    assert_eq!(refused(Socket::open(&server, &[("cookie", pair)]).await), unauthorized());
}

#[tokio::test]
async fn without_sign_in_no_ticket_is_needed() {
    let server = TestServer::start().await;
    Socket::plain(&server).await;
}

#[tokio::test]
async fn a_request_for_a_ticket_is_checked() {
    let server = TestServer::start().await;
    server.post(MONITOR, &json!({ "carry": "pigeon" })).await.error(400, "not_valid");
    server.post(MONITOR, &json!([])).await.error(400, "decode_payload");
}

#[tokio::test]
async fn tickets_are_not_in_the_log_that_people_read() {
    let server = TestServer::start().await;
    let ticket = ticket(&server, None).await;
    for path in ["/api/events", "/api/storage/overview", "/api/about"] {
        assert!(!server.get(path).await.body.contains(&ticket), "{path}");
    }
}
