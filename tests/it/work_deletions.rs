//! Deletions (`storage-api.md` sections 4.6 and 9.2). Who may do it over HTTP is told in `auth`; here people are given.

use crate::support::{Socket, TestServer, archive::lines, bag};
use serde_json::{Value, json};
use strongroom::{domain::Person, server::service::ServiceError};
use uuid::Uuid;

const REASON: &str = "A duplicate of another AIP.";

fn person(name: &str) -> Person {
    Person { issuer: "https://id.example".into(), subject: name.into(), name: format!("{name}@example.org") }
}

fn id(aip: &Value) -> Uuid {
    aip["uuid"].as_str().and_then(|text| text.parse().ok()).expect("a UUID")
}

fn text(aip: &Value) -> &str {
    aip["uuid"].as_str().expect("a UUID")
}

#[tokio::test]
async fn a_deletion_with_a_review_appears_in_the_order_of_the_contract() {
    let server = TestServer::start().await;
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box", package.clone()).await;
    let mut socket = Socket::plain(&server).await;
    server.services().request_deletion(id(&aip), REASON, &person("ada")).await.expect("requested");
    let note = format!("An AIP deletion has been requested by ada@example.org. Reason:\n\n{REASON}\n\n");
    assert_eq!(
        lines(&mut socket, 5).await,
        [
            "S processing".to_owned(),
            "W+ in progress".into(),
            format!("T+ AIP deletion request pending: {note}Awaiting user review."),
            "W pending".into(),
            "S pending".into(),
        ]
    );
    assert!(server.holds("main-store", &aip, &package), "nothing is removed before somebody else agreed");
    server.services().review_deletion(id(&aip), true, &person("bob")).await.expect("approved");
    assert_eq!(
        lines(&mut socket, 8).await,
        [
            "S processing".to_owned(),
            "W in progress".into(),
            format!("T AIP deletion request done: {note}AIP deletion request approved by bob@example.org."),
            "T+ Delete AIP in progress: Deleting AIP".into(),
            "T Delete AIP done: AIP deleted from FILESYSTEM source location".into(),
            "S deleted".into(),
            "U".into(),
            "W done".into(),
        ]
    );
    let deleted = server.at_rest(text(&aip)).await;
    assert_eq!(deleted["status"], "deleted");
    assert_eq!(deleted["deletion_report_key"], format!("reports/aip_deletion_report_{}.pdf", text(&aip)));
    assert!(!server.object(&aip).exists());
    let requests = server.get(&format!("/api/storage/aips/{}/deletion-requests", text(&aip))).await.json();
    let request = &requests["requests"][0];
    assert_eq!(
        (&request["reason"], &request["status"], &request["requester"], &request["reviewer"], &request["mine"]),
        (&json!(REASON), &json!("approved"), &json!("ada@example.org"), &json!("bob@example.org"), &json!(false))
    );
    assert!(request["requested_at"].is_string() && request["reviewed_at"].is_string());

    let path = format!("/api/storage/aips/{}/deletion-report", text(&aip));
    let ticket = server.post(&path, &json!({})).await;
    assert!(ticket.status == 200 && ticket.header("set-cookie").starts_with("enduro-delreport-ticket="), "{ticket:?}");
    let cookie = ticket.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let answer = server.request(reqwest::Method::GET, &path).header("cookie", &cookie).send().await.expect("answered");
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    assert_eq!(header("content-type").as_deref(), Some("application/pdf"));
    assert_eq!(header("content-disposition"), Some(format!("attachment; filename=\"aip_deletion_report_{}.pdf\"", text(&aip))));
    assert!(answer.bytes().await.expect("read").starts_with(b"%PDF-"));
    let again = crate::support::Reply::to(server.request(reqwest::Method::GET, &path).header("cookie", cookie)).await;
    assert_eq!(again.told(), (401, "\"Unauthorized\""), "a ticket is good once");
}

