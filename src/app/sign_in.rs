//! The way to the sign-in and back to what was wanted. Pure.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Where people sign in.
pub const PATH: &str = "/user/signin";

/// The problem that the session is over.
pub const EXPIRED: &str = "expired";

/// What of an address may stand in the value of a query as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address of the sign-in page that leads back to `wanted`, a path with its query; `problem` says why one comes there.
#[must_use]
pub fn address(wanted: &str, problem: Option<&str>) -> String {
    let mut address = format!("{PATH}?return={}", utf8_percent_encode(safe(wanted), KEPT));
    if let Some(problem) = problem {
        address.push_str(&format!("&problem={}", utf8_percent_encode(problem, KEPT)));
    }
    address
}

/// The address that sends the browser to a provider.
#[must_use]
pub fn provider(id: &str, wanted: &str) -> String {
    format!("/api/auth/signin?provider={}&return={}", utf8_percent_encode(id, KEPT), utf8_percent_encode(safe(wanted), KEPT))
}

/// A page of ours, or the first one: an address that somebody put together must not lead elsewhere, nor back to the sign-in.
#[must_use]
pub fn safe(wanted: &str) -> &str {
    let ours = wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains('\\') && !wanted.contains(char::is_control);
    if ours && !wanted.starts_with(PATH) && !wanted.starts_with("/api/") { wanted } else { "/" }
}

/// Why one has come here, in words.
#[must_use]
pub fn told(problem: &str) -> &'static str {
    match problem {
        EXPIRED => "Your session is over: sign in again, and you will come back to where you were.",
        "signed-out" => "You are signed out.",
        "denied" => "The sign-in was refused or called off at the provider. Nothing was changed.",
        "unavailable" => "The provider cannot be reached at the moment. Try again in a while.",
        _ => "The sign-in did not work. Nothing was changed: try again, and tell whoever administers the service if it fails again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_kept() {
        assert_eq!(address("/storage/aips?page=2&query=a b", None), "/user/signin?return=/storage/aips%3Fpage%3D2%26query%3Da%20b");
        assert_eq!(address("/", Some(EXPIRED)), "/user/signin?return=/&problem=expired");
        assert_eq!(provider("archive", "/storage/aips"), "/api/auth/signin?provider=archive&return=/storage/aips");
    }

    #[test]
    fn it_leads_to_no_other_place() {
        for elsewhere in
            ["https://example.org/", "//example.org", "/\\example.org", "", "storage", "/user/signin?return=/", "/api/about", "/a\nb"]
        {
            assert_eq!(safe(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(safe("/storage/aips/1?tab=a#b"), "/storage/aips/1?tab=a#b");
    }
}
