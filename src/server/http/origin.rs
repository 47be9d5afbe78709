//! Who may talk to the service through somebody's browser.
//!
//! A browser sends requests for any page that it shows. Two checks keep foreign pages out: a request that changes something, or
//! opens a live connection, must come from a page of ours (`Origin`), and, as long as nobody has to sign in, every request
//! must be addressed to a name that is ours (`Host`), or a foreign name that resolves to this machine would make a foreign page
//! one of ours (DNS rebinding).

use axum::http::{HeaderMap, Uri, header};
use std::net::{IpAddr, Ipv6Addr};

/// Which names and origins are ours.
#[derive(Debug, Clone, Default)]
pub struct Ours {
    /// Where people reach the service, e.g. `https://archive.example`.
    pub public_url: Option<String>,
    /// Origins of other sites whose pages may use the API.
    pub allowed_origins: Vec<String>,
    /// Whether the service was told to answer to other machines as well.
    pub beyond_loopback: bool,
}

/// A host with its port, in lower case, the scheme's own port left out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Authority {
    host: String,
    port: Option<u16>,
}

impl Authority {
    fn parse(text: &str, default_port: Option<u16>) -> Option<Self> {
        let authority: axum::http::uri::Authority = text.parse().ok()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
        (!host.is_empty()).then(|| Self { host, port: authority.port_u16().filter(|port| Some(*port) != default_port) })
    }

    fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        Self::parse(rest.split(['/', '?', '#']).next()?, default_port(scheme))
    }

    fn ip(&self) -> Option<IpAddr> {
        match self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => self.host.parse().ok(),
        }
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.ends_with(".localhost") || self.ip().is_some_and(|ip| ip.to_canonical().is_loopback())
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        _ if scheme.eq_ignore_ascii_case("http") => Some(80),
        _ if scheme.eq_ignore_ascii_case("https") => Some(443),
        _ => None,
    }
}

/// Whether an address leads to the machine that reads it.
#[must_use]
pub fn is_loopback_url(url: &str) -> bool {
    url.starts_with("http://") && Authority::of_url(url).is_some_and(|authority| authority.is_loopback())
}

/// The host that a request is addressed to: of its `Host` header, or of its address where that is complete.
fn addressed<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    uri.authority().map(|authority| authority.as_str()).or_else(|| headers.get(header::HOST)?.to_str().ok())
}

impl Ours {
    /// Whether the request is addressed to a name of ours.
    #[must_use]
    pub fn is_addressed(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let Some(host) = addressed(headers, uri).and_then(|text| Authority::parse(text, None)) else { return false };
        // An address cannot be rebound; a name can.
        host.is_loopback()
            || (self.beyond_loopback && host.ip().is_some())
            || self.public_url.as_deref().and_then(Authority::of_url).is_some_and(|public| public.host == host.host)
    }

    /// Whether the request comes from a page of ours, or from no page at all.
    #[must_use]
    pub fn is_origin(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let Some((scheme, _)) = origin.split_once("://") else { return false };
        let host = addressed(headers, uri).and_then(|text| Authority::parse(text, default_port(scheme)));
        let same_host = host.is_some() && host == Authority::of_url(origin);
        same_host || self.is_allowed(origin)
    }

    /// Whether the request comes from a page of our own, and says so.
    #[must_use]
    pub fn is_own_page(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let own = Self { allowed_origins: Vec::new(), ..self.clone() };
        headers.contains_key(header::ORIGIN) && own.is_origin(headers, uri)
    }

    /// Whether this is the public address, or an origin that was allowed by configuration.
    #[must_use]
    pub fn is_allowed(&self, origin: &str) -> bool {
        let same = |other: &str| {
            let scheme = |url: &str| url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
            scheme(other).is_some() && scheme(other) == scheme(origin) && Authority::of_url(other) == Authority::of_url(origin)
        };
        self.allowed_origins.iter().chain(&self.public_url).any(|other| same(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header value"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a header value"));
        }
        headers
    }

    fn uri() -> Uri {
        Uri::from_static("/api/about")
    }

    #[test]
    fn only_names_of_this_machine_are_ours_by_default() {
        let ours = Ours::default();
        for host in [
            "localhost",
            "localhost:8480",
            "LOCALHOST.:80",
            "strongroom.localhost:1",
            "127.0.0.1:8480",
            "127.9.9.9",
            "[::1]:8480",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert!(ours.is_addressed(&headers(host, None), &uri()), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "192.168.1.5:8480",
            "[::2]",
            "",
            "user@localhost",
            "notlocalhost",
        ] {
            assert!(!ours.is_addressed(&headers(host, None), &uri()), "{host}");
        }
        assert!(!ours.is_addressed(&HeaderMap::new(), &uri()), "no Host at all");
    }

    #[test]
    fn the_public_name_is_ours_and_addresses_are_when_other_machines_are_served() {
        let ours = Ours { public_url: Some("https://Archive.example/strongroom".into()), ..Ours::default() };
        assert!(ours.is_addressed(&headers("archive.example", None), &uri()));
        assert!(ours.is_addressed(&headers("archive.example:8443", None), &uri()));
        assert!(!ours.is_addressed(&headers("other.example", None), &uri()));
        let open = Ours { beyond_loopback: true, ..Ours::default() };
        assert!(open.is_addressed(&headers("192.168.1.5:8480", None), &uri()));
        assert!(!open.is_addressed(&headers("evil.example", None), &uri()), "a name can be rebound");
    }

    #[test]
    fn pages_of_ours_and_programs_without_a_page_may_change_things() {
        let ours = Ours {
            allowed_origins: vec!["https://partner.example".into()],
            public_url: Some("https://archive.example".into()),
            beyond_loopback: false,
        };
        for (host, origin) in [
            ("localhost:8480", None),
            ("localhost:8480", Some("http://localhost:8480")),
            ("LOCALHOST:8480", Some("http://localhost:8480")),
            ("archive.example", Some("https://archive.example")),
            ("archive.example:443", Some("https://archive.example")),
            ("127.0.0.1:8480", Some("https://archive.example")),
            ("localhost:8480", Some("https://partner.example")),
            ("localhost:8480", Some("https://PARTNER.example:443")),
        ] {
            assert!(ours.is_origin(&headers(host, origin), &uri()), "{host} {origin:?}");
        }
        assert!(ours.is_own_page(&headers("localhost:8480", Some("http://localhost:8480")), &uri()));
        assert!(ours.is_own_page(&headers("localhost:8480", Some("https://archive.example")), &uri()));
        for origin in [None, Some("https://partner.example"), Some("null")] {
            assert!(!ours.is_own_page(&headers("localhost:8480", origin), &uri()), "{origin:?}");
        }
        for (host, origin) in [
            ("localhost:8480", "null"),
            ("localhost:8480", "http://localhost:9000"),
            ("localhost:8480", "http://localhost"),
            ("localhost:8480", "https://evil.example"),
            ("localhost:8480", "http://partner.example"),
            ("localhost:8480", "https://partner.example.evil.example"),
            ("localhost:8480", "https://x@localhost:8480"),
            ("localhost:8480", "localhost:8480"),
            ("", "http://"),
        ] {
            assert!(!ours.is_origin(&headers(host, Some(origin)), &uri()), "{host} {origin}");
        }
    }
}
