//! Deletions as two people make them over HTTP (`storage-api.md` sections 4.2, 4.6, 7 and 9.2).

use crate::support::{IdentityProvider, Reply, TestServer, bag, soon};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;

const REASON: &str = "A duplicate of another AIP.";
const UNKNOWN: &str = "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5";

/// An AIP in a service that people sign in to.
struct Case {
    provider: IdentityProvider,
    server: TestServer,
    aip: String,
}

impl Case {
    async fn begin(test: &str) -> Option<Self> {
        let provider = IdentityProvider::start(test).await?;
        let server = TestServer::start_trusting(&provider, |_| {}).await;
        let deposit = server.request(Method::POST, "/api/storage/deposits?name=box").body(bag(b"letter", b"letter"));
        let reply = Reply::to(deposit.header("authorization", provider.bearer("administrator").await)).await;
        let aip = reply.json()["aip"]["uuid"].as_str().expect("a UUID").to_owned();
        Some(Self { provider, server, aip })
    }

    fn path(&self, what: &str) -> String {
        format!("/api/storage/aips/{}/{what}", self.aip)
    }

    async fn post(&self, account: &str, path: &str, body: &Value) -> Reply {
        let request = self.server.request(Method::POST, path).header("authorization", self.provider.bearer(account).await);
        Reply::to(if body.is_null() { request } else { request.json(body) }).await
    }

    async fn says(&self, account: &str, what: &str, body: &Value) -> Reply {
        self.post(account, &self.path(what), body).await
    }

    async fn read(&self, what: &str) -> Value {
        self.server.get_as(&self.provider.bearer("administrator").await, &format!("/api/storage/aips/{}{what}", self.aip)).await.json()
    }

