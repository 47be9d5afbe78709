//! `fetch.txt`: files that the bag lists and does not contain (RFC 8493 section 2.2.3).
//!
//! Nothing is ever fetched. The file is read to say which missing files have an address, and to
//! find entries that should not be there.

/// The file's name, at the top of the bag.
pub const FILE_NAME: &str = "fetch.txt";

/// One line of `fetch.txt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchLine<'l> {
    /// Where the file can be had; never asked.
    pub url: &'l str,
    /// Length in bytes, when it is told: `-` says that it is not.
    pub length: Option<u64>,
    /// Still encoded as manifest paths are.
    pub path: &'l str,
}

/// Reads one line, without its ending. The error says what is wrong with it.
pub fn parse_line(line: &str) -> Result<FetchLine<'_>, &'static str> {
    const BLANK: [char; 2] = [' ', '\t'];
    const SHAPE: &str = "is not a URL, a length and a path";

    let (url, rest) = line.split_once(BLANK).ok_or(SHAPE)?;
    let (length, path) = rest.trim_start_matches(BLANK).split_once(BLANK).ok_or(SHAPE)?;
    let path = path.trim_start_matches(BLANK);
    if path.is_empty() || url.is_empty() {
        return Err(SHAPE);
    }
    if !has_scheme(url) {
        return Err("does not begin with an absolute URL");
    }
    let length = match length {
        "-" => None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().map_err(|_too_large| "has a length that is too large")?)
        }
        _ => return Err("has a length that is neither a number nor \"-\""),
    };
    Ok(FetchLine { url, length, path })
}

fn has_scheme(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            && !rest.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_line() {
        assert_eq!(
            parse_line("https://archive.example/a%20b 12 data/a b"),
            Ok(FetchLine { url: "https://archive.example/a%20b", length: Some(12), path: "data/a b" })
        );
        assert_eq!(parse_line("urn:x  -\tdata/a").map(|line| line.length), Ok(None));
        for line in
            ["", "urn:x", "urn:x 1", "urn:x 1 ", "urn:x +1 data/a", "nowhere 1 data/a", ":x 1 data/a", "urn:x 99999999999999999999 data/a"]
        {
            assert!(parse_line(line).is_err(), "{line:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_no_panic(line: String) {
            let _ = parse_line(&line);
        }
    }
}