#[tokio::test]
async fn a_request_that_is_rejected_or_called_off_leaves_everything() {
    let server = TestServer::start().await;
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box", package.clone()).await;
    let services = server.services();
    let mut socket = Socket::plain(&server).await;
    for word in ["rejected", "canceled", "rejected"] {
        services.request_deletion(id(&aip), REASON, &person("ada")).await.expect("requested, again and again");
        lines(&mut socket, 5).await;
        if word == "rejected" {
            services.review_deletion(id(&aip), false, &person("bob")).await.expect("rejected");
        } else {
            services.cancel_deletion(id(&aip), true, &person("ada")).await.expect("she could");
            services.cancel_deletion(id(&aip), false, &person("ada")).await.expect("and does");
        }
        let by = if word == "rejected" { "bob" } else { "ada" };
        let told = lines(&mut socket, 5).await;
        assert_eq!((told[0].as_str(), told[1].as_str()), ("S processing", "W in progress"));
        assert!(told[2].ends_with(&format!("AIP deletion request {word} by {by}@example.org.")), "{told:?}");
        assert_eq!(told[3..], ["S stored", "W canceled"]);
        assert!(server.holds("main-store", &aip, &package));
    }
    assert_eq!(server.workflows(text(&aip)).await.len(), 3);
}

#[tokio::test]
async fn nobody_decides_about_their_own_request_and_nobody_else_calls_it_off() {
    let server = TestServer::start().await;
    let aip = server.deposit("box", bag(b"letter", b"letter")).await;
    let services = server.services();
    let told = |result: Result<(), ServiceError>| result.expect_err("refused").to_string();
    let (ada, bob) = (person("ada"), person("bob"));
    assert_eq!(told(services.review_deletion(id(&aip), true, &bob).await), "AIP is not awaiting user review");
    assert_eq!(told(services.cancel_deletion(id(&aip), false, &ada).await), "no valid deletion requests");
    services.request_deletion(id(&aip), REASON, &ada).await.expect("requested");
    assert_eq!(told(services.request_deletion(id(&aip), REASON, &bob).await), "AIP is not stored");
    assert_eq!(told(services.review_deletion(id(&aip), true, &ada).await), "requester cannot review their own request");
    // The same name at another provider is somebody else; another name of the same identity is not.
    let renamed = Person { name: "ada@elsewhere.example".into(), ..ada.clone() };
    assert_eq!(told(services.review_deletion(id(&aip), true, &renamed).await), "requester cannot review their own request");
    assert!(matches!(services.cancel_deletion(id(&aip), false, &bob).await, Err(ServiceError::NotPermitted)));
    assert!(matches!(services.cancel_deletion(id(&aip), true, &bob).await, Err(ServiceError::NotPermitted)));
    assert_eq!(server.aip(text(&aip)).await["status"], "pending");
    let awaiting = async |who| services.overview(who).await.expect("read").awaiting;
    let [waits] = &awaiting(Some(&bob)).await[..] else { panic!("one request awaits Bob's decision") };
    assert_eq!((waits.aip_name.as_str(), waits.request.reason.as_str()), ("box", REASON));
    assert!(awaiting(Some(&ada)).await.is_empty(), "her own request does not await hers");
    assert!(awaiting(None).await.is_empty());
    for unknown in [
        services.request_deletion(Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5eff), REASON, &ada).await,
        services.review_deletion(Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5eff), true, &bob).await,
    ] {
        assert!(matches!(unknown, Err(ServiceError::AipNotFound(_))));
    }
    assert!(told(services.request_deletion(id(&aip), "too short", &bob).await).starts_with("invalid reason"));
}

