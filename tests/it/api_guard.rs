//! Who may reach the API through somebody's browser.

use crate::support::{Reply, TestServer};
use reqwest::Method;

async fn addressed(server: &TestServer, method: Method, host: &str, origin: Option<&str>) -> Reply {
    let mut request = server.request(method, "/api/storage/locations").header("host", host);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    Reply::to(request.body("{}")).await
}

#[tokio::test]
async fn a_foreign_name_for_this_machine_is_refused() {
    let server = TestServer::start().await;
    for host in ["localhost", "127.0.0.1:1", "[::1]:8480", "strongroom.localhost"] {
        assert_eq!(addressed(&server, Method::GET, host, None).await.status, 200, "{host}");
    }
    for host in ["evil.example", "192.0.2.1", "localhost.evil.example:8480"] {
        let reply = addressed(&server, Method::GET, host, None).await;
        assert_eq!((reply.status.as_u16(), reply.header("goa-error")), (403, "forbidden"), "{host}");
        assert!(reply.json().as_str().is_some_and(|sentence| sentence.contains("localhost")), "a sentence that says what to do: {reply:?}");
    }
}

#[tokio::test]
async fn the_public_name_is_not_foreign() {
    let server = TestServer::start_with(|config| config.public_url = Some("https://archive.example".into())).await;
    assert_eq!(addressed(&server, Method::GET, "archive.example", None).await.status, 200);
    assert_eq!(addressed(&server, Method::GET, "other.example", None).await.status, 403);
}

#[tokio::test]
async fn a_foreign_page_changes_nothing() {
    let server = TestServer::start_with(|config| config.allowed_origins.push("https://partner.example".into())).await;
    let host = server.host();
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(addressed(&server, Method::POST, &host, Some(origin)).await.status, 403, "{origin}");
        assert_eq!(
            addressed(&server, Method::GET, &host, Some(origin)).await.status,
            200,
            "{origin} may ask; the browser does not let it read"
        );
    }
    for origin in [server.origin().as_str(), "https://partner.example"] {
        addressed(&server, Method::POST, &host, Some(origin)).await.error(400, "missing_field");
    }
    addressed(&server, Method::POST, &host, None).await.error(400, "missing_field");
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read_and_others_may_not() {
    let server = TestServer::start_with(|config| config.allowed_origins.push("https://partner.example".into())).await;
    let host = server.host();
    let reply = addressed(&server, Method::GET, &host, Some("https://partner.example")).await;
    assert_eq!((reply.header("access-control-allow-origin"), reply.header("vary")), ("https://partner.example", "Origin"));
    let reply = addressed(&server, Method::GET, &host, Some("https://evil.example")).await;
    assert_eq!(reply.header("access-control-allow-origin"), "");
    let preflight = server
        .request(Method::OPTIONS, "/api/storage/locations")
        .header("origin", "https://partner.example")
        .header("access-control-request-method", "POST");
    let reply = Reply::to(preflight).await;
    assert_eq!(reply.told(), (204, ""));
    assert!(reply.header("access-control-allow-methods").contains("POST"));
    for name in ["access-control-allow-credentials", "access-control-max-age", "access-control-expose-headers"] {
        assert_eq!(reply.header(name), "", "{name}: tickets do not travel between sites");
    }
}
