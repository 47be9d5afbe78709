//! What an AIP is.

use crate::{
    app::{
        components::{CopyText, Glyph, Icon, Size, StatusBadge, Time, Uuid},
        stores::{Stores, aips::AipDetailStoreFields},
    },
    domain::{Aip, AipStatus, DeletionRequest, DeletionStatus},
};
use leptos::prelude::*;

/// What a person should know before anything else, for an AIP that is not at rest.
fn banner(status: AipStatus, deletion: bool) -> Option<(&'static str, Glyph, &'static str)> {
    match status {
        AipStatus::Pending if deletion => Some((
            "waiting",
            Glyph::Warning,
            "The deletion of this AIP is requested. Until that is decided nothing else can be done to it.",
        )),
        AipStatus::Pending => Some((
            "waiting",
            Glyph::Warning,
            "This AIP awaits a person's decision. Until then nothing else can be done to it; the workflow below says what is asked.",
        )),
        AipStatus::Processing => {
            Some(("busy", Glyph::Sync, "Something is being done to this AIP now. This page follows it: there is no need to reload."))
        }
        _ => None,
    }
}

/// The facts about an AIP.
#[component]
pub fn Details(
    /// The AIP; none for a moment while another one is being opened.
    aip: Memo<Option<Aip>>,
) -> impl IntoView {
    let stores = Stores::here();
    let status = Memo::new(move |_| aip.with(|aip| aip.as_ref().map_or(AipStatus::Unspecified, |aip| aip.status)));
    let deletion = Memo::new(move |_| {
        let pending = |request: &DeletionRequest| request.status == DeletionStatus::Pending;
        stores.aips.detail.deletions().with(|requests| requests.first().is_some_and(pending))
    });
    let location = move || {
        let uuid = aip.with(|aip| aip.as_ref().and_then(|aip| aip.location_uuid));
        match uuid {
            Some(uuid) => {
                let name = stores.locations.name(uuid).unwrap_or_else(|| "A location that is not known here".to_owned());
                view! { <a href=format!("/storage/locations/{uuid}")>{name}</a> }.into_any()
            }
            None => view! { "None" }.into_any(),
        }
    };
    let digest = move |name: &'static str, read: fn(&Aip) -> Option<String>| {
        let digest = Memo::new(move |_| aip.with(|aip| aip.as_ref().and_then(read)));
        move || {
            digest.get().map(|text| {
                view! {
                    <div class="facts__wide">
                        <dt>{name}</dt>
                        <dd><CopyText text label=name /></dd>
                    </div>
                }
            })
        }
    };
    view! {
        <div class="banner-region" role="status">
            {move || {
                banner(status.get(), deletion.get())
                    .map(|(tone, glyph, words)| view! { <p class=format!("banner banner--{tone}")><Icon glyph /><span>{words}</span></p> }.into_any())
            }}
        </div>
        <dl class="facts facts--card facts--even">
            <div>
                <dt>"Status"</dt>
                <dd><StatusBadge status /></dd>
            </div>
            <div>
                <dt>"Location"</dt>
                <dd>{location}</dd>
            </div>
            {move || {
                aip.with(|aip| aip.as_ref().map(|aip| aip.created_at))
                    .map(|at| view! { <div><dt>"Deposited"</dt><dd><Time at /></dd></div> }.into_any())
            }}
            <div>
                <dt>"Size"</dt>
                <dd><Size bytes=Signal::derive(move || aip.with(|aip| aip.as_ref().and_then(|aip| aip.size))) /></dd>
            </div>
            {move || {
                aip.with(|aip| aip.as_ref().and_then(|aip| aip.format))
                    .map(|format| view! { <div><dt>"Format"</dt><dd>{format.to_string()}</dd></div> }.into_any())
            }}
            <div class="facts__wide">
                <dt>"UUID"</dt>
                <dd><Uuid uuid=Signal::derive(move || aip.with(|aip| aip.as_ref().map(|aip| aip.uuid).unwrap_or_default())) /></dd>
            </div>
            <div class="facts__wide">
                <dt>"Object key"</dt>
                <dd>
                    <Uuid
                        uuid=Signal::derive(move || aip.with(|aip| aip.as_ref().map(|aip| aip.object_key).unwrap_or_default()))
                        label="object key"
                    />
                </dd>
            </div>
            {digest("SHA-256", |aip| aip.sha256.clone())}
            {digest("SHA-512", |aip| aip.sha512.clone())}
        </dl>
    }
}
