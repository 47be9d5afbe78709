//! The document around the application, written by the server only.

use super::App;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};

/// Sets the theme and the sidebar as they were left, before anything is painted: later they would flash. On a small screen, where
/// it would cover the page, the sidebar is closed. Kept so small because
/// it stands in every page.
const AS_IT_WAS_LEFT: &str = "(function(){try{var r=document.documentElement,s=localStorage,t=s.getItem('strongroom.theme');\
if(t==='light'||t==='dark')r.setAttribute('data-theme',t);\
if(s.getItem('strongroom.sidebar')==='closed'||matchMedia('(max-width:46rem)').matches)r.setAttribute('data-sidebar','closed')}catch(e){}})()";

/// What changes made from this page have to carry (`api::user::CSRF_HEADER`), as the server says in the context; none where
/// nobody is signed in with a session.
#[derive(Debug, Clone, Default)]
pub struct CsrfToken(pub Option<String>);

/// The document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let csrf = use_context::<CsrfToken>().and_then(|CsrfToken(token)| token);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                // A half-read page would be painted, and would move when the rest of it arrives.
                <link rel="expect" href="#announcer" blocking="render"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {csrf.map(|token| view! { <meta name="strongroom-csrf" content=token/> })}
                <script nonce=use_nonce()>{AS_IT_WAS_LEFT}</script>
                <HashedStylesheet options=options.clone() id="strongroom"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
