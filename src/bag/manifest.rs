//! Manifests: a digest and a path on each line (RFC 8493 sections 2.1.3 and 2.2.1).

use super::digest::{Algorithm, from_hex, to_hex};
use super::{Version, path};

/// Which files a manifest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestKind {
    /// `manifest-<algorithm>.txt`: the files under `data/`.
    Payload,
    /// `tagmanifest-<algorithm>.txt`: the other files.
    Tag,
}

/// What a manifest's file name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestName {
    /// Of what it lists digests.
    pub kind: ManifestKind,
    /// `None` for an algorithm that this program does not compute.
    pub algorithm: Option<Algorithm>,
}

impl ManifestName {
    /// Recognises a manifest by its path relative to the bag's top directory.
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = if let Some(rest) = path.strip_prefix("manifest-") {
            (ManifestKind::Payload, rest)
        } else {
            (ManifestKind::Tag, path.strip_prefix("tagmanifest-")?)
        };
        let algorithm = rest.strip_suffix(".txt")?;
        if algorithm.is_empty() || algorithm.contains('/') {
            return None;
        }
        Some(Self { kind, algorithm: Algorithm::by_name(algorithm) })
    }

    /// The file name for an algorithm.
    pub fn file_name(kind: ManifestKind, algorithm: Algorithm) -> String {
        match kind {
            ManifestKind::Payload => format!("manifest-{algorithm}.txt"),
            ManifestKind::Tag => format!("tagmanifest-{algorithm}.txt"),
        }
    }
}

/// A form that RFC 8493 does not allow and older tools wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerated {
    /// White space before the digest.
    LeadingSpace,
    /// The `*` by which md5sum marks binary reading.
    BinaryMark,
    /// `./` before the path.
    DotSlash,
    /// A line without content.
    Blank,
    /// A line that begins with `#`.
    Comment,
}

impl Tolerated {
    /// What the line does, to follow "Line 7 of manifest-md5.txt …".
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::LeadingSpace => "begins with white space",
            Self::BinaryMark => "has the mark \"*\" before the path",
            Self::DotSlash => "has \"./\" before the path",
            Self::Blank => "is empty",
            Self::Comment => "is a comment, which BagIt does not have",
        }
    }
}

/// One line of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<'l> {
    /// A digest and a path. The path is still encoded.
    Entry {
        /// The digest's bytes.
        digest: Box<[u8]>,
        /// The path as written.
        path: &'l str,
        /// A form that the RFC forbids and older versions let pass.
        tolerated: Option<Tolerated>,
    },
    /// Nothing to check, though the line should not be there.
    Ignored(Tolerated),
    /// Not a line of a manifest; the sentence part says why.
    Malformed(&'static str),
}

/// Reads one line, without its ending, of a manifest for `algorithm`. Upper-case digests and more
/// than one space or tab after them are allowed (section 2.1.3).
pub fn parse_line(line: &str, algorithm: Option<Algorithm>) -> Line<'_> {
    const BLANK: [char; 2] = [' ', '\t'];

    let unindented = line.trim_start_matches(BLANK);
    if unindented.is_empty() {
        return Line::Ignored(Tolerated::Blank);
    }
    if unindented.starts_with('#') {
        return Line::Ignored(Tolerated::Comment);
    }
    let mut tolerated = (unindented.len() < line.len()).then_some(Tolerated::LeadingSpace);

    let Some((hex, path)) = unindented.split_once(BLANK) else {
        return Line::Malformed("is not a digest, white space and a path");
    };
    let Some(digest) = from_hex(hex) else {
        return Line::Malformed("does not begin with a hexadecimal digest");
    };
    if algorithm.is_some_and(|algorithm| digest.len() != algorithm.digest_len()) {
        return Line::Malformed("has a digest of the wrong length for the algorithm");
    }
    let mut path = path.trim_start_matches(BLANK);
    if let Some(rest) = path.strip_prefix('*') {
        path = rest;
        tolerated = Some(Tolerated::BinaryMark);
    }
    if let Some(rest) = path.strip_prefix("./") {
        path = rest;
        tolerated = Some(Tolerated::DotSlash);
    }
    if path.is_empty() {
        return Line::Malformed("has no path");
    }
    Line::Entry { digest, path, tolerated }
}

