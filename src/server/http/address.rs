//! Where a request comes from.

use super::Api;
use crate::server::config::Config;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

/// The address of the client; none for what the service asks itself, and where a proxy does not tell.
///
/// Behind a proxy on this machine (there is one when a public address is set) it is what the proxy has appended to
/// `X-Forwarded-For`: the last entry, since those before it are whatever the client wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub Option<IpAddr>);

impl ClientAddress {
    /// Reads it off a request.
    #[must_use]
    pub fn of(config: &Config, extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical());
        if config.public_url.is_none() || peer.is_none_or(|peer| !peer.is_loopback()) {
            return Self(peer);
        }
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        Self(forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok()))
    }
}

impl FromRequestParts<Api> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Infallible> {
        Ok(Self::of(api.services.config(), &parts.extensions, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(public_url: Option<&str>, peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut config = Config::in_folder(Path::new("unused"));
        config.public_url = public_url.map(str::to_owned);
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().expect("an address"), 1)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().expect("a value"));
        }
        ClientAddress::of(&config, &extensions, &headers).0.map(|address| address.to_string())
    }

    #[test]
    fn only_our_own_proxy_is_believed_and_only_what_it_added_itself() {
        let public = Some("https://archive.example");
        assert_eq!(read(None, "127.0.0.1", &["192.0.2.1"]).as_deref(), Some("127.0.0.1"));
        assert_eq!(read(public, "192.0.2.9", &["192.0.2.1"]).as_deref(), Some("192.0.2.9"));
        assert_eq!(read(public, "127.0.0.1", &["192.0.2.1"]).as_deref(), Some("192.0.2.1"));
        assert_eq!(read(public, "::ffff:127.0.0.1", &["198.51.100.7, 192.0.2.1"]).as_deref(), Some("192.0.2.1"));
        assert_eq!(read(public, "127.0.0.1", &["192.0.2.1", "2001:db8::1"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(read(public, "127.0.0.1", &["nonsense"]), None);
        assert_eq!(read(public, "127.0.0.1", &[]), None);
    }
}