    /// The deletion, once it stands so.
    async fn deletion(&self, status: &str) -> Value {
        soon("the end of the deletion", async {
            loop {
                let list = self.read("/workflows?type=delete+aip").await;
                let last = list["workflows"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
                if last["status"] == status {
                    return last;
                }
            }
        })
        .await
    }
}

fn accepted(reply: &Reply) {
    assert_eq!((reply.told(), reply.header("content-type")), ((202, ""), ""), "neither body nor type");
}

#[tokio::test]
async fn one_asks_another_agrees_and_the_report_is_handed_out() {
    let Some(case) = Case::begin("one_asks_another_agrees_and_the_report_is_handed_out").await else { return };
    accepted(&case.says("requester", "deletion-request", &json!({ "reason": REASON })).await);
    assert_eq!(case.read("").await["status"], "pending");
    assert_eq!(case.says("reviewer", "download", &Value::Null).await.status, 200, "what awaits a decision can be read until then");
    let again = case.says("requester", "deletion-request", &json!({ "reason": REASON })).await;
    assert_eq!(again.error(400, "not_valid"), "AIP is not stored");

    accepted(&case.says("reviewer", "deletion-review", &json!({ "approved": true })).await);
    let note = case.deletion("done").await["tasks"][0]["note"].clone();
    assert!(note.as_str().is_some_and(|note| note.contains("requested by requester@example.org. Reason:")), "{note}");
    let aip = case.read("").await;
    assert_eq!((&aip["status"], case.server.object(&aip).exists()), (&json!("deleted"), false));
    let key = format!("reports/aip_deletion_report_{}.pdf", case.aip);
    assert_eq!(aip["deletion_report_key"], key);

    let ticket = case.says("reviewer", "deletion-report", &Value::Null).await;
    let cookie = ticket.header("set-cookie").strip_suffix("; Max-Age=5; HttpOnly; Secure").expect("and nothing else").to_owned();
    let fetched = case.server.request(Method::GET, &case.path("deletion-report")).header("cookie", &cookie).send().await.expect("answered");
    assert!(fetched.bytes().await.expect("read").starts_with(b"%PDF-"));
    let written = case.server.audited(3).await;
    assert!(written.iter().any(|line| line.starts_with("aip.download_deletion_report|done|reviewer@example.org|")), "{written:?}");

    fs::remove_file(case.server.data().join(key)).expect("there");
    let lost = case.says("reviewer", "deletion-report", &Value::Null).await;
    assert_eq!(lost.error(404, "not_found"), "The report of this deletion is not where it was kept.");
    assert_eq!(lost.header("goa-error"), "not_found");
}

#[tokio::test]
async fn only_the_requester_calls_it_off_and_only_somebody_else_decides() {
    let Some(case) = Case::begin("only_the_requester_calls_it_off_and_only_somebody_else_decides").await else { return };
    let review = json!({ "approved": false });
    let early = case.says("reviewer", "deletion-review", &review).await;
    assert_eq!(early.error(400, "not_valid"), "AIP is not awaiting user review");
    accepted(&case.says("administrator", "deletion-request", &json!({ "reason": REASON })).await);
    let own = case.says("administrator", "deletion-review", &review).await;
    assert_eq!(own.error(400, "not_valid"), "requester cannot review their own request");
    for body in [json!({}), json!({ "check": true })] {
        assert_eq!(case.says("requester", "deletion-cancel", &body).await.told(), (403, "\"Forbidden\""), "{body}");
    }
    case.says("administrator", "deletion-cancel", &Value::Null).await.error(400, "missing_payload");
    accepted(&case.says("administrator", "deletion-cancel", &json!({ "check": true })).await);
    assert_eq!(case.read("").await["status"], "pending", "that only asked");
    accepted(&case.says("administrator", "deletion-cancel", &json!({})).await);
    assert!(case.deletion("canceled").await["completed_at"].is_string());
    assert_eq!(case.read("").await["status"], "stored");
    let late = case.says("administrator", "deletion-cancel", &json!({})).await;
    assert_eq!(late.error(400, "not_valid"), "no valid deletion requests");

    accepted(&case.says("requester", "deletion-request", &json!({ "reason": REASON })).await);
    accepted(&case.says("reviewer", "deletion-review", &review).await);
    case.deletion("canceled").await;
    assert_eq!(case.read("").await["status"], "stored", "and it may be asked for again");
}

#[tokio::test]
async fn an_unknown_aip_is_told_as_that_by_each() {
    let Some(case) = Case::begin("an_unknown_aip_is_told_as_that_by_each").await else { return };
    let missing = format!(r#"{{"message":"AIP not found","uuid":"{UNKNOWN}"}}"#);
    for (what, body) in [
        ("deletion-request", json!({ "reason": REASON })),
        ("deletion-review", json!({ "approved": true })),
        ("deletion-cancel", json!({})),
        ("deletion-cancel", json!({ "check": true })),
        ("deletion-auto", json!({ "reason": REASON })),
        ("reject", Value::Null),
    ] {
        let reply = case.post("administrator", &format!("/api/storage/aips/{UNKNOWN}/{what}"), &body).await;
        assert_eq!(reply.told(), (404, missing.as_str()), "{what}");
    }
    let report = format!("/api/storage/aips/{UNKNOWN}/deletion-report");
    assert_eq!(case.post("administrator", &report, &Value::Null).await.error(404, "not_found"), "AIP not found", "in shape A");
    let get = case.server.get_as(&case.provider.bearer("administrator").await, &report).await;
    assert_eq!(get.error(404, "not_found"), "AIP not found");
}

#[tokio::test]
async fn a_reason_has_ten_to_five_hundred_characters() {
    let Some(case) = Case::begin("a_reason_has_ten_to_five_hundred_characters").await else { return };
    for what in ["deletion-request", "deletion-auto"] {
        for reason in ["", "too short", &"x".repeat(501)] {
            let reply = case.says("administrator", what, &json!({ "reason": reason })).await;
            assert!(reply.error(400, "not_valid").starts_with("invalid reason"), "{reply:?}");
        }
        case.says("administrator", what, &json!({})).await.error(400, "missing_field");
    }
    assert_eq!(case.read("").await["status"], "stored");
    accepted(&case.says("administrator", "deletion-request", &json!({ "reason": "x".repeat(500) })).await);
}

#[tokio::test]
async fn whoever_has_no_name_asks_for_no_deletion() {
    let Some(case) = Case::begin("whoever_has_no_name_asks_for_no_deletion").await else { return };
    let nameless = json!({ "email": null, "preferred_username": null, "name": null });
    let bearer = format!("Bearer {}", case.provider.mint(&json!({ "account": "administrator", "claims": nameless })).await);
    assert_eq!(case.server.get_as(&bearer, "/api/storage/aips").await.status, 200);
    for (what, body) in [
        ("deletion-request", json!({ "reason": REASON })),
        ("deletion-review", json!({ "approved": true })),
        ("deletion-cancel", json!({})),
        ("deletion-auto", json!({ "reason": REASON })),
    ] {
        let request = case.server.request(Method::POST, &case.path(what)).header("authorization", &bearer).json(&body);
        let message = Reply::to(request).await.error(400, "not_valid");
        assert!(["email", "preferred_username", "name"].iter().all(|claim| message.contains(claim)), "{what}: {message}");
    }
    assert_eq!(case.read("").await["status"], "stored");
}