/// One line of a manifest, with its ending, as section 2.1.3 wants it.
pub fn format_line(digest: &[u8], path: &str, version: Version) -> String {
    format!("{}  {}\n", to_hex(digest), path::encode(path, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

    fn entry(line: &str) -> (String, Option<Tolerated>) {
        match parse_line(line, Some(Algorithm::Md5)) {
            Line::Entry { digest, path, tolerated } => {
                assert_eq!(to_hex(&digest), EMPTY_MD5);
                (path.to_owned(), tolerated)
            }
            other => panic!("{line:?} gave {other:?}"),
        }
    }

    #[test]
    fn names() {
        let parsed = ManifestName::parse("manifest-sha512.txt").expect("a manifest");
        assert_eq!(parsed.kind, ManifestKind::Payload);
        assert_eq!(parsed.algorithm, Some(Algorithm::Sha512));
        let parsed = ManifestName::parse("tagmanifest-sha3256.txt").expect("a manifest");
        assert_eq!(parsed.kind, ManifestKind::Tag);
        assert_eq!(parsed.algorithm, None);
        for other in ["manifest-.txt", "manifest-md5", "x/manifest-md5.txt", "manifest-a/b.txt"] {
            assert_eq!(ManifestName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_forms_of_a_line() {
        let plain = |path: &str| (path.to_owned(), None);
        assert_eq!(entry(&format!("{EMPTY_MD5}  data/a b")), plain("data/a b"));
        assert_eq!(entry(&format!("{EMPTY_MD5} data/a")), plain("data/a"));
        assert_eq!(entry(&format!("{EMPTY_MD5}\t \tdata/a ")), plain("data/a "));
        assert_eq!(entry(&format!("{}  data/a", EMPTY_MD5.to_uppercase())), plain("data/a"));
        assert_eq!(entry(&format!("{EMPTY_MD5} *data/a")).1, Some(Tolerated::BinaryMark));
        assert_eq!(entry(&format!("{EMPTY_MD5}  ./data/a")), ("data/a".to_owned(), Some(Tolerated::DotSlash)));
        assert_eq!(entry(&format!(" {EMPTY_MD5}  data/a")).1, Some(Tolerated::LeadingSpace));
    }

    #[test]
    fn what_is_not_a_line() {
        let md5 = Some(Algorithm::Md5);
        assert_eq!(parse_line(" \t", md5), Line::Ignored(Tolerated::Blank));
        assert_eq!(parse_line("# x", md5), Line::Ignored(Tolerated::Comment));
        for line in [
            EMPTY_MD5.to_owned(),
            format!("{EMPTY_MD5}  "),
            format!("{EMPTY_MD5}00  data/a"),
            "xyz  data/a".to_owned(),
            "abc  data/a".to_owned(),
        ] {
            assert!(matches!(parse_line(&line, md5), Line::Malformed(_)), "{line:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(digest: [u8; 32], name in "[^/\\\\*\0]{1,30}") {
            let path = format!("data/{name}");
            let text = format_line(&digest, &path, Version::V1_0);
            let line = text.strip_suffix('\n').expect("an ending");
            let Line::Entry { digest: found, path: raw, tolerated: None } =
                parse_line(line, Some(Algorithm::Sha256)) else {
                panic!("{line:?}");
            };
            proptest::prop_assert_eq!(&*found, &digest[..]);
            proptest::prop_assert_eq!(path::decode(raw, Version::V1_0), path);
        }

        #[test]
        fn any_text_is_no_panic(line: String) {
            parse_line(&line, None);
            ManifestName::parse(&line);
        }
    }
}
