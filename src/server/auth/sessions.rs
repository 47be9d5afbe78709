//! Sessions: who is behind a browser's cookie.
//!
//! The cookie holds 32 random bytes; the database their SHA-256 and what the provider said of the person. Who they are and what
//! they may do is read from that anew for every request, so that a change of the settings counts at once. The provider's own
//! token is kept in memory only, to end the provider's session with it.

use super::{
    Access, Proof, SessionKey,
    claims::{self, Claims, Identity},
    live::Live,
    provider::Provider,
};
use crate::{
    domain::Timestamp,
    server::{
        config::{Config, Secret},
        db::{
            Db, DbErr,
            sessions::{self, SessionRow},
        },
        http::random::base64url,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// That a session was used is written down when the last note of it is this old, in parts of the time that it may rest.
const NOTES: i64 = 20;
/// Provider's tokens that are kept at most; without one the provider asks people whether they mean to sign out.
const TOKENS: usize = 10_000;

/// The sessions of this service.
pub struct Sessions {
    db: Db,
    live: Live,
    idle: i64,
    max: i64,
    tokens: Mutex<HashMap<SessionKey, Secret>>,
}

/// A session that ended.
#[derive(Debug)]
pub struct Ended {
    /// The id of the provider that vouched for its person.
    pub provider: String,
    /// The provider's token, to end the session there.
    pub id_token: Option<Secret>,
}

/// What changes have to carry besides the cookie of this secret: only who holds the cookie, or was told by us, can know it.
fn csrf_of(secret: &str) -> Secret {
    let digest = Sha256::new().chain_update(b"strongroom csrf\0").chain_update(secret.as_bytes()).finalize();
    Secret::new(URL_SAFE_NO_PAD.encode(digest))
}

impl Sessions {
    pub(super) fn new(config: &Config, db: Db, live: Live) -> Self {
        let micros = |seconds: u32| i64::from(seconds) * 1_000_000;
        let (idle, max) = (micros(config.session_idle_seconds), micros(config.session_max_seconds));
        Self { db, live, idle, max, tokens: Mutex::default() }
    }

    /// Seconds after which a session ends, whatever is done with it.
    #[must_use]
    pub fn max_seconds(&self) -> i64 {
        self.max / 1_000_000
    }

    fn until(&self, row: &SessionRow) -> Timestamp {
        let idle = row.seen_at.micros().saturating_add(self.idle);
        Timestamp::from_micros(idle.min(row.expires_at.micros()))
    }

    /// Begins a session; yields its secret. What the provider says of a person now counts in all of their sessions: where that
    /// changes what they may do, their open connections end and come back with it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, provider: &Provider, identity: &Identity, claims: &Claims, id_token: Secret) -> Result<Secret, DbErr> {
        let secret = base64url::<32>();
        let key = SessionKey::of(&secret);
        let kept = serde_json::to_string(&claims::kept(&provider.config, claims)).map_err(|error| DbErr::Json(error.to_string()))?;
        let (id, person, max) = (provider.config.id.clone(), identity.person.clone(), self.max);
        let changed = self
            .db
            .write::<_, DbErr>(Box::new(move |change| {
                Box::pin(async move {
                    let (at, expires_at) = (change.at(), Timestamp::from_micros(change.at().micros().saturating_add(max)));
                    let changed = sessions::update_claims(change, &id, &person, &kept).await?;
                    let row = SessionRow { key, provider: id, person, claims: kept, created_at: at, seen_at: at, expires_at };
                    sessions::insert(change, &row).await?;
                    Ok(changed)
                })
            }))
            .await?;
        for key in changed {
            self.live.end(key);
        }
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() < TOKENS {
            tokens.insert(key, id_token);
        }
        Ok(Secret::new(secret))
    }

    /// Whom a cookie's secret stands for.
    pub(super) async fn find(&self, secret: &str, providers: &[Arc<Provider>], now: Timestamp) -> Result<Option<Access>, DbErr> {
        let key = SessionKey::of(secret);
        let Some(row) = sessions::find(self.db.read(), key).await? else { return Ok(None) };
        if self.until(&row) <= now {
            return Ok(None);
        }
        // The settings may have changed since: whom they no longer let in is not signed in.
        let Some(provider) = providers.iter().find(|provider| provider.config.id == row.provider) else { return Ok(None) };
        let claims: Claims = serde_json::from_str(&row.claims).map_err(|error| DbErr::Json(error.to_string()))?;
        let Ok(identity) = claims::identify(&provider.config, &claims) else { return Ok(None) };
        if identity.person.issuer != provider.config.issuer {
            return Ok(None);
        }
        let until = self.note_use(&row, now);
        Ok(Some(Access::by(identity, Proof::Session { key, until, csrf: csrf_of(secret) })))
    }

    /// Writes down that a session was used, now and then; yields when it ends.
    fn note_use(&self, row: &SessionRow, now: Timestamp) -> Timestamp {
        if now.micros() - row.seen_at.micros() < self.idle / NOTES {
            return self.until(row);
        }
        let (db, key) = (self.db.clone(), row.key);
        tokio::spawn(async move {
            let noted = db.write::<_, DbErr>(Box::new(move |change| Box::pin(async move { sessions::note_use(change, key).await }))).await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a session could not be written down; it may end earlier than it should");
            }
        });
        let until = self.until(&SessionRow { seen_at: now, ..row.clone() });
        self.live.extend(row.key, until);
        until
    }

    /// Whether a session that was there a moment ago still is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_alive(&self, key: SessionKey) -> Result<bool, DbErr> {
        Ok(sessions::find(self.db.read(), key).await?.is_some())
    }

    /// Ends a session and its open connections.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, key: SessionKey) -> Result<Option<Ended>, DbErr> {
        let provider =
            self.db.write::<_, DbErr>(Box::new(move |change| Box::pin(async move { sessions::delete(change, key).await }))).await?;
        self.live.end(key);
        let id_token = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        Ok(provider.map(|provider| Ended { provider, id_token }))
    }

    /// Ends the connections whose sessions were removed by somebody else: an operator, or another process.
    pub(super) async fn end_connections_without(&self) -> Result<(), DbErr> {
        let open = self.live.sessions();
        if open.is_empty() {
            return Ok(());
        }
        let there = sessions::keys(self.db.read()).await?;
        for key in open.difference(&there) {
            self.live.end(*key);
        }
        Ok(())
    }

    pub(super) async fn forget_expired(&self, now: Timestamp) -> Result<(), DbErr> {
        let rested = Timestamp::from_micros(now.micros().saturating_sub(self.idle));
        let gone = self
            .db
            .write::<_, DbErr>(Box::new(move |change| Box::pin(async move { sessions::delete_expired(change, now, rested).await })))
            .await?;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        for key in gone {
            tokens.remove(&key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_carry_is_neither_the_cookie_nor_its_key() {
        let csrf = csrf_of("secret");
        assert_ne!(csrf.reveal(), "secret");
        assert_ne!(csrf.reveal(), URL_SAFE_NO_PAD.encode(SessionKey::of("secret").0));
        assert_eq!(csrf, csrf_of("secret"));
        assert_ne!(csrf, csrf_of("secrets"));
    }
}
