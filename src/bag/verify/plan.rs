//! Where the bag's top is and what will be computed, known beforehand or guessed.

use std::collections::BTreeSet;

use crate::bag::declaration;
use crate::bag::digest::{Algorithm, Algorithms};
use crate::bag::encoding::TextEncoding;
use crate::bag::manifest::{ManifestKind, ManifestName};
use crate::bag::source::Entry;

/// What is remembered of the names of a package's entries: enough to find the bag's top and the
/// manifests there. Manifests are few, so this stays small however many entries there are.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// The first few names at the container's top.
    tops: BTreeSet<String>,
    /// Some name at the top is a file.
    file_at_top: bool,
    /// Directories, by their first component, that hold a declaration; empty for the top itself.
    declared: BTreeSet<String>,
    /// Directories, by their first component, that hold a payload directory; empty for the top itself.
    payloads: BTreeSet<String>,
    /// The first component, or empty, and the name of every manifest found there.
    manifests: BTreeSet<(String, String)>,
}

/// More manifests than there are algorithms in the world.
const MAX_MANIFESTS: usize = 64;

impl Names {
    pub(super) fn see(&mut self, entry: &Entry) {
        let (first, rest) = match entry.path.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (entry.path.as_str(), None),
        };
        // Two tell that there is more than one.
        if self.tops.len() < 2 && !self.tops.contains(first) {
            self.tops.insert(first.to_owned());
        }
        let is_payload = |path: &str| path == "data" || path.starts_with("data/");
        let holder = if is_payload(&entry.path) { Some("") } else { rest.filter(|rest| is_payload(rest)).map(|_| first) };
        if let Some(holder) = holder.filter(|holder| self.payloads.len() < MAX_MANIFESTS && !self.payloads.contains(*holder)) {
            self.payloads.insert(holder.to_owned());
        }
        if !entry.is_file() {
            return;
        }
        self.files += 1;
        self.bytes += entry.size.unwrap_or(0);
        let (directory, name) = match rest {
            Some(rest) => (first, rest),
            None => {
                self.file_at_top = true;
                ("", first)
            }
        };
        if name.contains('/') {
            return;
        }
        if name == declaration::FILE_NAME && self.declared.len() < MAX_MANIFESTS {
            self.declared.insert(directory.to_owned());
        }
        if ManifestName::parse(name).is_some() && self.manifests.len() < MAX_MANIFESTS {
            self.manifests.insert((directory.to_owned(), name.to_owned()));
        }
    }

    /// Whether a directory is a bag's: it holds a declaration, or everything else that makes a bag. A bag that has lost its
    /// declaration is a damaged bag, not a package of another kind.
    fn is_bag(&self, directory: &str) -> bool {
        let has_payload_manifest = || {
            let payload = |name: &str| ManifestName::parse(name).is_some_and(|name| name.kind == ManifestKind::Payload);
            self.manifests.iter().any(|(holder, name)| holder == directory && payload(name))
        };
        self.declared.contains(directory) || (self.payloads.contains(directory) && has_payload_manifest())
    }

    /// The bag's top directory, empty for the container's own top (RFC 8493 section 2), or a
    /// sentence that says why there is none.
    pub(super) fn top(&self) -> Result<&str, String> {
        if self.is_bag("") {
            return Ok("");
        }
        if self.tops.is_empty() {
            return Err("The package is empty.".to_owned());
        }
        if let (1, false, Some(only)) = (self.tops.len(), self.file_at_top, self.tops.first()) {
            if self.is_bag(only) {
                return Ok(only);
            }
            return Err(format!(
                "There is no bagit.txt at the top of the package nor in its only top-level \
                 directory, {only}."
            ));
        }
        Err(match self.declared.first() {
            Some(directory) => format!(
                "There is a bagit.txt in {directory}, but there are other things beside that \
                 directory, so the package is not one bag."
            ),
            None => "There is no bagit.txt at the top of the package.".to_owned(),
        })
    }

    /// The algorithms that the manifests of one kind at the bag's top ask for.
    pub(super) fn algorithms(&self, top: &str, kind: ManifestKind) -> Algorithms {
        self.manifests
            .iter()
            .filter(|(directory, _)| directory == top)
            .filter_map(|(_, name)| ManifestName::parse(name))
            .filter(|name| name.kind == kind)
            .filter_map(|name| name.algorithm)
            .collect()
    }
}

/// By what a walk goes.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The bag's top directory, empty for the container's own; `None` to guess by the first entry.
    pub(super) top: Option<String>,
    pub(super) encoding: TextEncoding,
    /// What payload files are hashed with; `None` to go by the manifests met so far.
    pub(super) payload: Option<Algorithms>,
    /// What the other files are hashed with; `None` for everything, as they are small.
    pub(super) tags: Option<Algorithms>,
}

impl Plan {
    /// For a walk whose names are known.
    pub(super) fn known(names: &Names) -> Self {
        let top = names.top().unwrap_or_default();
        Self {
            top: Some(top.to_owned()),
            encoding: TextEncoding::default(),
            payload: Some(names.algorithms(top, ManifestKind::Payload)),
            tags: Some(names.algorithms(top, ManifestKind::Tag)),
        }
    }

    /// For a walk about which nothing is known.
    pub(super) fn guessed() -> Self {
        Self { top: None, encoding: TextEncoding::default(), payload: None, tags: None }
    }

    /// What a payload file is hashed with before any manifest was met: the digest that most bags
    /// have and that is cheapest to compute. Computing all would take longer than a second walk.
    pub(super) fn speculation() -> Algorithms {
        [Algorithm::Sha256].into_iter().collect()
    }
}
