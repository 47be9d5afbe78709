//! Who somebody is, and what they may do (`storage-api.md` section 5).
//!
//! [`provider`] proves that a token is real, with the provider's [`keys`]; [`claims`] reads from it who is meant and what they
//! may do. [`signin`] leads people to their provider and back; [`sessions`] remembers them behind a cookie; [`live`] ends open
//! connections when what they stand on ends. [`Auth`] holds all of it.

pub mod access;
pub mod claims;
pub mod keys;
pub mod live;
pub mod provider;
pub mod sessions;
pub mod signin;

pub use access::{Access, Proof, SessionKey};

use crate::{
    domain::Clock,
    server::{config::Config, db::Db},
};
use live::Live;
use provider::{Provider, Use};
use sessions::Sessions;
use signin::SignIns;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often connections are looked at whose session or token may have expired.
const LOOK: Duration = Duration::from_millis(500);
/// Looks after which it is asked whether the sessions of open connections are still there: every second.
const ASK: u32 = 2;
/// Looks after which expired sessions are removed: every ten minutes.
const TIDY: u32 = 1_200;

/// Why somebody is not who they say.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthError {
    /// The token proves nothing; for the log, since whoever presents it is told nothing more.
    #[error("the token is refused: {0}")]
    Refused(&'static str),
    /// The token is real, and whom it names is not to be let in.
    #[error(transparent)]
    NotLetIn(#[from] claims::Refusal),
    /// The provider cannot be asked.
    #[error("the identity provider cannot be asked: {0}")]
    Unreachable(String),
    /// The database failed.
    #[error("the session cannot be read: {0}")]
    Database(String),
}

/// Everything that is needed to know people; cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    providers: Vec<Arc<Provider>>,
    sessions: Sessions,
    sign_ins: SignIns,
    live: Live,
    clock: Arc<dyn Clock>,
}

impl Auth {
    /// Puts it together. Asks no provider anything yet.
    #[must_use]
    pub fn new(config: &Config, db: Db, clock: Arc<dyn Clock>) -> Self {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            // A provider that sends us elsewhere could make us ask machines that only we can reach.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("strongroom/", env!("CARGO_PKG_VERSION")))
            .build()
            .unwrap_or_default();
        let providers: Vec<_> =
            config.providers.iter().map(|provider| Arc::new(Provider::new(provider.clone(), http.clone(), Arc::clone(&clock)))).collect();
        let live = Live::default();
        let sessions = Sessions::new(config, db, live.clone());
        Self(Arc::new(Inner { providers, sessions, sign_ins: SignIns::default(), live, clock }))
    }

    /// Whether people have to sign in.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.0.providers.is_empty()
    }

    /// The providers, in the order of the settings.
    #[must_use]
    pub fn providers(&self) -> &[Arc<Provider>] {
        &self.0.providers
    }

    /// The provider of this id; the only one when none is named.
    #[must_use]
    pub fn provider(&self, id: Option<&str>) -> Option<&Arc<Provider>> {
        match (id, self.0.providers.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(id), providers) => providers.iter().find(|provider| provider.config.id == id),
        }
    }

    /// The sessions.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The sign-ins that are under way.
    #[must_use]
    pub fn sign_ins(&self) -> &SignIns {
        &self.0.sign_ins
    }

    /// The connections that stay open.
    #[must_use]
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    /// Whom a program's token names. The first provider that accepts it wins.
    ///
    /// # Errors
    /// When none does, or the one that it names cannot be asked.
    pub async fn bearer(&self, token: &str) -> Result<Access, AuthError> {
        let mut outcome = Err(AuthError::Refused("it names no provider of ours"));
        for provider in self.0.providers.iter().filter(|provider| provider.is_named_by(token)) {
            let accepted = match provider.verify(token, Use::Bearer).await {
                Ok(verified) => claims::identify(&provider.config, &verified.claims).map(|identity| (identity, verified.expires)),
                Err(error) => {
                    outcome = Err(error);
                    continue;
                }
            };
            match accepted {
                Ok((identity, until)) => return Ok(Access::by(identity, Proof::Token { until })),
                Err(refusal) => outcome = Err(refusal.into()),
            }
        }
        outcome
    }

    /// Whom the secret of a session cookie stands for; nobody when it has ended or never was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, secret: &str) -> Result<Option<Access>, AuthError> {
        self.0.sessions.find(secret, &self.0.providers, self.0.clock.now()).await.map_err(|error| AuthError::Database(error.to_string()))
    }

    /// Ends connections whose session or token has expired, and forgets expired sessions, until the service stops.
    pub async fn watch(self, shutdown: CancellationToken) {
        let mut every = tokio::time::interval(LOOK);
        let mut looks = 0_u32;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = every.tick() => {}
            }
            let now = self.0.clock.now();
            self.0.live.end_expired(now);
            if looks.is_multiple_of(ASK)
                && let Err(error) = self.0.sessions.end_connections_without().await
            {
                tracing::warn!(%error, "it cannot be read which sessions there are; asked again in a second");
            }
            if looks.is_multiple_of(TIDY)
                && let Err(error) = self.0.sessions.forget_expired(now).await
            {
                tracing::warn!(%error, "expired sessions could not be removed; tried again in ten minutes");
            }
            looks = looks.wrapping_add(1);
        }
    }
}
