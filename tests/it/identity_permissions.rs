//! Every operation of the API asks who it is and what they may (`storage-api.md` sections 1 and 5).

use crate::support::{IdentityProvider, Reply, TestServer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const UUID: &str = "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5";

/// What anybody may ask.
const OPEN: [&str; 5] = ["/api/openapi.json", "/api/user", "/api/auth/signin", "/api/auth/callback", "/api/auth/signout"];
/// What opens with a secret in its address, which took an attribute to be given: a wrong one finds nothing, whoever asks.
const WITH_SECRET: &str = "/api/storage/submissions/{secret}";
/// What takes a sign-in and no attribute.
const WITHOUT_ATTRIBUTE: [(&str, &str); 7] = [
    ("get", "/api/about"),
    ("post", "/api/storage/monitor"),
    ("get", "/api/storage/monitor"),
    ("post", "/ws"),
    ("get", "/ws"),
    ("post", "/ws/metrics"),
    ("get", "/ws/metrics"),
];

/// One operation of the document.
struct Operation {
    method: String,
    path: String,
    described: Value,
}

impl Operation {
    fn all(document: &Value) -> Vec<Self> {
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, described) in item.as_object().expect("operations") {
                all.push(Self { method: method.clone(), path: path.clone(), described: described.clone() });
            }
        }
        assert!(all.len() >= 25, "{}", all.len());
        all
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn is_open(&self) -> bool {
        OPEN.contains(&self.path.as_str())
    }

    fn needs_secret(&self) -> bool {
        self.path == WITH_SECRET
    }

    fn needs_attribute(&self) -> bool {
        !self.is_open() && !self.needs_secret() && !WITHOUT_ATTRIBUTE.contains(&(self.method.as_str(), self.path.as_str()))
    }

    /// A request that is well-formed: everything that is required is there, as the document's examples have it.
    fn request(&self, server: &TestServer) -> RequestBuilder {
        let (mut query, mut headers) = (Vec::new(), Vec::new());
        for parameter in self.described["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["required"] == true) {
            let name = parameter["name"].as_str().expect("a name");
            let value = if parameter["schema"]["type"] == "integer" { "0" } else { "a" };
            match parameter["in"].as_str().expect("a place") {
                "query" => query.push(format!("{name}={value}")),
                "header" => headers.push((name.to_owned(), value)),
                _ => {}
            }
        }
        let path = format!("{}?{}", self.path.replace("{uuid}", UUID).replace("{id}", "a"), query.join("&"));
        let mut request = server.request(self.method.to_uppercase().parse().expect("a method"), path.trim_end_matches('?'));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match &self.described["requestBody"]["content"]["application/json"]["example"] {
            Value::Null => request,
            example => request.header("content-type", "application/json").body(example.to_string()),
        }
    }
}

async fn parts(test: &str) -> Option<(IdentityProvider, TestServer, Vec<Operation>)> {
    let provider = IdentityProvider::start(test).await?;
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let document = server.get("/api/openapi.json").await.json();
    Some((provider, server, Operation::all(&document)))
}

#[tokio::test]
async fn without_a_sign_in_nothing_is_told_and_nothing_done() {
    let Some((_provider, server, operations)) = parts("without_a_sign_in_nothing_is_told_and_nothing_done").await else { return };
    for operation in operations {
        let reply = Reply::to(operation.request(&server)).await;
        if operation.is_open() {
            assert_ne!(reply.status, 401, "{}: {reply:?}", operation.name());
        } else if operation.needs_secret() {
            assert_eq!(reply.status, 404, "{}: {reply:?}", operation.name());
        } else {
            assert_eq!(reply.told(), (401, "\"Unauthorized\""), "{}", operation.name());
            assert_eq!(reply.header("goa-error"), "unauthorized", "{}", operation.name());
        }
    }
}

