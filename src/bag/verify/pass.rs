//! One walk over the package.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::VerifyOptions;
use super::inventory::{Fetch, Inventory, LineFact, LineFacts, Manifest, Small};
use super::plan::{Names, Plan};
use crate::bag::digest::{Algorithm, Algorithms, Digests, MultiHasher};
use crate::bag::encoding::{TextEncoding, TextFacts, for_each_line};
use crate::bag::manifest::{Line, ManifestKind, ManifestName, parse_line};
use crate::bag::problem::Problems;
use crate::bag::source::{Entry, EntryKind, Progress, ReadSoFar, SourceError};
use crate::bag::{bag_info, declaration, fetch, path};

/// Large enough that calls do not count, small enough for the processor's cache.
const BUFFER: usize = 256 * 1024;
const REPORT_EVERY: u64 = 1024 * 1024;

/// Why a walk does not suffice.
pub(super) enum Again {
    /// Something was guessed wrongly: walk again by this plan.
    Plan(Plan),
    NotABag(Box<Names>, String),
}

/// Counts what is read, over all walks, and tells the caller.
pub(super) struct Meter<'m> {
    progress: &'m mut dyn Progress,
    so_far: ReadSoFar,
    unreported: u64,
}

impl<'m> Meter<'m> {
    pub(super) fn new(progress: &'m mut dyn Progress) -> Self {
        Self { progress, so_far: ReadSoFar::default(), unreported: 0 }
    }

    fn count(&mut self, bytes: usize) -> Result<(), SourceError> {
        self.so_far.bytes += bytes as u64;
        self.unreported += bytes as u64;
        if self.unreported >= REPORT_EVERY {
            self.report()?;
        }
        Ok(())
    }

    fn report(&mut self) -> Result<(), SourceError> {
        self.unreported = 0;
        match self.progress.read(self.so_far) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SourceError::Stopped),
        }
    }
}

/// A file's content on its way to whoever parses it, hashed and counted as it passes.
struct Tap<'t, 'm> {
    inner: &'t mut dyn Read,
    hasher: MultiHasher,
    size: u64,
    meter: &'t mut Meter<'m>,
}

impl Read for Tap<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.size += count as u64;
        self.meter.count(count)?;
        Ok(count)
    }
}

