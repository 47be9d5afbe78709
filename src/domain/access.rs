//! Who asks, and what they may do (`storage-api.md` section 5): people by what their provider says of them, permissions by
//! attributes with wildcards.

use serde::{Deserialize, Serialize};

/// A person or a program, as an identity provider knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The provider (`iss`).
    pub issuer: String,
    /// Their identity there (`sub`). Unique only together with the provider.
    pub subject: String,
    /// What they are called in notes and on pages: email, else preferred user name, else name.
    pub name: String,
}

impl Person {
    /// Whether both are one and the same: names may change, and may be shared.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.subject == other.subject
    }
}

/// What somebody may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permissions {
    /// Everything: nobody has to sign in, or attributes are not asked for.
    All,
    /// What these attributes, or wildcards above them, allow. None of them: nothing.
    Only(Vec<String>),
}

impl Permissions {
    /// Whether this attribute is held: by itself, or through a wildcard above it (`storage:aips:*`, `storage:*`, `*`).
    #[must_use]
    pub fn allow(&self, attribute: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(held) => held.iter().any(|held| covers(held, attribute)),
        }
    }

    /// Whether any of these attributes is held.
    #[must_use]
    pub fn allow_any(&self, attributes: &[&str]) -> bool {
        attributes.iter().any(|attribute| self.allow(attribute))
    }
}

fn covers(held: &str, attribute: &str) -> bool {
    held == attribute || held == "*" || held.strip_suffix('*').is_some_and(|above| above.ends_with(':') && attribute.starts_with(above))
}

/// The attributes of the storage API (`storage-api.md` section 5.3), then ours.
pub mod attribute {
    /// Announce AIPs, deposit packages.
    pub const AIPS_CREATE: &str = "storage:aips:create";
    /// Delete without a review.
    pub const AIPS_DELETION_AUTO: &str = "storage:aips:deletion:auto";
    /// Read the report of a deletion.
    pub const AIPS_DELETION_REPORT: &str = "storage:aips:deletion:report";
    /// Ask for a deletion, and call one's own request off.
    pub const AIPS_DELETION_REQUEST: &str = "storage:aips:deletion:request";
    /// Decide about somebody else's request.
    pub const AIPS_DELETION_REVIEW: &str = "storage:aips:deletion:review";
    /// Download packages.
    pub const AIPS_DOWNLOAD: &str = "storage:aips:download";
    /// See the list of AIPs.
    pub const AIPS_LIST: &str = "storage:aips:list";
    /// Move AIPs.
    pub const AIPS_MOVE: &str = "storage:aips:move";
    /// See an AIP.
    pub const AIPS_READ: &str = "storage:aips:read";
    /// Reject an AIP.
    pub const AIPS_REVIEW: &str = "storage:aips:review";
    /// Upload as Enduro does.
    pub const AIPS_SUBMIT: &str = "storage:aips:submit";
    /// See what is and was done to an AIP.
    pub const AIPS_WORKFLOWS_LIST: &str = "storage:aips:workflows:list";
    /// See the AIPs of a location.
    pub const LOCATIONS_AIPS_LIST: &str = "storage:locations:aips:list";
    /// Create locations.
    pub const LOCATIONS_CREATE: &str = "storage:locations:create";
    /// See the list of locations.
    pub const LOCATIONS_LIST: &str = "storage:locations:list";
    /// See a location.
    pub const LOCATIONS_READ: &str = "storage:locations:read";
    /// Check the fixity of AIPs. Ours.
    pub const AIPS_FIXITY: &str = "storage:aips:fixity";
    /// Change locations. Ours.
    pub const LOCATIONS_UPDATE: &str = "storage:locations:update";
    /// Remove empty locations. Ours.
    pub const LOCATIONS_DELETE: &str = "storage:locations:delete";

    /// See how busy the machines are that serve. Ours.
    pub const SYSTEM_METRICS_READ: &str = "system:metrics:read";
    /// Report the progress of tasks of another system. Ours.
    pub const TASKS_REPORT: &str = "tasks:report";
    /// Announce what happened in another system. Ours.
    pub const EVENTS_PUBLISH: &str = "events:publish";

    /// Every one of them.
    pub const ALL: &[&str] = &[
        AIPS_CREATE,
        AIPS_DELETION_AUTO,
        AIPS_DELETION_REPORT,
        AIPS_DELETION_REQUEST,
        AIPS_DELETION_REVIEW,
        AIPS_DOWNLOAD,
        AIPS_FIXITY,
        AIPS_LIST,
        AIPS_MOVE,
        AIPS_READ,
        AIPS_REVIEW,
        AIPS_SUBMIT,
        AIPS_WORKFLOWS_LIST,
        LOCATIONS_AIPS_LIST,
        LOCATIONS_CREATE,
        LOCATIONS_DELETE,
        LOCATIONS_LIST,
        LOCATIONS_READ,
        LOCATIONS_UPDATE,
        EVENTS_PUBLISH,
        SYSTEM_METRICS_READ,
        TASKS_REPORT,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(held: &[&str]) -> Permissions {
        Permissions::Only(held.iter().map(|held| (*held).to_owned()).collect())
    }

    #[test]
    fn an_attribute_is_held_by_itself_or_through_a_wildcard_above_it() {
        for held in ["storage:aips:deletion:request", "storage:aips:deletion:*", "storage:aips:*", "storage:*", "*"] {
            assert!(only(&[held]).allow(attribute::AIPS_DELETION_REQUEST), "{held}");
        }
        for held in [
            "storage:aips:deletion",
            "storage:aips",
            "storage:aips:deletion:request:*",
            "storage:locations:*",
            "stor*",
            ":*",
            "",
            "ingest:*",
        ] {
            assert!(!only(&[held]).allow(attribute::AIPS_DELETION_REQUEST), "{held}");
        }
    }

    #[test]
    fn an_empty_list_allows_nothing_and_none_at_all_everything() {
        for attribute in attribute::ALL {
            assert!(!only(&[]).allow(attribute));
            assert!(Permissions::All.allow(attribute));
        }
    }

    #[test]
    fn people_are_told_apart_by_provider_and_subject() {
        let person = |issuer: &str, subject: &str, name: &str| Person { issuer: issuer.into(), subject: subject.into(), name: name.into() };
        assert!(person("a", "1", "Ada").is(&person("a", "1", "Ada Lovelace")));
        assert!(!person("a", "1", "Ada").is(&person("b", "1", "Ada")));
        assert!(!person("a", "1", "Ada").is(&person("a", "2", "Ada")));
    }
}
