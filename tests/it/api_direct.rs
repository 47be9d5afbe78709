//! The second listener, without the `/api` prefix (`storage-api.md` section 0).

use crate::support::{Reply, TestServer, bag};
use reqwest::Method;
use serde_json::json;

async fn server() -> TestServer {
    TestServer::start_with(|config| config.api_listen = Some(([127, 0, 0, 1], 0).into())).await
}

#[tokio::test]
async fn the_same_api_without_the_prefix_and_nothing_else() {
    let server = server().await;
    let aip = server.deposit("box", bag(b"letter", b"letter")).await;
    let direct = |method: Method, path: &str| server.request_to(method, &format!("{}{path}", server.direct()));
    for path in ["/about", "/storage/aips?limit=1", "/storage/locations", &format!("/storage/aips/{}", aip["uuid"].as_str().expect("text"))]
    {
        let reply = Reply::to(direct(Method::GET, path)).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.body, server.get(&format!("/api{path}")).await.body, "{path}");
        assert!(!reply.header("x-enduro-version").is_empty());
    }
    for path in ["/", "/api/about", "/storage/aips/", "/api/storage/aips", "/pkg/strongroom.js"] {
        assert_eq!(Reply::to(direct(Method::GET, path)).await.status, 404, "{path}");
    }
    let ticket = Reply::to(direct(Method::POST, "/storage/monitor")).await;
    assert!(ticket.status == 200 && ticket.header("set-cookie").starts_with("enduro-storage-ws-ticket="), "{ticket:?}");
    assert!(!ticket.header("set-cookie").contains("Path="), "a path of the other listener would keep it from coming back");
    let foreign = Reply::to(direct(Method::POST, "/storage/aips").header("origin", "https://evil.example").body("{}")).await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test]
async fn a_submission_stays_on_the_listener_that_it_came_through() {
    let server = server().await;
    let url = format!("{}/storage/aips/9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01/submit", server.direct());
    let reply = Reply::to(server.request_to(Method::POST, &url).body(json!({ "name": "fonds" }).to_string())).await;
    let address = reply.json()["url"].as_str().expect("an address").to_owned();
    assert!(address.starts_with(&format!("{}/storage/submissions/", server.direct())), "{address}");
    assert_eq!(Reply::to(server.request_to(Method::PUT, &address).body(bag(b"letter", b"letter"))).await.told(), (200, ""));
}
