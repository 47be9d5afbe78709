//! `GET /api/user`: who is signed in, and what they may do. Ours.

use crate::domain::Permissions;
use serde::{Deserialize, Serialize};

/// Who asks, as the service sees them. Answered with 200 to everybody, also to who is not signed in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Whether people have to sign in here.
    pub authentication: bool,
    /// What they are called; absent while nobody is signed in, and where nobody has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their attributes; absent where none are asked for: then everything is allowed to whoever is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<String>>,
    /// What changes have to carry in the header [`CSRF_HEADER`]; absent where there is no session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf: Option<String>,
    /// The providers that one can sign in with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Provider>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Provider {
    /// Its name in addresses, e.g. `/api/auth/signin?provider=archive`.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// The header in which a change made with a session carries its token.
pub const CSRF_HEADER: &str = "strongroom-csrf";

impl User {
    /// Whether nobody is signed in where somebody has to be.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.authentication && self.name.is_none()
    }

    /// Whether this attribute is held (`storage-api.md` section 5.2).
    #[must_use]
    pub fn may(&self, attribute: &str) -> bool {
        !self.is_absent() && self.permissions().allow(attribute)
    }

    fn permissions(&self) -> Permissions {
        self.attributes.clone().map_or(Permissions::All, Permissions::Only)
    }
}

/// What signing out answers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignedOut {
    /// Where the browser has to go to end the provider's session as well; our own sign-in page when there is no such place.
    pub location: String,
}

/// Why a sign-in did not succeed: the `error` in the address of the sign-in page, e.g. `/user/signin?error=expired`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// It took too long, was begun in another browser, or the service was started anew meanwhile.
    Expired,
    /// The provider did not confirm who it is.
    Refused,
    /// The provider did, and they are not let in.
    NotLetIn,
    /// The provider does not answer.
    Unreachable,
}

impl SignInProblem {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Expired, Self::Refused, Self::NotLetIn, Self::Unreachable];

    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::NotLetIn => "not-let-in",
            Self::Unreachable => "unreachable",
        }
    }

    /// The problem of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.as_str() == word)
    }

    /// What happened and what to do, for a person.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "That sign-in is not valid any more: it took too long, or was begun in another window. Sign in again.",
            Self::Refused => "The identity provider did not confirm who you are. Sign in again; if it goes on, ask your administrator.",
            Self::NotLetIn => {
                "You are known to the identity provider, but may not use this service: your email address is not verified, or no \
                 permissions are recorded for you. Ask your administrator."
            }
            Self::Unreachable => "The identity provider does not answer, so nobody can sign in with it. Try again in a minute.",
        }
    }
}
