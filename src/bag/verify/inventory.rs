//! What a walk found: every file, every listed path, and the tag files' contents.

use std::collections::HashMap;

use crate::bag::digest::{Algorithm, Digests};
use crate::bag::encoding::TextFacts;
use crate::bag::manifest::{ManifestKind, Tolerated};
use crate::bag::path::UnsafePath;
use crate::bag::source::EntryKind;

/// Index of a path in an [`Inventory`].
pub(super) type PathId = u32;

/// All that is known about one path.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What the container holds under the path.
    pub(super) kind: Option<EntryKind>,
    /// The container holds the path more than once.
    pub(super) repeated: bool,
    pub(super) size: u64,
    pub(super) digests: Digests,
    /// The manifests, by index, that list the path, with the digest that they state.
    pub(super) listed: Vec<(u16, Box<[u8]>)>,
}

impl Facts {
    pub(super) fn is_file(&self) -> bool {
        self.kind == Some(EntryKind::File)
    }
}

/// Something about a line of a manifest or of `fetch.txt`.
#[derive(Debug)]
pub(super) enum LineFact {
    Tolerated(Tolerated),
    Malformed(&'static str),
    Unsafe(String, UnsafePath),
}

/// Findings about lines, the first of them kept and all of them counted.
#[derive(Debug, Default)]
pub(super) struct LineFacts {
    pub(super) kept: Vec<(u64, LineFact)>,
    pub(super) omitted: u64,
}

impl LineFacts {
    pub(super) fn add(&mut self, line: u64, fact: LineFact, limit: usize) {
        if self.kept.len() < limit {
            self.kept.push((line, fact));
        } else {
            self.omitted += 1;
        }
    }
}

/// A manifest that was read.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) file: String,
    pub(super) kind: ManifestKind,
    pub(super) algorithm: Option<Algorithm>,
    pub(super) text: TextFacts,
    pub(super) lines: LineFacts,
    /// Reading was given up because too much was listed.
    pub(super) too_large: bool,
}

/// `fetch.txt` as it was read.
#[derive(Debug, Default)]
pub(super) struct Fetch {
    pub(super) text: TextFacts,
    pub(super) lines: LineFacts,
    pub(super) too_large: bool,
    /// The path, still encoded, and the length of each entry.
    pub(super) entries: Vec<(PathId, Option<u64>)>,
}

/// A small tag file, kept as its bytes until the encoding and the version are known.
#[derive(Debug)]
pub(super) struct Small {
    pub(super) file: &'static str,
    pub(super) bytes: Vec<u8>,
    /// There was more than is kept.
    pub(super) cut: bool,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) top: String,
    ids: HashMap<Box<str>, PathId>,
    facts: Vec<Facts>,
    path_bytes: usize,
    listings: usize,
    pub(super) manifests: Vec<Manifest>,
    pub(super) fetch: Option<Fetch>,
    pub(super) declaration: Option<Small>,
    /// `bag-info.txt` and, in old bags, `package-info.txt`.
    pub(super) info: Vec<Small>,
    pub(super) payload_directory: bool,
    pub(super) payload_files: u64,
    pub(super) payload_bytes: u64,
}

impl Inventory {
    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    pub(super) fn path_bytes(&self) -> usize {
        self.path_bytes
    }

    /// How many lines of manifests are kept.
    pub(super) fn listings(&self) -> usize {
        self.listings
    }

    /// Remembers that a manifest lists a path.
    pub(super) fn list(&mut self, path: &str, manifest: u16, digest: Box<[u8]>) {
        let id = self.intern(path);
        self.facts_mut(id).listed.push((manifest, digest));
        self.listings += 1;
    }

    pub(super) fn id(&self, path: &str) -> Option<PathId> {
        self.ids.get(path).copied()
    }

    /// The path's index, new if it was not known.
    pub(super) fn intern(&mut self, path: &str) -> PathId {
        if let Some(id) = self.id(path) {
            return id;
        }
        // The bound on the number of paths keeps this below the type's end.
        let id = self.facts.len() as PathId;
        self.ids.insert(path.into(), id);
        self.facts.push(Facts::default());
        self.path_bytes += path.len();
        id
    }

    pub(super) fn facts(&self, id: PathId) -> &Facts {
        &self.facts[id as usize]
    }

    pub(super) fn facts_mut(&mut self, id: PathId) -> &mut Facts {
        &mut self.facts[id as usize]
    }

    /// All paths with their indexes, unsorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = (&str, PathId)> {
        self.ids.iter().map(|(path, id)| (&**path, *id))
    }

    /// All paths with their indexes in order, so that the same bag always gets the same verdict.
    pub(super) fn sorted(&self) -> Vec<(&str, PathId)> {
        let mut sorted: Vec<_> = self.paths().collect();
        sorted.sort_unstable();
        sorted
    }
}
