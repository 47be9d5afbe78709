//! Bags made by code, written in any of the containers: for tests and for the demonstration.
//!
//! Everything is deterministic: the same calls give the same bytes.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Seek, Write};

use ::tar::EntryType;
use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use flate2::GzBuilder;
use sevenz_rust2::encoder_options::Lzma2Options;
use sevenz_rust2::{ArchiveEntry, ArchiveWriter, SourceReader};

use super::pack::{write_header, write_padding};
use crate::bag::bag_info::{self, OXUM_LABEL, Oxum};
use crate::bag::digest::MultiHasher;
use crate::bag::manifest::{ManifestKind, ManifestName, format_line};
use crate::bag::{Algorithm, Declaration, InfoField, PackageFormat, Version};

/// A file of a package: its path inside the container and its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Inside the container.
    pub path: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Member {
    /// A file.
    pub fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}

/// Lays out a valid bag (RFC 8493). `Payload-Oxum` is added to the metadata elements given.
#[derive(Debug, Clone)]
pub struct BagBuilder {
    version: Version,
    algorithms: Vec<Algorithm>,
    top: Option<String>,
    tag_manifests: bool,
    info: Vec<InfoField>,
    payload: BTreeMap<String, Vec<u8>>,
    tags: BTreeMap<String, Vec<u8>>,
}

impl Default for BagBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BagBuilder {
    /// An empty bag of version 1.0 with SHA-256 manifests and tag manifests, at the container's top.
    pub fn new() -> Self {
        Self {
            version: Version::V1_0,
            algorithms: vec![Algorithm::Sha256],
            top: None,
            tag_manifests: true,
            info: Vec::new(),
            payload: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }

    /// Another version than 1.0.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// For payload and tag manifests alike.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }

    /// Puts the bag into a directory of this name.
    #[must_use]
    pub fn top_directory(mut self, name: impl Into<String>) -> Self {
        self.top = Some(name.into());
        self
    }

    /// Leaves the tag manifests out.
    #[must_use]
    pub fn without_tag_manifests(mut self) -> Self {
        self.tag_manifests = false;
        self
    }

    /// Adds a metadata element.
    #[must_use]
    pub fn info(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.info.push(InfoField { label: label.into(), value: value.into() });
        self
    }

    /// Adds a payload file; `path` is relative to `data/`.
    #[must_use]
    pub fn file(mut self, path: impl AsRef<str>, content: impl Into<Vec<u8>>) -> Self {
        self.payload.insert(format!("data/{}", path.as_ref()), content.into());
        self
    }

    /// Adds another tag file, for example `metadata/dc.xml`.
    #[must_use]
    pub fn tag_file(mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.tags.insert(path.into(), content.into());
        self
    }

    /// The bag's files, sorted as a folder would be, manifests after what they list.
    pub fn build(self) -> Vec<Member> {
        let oxum = Oxum { octets: self.payload.values().map(|content| content.len() as u64).sum(), streams: self.payload.len() as u64 };
        let mut info = self.info;
        info.push(InfoField { label: OXUM_LABEL.to_owned(), value: oxum.to_string() });

        let mut tags = self.tags;
        tags.insert("bagit.txt".to_owned(), Declaration::format(self.version, "UTF-8").into_bytes());
        tags.insert(self.version.info_file_name().to_owned(), bag_info::format(&info).into_bytes());
        for algorithm in &self.algorithms {
            tags.insert(ManifestName::file_name(ManifestKind::Payload, *algorithm), manifest(&self.payload, *algorithm, self.version));
        }
        if self.tag_manifests {
            let sealed: Vec<(String, Vec<u8>)> = self
                .algorithms
                .iter()
                .map(|algorithm| (ManifestName::file_name(ManifestKind::Tag, *algorithm), manifest(&tags, *algorithm, self.version)))
                .collect();
            tags.extend(sealed);
        }

        let prefix = self.top.map(|top| format!("{top}/")).unwrap_or_default();
        tags.extend(self.payload);
        tags.into_iter().map(|(path, content)| Member { path: format!("{prefix}{path}"), content }).collect()
    }
}

fn manifest(files: &BTreeMap<String, Vec<u8>>, algorithm: Algorithm, version: Version) -> Vec<u8> {
    let mut text = String::new();
    for (path, content) in files {
        let mut hasher = MultiHasher::new([algorithm].into_iter().collect());
        hasher.update(content);
        let digests = hasher.finish();
        text.push_str(&format_line(digests.get(algorithm).unwrap_or_default(), path, version));
    }
    text.into_bytes()
}

/// Writes files as a package of the given format.
pub fn write_package<W: Write + Seek>(format: PackageFormat, members: &[Member], out: &mut W) -> io::Result<()> {
    match format {
        PackageFormat::Tar => write_tar(members, out),
        PackageFormat::TarGz => {
            let mut gzip = GzBuilder::new().mtime(0).write(&mut *out, flate2::Compression::fast());
            write_tar(members, &mut gzip)?;
            gzip.finish()?;
            out.flush()
        }
        PackageFormat::Zip => write_zip(members, out).map_err(io::Error::other),
        PackageFormat::SevenZip => write_seven_zip(members, out).map_err(io::Error::other),
    }
}

/// The bytes of a package of the given format.
pub fn package(format: PackageFormat, members: &[Member]) -> io::Result<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    write_package(format, members, &mut out)?;
    Ok(out.into_inner())
}

/// 1 January 2024: tar wants a time and the clock is none of this module's business.
const MTIME: u64 = 1_704_067_200;

fn write_tar<W: Write>(members: &[Member], out: &mut W) -> io::Result<()> {
    for member in members {
        let size = member.content.len() as u64;
        write_header(out, &member.path, EntryType::Regular, size, MTIME)?;
        out.write_all(&member.content)?;
        write_padding(out, size)?;
    }
    out.write_all(&[0; 1024])
}

fn write_zip<W: Write + Seek>(members: &[Member], out: &mut W) -> Result<(), ::zip::result::ZipError> {
    let mut zip = ZipWriter::new(out);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for member in members {
        zip.start_file(member.path.as_str(), options)?;
        zip.write_all(&member.content)?;
    }
    zip.finish()?;
    Ok(())
}

fn write_seven_zip<W: Write + Seek>(members: &[Member], out: &mut W) -> Result<(), sevenz_rust2::Error> {
    let mut archive = ArchiveWriter::new(out)?;
    archive.set_content_methods(vec![Lzma2Options::from_level(1).into()]);
    let (full, empty): (Vec<&Member>, Vec<&Member>) = members.iter().partition(|member| !member.content.is_empty());
    if !full.is_empty() {
        let entries = full.iter().map(|member| ArchiveEntry::new_file(&member.path)).collect();
        let contents = full.iter().map(|member| SourceReader::new(member.content.as_slice())).collect();
        archive.push_archive_entries(entries, contents)?;
    }
    for member in empty {
        archive.push_archive_entry::<&[u8]>(ArchiveEntry::new_file(&member.path), None)?;
    }
    archive.finish()?;
    Ok(())
}