impl Tap<'_, '_> {
    fn drain(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        loop {
            match self.read(buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

pub(super) struct Pass<'p, 'm> {
    plan: Plan,
    options: &'p VerifyOptions,
    meter: &'p mut Meter<'m>,
    names: Names,
    inventory: Inventory,
    /// Algorithms of the payload manifests met so far.
    met: Algorithms,
    buffer: Vec<u8>,
}

impl<'p, 'm> Pass<'p, 'm> {
    pub(super) fn new(plan: Plan, options: &'p VerifyOptions, meter: &'p mut Meter<'m>) -> Self {
        Self {
            plan,
            options,
            meter,
            names: Names::default(),
            inventory: Inventory::default(),
            met: Algorithms::NONE,
            buffer: vec![0; BUFFER],
        }
    }

    pub(super) fn visit(&mut self, entry: &Entry, reader: &mut dyn Read) -> Result<(), SourceError> {
        self.names.see(entry);
        let top = self.plan.top.get_or_insert_with(|| guess_top(entry));
        let path = match within(&entry.path, top) {
            Some(path) => path,
            // The top directory itself, or something beside it: then the top was guessed wrongly.
            None => return Ok(()),
        };
        if self.inventory.len() >= self.options.max_paths || self.inventory.path_bytes() > self.options.max_path_bytes {
            return Err(SourceError::refused(format!(
                "the package has more entries than can be checked, which is {}",
                self.options.max_paths
            )));
        }
        self.inventory.payload_directory |= path::is_payload(path) || (path == "data" && !entry.is_file());

        let id = self.inventory.intern(path);
        let facts = self.inventory.facts_mut(id);
        let conflict = match facts.kind {
            // Containers repeat directories freely.
            Some(EntryKind::Directory) => entry.is_file(),
            Some(EntryKind::File) => true,
            None => false,
        };
        facts.repeated |= conflict;
        if !entry.is_file() {
            facts.kind.get_or_insert(EntryKind::Directory);
            return Ok(());
        }
        facts.kind = Some(EntryKind::File);

        let (digests, size) = self.read(path, reader)?;
        if entry.size.is_some_and(|stated| stated != size) {
            return Err(SourceError::refused_at(
                format!("an entry is {size} bytes long though the package says {}", entry.size.unwrap_or_default()),
                path,
            ));
        }
        if path::is_payload(path) {
            self.inventory.payload_files += 1;
            self.inventory.payload_bytes += size;
        }
        let facts = self.inventory.facts_mut(id);
        facts.size = size;
        facts.digests = digests;
        self.meter.so_far.files += 1;
        self.meter.report()
    }

    /// Reads one file to its end, hashing it, and parses it if it is a tag file with a meaning.
    fn read(&mut self, path: &str, reader: &mut dyn Read) -> Result<(Digests, u64), SourceError> {
        let payload = path::is_payload(path);
        let manifest = ManifestName::parse(path);
        if let Some(ManifestName { kind: ManifestKind::Payload, algorithm: Some(algorithm) }) = manifest {
            self.met.insert(algorithm);
        }
        let algorithms = if payload {
            self.plan.payload.unwrap_or(if self.met.is_empty() { Plan::speculation() } else { self.met })
        } else {
            self.plan.tags.unwrap_or_else(Algorithms::all)
        };
        let mut tap = Tap { inner: reader, hasher: MultiHasher::new(algorithms), size: 0, meter: self.meter };
        let encoding = self.plan.encoding;
        let inventory = &mut self.inventory;
        if let Some(name) = manifest {
            read_manifest(&mut tap, path, name, encoding, inventory, self.options)?;
        } else if path == fetch::FILE_NAME {
            read_fetch(&mut tap, encoding, inventory, self.options)?;
        } else if path == declaration::FILE_NAME {
            let small = read_small(&mut tap, declaration::FILE_NAME, declaration::MAX_LEN)?;
            inventory.declaration = Some(small);
        } else if let Some(file) = ["bag-info.txt", "package-info.txt"].into_iter().find(|file| *file == path) {
            let small = read_small(&mut tap, file, bag_info::MAX_LEN)?;
            inventory.info.push(small);
        }
        tap.drain(&mut self.buffer)?;
        Ok((tap.hasher.finish(), tap.size))
    }

    /// The result, if nothing was guessed wrongly.
    pub(super) fn finish(mut self) -> Result<Inventory, Again> {
        let top = match self.names.top() {
            Ok(top) => top.to_owned(),
            Err(why) => return Err(Again::NotABag(Box::new(self.names), why)),
        };
        let encoding = self.declared_encoding();
        let payload = self.names.algorithms(&top, ManifestKind::Payload);
        let tags = self.names.algorithms(&top, ManifestKind::Tag);
        let right = self.plan.top.as_deref() == Some(&*top)
            && self.was_read_right(encoding)
            && self.inventory.paths().all(|(path, id)| {
                let facts = self.inventory.facts(id);
                let needed = if path::is_payload(path) { payload } else { tags };
                !facts.is_file() || facts.digests.algorithms().covers(needed)
            });
        if right {
            self.inventory.top = top;
            Ok(self.inventory)
        } else {
            Err(Again::Plan(Plan {
                // Under a wrong top the declaration was not seen: its encoding is not known yet.
                encoding: match self.inventory.declaration {
                    Some(_) => encoding,
                    None => TextEncoding::default(),
                },
                top: Some(top),
                payload: Some(payload),
                tags: Some(tags),
            }))
        }
    }

    fn declared_encoding(&self) -> TextEncoding {
        let Some(small) = &self.inventory.declaration else {
            return TextEncoding::default();
        };
        // What is wrong with the declaration is reported when the bag is judged.
        declaration::parse(&small.bytes, &mut Problems::new(0)).encoding.unwrap_or_default()
    }

    /// Whether the tag files read as the plan guessed are what they are in the declared encoding.
    fn was_read_right(&self, declared: TextEncoding) -> bool {
        let guessed = self.plan.encoding;
        guessed == declared
            || guessed.agrees_on_ascii(declared)
                && !self.inventory.manifests.iter().any(|manifest| manifest.text.beyond_ascii)
                && !self.inventory.fetch.iter().any(|fetch| fetch.text.beyond_ascii)
    }
}

/// By the first entry: whatever it is in, unless that is the payload directory.
fn guess_top(entry: &Entry) -> String {
    match entry.path.split_once('/') {
        Some((first, _)) if first != "data" => first.to_owned(),
        None if !entry.is_file() && entry.path != "data" => entry.path.clone(),
        _ => String::new(),
    }
}

/// The path relative to the bag's top, if it is below it.
fn within<'p>(path: &'p str, top: &str) -> Option<&'p str> {
    if top.is_empty() {
        return Some(path);
    }
    path.strip_prefix(top)?.strip_prefix('/')
}

fn read_small(tap: &mut Tap<'_, '_>, file: &'static str, max: usize) -> io::Result<Small> {
    let mut bytes = Vec::new();
    tap.take(max as u64 + 1).read_to_end(&mut bytes)?;
    let cut = bytes.len() > max;
    bytes.truncate(max);
    Ok(Small { file, bytes, cut })
}

fn read_manifest(
    tap: &mut Tap<'_, '_>,
    file: &str,
    name: ManifestName,
    encoding: TextEncoding,
    inventory: &mut Inventory,
    options: &VerifyOptions,
) -> Result<(), SourceError> {
    let index = u16::try_from(inventory.manifests.len())
        .map_err(|_too_many| SourceError::refused("the package has more manifests than any bag"))?;
    let mut lines = LineFacts::default();
    let mut too_large = false;
    let algorithm: Option<Algorithm> = name.algorithm;
    let text: TextFacts = for_each_line(tap, encoding, options.max_line, &mut |number, line| {
        if is_full(inventory, options) {
            too_large = true;
            return;
        }
        match parse_line(line, algorithm) {
            Line::Ignored(tolerated) => lines.add(number, LineFact::Tolerated(tolerated), options.max_problems),
            Line::Malformed(why) => {
                lines.add(number, LineFact::Malformed(why), options.max_problems);
            }
            Line::Entry { digest, path, tolerated } => {
                if let Some(tolerated) = tolerated {
                    lines.add(number, LineFact::Tolerated(tolerated), options.max_problems);
                }
                match path::check(path) {
                    Ok(()) => inventory.list(path, index, digest),
                    Err(why) => lines.add(number, LineFact::Unsafe(path.to_owned(), why), options.max_problems),
                }
            }
        }
    })?;
    inventory.manifests.push(Manifest { file: file.to_owned(), kind: name.kind, algorithm, text, lines, too_large });
    Ok(())
}

fn read_fetch(
    tap: &mut Tap<'_, '_>,
    encoding: TextEncoding,
    inventory: &mut Inventory,
    options: &VerifyOptions,
) -> Result<(), SourceError> {
    let mut fetch = Fetch::default();
    fetch.text = for_each_line(tap, encoding, options.max_line, &mut |number, line| {
        if is_full(inventory, options) || fetch.entries.len() >= options.max_paths {
            fetch.too_large = true;
            return;
        }
        match fetch::parse_line(line) {
            Ok(parsed) => match path::check(parsed.path) {
                Ok(()) => {
                    let id = inventory.intern(parsed.path);
                    fetch.entries.push((id, parsed.length));
                }
                Err(why) => fetch.lines.add(number, LineFact::Unsafe(parsed.path.to_owned(), why), options.max_problems),
            },
            Err(why) => {
                fetch.lines.add(number, LineFact::Malformed(why), options.max_problems);
            }
        }
    })?;
    inventory.fetch = Some(fetch);
    Ok(())
}

fn is_full(inventory: &Inventory, options: &VerifyOptions) -> bool {
    inventory.len() >= options.max_paths
        || inventory.path_bytes() > options.max_path_bytes
        // A path may stand in one manifest for each of a few algorithms.
        || inventory.listings() >= options.max_paths.saturating_mul(4)
}
