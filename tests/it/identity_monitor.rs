//! The live connection where people sign in: who may open it, what they see, and when it ends (`storage-api.md` section 6.3).

use crate::support::{Browser, IdentityProvider, Reply, Socket, TestServer, soon};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const MONITOR: &str = "/api/storage/monitor";

async fn parts(test: &str) -> Option<(IdentityProvider, TestServer)> {
    let provider = IdentityProvider::start(test).await?;
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    Some((provider, server))
}

fn refused(result: Result<Socket, (u16, String)>) -> u16 {
    match result {
        Ok(_) => panic!("the upgrade went through"),
        Err((status, _)) => status,
    }
}

/// A ticket for the page of a signed-in browser.
async fn ticket(browser: &mut Browser, server: &TestServer) -> String {
    let reply = browser.change(server, Method::POST, MONITOR, r#"{"carry":"subprotocol"}"#).await;
    reply.json()["ticket"].as_str().unwrap_or_else(|| panic!("no ticket in {reply:?}")).to_owned()
}

async fn open(server: &TestServer, ticket: &str, cookies: &str) -> Result<Socket, (u16, String)> {
    let protocols = format!("strongroom.v1, ticket.{ticket}");
    Socket::open(server, &[("sec-websocket-protocol", &protocols), ("origin", &server.origin()), ("cookie", cookies)]).await
}

/// A monitor that a signed-in browser has open.
async fn watching(browser: &mut Browser, server: &TestServer) -> Socket {
    let ticket = ticket(browser, server).await;
    let mut socket = open(server, &ticket, &browser.cookies(server)).await.expect("an upgrade");
    socket.begin(&["storage"], None).await;
    socket
}

async fn with_bearer(server: &TestServer, bearer: &str) -> Socket {
    let mut socket =
        Socket::open(server, &[("authorization", bearer), ("sec-websocket-protocol", "strongroom.v1")]).await.expect("an upgrade");
    socket.begin(&["storage"], None).await;
    socket
}

fn aip() -> Value {
    json!({ "uuid": Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5e01), "name": "fonds", "object_key": Uuid::from_u128(0x4000_8000_0000_0000_0001), "status": "stored" })
}

async fn post_as(server: &TestServer, bearer: &str, path: &str, body: &Value) -> Reply {
    Reply::to(server.request(Method::POST, path).header("authorization", bearer).json(body)).await
}

#[tokio::test]
async fn a_cookie_alone_opens_nothing() {
    let Some((provider, server)) = parts("a_cookie_alone_opens_nothing").await else { return };
    let mut browser = Browser::default();
    browser.sign_in(&server, "reader", "/about").await;
    let cookies = browser.cookies(&server);
    assert_eq!(refused(Socket::open(&server, &[("cookie", &cookies), ("origin", &server.origin())]).await), 401);
    assert_eq!(refused(Socket::open(&server, &[]).await), 401);
    watching(&mut browser, &server).await;
    with_bearer(&server, &provider.bearer("nobody").await).await;
}

#[tokio::test]
async fn a_ticket_is_worth_nothing_to_somebody_else_or_after_signing_out() {
    let name = "a_ticket_is_worth_nothing_to_somebody_else_or_after_signing_out";
    let Some((_provider, server)) = parts(name).await else { return };
    let (mut reader, mut requester) = (Browser::default(), Browser::default());
    reader.sign_in(&server, "reader", "/about").await;
    requester.sign_in(&server, "requester", "/about").await;
    let stolen = ticket(&mut requester, &server).await;
    assert_eq!(refused(open(&server, &stolen, &reader.cookies(&server)).await), 401);
    let own = ticket(&mut requester, &server).await;
    requester.change(&server, Method::POST, "/api/auth/signout", "").await;
    assert_eq!(refused(open(&server, &own, "").await), 401);
}

#[tokio::test]
async fn everybody_sees_what_their_attributes_say_and_nothing_else() {
    let name = "everybody_sees_what_their_attributes_say_and_nothing_else";
    let Some((provider, server)) = parts(name).await else { return };
    provider.change("reviewer", &json!({ "attributes": ["storage:locations:list"] })).await;
    provider.change("nobody", &json!({ "attributes": ["storage:aips:read"] })).await;
    let administrator = provider.bearer("administrator").await;
    let mut all = with_bearer(&server, &administrator).await;
    let mut locations = with_bearer(&server, &provider.bearer("reviewer").await).await;
    let mut read_only = with_bearer(&server, &provider.bearer("nobody").await).await;

    assert_eq!(post_as(&server, &administrator, "/api/storage/aips", &aip()).await.status, 200);
    let body = json!({ "name": "north", "source": "filesystem", "purpose": "aip_store",
        "config": { "type": "filesystem", "value": { "path": "north" } } });
    let made = post_as(&server, &administrator, "/api/storage/locations", &body).await;
    assert_eq!(made.status, 201);
    let path = format!("/api/storage/locations/{}", made.json()["uuid"].as_str().expect("a UUID"));
    let changed = server.request(Method::PATCH, &path).header("authorization", &administrator).json(&json!({ "description": "x" }));
    assert_eq!(Reply::to(changed).await.status, 200);

    assert_eq!(all.types(3).await, ["aip_created_event", "location_created_event", "location_updated_event"]);
    assert_eq!(locations.types(2).await, ["location_created_event", "location_updated_event"]);
    // Whoever may only read AIPs is not told of new ones, nor of locations: nothing but the next ping comes.
    server.services().hub().shutdown().cancel();
    assert_eq!(read_only.frame().await["code"], "restart");
}

