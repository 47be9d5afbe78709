//! What somebody whose identity is proven may do, and what that stands on.

use super::claims::Identity;
use crate::{
    domain::{Permissions, Person, Timestamp},
    server::{config::Secret, http::random::digest},
};

/// What a session is known by here: the SHA-256 of the secret in its cookie. Whoever reads it cannot use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey(pub(crate) [u8; 32]);

impl SessionKey {
    /// The key of the session with this secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(digest(secret))
    }
}

/// What an identity stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nobody has to sign in.
    NotAsked,
    /// A session, carried by a browser's cookie.
    Session {
        /// Which one.
        key: SessionKey,
        /// When it ends if nothing more is asked in it.
        until: Timestamp,
        /// What changes have to carry besides the cookie.
        csrf: Secret,
    },
    /// A token of the provider's, carried by a program.
    Token {
        /// When it expires.
        until: Timestamp,
    },
}

/// Somebody whose identity is proven, or the one person there is where nobody has to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Who it is.
    pub person: Person,
    /// What they may do.
    pub permissions: Permissions,
    /// Whether an identity provider vouches for them; false where nobody has to sign in.
    pub authenticated: bool,
    /// Whether what they are called is a name, and not only the provider's key for them.
    pub named: bool,
    /// What that stands on.
    pub proof: Proof,
}

impl Access {
    /// Whoever sits at this machine, where nobody has to sign in (`storage-api.md` section 5.4).
    #[must_use]
    pub fn local() -> Self {
        let person = Person { issuer: "strongroom".into(), subject: "local".into(), name: "local user".into() };
        Self { person, permissions: Permissions::All, authenticated: false, named: true, proof: Proof::NotAsked }
    }

    pub(super) fn by(Identity { person, named, permissions }: Identity, proof: Proof) -> Self {
        Self { person, permissions, authenticated: true, named, proof }
    }

    /// When it ends by itself, if it does.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match &self.proof {
            Proof::NotAsked => None,
            Proof::Session { until, .. } | Proof::Token { until } => Some(*until),
        }
    }

    /// The session that it stands on, if it does.
    #[must_use]
    pub fn session(&self) -> Option<SessionKey> {
        match &self.proof {
            Proof::Session { key, .. } => Some(*key),
            Proof::NotAsked | Proof::Token { .. } => None,
        }
    }
}
