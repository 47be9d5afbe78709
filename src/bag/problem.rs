//! What can be wrong with a bag: one code, one sentence and one file for each finding.

use serde::{Deserialize, Serialize};

/// Whether a finding makes the bag invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The bag is not valid.
    Error,
    /// The bag can be valid; a person should know nevertheless.
    Warning,
}

/// What kind of finding it is. The wire form is snake case and does not change once released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// `bagit.txt` is nowhere a bag has it (section 2.1.1).
    DeclarationMissing,
    /// `bagit.txt` is not the two lines it must be (section 2.1.1).
    DeclarationMalformed,
    /// `bagit.txt` begins with a byte order mark (section 2.1.1).
    DeclarationByteOrderMark,
    /// The declared version is not one that this program knows.
    VersionUnsupported,
    /// The declared tag file encoding is not one that this program knows (section 5.1.2).
    EncodingUnsupported,
    /// A tag file is not text in the declared encoding (section 2.1.1).
    EncodingMismatch,
    /// A tag file begins with a byte order mark that its encoding does not need.
    TagFileByteOrderMark,
    /// A tag file, or a line of one, is larger than this program reads.
    TagFileTooLarge,
    /// There is no `data/` directory (section 2.1.2).
    PayloadDirectoryMissing,
    /// There is no payload manifest (section 2.1.3).
    PayloadManifestMissing,
    /// A manifest for an algorithm that this program does not compute: it was not checked.
    AlgorithmUnknown,
    /// A line that is not a digest and a path (section 2.1.3).
    ManifestLineMalformed,
    /// An `md5sum` style `*` before the path, or other form that old tools wrote.
    ManifestLineTolerated,
    /// A path stands in a manifest more than once.
    ManifestDuplicatePath,
    /// A path stands in a manifest more than once, with different digests.
    ManifestConflictingDigests,
    /// A manifest lists what it must not: a tag file in a payload manifest, a payload file or a
    /// tag manifest in a tag manifest (sections 2.1.3 and 2.2.1).
    ManifestPathMisplaced,
    /// A manifest lists a directory (section 2.1.3).
    ManifestListsDirectory,
    /// A path that leads out of the bag, or would on some systems (section 5.1.1).
    PathUnsafe,
    /// A `%` that the manifest should have written as `%25` (section 2.1.3).
    PathNotEncoded,
    /// A payload manifest does not list a payload file that it must list (section 2.1.3).
    ManifestIncomplete,
    /// A payload file that no payload manifest lists (section 3).
    FileNotListed,
    /// A tag file that no tag manifest lists although there are tag manifests (section 2.2.1).
    TagFileNotListed,
    /// A tag manifest does not list a payload manifest (section 2.2.1).
    TagManifestIncomplete,
    /// A listed file is not in the bag (section 3).
    FileMissing,
    /// A listed file is not in the bag and `fetch.txt` tells where to get it (section 2.2.3).
    FileNotFetched,
    /// A file's content is not what was packed (section 3).
    DigestMismatch,
    /// The manifest and the container write the same name in different Unicode forms (section 5.2).
    NameNormalization,
    /// Two files differ only by case or by Unicode form (sections 5.2 and 6.1).
    NameCollision,
    /// The container holds the same path twice.
    DuplicateEntry,
    /// `Payload-Oxum` does not agree with the payload (section 2.2.2).
    OxumMismatch,
    /// `Payload-Oxum` is not `octets.count` (section 2.2.2).
    OxumMalformed,
    /// A line of the bag's metadata file that is neither an element nor a continuation.
    InfoLineMalformed,
    /// White space in the bag's metadata file where the version does not allow it.
    InfoWhitespace,
    /// A label that should occur once occurs several times (section 2.2.2).
    InfoLabelRepeated,
    /// A line of `fetch.txt` that is not a URL, a length and a path (section 2.2.3).
    FetchLineMalformed,
    /// `fetch.txt` lists what no payload manifest lists, or a tag file (section 2.2.3).
    FetchPathMisplaced,
    /// More than one URL or length for a path in `fetch.txt`, or a length that is not the file's.
    FetchInconsistent,
    /// Further problems were counted and are not listed.
    ProblemsOmitted,
}

impl ProblemCode {
    /// The wire form, for logs and for the interface's style classes.
    pub fn as_str(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whether it makes the bag invalid.
    pub severity: Severity,
    /// What kind of problem.
    pub code: ProblemCode,
    /// The file concerned, relative to the bag's top directory; absent when it is the whole bag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// One plain sentence for people, complete without `path` and `code`.
    pub message: String,
}

/// Collects findings and keeps their number bounded.
///
/// A damaged package of a million files has a million findings; the first `limit` are kept, all
/// are counted, and the end says how many were left out.
#[derive(Debug)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    limit: usize,
    errors: u64,
    omitted_errors: u64,
    omitted_warnings: u64,
}

impl Problems {
    pub(crate) fn new(limit: usize) -> Self {
        Self { kept: Vec::new(), limit, errors: 0, omitted_errors: 0, omitted_warnings: 0 }
    }

    pub(crate) fn error(&mut self, code: ProblemCode, path: Option<&str>, message: impl Into<String>) {
        self.errors += 1;
        self.push(Severity::Error, code, path, message.into());
    }

    pub(crate) fn warning(&mut self, code: ProblemCode, path: Option<&str>, message: impl Into<String>) {
        self.push(Severity::Warning, code, path, message.into());
    }

    pub(crate) fn report(&mut self, severity: Severity, code: ProblemCode, path: Option<&str>, message: impl Into<String>) {
        match severity {
            Severity::Error => self.error(code, path, message),
            Severity::Warning => self.warning(code, path, message),
        }
    }

    fn push(&mut self, severity: Severity, code: ProblemCode, path: Option<&str>, message: String) {
        if self.kept.len() < self.limit {
            self.kept.push(Problem { severity, code, path: path.map(str::to_owned), message });
        } else if severity == Severity::Error {
            self.omitted_errors += 1;
        } else {
            self.omitted_warnings += 1;
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The findings, errors first, each group in the order of discovery; last, if any were left
    /// out, how many.
    pub(crate) fn into_list(mut self) -> Vec<Problem> {
        self.kept.sort_by_key(|problem| problem.severity);
        if self.omitted_errors + self.omitted_warnings > 0 {
            let severity = if self.omitted_errors > 0 { Severity::Error } else { Severity::Warning };
            self.kept.push(Problem {
                severity,
                code: ProblemCode::ProblemsOmitted,
                path: None,
                message: format!(
                    "{} more errors and {} more warnings were found and are not listed.",
                    self.omitted_errors, self.omitted_warnings
                ),
            });
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_bounded_and_says_so() {
        let mut problems = Problems::new(2);
        problems.warning(ProblemCode::NameCollision, Some("a"), "w");
        for name in ["b", "c", "d"] {
            problems.error(ProblemCode::FileMissing, Some(name), "e");
        }
        let list = problems.into_list();
        assert_eq!(list.len(), 3);
        assert_eq!(list[0].code, ProblemCode::FileMissing);
        assert_eq!(list[2].code, ProblemCode::ProblemsOmitted);
        assert_eq!(list[2].severity, Severity::Error);
        assert!(list[2].message.starts_with("2 more errors"));
    }

    #[test]
    fn codes_are_snake_case_on_the_wire() {
        assert_eq!(ProblemCode::OxumMismatch.as_str(), "oxum_mismatch");
    }
}
