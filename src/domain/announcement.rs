//! What other systems announce, and the watch over filesystem locations: that something changed which is no event of the archive
//! itself (`realtime.md` section 6).
//!
//! Only the types of [`AnnouncedType`] are accepted, each with the fields that [`fields`] lists for it: a new type is a word and a
//! row there. Whoever announces says what happened; who it was and when is for the server to say.

use super::{Timestamp, UnknownWord, wire_enum};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Bytes of the longest announcement.
pub const MAX_ANNOUNCEMENT: usize = 8 * 1024;

wire_enum! {
    /// What may be announced.
    AnnouncedType {
        /// Files under a location appeared, changed or vanished without Strongroom having done it.
        StructureChanged = "structure.changed",
        /// A commit was made in a repository.
        GitCommit = "git.commit",
        /// Commits were pushed to a repository.
        GitPush = "git.push",
        /// Commits were pulled from a repository.
        GitPull = "git.pull",
    }
}

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A line of at most so many characters.
    Line(usize),
    /// Lines of at most so many characters together.
    Lines(usize),
    /// A name of an object in Git: 7 to 64 hexadecimal digits.
    Commit,
    /// A whole number of what happened.
    Count,
    /// A UUID.
    Uuid,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// Name, whether it has to be there, what it may hold.
type Field = (&'static str, bool, Shape);

const MOVED_COMMITS: &[Field] = &[
    ("repository", true, Shape::Line(200)),
    ("branch", true, Shape::Line(200)),
    ("commit", false, Shape::Commit),
    ("commits", false, Shape::Count),
];

/// The fields of `data`.
const fn fields(kind: AnnouncedType) -> &'static [Field] {
    match kind {
        AnnouncedType::StructureChanged => &[
            ("location_uuid", false, Shape::Uuid),
            ("path", true, Shape::Line(1_024)),
            ("change", true, Shape::OneOf(&["appeared", "changed", "vanished"])),
            // Of how many paths `path` is the first.
            ("count", false, Shape::Count),
        ],
        AnnouncedType::GitCommit => &[
            ("repository", true, Shape::Line(200)),
            ("commit", true, Shape::Commit),
            ("branch", false, Shape::Line(200)),
            ("author", false, Shape::Line(200)),
            ("message", false, Shape::Lines(1_000)),
        ],
        AnnouncedType::GitPush | AnnouncedType::GitPull => MOVED_COMMITS,
    }
}

impl Shape {
    fn holds(self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            // Controls would be read by terminals and logs, not by people.
            Self::Line(most) => text.is_some_and(|text| is_text(text, most) && !text.contains(['\n', '\t'])),
            Self::Lines(most) => text.is_some_and(|text| is_text(text, most)),
            Self::Commit => text.is_some_and(|text| (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())),
            Self::Count => value.as_u64().is_some(),
            Self::Uuid => text.is_some_and(|text| text.len() == 36 && Uuid::parse_str(text).is_ok()),
            Self::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        }
    }

    /// What is accepted, for a person.
    fn expected(self) -> String {
        match self {
            Self::Line(most) => format!("a line of 1 to {most} characters"),
            Self::Lines(most) => format!("a text of 1 to {most} characters"),
            Self::Commit => "7 to 64 hexadecimal digits".into(),
            Self::Count => "a whole number that is not negative".into(),
            Self::Uuid => "a UUID".into(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
        }
    }
}

/// Whether this is 1 to `most` characters without controls other than line feeds and tabs, and not only spaces.
pub(crate) fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().take(most + 1).count() <= most
        && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// Why an announcement is not accepted; nobody was told of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnnounced {
    /// Longer than [`MAX_ANNOUNCEMENT`].
    #[error("the announcement is longer than {MAX_ANNOUNCEMENT} bytes")]
    TooLong,
    /// Not JSON, or not of this form.
    #[error("the announcement has to be a JSON object with type and data: {0}")]
    Unreadable(String),
    /// Not a type that may be announced.
    #[error("{got:?} cannot be announced: use {allowed}")]
    UnknownType {
        /// What was given, shortened.
        got: String,
        /// What may be, comma-separated.
        allowed: String,
    },
    /// A field has to be there.
    #[error("data.{0} is missing: {1}")]
    Missing(&'static str, String),
    /// A field holds something else.
    #[error("data.{0} has to be {1}")]
    Wrong(&'static str, String),
    /// A field that announcements of this type do not have.
    #[error("{got:?} is not a field of what {kind} says: use {allowed}")]
    UnknownField {
        /// The type.
        kind: AnnouncedType,
        /// The field, shortened.
        got: String,
        /// Those that it has, comma-separated.
        allowed: String,
    },
}

/// An announcement that was found to be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Announcement {
    /// What kind of thing happened.
    #[serde(rename = "type")]
    kind: AnnouncedType,
    /// What exactly. The fields depend on the type.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

impl Announcement {
    /// Checks what somebody sent.
    ///
    /// # Errors
    /// Says what is wrong with it, and what would be right.
    pub fn read(body: &[u8]) -> Result<Self, NotAnnounced> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            #[serde(rename = "type")]
            kind: String,
            data: Map<String, Value>,
        }
        if body.len() > MAX_ANNOUNCEMENT {
            return Err(NotAnnounced::TooLong);
        }
        let Body { kind, data } = serde_json::from_slice(body).map_err(|problem| NotAnnounced::Unreadable(short(&problem.to_string())))?;
        let kind =
            kind.parse().map_err(|unknown: UnknownWord| NotAnnounced::UnknownType { got: short(&kind), allowed: unknown.allowed })?;
        Self::new(kind, data)
    }

    /// Checks an announcement of our own.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn new(kind: AnnouncedType, data: Map<String, Value>) -> Result<Self, NotAnnounced> {
        for &(name, needed, shape) in fields(kind) {
            match data.get(name) {
                Some(value) if !shape.holds(value) => return Err(NotAnnounced::Wrong(name, shape.expected())),
                None if needed => return Err(NotAnnounced::Missing(name, shape.expected())),
                _ => {}
            }
        }
        if let Some(got) = data.keys().find(|got| fields(kind).iter().all(|(name, ..)| name != got)) {
            let allowed = fields(kind).iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
            return Err(NotAnnounced::UnknownField { kind, got: short(got), allowed });
        }
        Ok(Self { kind, data })
    }

    /// What kind of thing happened.
    #[must_use]
    pub fn kind(&self) -> AnnouncedType {
        self.kind
    }

    /// What exactly.
    #[must_use]
    pub fn data(&self) -> &Map<String, Value> {
        &self.data
    }

    /// The location that it is about, if it is about one.
    #[must_use]
    pub fn location_uuid(&self) -> Option<Uuid> {
        self.data.get("location_uuid")?.as_str().and_then(|text| Uuid::parse_str(text).ok())
    }

    /// As everybody is told, with what the server knows of it.
    #[must_use]
    pub fn announced(self, id: Uuid, source: String, timestamp: Timestamp) -> Announced {
        Announced { kind: self.kind, id, source, timestamp, data: self.data }
    }
}

/// An announcement as it travels: `{"type":"git.push","id":"…","source":"…","timestamp":"…","data":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Announced {
    /// What kind of thing happened.
    #[serde(rename = "type")]
    pub kind: AnnouncedType,
    /// Of the announcement.
    pub id: Uuid,
    /// Who announced it, by the server's knowledge.
    pub source: String,
    /// When it was announced, by the server's clock.
    pub timestamp: Timestamp,
    /// What exactly.
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
}

impl Announced {
    /// As it travels.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// So much of what came as an answer says back.
fn short(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests;