#[tokio::test]
async fn without_an_attribute_nothing_is_told_and_nothing_done() {
    let Some((provider, server, operations)) = parts("without_an_attribute_nothing_is_told_and_nothing_done").await else { return };
    let nobody = provider.bearer("nobody").await;
    for operation in operations.iter().filter(|operation| operation.needs_attribute()) {
        let reply = Reply::to(operation.request(&server).header("authorization", &nobody)).await;
        assert_eq!(reply.told(), (403, "\"Forbidden\""), "{}", operation.name());
    }
    assert_eq!(server.get_as(&nobody, "/api/about").await.status, 200, "any good token");
    let administrator = provider.bearer("administrator").await;
    for operation in operations.iter().filter(|operation| operation.needs_attribute()) {
        let reply = Reply::to(operation.request(&server).header("authorization", &administrator)).await;
        assert!(!matches!(reply.status.as_u16(), 401 | 403), "{}: {reply:?}", operation.name());
    }
}

#[tokio::test]
async fn a_malformed_request_is_told_so_before_anybody_is_asked_who_they_are() {
    let name = "a_malformed_request_is_told_so_before_anybody_is_asked_who_they_are";
    let Some((_provider, server, operations)) = parts(name).await else { return };
    for operation in operations {
        if operation.path.contains("{uuid}") {
            let path = operation.path.replace("{uuid}", "nonsense");
            let method = operation.method.to_uppercase().parse().expect("a method");
            let request = server.request(method, &path).header("content-type", "application/json").header("upload-offset", "0").body("{}");
            Reply::to(request).await.error(400, "invalid_format");
        }
        let required = operation.described["requestBody"]["required"] == true;
        if required && operation.described["requestBody"]["content"]["application/json"].is_object() {
            let reply = Reply::to(operation.request(&server).body("nonsense")).await;
            assert!(!reply.error(400, "decode_payload").is_empty(), "{}", operation.name());
        }
    }
}

#[tokio::test]
async fn each_account_may_what_its_attributes_say() {
    let Some((provider, server, _)) = parts("each_account_may_what_its_attributes_say").await else { return };
    let body = json!({ "name": "another", "source": "filesystem", "purpose": "aip_store",
        "config": { "type": "filesystem", "value": { "path": "another" } } });
    for (account, list, create) in [("requester", 200, 201), ("reviewer", 200, 403), ("reader", 200, 403), ("nobody", 403, 403)] {
        let bearer = provider.bearer(account).await;
        assert_eq!(server.get_as(&bearer, "/api/storage/aips").await.status, list, "{account}");
        let request = server.request(Method::POST, "/api/storage/locations").header("authorization", &bearer).json(&body);
        assert_eq!(Reply::to(request).await.status, create, "{account}");
    }
}

#[tokio::test]
async fn refusals_are_written_down_once_and_say_who_and_what() {
    let Some((provider, server, _)) = parts("refusals_are_written_down_once_and_say_who_and_what").await else { return };
    let nobody = provider.bearer("nobody").await;
    for _ in 0..20 {
        assert_eq!(server.get_as(&nobody, "/api/storage/aips").await.status, 403);
    }
    assert_eq!(server.get_as(&nobody, "/api/storage/locations").await.status, 403);
    let expected = [
        "permission|refused|nobody@example.org|storage:aips:list|127.0.0.1",
        "permission|refused|nobody@example.org|storage:locations:list|127.0.0.1",
    ];
    assert_eq!(server.audited(2).await, expected);
}

#[tokio::test]
async fn nobody_has_to_sign_in_where_there_is_no_provider() {
    let server = TestServer::start().await;
    let user = server.get("/api/user").await.json();
    assert_eq!(user, json!({ "authentication": false }));
    server.get("/api/auth/signin").await.error(400, "not_valid");
    server.get("/api/auth/callback").await.error(400, "not_valid");
    assert_eq!(server.post("/api/auth/signout", &Value::Null).await.json()["location"], "/");
    assert_eq!(server.get_as("Bearer nonsense", "/api/storage/aips").await.status, 200, "any token, or none (section 5.4)");
}
