//! `bagit.txt`, the bag declaration (RFC 8493 section 2.1.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::encoding::TextEncoding;
use super::problem::{ProblemCode, Problems};

/// The file's name, at the top of the bag.
pub const FILE_NAME: &str = "bagit.txt";

/// More than any true declaration needs; what is longer is not one.
pub(crate) const MAX_LEN: usize = 4096;

const VERSION_LABEL: &str = "BagIt-Version";
const ENCODING_LABEL: &str = "Tag-File-Character-Encoding";

/// A version of the BagIt specification, `M.N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Before the point.
    pub major: u16,
    /// After the point.
    pub minor: u16,
}

impl Version {
    /// RFC 8493.
    pub const V1_0: Self = Self { major: 1, minor: 0 };
    /// The last draft before it, and the version that most existing bags declare.
    pub const V0_97: Self = Self { major: 0, minor: 97 };

    /// Whether this program knows the version's rules.
    pub fn is_supported(self) -> bool {
        self == Self::V1_0 || (self.major == 0 && (93..=97).contains(&self.minor))
    }

    /// Whether the stricter rules of RFC 8493 apply.
    pub(crate) fn is_rfc(self) -> bool {
        self >= Self::V1_0
    }

    /// The name of the metadata file, which changed with 0.95 (RFC 8493 section 2.2.2).
    pub(crate) fn info_file_name(self) -> &'static str {
        if self.major == 0 && self.minor < 95 { "package-info.txt" } else { "bag-info.txt" }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The text is not `M.N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a BagIt version is two numbers with a full stop between them")]
pub struct BadVersion;

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn number(digits: &str) -> Result<u16, BadVersion> {
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(BadVersion);
            }
            digits.parse().map_err(|_too_large| BadVersion)
        }
        let (major, minor) = text.split_once('.').ok_or(BadVersion)?;
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// What `bagit.txt` declares. A part that could not be read is absent.
#[derive(Debug, Clone, Default)]
pub struct Declaration {
    /// `BagIt-Version`, when it could be read and is known.
    pub version: Option<Version>,
    /// `Tag-File-Character-Encoding`, when it could be read and is known.
    pub encoding: Option<TextEncoding>,
}

impl Declaration {
    /// The text of a declaration, as section 2.1.1 wants it.
    pub fn format(version: Version, encoding: &str) -> String {
        format!("{VERSION_LABEL}: {version}\n{ENCODING_LABEL}: {encoding}\n")
    }
}

/// Reads a declaration, as much of it as is readable, and reports every departure from its form.
///
/// The form is exact in all versions: two lines, in order, each a label, a colon, one space and a
/// value. What is readable in spite of errors is still returned, so that the rest of the bag can
/// be checked under the right rules.
pub(crate) fn parse(bytes: &[u8], problems: &mut Problems) -> Declaration {
    let malformed = |problems: &mut Problems, message: &str| {
        problems.error(ProblemCode::DeclarationMalformed, Some(FILE_NAME), message);
    };

    let bytes = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => {
            problems.error(
                ProblemCode::DeclarationByteOrderMark,
                Some(FILE_NAME),
                "bagit.txt begins with a byte order mark, which it must not have.",
            );
            rest
        }
        None => bytes,
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        malformed(problems, "bagit.txt is not UTF-8 text, whatever the encoding of the other tag files.");
        return Declaration::default();
    };

    let lines = lines(text);
    if lines.len() != 2 {
        malformed(problems, &format!("bagit.txt must consist of exactly two lines and has {}.", lines.len()));
    }
    let version = element(&lines, 0, VERSION_LABEL, problems);
    let encoding = element(&lines, 1, ENCODING_LABEL, problems);

    let version = version.and_then(|value| match value.parse::<Version>() {
        Ok(version) => {
            if !version.is_supported() {
                problems.error(
                    ProblemCode::VersionUnsupported,
                    Some(FILE_NAME),
                    format!(
                        "bagit.txt declares BagIt version {version}; versions 0.93 to 0.97 and 1.0 \
                         can be checked. The rules of the nearest of these were applied."
                    ),
                );
            }
            Some(version)
        }
        Err(_) => {
            malformed(problems, &format!("bagit.txt declares {value:?} as its version, which is not of the form M.N."));
            None
        }
    });
    let encoding = encoding.and_then(|value| {
        let known = TextEncoding::for_label(value);
        if known.is_none() {
            problems.error(
                ProblemCode::EncodingUnsupported,
                Some(FILE_NAME),
                format!(
                    "bagit.txt declares the tag file encoding {value:?}, which is not known. \
                     The tag files were read as UTF-8."
                ),
            );
        }
        known
    });
    Declaration { version, encoding }
}

/// Lines ended by LF, CR or CRLF; the last one may go without.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, ending) = rest.split_at(end);
        lines.push(line);
        rest = ending.strip_prefix("\r\n").or_else(|| ending.strip_prefix(['\r', '\n'])).unwrap_or("");
    }
    lines
}

fn element<'t>(lines: &[&'t str], expected_at: usize, label: &str, problems: &mut Problems) -> Option<&'t str> {
    let found = lines.iter().enumerate().find_map(|(at, line)| {
        let (found, value) = line.split_once(':')?;
        found.trim().eq_ignore_ascii_case(label).then_some((at, found, value))
    });
    let Some((at, found, value)) = found else {
        problems.error(ProblemCode::DeclarationMalformed, Some(FILE_NAME), format!("bagit.txt has no line {label}."));
        return None;
    };
    if at != expected_at {
        problems.error(
            ProblemCode::DeclarationMalformed,
            Some(FILE_NAME),
            format!("{label} must be line {} of bagit.txt and is line {}.", expected_at + 1, at + 1),
        );
    }
    let trimmed = value.trim();
    if found != label || value.strip_prefix(' ') != Some(trimmed) {
        problems.error(
            ProblemCode::DeclarationMalformed,
            Some(FILE_NAME),
            format!(
                "Line {} of bagit.txt must be \"{label}\", a colon, one space and a value, \
                 without other white space.",
                at + 1
            ),
        );
    }
    Some(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &[u8]) -> (Declaration, Vec<ProblemCode>) {
        let mut problems = Problems::new(100);
        let declaration = parse(text, &mut problems);
        let codes = problems.into_list().into_iter().map(|p| p.code).collect();
        (declaration, codes)
    }

    #[test]
    fn the_exact_form_has_no_problem() {
        for ending in ["\n", "\r\n", "\r"] {
            let text = format!("BagIt-Version: 0.97{ending}Tag-File-Character-Encoding: UTF-8{ending}");
            let (declaration, problems) = codes(text.as_bytes());
            assert_eq!(declaration.version, Some(Version::V0_97));
            assert_eq!(problems, []);
            assert_eq!(codes(text.trim_end().as_bytes()).1, []);
        }
    }

    #[test]
    fn departures_are_reported_and_still_read() {
        use ProblemCode::*;
        let cases: [(&str, &[ProblemCode]); 9] = [
            ("\u{feff}BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", &[DeclarationByteOrderMark]),
            ("BagIt-Version : 1.0\nTag-File-Character-Encoding: UTF-8\n", &[DeclarationMalformed]),
            ("BagIt-Version:  1.0\nTag-File-Character-Encoding: UTF-8\n", &[DeclarationMalformed]),
            (" BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", &[DeclarationMalformed]),
            ("BagIt-Version: 1.0\nTag-File-Character-Encoding:\tUTF-8\n", &[DeclarationMalformed]),
            ("BagIt-Version:1.0\nTag-File-Character-Encoding: UTF-8\n", &[DeclarationMalformed]),
            ("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8 \n", &[DeclarationMalformed]),
            ("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n\n", &[DeclarationMalformed]),
            ("Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n", &[DeclarationMalformed, DeclarationMalformed]),
        ];
        for (text, expected) in cases {
            let (declaration, problems) = codes(text.as_bytes());
            assert_eq!(declaration.version, Some(Version::V1_0), "{text:?}");
            assert_eq!(problems, expected, "{text:?}");
        }
    }

    #[test]
    fn unknown_versions_and_encodings_are_reported() {
        let (_, problems) = codes(b"BagIt-Version: 2.5\nTag-File-Character-Encoding: KLINGON\n");
        assert_eq!(problems, [ProblemCode::VersionUnsupported, ProblemCode::EncodingUnsupported]);
        assert!("1".parse::<Version>().is_err());
        assert!("1.+0".parse::<Version>().is_err());
        assert!("1.0.0".parse::<Version>().is_err());
    }

    #[test]
    fn versions_are_text_on_the_wire() {
        let json = serde_json::to_string(&Version::V0_97).expect("a string");
        assert_eq!(json, "\"0.97\"");
        assert_eq!(serde_json::from_str::<Version>(&json).expect("a version"), Version::V0_97);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            codes(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(minor in 93u16..=97) {
            let version = Version { major: 0, minor };
            let (declaration, problems) = codes(Declaration::format(version, "UTF-16").as_bytes());
            proptest::prop_assert_eq!(declaration.version, Some(version));
            proptest::prop_assert!(problems.is_empty());
        }
    }
}
