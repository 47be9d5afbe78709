//! Signing in and out with a real provider, as a browser does it.

use crate::support::{Browser, IdentityProvider, Reply, TestServer};
use reqwest::{Method, Url};
use serde_json::{Value, json};

const SESSION: &str = "strongroom-session";

async fn parts(test: &str) -> Option<(IdentityProvider, TestServer)> {
    let provider = IdentityProvider::start(test).await?;
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    Some((provider, server))
}

async fn user(browser: &mut Browser, server: &TestServer) -> Value {
    browser.ask(Method::GET, &format!("{}/api/user", server.origin()), &[], None).await.json()
}

#[tokio::test]
async fn a_person_signs_in_comes_back_to_the_page_they_wanted_and_signs_out_everywhere() {
    let name = "a_person_signs_in_comes_back_to_the_page_they_wanted_and_signs_out_everywhere";
    let Some((_provider, server)) = parts(name).await else { return };
    let mut browser = Browser::default();
    let before = user(&mut browser, &server).await;
    assert_eq!(before, json!({ "authentication": true, "providers": [{ "id": "test", "name": "Test accounts" }] }));

    let wanted = "/storage/aips?status=stored&query=a";
    let (url, page) = browser.sign_in(&server, "reader", wanted).await;
    assert_eq!((url.as_str(), page.status.as_u16()), (format!("{}{wanted}", server.origin()).as_str(), 200));
    let secret = browser.cookie(&server, SESSION).expect("a session").to_owned();
    assert_eq!(secret.len(), 43);
    let told = user(&mut browser, &server).await;
    assert_eq!(told["name"], "reader@example.org");
    let csrf = told["csrf"].as_str().expect("a token").to_owned();
    assert!(page.body.contains(&format!("name=\"strongroom-csrf\" content=\"{csrf}\"")), "the page can make changes from the first click");
    assert!(!page.body.contains(&secret), "the session's secret is in no page");

    let reply = browser.change(&server, Method::POST, "/api/auth/signout", "").await;
    let location = reply.json()["location"].as_str().expect("a place").to_owned();
    assert!(location.contains("/session/end?") && location.contains("id_token_hint="), "{location}");
    assert_eq!(user(&mut browser, &server).await, before);
    browser.plant(&server, SESSION, &secret);
    assert_eq!(user(&mut browser, &server).await, before, "the cookie alone is worth nothing any more");

    // The provider asks once more, then sends the browser back to our own page.
    let (url, form) = browser.open(&location).await;
    let xsrf = form.body.split("name=\"xsrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let (url, _) = browser.submit(&url, "/session/end/confirm", &format!("xsrf={xsrf}&logout=yes")).await;
    assert_eq!(url.path(), "/user/signin");
    let (url, _) = browser.open(&format!("{}/api/auth/signin", server.origin())).await;
    assert!(url.path().starts_with("/interaction/"), "the provider asks again who it is: {url}");

    assert_eq!(server.audited(2).await, ["sign-in|done|reader@example.org||127.0.0.1", "sign-out|done|reader@example.org||127.0.0.1"]);
}

#[tokio::test]
async fn a_page_that_needs_a_sign_in_leads_there_and_back() {
    let Some((_provider, server)) = parts("a_page_that_needs_a_sign_in_leads_there_and_back").await else { return };
    let mut browser = Browser::default();
    for (path, location) in [
        ("/", "/user/signin"),
        ("/storage/aips?query=a&status=stored", "/user/signin?return=%2Fstorage%2Faips%3Fquery%3Da%26status%3Dstored"),
        ("/nothing/here", "/user/signin?return=%2Fnothing%2Fhere"),
    ] {
        let reply = browser.ask(Method::GET, &format!("{}{path}", server.origin()), &[], None).await;
        assert_eq!((reply.status.as_u16(), reply.header("location"), reply.header("cache-control")), (303, location, "no-store"));
        assert!(reply.body.is_empty());
    }
    for path in ["/user/signin", "/favicon.svg", "/pkg/strongroom.css"] {
        let reply = browser.ask(Method::GET, &format!("{}{path}", server.origin()), &[], None).await;
        assert_ne!(reply.status, 303, "{path}");
    }
    browser.sign_in(&server, "reader", "/").await;
    let reply = browser.ask(Method::GET, &format!("{}/storage/aips", server.origin()), &[], None).await;
    assert_eq!(reply.status, 200);
    browser.sign_in(&server, "nobody", "/").await;
}

#[tokio::test]
async fn a_page_is_rendered_with_the_rights_of_whoever_wants_it() {
    let Some((_provider, server)) = parts("a_page_is_rendered_with_the_rights_of_whoever_wants_it").await else { return };
    for (account, status) in [("reader", 200), ("nobody", 403)] {
        let mut browser = Browser::default();
        let (url, page) = browser.sign_in(&server, account, "/storage/locations").await;
        assert_eq!((url.path(), page.status.as_u16()), ("/storage/locations", status), "{account}");
        assert_eq!(page.body.contains("Main store"), status == 200, "{account}");
    }
}

#[tokio::test]
async fn a_sign_in_leads_to_our_own_pages_only() {
    let Some((_provider, server)) = parts("a_sign_in_leads_to_our_own_pages_only").await else { return };
    for path in ["https://evil.example", "//evil.example", "/%5Cevil.example", "/%09/evil.example", "storage"] {
        server.get(&format!("/api/auth/signin?return={path}")).await.error(400, "not_valid");
    }
    server.get("/api/auth/signin?provider=unknown").await.error(400, "not_valid");
}

#[tokio::test]
async fn a_sign_in_belongs_to_the_browser_that_began_it_and_succeeds_once() {
    let name = "a_sign_in_belongs_to_the_browser_that_began_it_and_succeeds_once";
    let Some((provider, server)) = parts(name).await else { return };
    // An attacker signs in up to the last step, and has the victim's browser take it.
    let mut attacker = Browser::default();
    let start = attacker.ask(Method::GET, &format!("{}/api/auth/signin", server.origin()), &[], None).await;
    let at_provider = Url::parse(start.header("location")).expect("an address");
    let asked: std::collections::HashMap<_, _> = at_provider.query_pairs().into_owned().collect();
    assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
    assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43 && asked["scope"].starts_with("openid"), "{asked:?}");
    let (url, _) = attacker.open(at_provider.as_str()).await;
    let reply = attacker
        .ask(Method::POST, url.as_str(), &[("content-type", "application/x-www-form-urlencoded")], Some("account=requester".into()))
        .await;
    let resumed = url.join(reply.header("location")).expect("an address");
    let callback = attacker.ask(Method::GET, resumed.as_str(), &[], None).await.header("location").to_owned();
    assert!(callback.starts_with(&format!("{}/api/auth/callback?", server.origin())), "{callback}");

    let mut victim = Browser::default();
    let (url, _) = victim.open(&callback).await;
    assert!(url.as_str().ends_with("/user/signin?error=expired"), "{url}");
    assert_eq!(victim.cookie(&server, SESSION), None);
    // The attempt has used it up for the attacker as well.
    let (url, _) = attacker.open(&callback).await;
    assert!(url.as_str().ends_with("/user/signin?error=expired"), "{url}");
    drop(provider);
}

