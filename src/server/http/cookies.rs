//! Cookies of requests.

use super::Api;
use axum::http::{HeaderMap, header};

/// The cookie of a session, without its prefix.
pub const SESSION: &str = "strongroom-session";
/// The cookie of a sign-in that is under way, without its prefix.
pub const SIGN_IN: &str = "strongroom-signin";

impl Api {
    /// A cookie's name in full. Over TLS it says what a browser has to hold it to: sent to this host only, never in clear
    /// (`__Host-`). Without, as on one's own machine, not every browser would keep such a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> String {
        if self.services.config().is_https() { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// A cookie that no script can read and no other site sends along with a change; 0 seconds removes it.
    #[must_use]
    pub fn set_cookie(&self, name: &str, value: &str, seconds: i64) -> String {
        let secure = if self.services.config().is_https() { "; Secure" } else { "" };
        format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.cookie(name))
    }
}

/// The value of the first cookie of this name.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find_map(|(found, value)| (found == name).then_some(value.trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        for (cookies, found) in [
            ("enduro-storage-ws-ticket=abc", Some("abc")),
            ("theme=dark; enduro-storage-ws-ticket=abc-_; x=y", Some("abc-_")),
            ("xenduro-storage-ws-ticket=abc", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookies.parse().expect("a header value"));
            assert_eq!(find(&headers, "enduro-storage-ws-ticket"), found, "{cookies}");
        }
    }
}
