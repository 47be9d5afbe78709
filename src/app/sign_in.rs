//! The way to the sign-in and back to what was wanted. Pure.

use crate::api::user::SignInProblem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Where people sign in.
pub const PATH: &str = "/user/signin";

/// Why one comes to the sign-in page: the `error` in its address, which the server sets as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The session is over.
    SessionOver,
    /// One has signed out.
    SignedOut,
    /// A sign-in did not succeed.
    Failed(SignInProblem),
}

impl Said {
    /// What this word says; of an unknown one only that it did not work.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "session-over" => Self::SessionOver,
            "signed-out" => Self::SignedOut,
            word => Self::Failed(SignInProblem::of(word).unwrap_or(SignInProblem::Refused)),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::SessionOver => "session-over",
            Self::SignedOut => "signed-out",
            Self::Failed(problem) => problem.as_str(),
        }
    }

    /// In a sentence, for a person.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::SessionOver => "Your session is over. Sign in again, and you will come back to where you were. Nothing was changed.",
            Self::SignedOut => "You are signed out.",
            Self::Failed(problem) => problem.sentence(),
        }
    }
}

/// What of an address may stand in the value of a query as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address of the sign-in page that leads back to `wanted`, a path with its query.
#[must_use]
pub fn address(wanted: &str, said: Said) -> String {
    format!("{PATH}?error={}&return={}", said.word(), utf8_percent_encode(safe(wanted), KEPT))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_kept() {
        assert_eq!(
            address("/storage/aips?page=2&query=a b", Said::SessionOver),
            "/user/signin?error=session-over&return=/storage/aips%3Fpage%3D2%26query%3Da%20b"
        );
        assert_eq!(provider("archive", "/storage/aips"), "/api/auth/signin?provider=archive&return=/storage/aips");
    }

    #[test]
    fn what_the_server_says_is_understood() {
        for said in [Said::SessionOver, Said::SignedOut].into_iter().chain(SignInProblem::ALL.map(Said::Failed)) {
            assert_eq!(Said::of(said.word()), said);
        }
        assert_eq!(Said::of("<script>"), Said::Failed(SignInProblem::Refused));
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