#[tokio::test]
async fn what_goes_wrong_at_the_provider_is_told_on_our_sign_in_page() {
    let name = "what_goes_wrong_at_the_provider_is_told_on_our_sign_in_page";
    let Some((provider, server)) = parts(name).await else { return };
    let start = format!("{}/api/auth/signin?return=/about", server.origin());
    let mut browser = Browser::default();
    let (url, _) = browser.open(&start).await;
    let abort = format!("{}/abort", url.path());
    let (url, _) = browser.submit(&url, &abort, "").await;
    assert!(url.as_str().ends_with("/user/signin?error=refused&return=%2Fabout"), "{url}");

    provider.change("reader", &json!({ "email_verified": false })).await;
    let (url, _) = Browser::default().sign_in(&server, "reader", "/about").await;
    assert!(url.as_str().ends_with("/user/signin?error=not-let-in&return=%2Fabout"), "{url}");

    let (url, _) = browser.open(&start).await;
    server.clock.advance(600);
    let path = url.path().to_owned();
    let (url, _) = browser.submit(&url, &path, "account=reader").await;
    assert!(url.as_str().ends_with("/user/signin?error=expired"), "{url}");
    assert_eq!(server.audited(2).await, ["sign-in|refused||refused|127.0.0.1", "sign-in|refused||not-let-in|127.0.0.1"]);

    drop(provider);
    server.clock.advance(3_600);
    let reply = Browser::default().ask(Method::GET, &start, &[], None).await;
    assert!(reply.header("location").contains("/auth?"), "what the provider said of itself before is still known: {reply:?}");
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_told_too() {
    let Some(provider) = IdentityProvider::start("a_provider_that_is_not_there_is_told_too").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    drop(provider);
    let (url, _) = Browser::default().open(&format!("{}/api/auth/signin?return=/about", server.origin())).await;
    assert!(url.as_str().ends_with("/user/signin?error=unreachable&return=%2Fabout"), "{url}");
}

#[tokio::test]
async fn what_the_id_token_does_not_say_is_read_from_the_user_info() {
    let name = "what_the_id_token_does_not_say_is_read_from_the_user_info";
    let Some(provider) = IdentityProvider::start_with(name, &[("CONFORM", "1")]).await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let mut browser = Browser::default();
    browser.sign_in(&server, "reviewer", "/about").await;
    let user = user(&mut browser, &server).await;
    assert_eq!(user["name"], "reviewer@example.org");
    assert!(user["attributes"].as_array().is_some_and(|held| held.contains(&json!("storage:aips:deletion:review"))), "{user}");
}

#[tokio::test]
async fn a_change_with_a_cookie_needs_our_own_page_and_its_token() {
    let Some((provider, server)) = parts("a_change_with_a_cookie_needs_our_own_page_and_its_token").await else { return };
    let mut browser = Browser::default();
    browser.sign_in(&server, "requester", "/about").await;
    let (csrf, origin) = (browser.csrf(&server).await, server.origin());
    let address = format!("{origin}/api/storage/locations");
    let body = json!({ "name": "north", "source": "filesystem", "purpose": "aip_store",
        "config": { "type": "filesystem", "value": { "path": "north" } } })
    .to_string();
    for headers in [
        vec![],
        vec![("origin", origin.as_str())],
        vec![("strongroom-csrf", csrf.as_str())],
        vec![("strongroom-csrf", csrf.as_str()), ("origin", "https://evil.example")],
        vec![("strongroom-csrf", "invented"), ("origin", origin.as_str())],
        vec![("strongroom-csrf", ""), ("origin", origin.as_str())],
    ] {
        let reply = browser.ask(Method::POST, &address, &headers, Some(body.clone())).await;
        assert_eq!(reply.status, 403, "{headers:?}: {reply:?}");
    }
    let signed_out = browser.ask(Method::POST, &format!("{origin}/api/auth/signout"), &[("origin", &origin)], None).await;
    assert_eq!(signed_out.status, 403, "nobody else signs somebody out");
    assert_eq!(browser.change(&server, Method::POST, "/api/storage/locations", &body).await.status, 201);

    let bearer = provider.bearer("requester").await;
    let request = server.request(Method::POST, "/api/storage/locations").header("authorization", bearer);
    let reply = Reply::to(request.body(body.replace("north", "south"))).await;
    assert_eq!(reply.status, 201, "a token is not sent along by a browser, so it needs nothing besides");
}

#[tokio::test]
async fn a_session_ends_when_it_rests_and_in_any_case() {
    let Some(provider) = IdentityProvider::start("a_session_ends_when_it_rests_and_in_any_case").await else { return };
    let server = TestServer::start_trusting(&provider, |config| {
        config.session_idle_seconds = 100;
        config.session_max_seconds = 300;
    })
    .await;
    let mut browser = Browser::default();
    browser.sign_in(&server, "reader", "/about").await;
    let signed_in = async |browser: &mut Browser| user(browser, &server).await["name"].is_string();
    server.clock.advance(99);
    assert!(signed_in(&mut browser).await);
    server.seen_later_than(98).await;
    server.clock.advance(99);
    assert!(signed_in(&mut browser).await, "it was used meanwhile");
    server.seen_later_than(197).await;
    server.clock.advance(99);
    assert!(signed_in(&mut browser).await);
    server.seen_later_than(296).await;
    server.clock.advance(3);
    assert!(!signed_in(&mut browser).await, "it has lasted as long as any may");

    browser.sign_in(&server, "reader", "/about").await;
    assert!(signed_in(&mut browser).await);
    server.clock.advance(100);
    assert!(!signed_in(&mut browser).await, "nothing was asked in it");
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_not_its_provider() {
    let Some((provider, server)) = parts("a_session_outlives_a_restart_and_not_its_provider").await else { return };
    let mut browser = Browser::default();
    browser.sign_in(&server, "reader", "/about").await;
    let cookie = browser.cookie(&server, SESSION).expect("a session").to_owned();
    let server = server.restart().await;
    browser.plant(&server, SESSION, &cookie);
    assert_eq!(user(&mut browser, &server).await["name"], "reader@example.org");
    let server = server.restart_with(|config| config.providers[0].id = "another".into()).await;
    browser.plant(&server, SESSION, &cookie);
    assert_eq!(user(&mut browser, &server).await["name"], Value::Null);
    drop(provider);
}

#[tokio::test]
async fn over_tls_the_cookies_say_so_and_pages_insist_on_it() {
    let Some(provider) = IdentityProvider::start("over_tls_the_cookies_say_so_and_pages_insist_on_it").await else { return };
    let server = TestServer::start_trusting(&provider, |config| config.public_url = Some("https://archive.example".into())).await;
    let reply = Browser::default().ask(Method::GET, &format!("{}/api/auth/signin", server.origin()), &[], None).await;
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("__Host-strongroom-signin="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert!(reply.header("location").contains("redirect_uri=https%3A%2F%2Farchive.example%2Fapi%2Fauth%2Fcallback"), "{reply:?}");
    assert_eq!(reply.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn whoever_tries_too_often_has_to_wait() {
    let Some((provider, server)) = parts("whoever_tries_too_often_has_to_wait").await else { return };
    // A browser that follows nowhere: the page that it is sent to is not asked about.
    let mut browser = Browser::default();
    let callback = format!("{}/api/auth/callback?state=guessed", server.origin());
    for _ in 0..60 {
        assert_eq!(browser.ask(Method::GET, &callback, &[], None).await.status, 303);
    }
    let reply = browser.ask(Method::GET, &callback, &[], None).await;
    reply.error(429, "too_many_requests");
    assert_eq!(reply.header("retry-after"), "1");
    server.clock.advance(2);
    assert_eq!(browser.ask(Method::GET, &callback, &[], None).await.status, 303);

    let bearer = provider.bearer("reader").await;
    let ticket = || Reply::to(server.request(Method::POST, "/api/storage/monitor").header("authorization", &bearer));
    for _ in 0..300 {
        assert_eq!(ticket().await.status, 200);
    }
    ticket().await.error(429, "too_many_requests");
}
