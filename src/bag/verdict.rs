//! What a check of a package concludes.

use serde::{Deserialize, Serialize};

use super::{Algorithm, Problem, Severity, Version};

/// The conclusion in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A complete and valid bag (RFC 8493 section 3): every byte was read and is as packed.
    Valid,
    /// A bag, but not a valid one; the problems say why.
    Invalid,
    /// Neither a `bagit.txt`, nor a payload directory with a payload manifest, at the top of the package or in its only
    /// top-level directory.
    NotABag,
}

/// One metadata element of `bag-info.txt` (RFC 8493 section 2.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfoField {
    /// As written, for example `External-Identifier`.
    pub label: String,
    /// With continuation lines joined by one space.
    pub value: String,
}

/// The result of [`verify`](super::verify()).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The conclusion.
    pub outcome: Outcome,
    /// The version that `bagit.txt` declares, when it could be read.
    pub version: Option<Version>,
    /// The top-level directory that holds the bag; absent when the bag is not inside one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_directory: Option<String>,
    /// Algorithms of the payload manifests that were checked, in order of strength.
    pub algorithms: Vec<Algorithm>,
    /// Number of files under `data/`; of all files when it is not a bag.
    pub payload_files: u64,
    /// Their total length in bytes.
    pub payload_bytes: u64,
    /// The elements of `bag-info.txt` in their order.
    pub info: Vec<InfoField>,
    /// Every problem, errors first. Bounded; the last one says how many were left out.
    pub problems: Vec<Problem>,
}

impl Verdict {
    /// Whether the package is a complete and valid bag.
    pub fn is_valid(&self) -> bool {
        self.outcome == Outcome::Valid
    }

    /// The problems that make the bag invalid.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }

    /// The problems that do not.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Warning)
    }

    /// The first value of a metadata element; labels are compared without regard to case
    /// (RFC 8493 section 2.2.2).
    pub fn info(&self, label: &str) -> Option<&str> {
        self.info.iter().find(|field| field.label.eq_ignore_ascii_case(label)).map(|field| field.value.as_str())
    }
}
