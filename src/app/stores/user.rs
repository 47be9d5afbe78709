//! Who looks at the page, and what they may do. Asked for once: another person begins with another page.

use super::{Stores, aips::set_if_changed};
#[cfg(feature = "hydrate")]
use crate::app::{browser, sign_in};
use crate::{
    api::{User, client},
    app::pages::ForbiddenPage,
};
use leptos::prelude::*;
use std::pin::Pin;

/// The store of the person.
#[derive(Debug, Clone, Copy)]
pub struct UserStore {
    held: RwSignal<Option<User>>,
}

/// The question who it is, of the whole application.
#[derive(Clone, Copy)]
struct Asked(Resource<User>);

impl UserStore {
    pub(super) fn new() -> Self {
        Self { held: RwSignal::new(None) }
    }

    /// Asks. Where it cannot be told everything is offered: the service decides in any case, and says so.
    pub fn ask(self) {
        let asked = Resource::new_blocking(|| (), |()| async { client::user().await.map(|answer| answer.data).unwrap_or_default() });
        provide_context(Asked(asked));
        Effect::new(move |_| {
            if let Some(user) = asked.get() {
                watch_session(&user);
            }
        });
    }

    /// Whether this attribute is held.
    #[must_use]
    pub fn may(&self, attribute: &str) -> bool {
        self.with(|user| user.may(attribute))
    }

    /// Whether people have to sign in here.
    #[must_use]
    pub fn authentication(&self) -> bool {
        self.with(|user| user.authentication)
    }

    /// Whether somebody has to sign in before anything else, reactive. Not while that is unknown.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.held.with(|held| held.as_ref().is_some_and(User::is_absent))
    }

    /// Reads who it is; nobody, who may do nothing, before it is known. Not reactive: it does not change while the page is open.
    pub fn with<T: Default>(&self, read: impl FnOnce(&User) -> T) -> T {
        self.held.with_untracked(|held| held.as_ref().map(read).unwrap_or_default())
    }
}

/// Once the session is over the way leads to the sign-in, and back.
#[cfg(feature = "hydrate")]
fn watch_session(user: &User) {
    if user.authentication && !user.is_absent() {
        client::on_signed_out(|| browser::go(&sign_in::address(&browser::here(), sign_in::Said::SessionOver)));
    }
}

#[cfg(not(feature = "hydrate"))]
const fn watch_session(_user: &User) {}

/// Waits, each time it is called, until it is known who looks at the page.
pub(super) fn known() -> impl Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Clone {
    let store = Stores::here().user;
    let Asked(asked) = expect_context();
    move || {
        Box::pin(async move {
            let user = asked.await;
            set_if_changed(store.held, Some(user));
        })
    }
}

/// Shows the children once it is known who looks at them; they may ask the store what is to be shown to whom.
#[component]
pub fn WithUser(
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let known = known();
    view! {
        <Suspense>
            {
                let (known, children) = (known.clone(), ChildrenFn::clone(&children));
                Suspend::new(async move {
                    known().await;
                    children()
                })
            }
        </Suspense>
    }
}

/// Shows a page to those who hold an attribute, and to others that it is not for them. Inside of [`WithUser`].
#[component]
pub fn Permitted(
    /// The attribute.
    attribute: &'static str,
    /// The page.
    children: ChildrenFn,
) -> impl IntoView {
    if Stores::here().user.may(attribute) { children().into_any() } else { view! { <ForbiddenPage/> }.into_any() }
}
