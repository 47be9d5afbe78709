//! Cookies of requests.

use axum::http::{HeaderMap, header};

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
