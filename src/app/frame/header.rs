//! The header.

use super::{breadcrumb::Breadcrumb, connection::ConnectionIndicator, person::Person, search::SearchBox, theme::ThemeSwitch};
use crate::{
    api::User,
    app::stores::{Stores, WithUser},
    domain::attribute,
};
use leptos::prelude::*;

/// Product, where one is, search, how live the page is, who is signed in.
#[component]
pub(super) fn Header() -> impl IntoView {
    view! {
        <header class="header">
            <a class="mark" href="/">
                <svg class="mark__sign" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false">
                    <rect x="2.5" y="2.5" width="19" height="19" rx="3.5" fill="none" stroke="currentColor" stroke-width="2"/>
                    <circle cx="12" cy="12" r="4.6" fill="none" stroke="currentColor" stroke-width="2"/>
                    <path d="M12 12V9.4M12 12l2.2 1.3M12 12l-2.2 1.3M5.2 2.5v19" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>
                </svg>
                <span class="mark__name">"Strongroom"</span>
            </a>
            <Breadcrumb/>
            <WithUser><Tools/></WithUser>
            <ThemeSwitch/>
            <a class="header__about" href="/about">"About"</a>
            <Person/>
        </header>
    }
}

/// What is of use to those only who may see something.
#[component]
fn Tools() -> impl IntoView {
    let user = Stores::here().user;
    let absent = user.with(User::is_absent);
    view! {
        {user.may(attribute::AIPS_LIST).then(|| view! { <SearchBox/> })}
        {(!absent).then(|| view! { <ConnectionIndicator/> })}
    }
}