#[tokio::test]
async fn signing_out_ends_the_connections_of_that_session_and_no_other() {
    let name = "signing_out_ends_the_connections_of_that_session_and_no_other";
    let Some((_provider, server)) = parts(name).await else { return };
    let (mut here, mut elsewhere) = (Browser::default(), Browser::default());
    here.sign_in(&server, "reader", "/about").await;
    elsewhere.sign_in(&server, "reader", "/about").await;
    let (mut one, mut two) = (watching(&mut here, &server).await, watching(&mut here, &server).await);
    let mut other = watching(&mut elsewhere, &server).await;
    here.change(&server, Method::POST, "/api/auth/signout", "").await;
    for socket in [&mut one, &mut two] {
        assert_eq!(socket.frame().await["code"], "expired");
        assert_eq!(socket.closed().await.map(|frame| u16::from(frame.code)), Some(1008));
    }
    elsewhere.change(&server, Method::POST, "/api/auth/signout", "").await;
    assert_eq!(other.closed().await.map(|frame| u16::from(frame.code)), Some(1008));
}

#[tokio::test]
async fn an_operator_can_end_a_session() {
    let Some((_provider, server)) = parts("an_operator_can_end_a_session").await else { return };
    let (mut browser, mut other) = (Browser::default(), Browser::default());
    browser.sign_in(&server, "reader", "/about").await;
    other.sign_in(&server, "reviewer", "/about").await;
    let (mut socket, mut stays) = (watching(&mut browser, &server).await, watching(&mut other, &server).await);
    server.operator("DELETE FROM session WHERE name = 'reader@example.org'").await;
    assert_eq!(socket.closed().await.map(|frame| u16::from(frame.code)), Some(1008));
    other.change(&server, Method::POST, "/api/auth/signout", "").await;
    assert_eq!(stays.closed().await.map(|frame| u16::from(frame.code)), Some(1008));
}

#[tokio::test]
async fn a_connection_ends_with_its_token_or_session() {
    let Some(provider) = IdentityProvider::start("a_connection_ends_with_its_token_or_session").await else { return };
    let server = TestServer::start_trusting(&provider, |config| config.session_idle_seconds = 1_000).await;
    let mut browser = Browser::default();
    browser.sign_in(&server, "reader", "/about").await;
    let mut of_session = watching(&mut browser, &server).await;
    let bearer = provider.bearer("reader").await;
    let mut of_token = with_bearer(&server, &bearer).await;
    let stream = server.request(Method::GET, MONITOR).header("authorization", &bearer).send().await.expect("an answer");
    assert_eq!(stream.status(), 200);
    // Five minutes and the difference of clocks, and what this test itself has taken so far: its clock stands still meanwhile.
    server.clock.advance(400);
    assert_eq!(of_token.closed().await.map(|frame| u16::from(frame.code)), Some(1008));
    soon("the end of the stream", stream.text()).await.expect("a clean end");
    server.clock.advance(600);
    assert_eq!(of_session.closed().await.map(|frame| u16::from(frame.code)), Some(1008));
}

#[tokio::test]
async fn what_the_provider_says_anew_counts_in_every_session_at_once() {
    let name = "what_the_provider_says_anew_counts_in_every_session_at_once";
    let Some((provider, server)) = parts(name).await else { return };
    let (mut before, mut after) = (Browser::default(), Browser::default());
    before.sign_in(&server, "requester", "/about").await;
    let mut socket = watching(&mut before, &server).await;
    provider.change("requester", &json!({ "attributes": ["storage:locations:list"] })).await;
    after.sign_in(&server, "requester", "/about").await;
    assert_eq!(socket.closed().await.map(|frame| u16::from(frame.code)), Some(1008), "it comes back with what it may see now");
    let aips = before.ask(Method::GET, &format!("{}/api/storage/aips", server.origin()), &[], None).await;
    assert_eq!(aips.told(), (403, "\"Forbidden\""));
    watching(&mut before, &server).await;
}

#[tokio::test]
async fn downloads_need_the_attribute_and_a_ticket_and_are_written_down() {
    let name = "downloads_need_the_attribute_and_a_ticket_and_are_written_down";
    let Some((provider, server)) = parts(name).await else { return };
    let requester = provider.bearer("requester").await;
    let deposit = server.request(Method::POST, "/api/storage/deposits?name=letters").header("authorization", &requester);
    let made = Reply::to(deposit.body(crate::support::bag(b"a letter", b"a letter"))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let uuid = made.json()["aip"]["uuid"].as_str().expect("a UUID").to_owned();
    let path = format!("/api/storage/aips/{uuid}/download");

    let reader = provider.bearer("reader").await;
    assert_eq!(post_as(&server, &reader, &path, &Value::Null).await.status, 403);
    assert_eq!(server.get_as(&reader, &path).await.status, 403);
    let mut browser = Browser::default();
    browser.sign_in(&server, "requester", "/about").await;
    let address = format!("{}{path}", server.origin());
    assert_eq!(browser.ask(Method::GET, &address, &[], None).await.status, 401, "the session's cookie comes along by itself");
    assert_eq!(browser.change(&server, Method::POST, &path, "").await.status, 200);
    assert_eq!(browser.ask(Method::GET, &address, &[], None).await.status, 200);
    assert_eq!(browser.ask(Method::GET, &address, &[], None).await.status, 401, "once");
    assert_eq!(server.get_as(&requester, &path).await.status, 200, "a program shows its own token");
    let written = server.audited(4).await;
    let downloads = written.iter().filter(|line| line.starts_with("AIP.download|done|requester@example.org")).count();
    assert_eq!(downloads, 2, "{written:?}");
}
