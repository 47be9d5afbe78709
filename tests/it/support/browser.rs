//! A browser as far as sign-in needs one: cookies for each site, and redirects that are followed one by one.

use super::{Reply, TestServer};
use reqwest::{Client, Method, Url, redirect::Policy};
use std::collections::BTreeMap;

/// A browser with its cookies.
pub struct Browser {
    client: Client,
    cookies: BTreeMap<(String, String), String>,
}

impl Default for Browser {
    fn default() -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Self { client, cookies: BTreeMap::new() }
    }
}

fn site(url: &Url) -> String {
    format!("{}:{}", url.host_str().expect("a host"), url.port_or_known_default().expect("a port"))
}

impl Browser {
    /// A cookie of a site.
    pub fn cookie(&self, server: &TestServer, name: &str) -> Option<&str> {
        self.cookies.get(&(server.host(), name.to_owned())).map(String::as_str)
    }

    /// All cookies of a site as its requests carry them.
    pub fn cookies(&self, server: &TestServer) -> String {
        self.header(&server.host())
    }

    fn header(&self, site: &str) -> String {
        let pairs = self.cookies.iter().filter(|((of, _), _)| of == site).map(|((_, name), value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Puts a cookie in.
    pub fn plant(&mut self, server: &TestServer, name: &str, value: &str) {
        self.cookies.insert((server.host(), name.to_owned()), value.to_owned());
    }

    /// One request, with the cookies of its site; what it answers with is kept.
    pub async fn ask(&mut self, method: Method, url: &str, headers: &[(&str, &str)], body: Option<String>) -> Reply {
        let url = Url::parse(url).expect("an address");
        let site = site(&url);
        let mut request = self.client.request(method, url);
        let cookies = self.header(&site);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = Reply::to(request.body(body.unwrap_or_default())).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            let gone = cookie.contains("Max-Age=0") || cookie.contains("expires=Thu, 01 Jan 1970");
            if gone {
                self.cookies.remove(&(site.clone(), name.to_owned()));
            } else {
                self.cookies.insert((site.clone(), name.to_owned()), value.to_owned());
            }
        }
        reply
    }

    /// Opens an address and follows where it leads until it answers with something else; yields where that was.
    pub async fn open(&mut self, url: &str) -> (Url, Reply) {
        self.follow(Url::parse(url).expect("an address")).await
    }

    async fn follow(&mut self, mut url: Url) -> (Url, Reply) {
        for _ in 0..10 {
            let reply = self.ask(Method::GET, url.as_str(), &[], None).await;
            if !reply.status.is_redirection() {
                return (url, reply);
            }
            url = url.join(reply.header("location")).expect("an address");
        }
        panic!("too many redirects, the last to {url}");
    }

    /// Fills in a form of the provider's, and follows where that leads.
    pub async fn submit(&mut self, url: &Url, path: &str, form: &str) -> (Url, Reply) {
        let url = url.join(path).expect("an address");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", &url.origin().ascii_serialization())];
        let reply = self.ask(Method::POST, url.as_str(), &headers.map(|(name, value)| (name, value)), Some(form.to_owned())).await;
        if !reply.status.is_redirection() {
            return (url, reply);
        }
        let next = url.join(reply.header("location")).expect("an address");
        self.follow(next).await
    }

    /// Signs in with an account; yields where that ends.
    pub async fn sign_in(&mut self, server: &TestServer, account: &str, wanted: &str) -> (Url, Reply) {
        let address = format!("{}/api/auth/signin?return={}", server.origin(), wanted.replace('?', "%3F").replace('&', "%26"));
        let (url, reply) = self.open(&address).await;
        if !url.path().starts_with("/interaction/") {
            // The provider knows the browser already.
            return (url, reply);
        }
        let path = url.path().to_owned();
        self.submit(&url, &path, &format!("account={account}")).await
    }

    /// What changes have to carry besides the cookie.
    pub async fn csrf(&mut self, server: &TestServer) -> String {
        let reply = self.ask(Method::GET, &format!("{}/api/user", server.origin()), &[], None).await;
        reply.json()["csrf"].as_str().unwrap_or_default().to_owned()
    }

    /// A change as our own pages make it.
    pub async fn change(&mut self, server: &TestServer, method: Method, path: &str, body: &str) -> Reply {
        let (csrf, origin) = (self.csrf(server).await, server.origin());
        let headers = [("strongroom-csrf", csrf.as_str()), ("origin", origin.as_str()), ("content-type", "application/json")];
        self.ask(method, &format!("{origin}{path}"), &headers, Some(body.to_owned())).await
    }
}
