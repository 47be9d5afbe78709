//! Who did it stands in the log: beside what they did themselves, and beside what was done in their name later.

use crate::support::{IdentityProvider, Reply, TestServer, bag, soon};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

#[tokio::test]
async fn what_somebody_did_or_began_bears_their_name_also_after_a_restart() {
    let Some(provider) = IdentityProvider::start("what_somebody_did_or_began_bears_their_name_also_after_a_restart").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let (administrator, requester) = (provider.bearer("administrator").await, provider.bearer("requester").await);
    let log = async |server: &TestServer, query: &str| {
        let answer = server.get_as(&administrator, &format!("/api/events?{query}")).await.json();
        answer["items"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
    };

    let made = Reply::to(
        server
            .request(Method::POST, "/api/storage/deposits?name=letters")
            .header("authorization", &administrator)
            .body(bag(b"Dear Sir", b"Dear Sir")),
    )
    .await;
    let uuid = made.json()["aip"]["uuid"].as_str().unwrap_or_else(|| panic!("{made:?}")).to_owned();
    let of_the_aip = log(&server, &format!("aip_uuid={uuid}")).await;
    assert!(of_the_aip.iter().all(|record| record["person"] == "administrator@example.org"), "{of_the_aip:?}");

    let asked = server.request(Method::POST, &format!("/api/storage/aips/{uuid}/fixity")).header("authorization", &requester);
    assert_eq!(Reply::to(asked).await.status, 202);
    let done = |records: &[Value]| records.iter().any(|record| record["value"]["value"]["item"]["status"] == "done");
    let query = format!("aip_uuid={uuid}&kind=workflow&person=requester%40example.org");
    soon("the end of the check", async {
        while !done(&log(&server, &query).await) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    assert_eq!(log(&server, "person=requester%40example.org&kind=location").await, Vec::<Value>::new());

    let server = server.restart().await;
    assert!(done(&log(&server, &query).await));
    let by_itself = log(&server, "kind=location").await;
    assert!(by_itself.iter().all(|record| record["person"].is_null()), "the first location was nobody's doing: {by_itself:?}");
}
