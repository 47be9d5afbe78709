//! Paths in manifests and in `fetch.txt`: which are safe, and how some characters are written
//! (RFC 8493 sections 2.1.3 and 5.1.1).

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::Version;

/// The directory of the payload, with its slash.
pub const PAYLOAD_PREFIX: &str = "data/";

/// Why a path is not one that may stand in a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsafePath {
    /// Nothing is there.
    #[error("is empty")]
    Empty,
    /// It begins at a root.
    #[error("is absolute")]
    Absolute,
    /// It begins at a drive.
    #[error("begins with a drive letter")]
    DriveLetter,
    /// It begins at a home directory.
    #[error("begins with \"~\", which stands for a home directory")]
    Home,
    /// It goes up.
    #[error("contains a \"..\" component")]
    Parent,
    /// It stays where it is.
    #[error("contains a \".\" component")]
    Current,
    /// Two slashes follow each other, or one ends it.
    #[error("contains an empty component")]
    EmptyComponent,
    /// It would be another path on another system.
    #[error("contains a backslash, which separates directories on some systems")]
    Backslash,
    /// No file system can have it.
    #[error("contains a NUL character")]
    Nul,
}

/// Checks that a path stays inside the bag on every system it may be unpacked on (section 5.1.1).
pub fn check(path: &str) -> Result<(), UnsafePath> {
    let bytes = path.as_bytes();
    match bytes {
        [] => return Err(UnsafePath::Empty),
        [b'/', ..] => return Err(UnsafePath::Absolute),
        [b'~', ..] => return Err(UnsafePath::Home),
        [letter, b':', ..] if letter.is_ascii_alphabetic() => {
            return Err(UnsafePath::DriveLetter);
        }
        _ => {}
    }
    if bytes.contains(&b'\\') {
        return Err(UnsafePath::Backslash);
    }
    if bytes.contains(&0) {
        return Err(UnsafePath::Nul);
    }
    for component in path.split('/') {
        match component {
            "" => return Err(UnsafePath::EmptyComponent),
            "." => return Err(UnsafePath::Current),
            ".." => return Err(UnsafePath::Parent),
            _ => {}
        }
    }
    Ok(())
}

/// Whether the path is of a payload file.
pub fn is_payload(path: &str) -> bool {
    path.starts_with(PAYLOAD_PREFIX)
}

/// Undoes the percent-encoding of manifests: LF, CR and, since 1.0, the percent sign (section
/// 2.1.3). Nothing else is encoded: `%7E` in a manifest is three characters of the name.
pub fn decode(path: &str, version: Version) -> String {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        let tail = &rest[at..];
        let character = match tail.as_bytes() {
            [b'%', b'0', b'a' | b'A', ..] => Some('\n'),
            [b'%', b'0', b'd' | b'D', ..] => Some('\r'),
            [b'%', b'2', b'5', ..] if version.is_rfc() => Some('%'),
            _ => None,
        };
        match character {
            Some(character) => {
                decoded.push(character);
                rest = &tail[3..];
            }
            None => {
                decoded.push('%');
                rest = &tail[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// Writes a path as a manifest must have it (section 2.1.3).
pub fn encode(path: &str, version: Version) -> String {
    let mut encoded = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            '\n' => encoded.push_str("%0A"),
            '\r' => encoded.push_str("%0D"),
            '%' if version.is_rfc() => encoded.push_str("%25"),
            other => encoded.push(other),
        }
    }
    encoded
}

/// Whether a version 1.0 manifest should have written a `%` of this path as `%25`.
pub(crate) fn has_bare_percent(path: &str) -> bool {
    path.match_indices('%').any(|(at, _)| !matches!(path.as_bytes()[at + 1..], [b'0', b'a' | b'A' | b'd' | b'D', ..] | [b'2', b'5', ..]))
}

/// The form in which names that differ only by Unicode composition are equal (section 5.2).
pub(crate) fn composed(path: &str) -> String {
    if path.is_ascii() || is_nfc_quick(path.chars()) == IsNormalized::Yes { path.to_owned() } else { path.nfc().collect() }
}

/// The form in which names are equal that some file system cannot keep apart (section 6.1).
pub(crate) fn folded(path: &str) -> String {
    if path.is_ascii() { path.to_ascii_lowercase() } else { path.nfd().flat_map(char::to_lowercase).nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_bag() {
        let cases = [
            ("", UnsafePath::Empty),
            ("/etc/passwd", UnsafePath::Absolute),
            ("C:/x", UnsafePath::DriveLetter),
            ("c:x", UnsafePath::DriveLetter),
            ("~/x", UnsafePath::Home),
            ("~root/x", UnsafePath::Home),
            ("data/../../x", UnsafePath::Parent),
            ("data/./x", UnsafePath::Current),
            ("data//x", UnsafePath::EmptyComponent),
            ("data/x/", UnsafePath::EmptyComponent),
            ("data\\..\\x", UnsafePath::Backslash),
            ("data/\0", UnsafePath::Nul),
        ];
        for (path, reason) in cases {
            assert_eq!(check(path), Err(reason), "{path:?}");
        }
        for path in ["data/~x", "data/..x", "data/x..", "data/a:b", "bag-info.txt"] {
            assert_eq!(check(path), Ok(()), "{path:?}");
        }
    }

    #[test]
    fn only_three_characters_are_encoded() {
        let rfc = Version::V1_0;
        assert_eq!(decode("data/%7Ea%0d%0A%25b%", rfc), "data/%7Ea\r\n%b%");
        assert_eq!(decode("data/%25%0A", Version::V0_97), "data/%25\n");
        assert_eq!(encode("data/100%\n", rfc), "data/100%25%0A");
        assert_eq!(encode("data/100%", Version::V0_97), "data/100%");
        assert!(has_bare_percent("data/%7E") && !has_bare_percent("data/%25%0a"));
    }

    #[test]
    fn names_that_some_system_confuses() {
        assert_eq!(folded("DATA/É"), folded("data/e\u{301}"));
        assert_eq!(composed("e\u{301}"), "é");
        assert_ne!(folded("a"), folded("b"));
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_decoded(path: String) {
            let rfc = Version::V1_0;
            proptest::prop_assert_eq!(decode(&encode(&path, rfc), rfc), path);
        }

        #[test]
        fn encoded_paths_have_no_line_ends(path: String) {
            proptest::prop_assert!(!encode(&path, Version::V0_97).contains(['\r', '\n']));
        }

        #[test]
        fn any_text_is_no_panic(path: String) {
            let _ = check(&path);
            decode(&path, Version::V0_97);
            has_bare_percent(&path);
            folded(&path);
        }
    }
}
