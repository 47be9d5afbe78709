//! Handing packages out (`storage-api.md` sections 4.6, 4.7, 5.5 and 7).

use crate::support::{Reply, TestServer, bag};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A server that keeps one bag, the bag, its record and the address of its bytes.
async fn with_a_bag() -> (TestServer, Vec<u8>, Value, String) {
    let server = TestServer::start().await;
    let package = bag(b"Dear Sir", b"Dear Sir");
    let path = "/api/storage/deposits?name=Briefe%20M%C3%BCller.tar";
    let reply = Reply::to(server.request(Method::POST, path).body(package.clone())).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let aip = reply.json()["aip"].clone();
    let path = format!("/api/storage/aips/{}/download", aip["uuid"].as_str().expect("a UUID"));
    (server, package, aip, path)
}

async fn fetch(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = headers.iter().fold(server.request(Method::GET, path), |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn the_bytes_are_those_that_were_taken_in_under_the_packages_own_name() {
    let (server, package, aip, path) = with_a_bag().await;
    let uuid = aip["uuid"].as_str().expect("a UUID");
    let response = fetch(&server, &path, &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(response.status(), 200);
    for (name, value) in [
        ("content-type", "application/x-tar"),
        ("content-length", &package.len().to_string()),
        ("accept-ranges", "bytes"),
        ("etag", &format!("\"{}\"", aip["sha256"].as_str().expect("a digest"))),
        (
            "content-disposition",
            &format!("attachment; filename=\"Briefe_M_ller-{uuid}.tar\"; filename*=UTF-8''Briefe%20M%C3%BCller-{uuid}.tar"),
        ),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    assert!(response.headers().get("content-encoding").is_none(), "the digest is that of the bytes as they are sent");
    assert_eq!(response.bytes().await.expect("bytes"), package);
}

#[tokio::test]
async fn a_part_is_sent_where_one_is_asked_for() {
    let (server, package, aip, path) = with_a_bag().await;
    let tag = format!("\"{}\"", aip["sha256"].as_str().expect("a digest"));
    let whole = package.len();
    for (range, first, last) in [("bytes=0-9", 0, 9), ("bytes=100-", 100, whole - 1), ("bytes=-5", whole - 5, whole - 1)] {
        let response = fetch(&server, &path, &[("range", range)]).await;
        assert_eq!((response.status().as_u16(), header(&response, "etag")), (206, tag.as_str()), "{range}");
        assert_eq!(header(&response, "content-range"), format!("bytes {first}-{last}/{whole}"));
        assert_eq!(response.bytes().await.expect("bytes"), package[first..=last]);
    }
    let beyond = fetch(&server, &path, &[("range", &format!("bytes={whole}-"))]).await;
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, format!("bytes */{whole}").as_str()));
    // Going on with something else would make a package of two.
    for (tag, status) in [(tag.as_str(), 206), ("\"another\"", 200), ("Thu, 01 Jan 2026 00:00:00 GMT", 200)] {
        assert_eq!(fetch(&server, &path, &[("range", "bytes=0-9"), ("if-range", tag)]).await.status(), status, "{tag}");
    }
    assert_eq!(fetch(&server, &path, &[("if-none-match", &tag)]).await.status(), 304);
    assert_eq!(fetch(&server, &path, &[("if-none-match", "\"another\"")]).await.status(), 200);
}

#[tokio::test]
async fn a_ticket_opens_one_download_of_one_aip() {
    let (server, _, _, path) = with_a_bag().await;
    let ticket = async |path: &str| {
        let reply = Reply::to(server.request(Method::POST, path)).await;
        assert_eq!(reply.told(), (200, ""));
        let cookie = reply.header("set-cookie").to_owned();
        let pair = cookie.strip_suffix("; Max-Age=5; HttpOnly; Secure").unwrap_or_else(|| panic!("{cookie}"));
        assert_eq!(pair.strip_prefix("enduro-aip-download-ticket=").map(str::len), Some(43), "{cookie}");
        pair.to_owned()
    };
    let cookie = ticket(&path).await;
    assert_eq!(fetch(&server, &path, &[("cookie", &cookie)]).await.status(), 200);
    let again = fetch(&server, &path, &[("cookie", &cookie)]).await;
    assert_eq!((again.status().as_u16(), again.text().await.expect("a body").as_str()), (401, "\"Unauthorized\""));
    let cookie = ticket(&path).await;
    server.clock.advance(5);
    assert_eq!(fetch(&server, &path, &[("cookie", &cookie)]).await.status(), 401, "too old");
}

#[tokio::test]
async fn what_cannot_be_handed_out_is_told() {
    let (server, _, aip, path) = with_a_bag().await;
    let missing = "/api/storage/aips/d1845cb6-a5ea-474a-9ab8-26f9bcd919f5/download";
    for method in [Method::GET, Method::POST] {
        let reply = Reply::to(server.request(method, missing)).await;
        assert_eq!(reply.told(), (404, r#"{"message":"AIP not found","uuid":"d1845cb6-a5ea-474a-9ab8-26f9bcd919f5"}"#));
    }
    let announced = json!({ "uuid": "9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01", "name": "announced", "status": "queued",
        "object_key": "2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77", "location_uuid": server.first_location().await });
    assert_eq!(server.post("/api/storage/aips", &announced).await.status, 200);
    let reply = server.get("/api/storage/aips/9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01/download").await;
    assert_eq!(reply.error(400, "not_valid"), "AIP is not available for download");
    std::fs::remove_file(server.object(&aip)).expect("it was there");
    let uuid = aip["uuid"].as_str().expect("a UUID");
    let gone = server.get(&path).await;
    assert_eq!(gone.told(), (404, format!(r#"{{"message":"AIP file not found in the location bucket","uuid":"{uuid}"}}"#).as_str()));
}
