//! Tokens of programs (`storage-api.md` section 5.1): only those that the provider signed, for us, and that hold now.

use crate::support::{IdentityProvider, TestServer};
use serde_json::{Value, json};

async fn parts(test: &str) -> Option<(IdentityProvider, TestServer)> {
    let provider = IdentityProvider::start(test).await?;
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    Some((provider, server))
}

/// What `GET /api/about` answers to a token.
async fn about(server: &TestServer, token: &str) -> u16 {
    server.get_as(&format!("Bearer {token}"), "/api/about").await.status.as_u16()
}

#[tokio::test]
async fn a_good_token_is_accepted_whatever_the_scheme_is_called() {
    let Some((provider, server)) = parts("a_good_token_is_accepted_whatever_the_scheme_is_called").await else { return };
    let token = provider.mint(&json!({ "account": "reader" })).await;
    for authorization in [format!("Bearer {token}"), format!("bearer {token}"), format!("Anything {token}"), token.clone()] {
        assert_eq!(server.get_as(&authorization, "/api/about").await.status, 200);
    }
    let user = server.get_as(&format!("Bearer {token}"), "/api/user").await.json();
    assert_eq!((&user["name"], &user["csrf"]), (&json!("reader@example.org"), &Value::Null), "a token needs nothing besides");
    assert!(user["attributes"].as_array().is_some_and(|held| held.contains(&json!("storage:aips:list"))));
}

#[tokio::test]
async fn what_is_wrong_with_a_token_makes_it_worthless() {
    let Some((provider, server)) = parts("what_is_wrong_with_a_token_makes_it_worthless").await else { return };
    for (what, asked) in [
        ("another audience", json!({ "claims": { "aud": "somebody-else" } })),
        ("no audience", json!({ "claims": { "aud": null } })),
        ("another issuer", json!({ "claims": { "iss": "https://evil.example" } })),
        ("expired", json!({ "claims": { "exp": 1_700_000_000 } })),
        ("without end", json!({ "claims": { "exp": null } })),
        ("not yet", json!({ "claims": { "nbf": 4_000_000_000_u32 } })),
        ("about nobody", json!({ "claims": { "sub": null } })),
        ("email not verified", json!({ "claims": { "email_verified": false } })),
        ("verified as a text", json!({ "claims": { "email_verified": "true" } })),
        ("without attributes", json!({ "claims": { "attributes": null } })),
        ("attributes no list", json!({ "claims": { "attributes": "*" } })),
        ("not signed", json!({ "alg": "none" })),
        ("signed with the public key", json!({ "alg": "HS256" })),
        ("a notice of a sign-out", json!({ "typ": "logout+jwt" })),
        ("signed with a key that is not published", json!({ "kid": "second" })),
    ] {
        let mut asked = asked;
        asked["account"] = "administrator".into();
        assert_eq!(about(&server, &provider.mint(&asked).await).await, 401, "{what}");
    }
    let good = provider.mint(&json!({ "account": "administrator" })).await;
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let other = provider.mint(&json!({ "account": "reader" })).await;
    for (what, token) in [
        ("no signature", format!("{signed}.")),
        ("another signature", format!("{signed}.{}", other.rsplit_once('.').expect("a signature").1)),
        ("another content", format!("{}.{signature}", other.rsplit_once('.').expect("a signature").0)),
        ("nonsense", "nonsense".to_owned()),
        ("nothing", String::new()),
        ("endless", "a".repeat(100_000)),
    ] {
        // What is too long for a header at all is refused before it gets here.
        assert!(matches!(about(&server, &token).await, 401 | 431), "{what}");
    }
    assert_eq!(about(&server, &good).await, 200, "and the good one is still good");
}

#[tokio::test]
async fn a_token_ends_when_it_expires() {
    let Some((provider, server)) = parts("a_token_ends_when_it_expires").await else { return };
    let token = provider.mint(&json!({ "account": "reader" })).await;
    server.clock.advance(290);
    assert_eq!(about(&server, &token).await, 200);
    server.clock.advance(120);
    assert_eq!(about(&server, &token).await, 401);
}

#[tokio::test]
async fn new_keys_are_found_and_withdrawn_ones_forgotten() {
    let Some((provider, server)) = parts("new_keys_are_found_and_withdrawn_ones_forgotten").await else { return };
    let far = json!({ "exp": 4_000_000_000_u32 });
    let first = provider.mint(&json!({ "account": "reader", "claims": far })).await;
    let second = provider.mint(&json!({ "account": "reader", "kid": "second", "claims": far })).await;
    assert_eq!((about(&server, &first).await, about(&server, &second).await), (200, 401));
    provider.keys(&json!({ "add": "second" })).await;
    assert_eq!(about(&server, &second).await, 401, "anybody can name a key that is not there: they are not fetched each time");
    server.clock.advance(10);
    assert_eq!(about(&server, &second).await, 200, "a key that is not known makes us look again");
    provider.keys(&json!({ "withdraw": "first" })).await;
    assert_eq!(about(&server, &first).await, 200);
    server.clock.advance(3_600);
    assert_eq!((about(&server, &first).await, about(&server, &second).await), (401, 200));
}

#[tokio::test]
async fn a_program_proves_itself_to_the_provider_and_gets_a_token_for_us() {
    let name = "a_program_proves_itself_to_the_provider_and_gets_a_token_for_us";
    let Some((provider, server)) = parts(name).await else { return };
    let bearer = format!("Bearer {}", provider.program_token().await);
    assert_eq!(server.get_as(&bearer, "/api/storage/aips").await.status, 200);
    assert_eq!(server.get_as(&bearer, "/api/storage/locations").await.status, 403);
    assert_eq!(server.get_as(&bearer, "/api/user").await.json()["name"], "The depositor");
}

#[tokio::test]
async fn of_several_providers_each_vouches_for_its_own() {
    let name = "of_several_providers_each_vouches_for_its_own";
    let (Some(one), Some(other), Some(stranger)) =
        (IdentityProvider::start(name).await, IdentityProvider::start(name).await, IdentityProvider::start(name).await)
    else {
        return;
    };
    let server = TestServer::start_trusting(&one, |config| {
        let mut second = other.config();
        second.id = "other".into();
        config.providers.push(second);
    })
    .await;
    let ask = async |provider: &IdentityProvider| server.get_as(&provider.bearer("reader").await, "/api/about").await.status.as_u16();
    assert_eq!((ask(&one).await, ask(&other).await, ask(&stranger).await), (200, 200, 401));
    let posing = stranger.mint(&json!({ "account": "administrator", "claims": { "iss": one.issuer } })).await;
    assert_eq!(about(&server, &posing).await, 401, "its keys are not those of the one it poses as");
    server.get("/api/auth/signin").await.error(400, "not_valid");
    let user = server.get("/api/user").await.json();
    assert_eq!(user["providers"][1], json!({ "id": "other", "name": "Test accounts" }));
}

#[tokio::test]
async fn while_the_provider_is_away_nobody_is_taken_for_somebody_else() {
    let name = "while_the_provider_is_away_nobody_is_taken_for_somebody_else";
    let Some((provider, server)) = parts(name).await else { return };
    let bearer = provider.bearer("reader").await;
    drop(provider);
    let reply = server.get_as(&bearer, "/api/about").await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after").is_empty()), (503, false), "its keys were never fetched");
}
