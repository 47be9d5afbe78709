//! The part of the form that says where a new location keeps its AIPs: the kind of store, and the fields of that kind.

use super::{
    fields::{TextField, check_path, focus, said_of, text},
    words,
};
use crate::{
    api::Problem,
    domain::{LocationConfig, LocationSource},
};
use leptos::{ev, html, prelude::*};

/// The kinds of store that can be made here.
const KINDS: [LocationSource; 2] = [LocationSource::Filesystem, LocationSource::Minio];

/// One line of the form.
#[derive(Clone, Copy)]
pub struct Line {
    /// What the server calls it.
    pub name: &'static str,
    /// The field itself.
    pub node: NodeRef<html::Input>,
    /// What is wrong with it.
    pub wrong: RwSignal<Option<String>>,
}

impl Line {
    /// A line that holds nothing yet.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, node: NodeRef::new(), wrong: RwSignal::new(None) }
    }

    fn typed(self) -> Option<String> {
        Some(text(self.node)).filter(|text| !text.is_empty())
    }
}

/// The fields of all kinds of store; those of the kind that is chosen are on the page.
#[derive(Clone, Copy)]
pub struct StoreFields {
    kind: RwSignal<LocationSource>,
    path: Line,
    bucket: Line,
    region: Line,
    endpoint: Line,
    path_style: NodeRef<html::Input>,
    key: Line,
    secret: Line,
}

impl StoreFields {
    /// Fields for a folder, which is what most begin with.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kind: RwSignal::new(LocationSource::Filesystem),
            path: Line::new("path"),
            bucket: Line::new("bucket"),
            region: Line::new("region"),
            endpoint: Line::new("endpoint"),
            path_style: NodeRef::new(),
            key: Line::new("key"),
            secret: Line::new("secret"),
        }
    }

    /// The kind that is chosen.
    #[must_use]
    pub fn source(self) -> LocationSource {
        self.kind.get_untracked()
    }

    /// What was typed.
    #[must_use]
    pub fn config(self) -> LocationConfig {
        if self.source() == LocationSource::Filesystem {
            return LocationConfig::Filesystem { path: text(self.path.node) };
        }
        LocationConfig::S3 {
            bucket: text(self.bucket.node),
            region: text(self.region.node),
            endpoint: self.endpoint.typed(),
            path_style: self.path_style.get_untracked().map(|field| field.checked()),
            profile: None,
            key: self.key.typed(),
            secret: self.secret.typed(),
            token: None,
        }
    }

    /// Says beside each field what is wrong with it. The first of them, if there is one.
    #[must_use]
    pub fn check(self) -> Option<Line> {
        let missing = |line: Line, words: &'static str| (line, line.typed().is_none().then_some(words));
        let found = if self.source() == LocationSource::Filesystem {
            vec![(self.path, check_path(&text(self.path.node)))]
        } else {
            let (key, secret) = (self.key.typed().is_some(), self.secret.typed().is_some());
            vec![
                missing(self.bucket, "Name the bucket in which the AIPs are to be kept."),
                missing(self.region, "Name the bucket's region. A store of your own often takes any, such as us-east-1."),
                (self.key, (secret && !key).then_some("Give the access key that the secret belongs to.")),
                (self.secret, (key && !secret).then_some("Give the secret of the access key.")),
            ]
        };
        for (line, wrong) in &found {
            line.wrong.set(wrong.map(str::to_owned));
        }
        found.into_iter().find_map(|(line, wrong)| wrong.map(|_| line))
    }

    /// Says beside the field that an answer of the server is about what that answer says, where there is one.
    pub fn tell(self, problem: &Problem) {
        let lines = [self.path, self.bucket, self.region, self.endpoint, self.key, self.secret];
        let about = lines.into_iter().find_map(|line| said_of(line.name, problem).map(|said| (line, said)));
        if let Some((line, said)) = about {
            line.wrong.try_set(Some(said));
            focus(line.node);
        }
    }
}

/// The choice, and the fields of what is chosen.
#[component]
pub fn Store(
    /// The fields.
    fields: StoreFields,
) -> impl IntoView {
    let choose = move |event: ev::Event| {
        if let Ok(kind) = event_target_value(&event).parse() {
            fields.kind.set(kind);
        }
    };
    view! {
        <div class="field">
            <label class="field__label" for="source">"Kind of store"</label>
            <select class="field__input" id="source" name="source" on:change=choose>
                {KINDS.into_iter().map(|kind| view! { <option value=kind.as_str()>{words::source(kind)}</option> }).collect_view()}
            </select>
        </div>
        {move || {
            if fields.kind.get() == LocationSource::Filesystem {
                view! { <Folder fields /> }.into_any()
            } else {
                view! { <Bucket fields /> }.into_any()
            }
        }}
    }
}

#[component]
fn Folder(fields: StoreFields) -> impl IntoView {
    view! {
        <TextField
            label="Folder"
            name="path"
            hint="A folder of the server, for example \"second-store\". It lies under the server's location root and is created if it does not exist. A path that begins with / has to lie under one of the roots that the server's configuration allows."
            wrong=fields.path.wrong
            node=fields.path.node
        />
    }
}

#[component]
fn Bucket(fields: StoreFields) -> impl IntoView {
    view! {
        <TextField
            label="Bucket"
            name="bucket"
            hint="It has to be there already, and to belong to this location alone."
            wrong=fields.bucket.wrong
            node=fields.bucket.node
        />
        <TextField
            label="Region"
            name="region"
            hint="For example eu-central-1. A store of your own often takes any."
            wrong=fields.region.wrong
            node=fields.region.node
        />
        <TextField
            label="Endpoint"
            name="endpoint"
            hint="The address of the store, for example https://s3.example.org. Empty for Amazon S3."
            optional=true
            wrong=fields.endpoint.wrong
            node=fields.endpoint.node
        />
        <div class="field">
            <label>
                <input type="checkbox" name="path_style" node_ref=fields.path_style aria-describedby="path_style-hint" />
                " The bucket stands in the path"
            </label>
            <p class="field__hint" id="path_style-hint">
                "As stores of your own often want it: https://s3.example.org/bucket instead of https://bucket.s3.example.org."
            </p>
        </div>
        <TextField
            label="Access key"
            name="key"
            hint="It must be allowed to list the bucket, and to read, write and delete in it. Empty together with the secret: the server's own credentials."
            optional=true
            wrong=fields.key.wrong
            node=fields.key.node
        />
        <TextField
            label="Secret"
            name="secret"
            hint="It is kept by the server and never shown again."
            secret=true
            optional=true
            wrong=fields.secret.wrong
            node=fields.secret.node
        />
    }
}