#[tokio::test]
async fn two_reviewers_a_requester_and_the_worker_race_and_one_decision_holds() {
    let server = TestServer::start().await;
    let package = bag(b"letter", b"letter");
    for _ in 0..20 {
        let aip = server.deposit("box", package.clone()).await;
        let (services, uuid) = (server.services(), id(&aip));
        let (ada, bob, eve) = (person("ada"), person("bob"), person("eve"));
        services.request_deletion(uuid, REASON, &ada).await.expect("requested");
        let (approve, reject, cancel) = tokio::join!(
            services.review_deletion(uuid, true, &bob),
            services.review_deletion(uuid, false, &eve),
            services.cancel_deletion(uuid, false, &ada),
        );
        let won: Vec<_> = [("approved", &approve), ("rejected", &reject), ("canceled", &cancel)]
            .into_iter()
            .filter_map(|(word, result)| result.is_ok().then_some(word))
            .collect();
        assert_eq!(won.len(), 1, "{approve:?} {reject:?} {cancel:?}");
        let after = server.at_rest(text(&aip)).await;
        let approved = won == ["approved"];
        assert_eq!(after["status"], if approved { "deleted" } else { "stored" });
        assert_eq!(server.holds("main-store", &aip, &package), !approved);
        let requests = server.get(&format!("/api/storage/aips/{uuid}/deletion-requests")).await.json();
        assert_eq!(requests["requests"][0]["status"], won[0]);
    }
}

#[tokio::test]
async fn without_sign_in_only_the_automatic_deletion_is_possible() {
    let server = TestServer::start().await;
    let aip = server.deposit("box", bag(b"letter", b"letter")).await;
    let at = |what: &str| format!("/api/storage/aips/{}/{what}", text(&aip));
    for (what, body) in [
        ("deletion-request", json!({ "reason": REASON })),
        ("deletion-review", json!({ "approved": true })),
        ("deletion-cancel", json!({})),
        ("deletion-cancel", json!({ "check": true })),
    ] {
        assert_eq!(server.post(&at(what), &body).await.error(400, "not_valid"), "authentication is required", "{what}");
    }
    assert_eq!(
        server.post(&at("deletion-review"), &json!({ "approved": "yes" })).await.error(400, "decode_payload"),
        "approved must be true or false, not a string."
    );
    let mut socket = Socket::plain(&server).await;
    assert_eq!(server.post(&at("deletion-auto"), &json!({ "reason": REASON, "skip_report": true })).await.told(), (202, ""));
    let note = format!("An AIP deletion has been requested by local user. Reason:\n\n{REASON}\n\n");
    assert_eq!(
        lines(&mut socket, 8).await,
        [
            "S processing".to_owned(),
            "W+ in progress".into(),
            format!("T+ AIP deletion request pending: {note}Auto-approving deletion request."),
            format!("T AIP deletion request done: {note}Auto-approved deletion request."),
            "T+ Delete AIP in progress: Deleting AIP".into(),
            "T Delete AIP done: AIP deleted from FILESYSTEM source location".into(),
            "S deleted".into(),
            "W done".into(),
        ]
    );
    let deleted = server.aip(text(&aip)).await;
    assert!(deleted.get("deletion_report_key").is_none() && !server.object(&aip).exists());
    let request = server.get(&at("deletion-requests")).await.json()["requests"][0].clone();
    assert_eq!(
        (&request["status"], &request["requester"], &request["reviewer"]),
        (&json!("approved"), &json!("local user"), &json!("local user"))
    );
    assert_eq!(server.post(&at("deletion-auto"), &json!({ "reason": REASON })).await.error(400, "not_valid"), "AIP is not stored");
    for reply in [server.post(&at("deletion-report"), &json!({})).await, server.get(&at("deletion-report")).await] {
        assert_eq!(reply.error(400, "not_valid"), "deletion report is not available for download", "none was asked for");
    }
}

#[tokio::test]
async fn a_rejected_aip_keeps_its_bytes() {
    let server = TestServer::start().await;
    let package = bag(b"letter", b"letter");
    let aip = server.deposit("box", package.clone()).await;
    let path = format!("/api/storage/aips/{}/reject", text(&aip));
    assert_eq!(server.post(&path, &json!({})).await.told(), (202, ""));
    assert_eq!(server.aip(text(&aip)).await["status"], "deleted");
    assert!(server.holds("main-store", &aip, &package) && server.workflows(text(&aip)).await.is_empty());
    assert_eq!(
        server
            .post(&format!("/api/storage/aips/{}/reject", Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5eff)), &json!({}))
            .await
            .status,
        404
    );
}
