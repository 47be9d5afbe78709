//! `bag-info.txt`: metadata elements about the bag (RFC 8493 section 2.2.2).

use super::encoding::{TextEncoding, TextFacts, for_each_line};
use super::problem::{ProblemCode, Problems, Severity};
use super::{InfoField, Version};

/// The label of the payload's size and number of files.
pub const OXUM_LABEL: &str = "Payload-Oxum";

/// Larger files are metadata of another kind.
pub(crate) const MAX_LEN: usize = 1024 * 1024;

/// Elements that describe the bag as a whole and so make sense only once.
const SINGLE: [&str; 5] = ["Bagging-Date", "Bag-Size", "Bag-Group-Identifier", "Bag-Count", OXUM_LABEL];

/// `Payload-Oxum`: octets and streams of the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oxum {
    /// Bytes of all payload files.
    pub octets: u64,
    /// Number of payload files.
    pub streams: u64,
}

impl Oxum {
    /// Reads `octets.streams`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |digits: &str| -> Option<u64> {
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            digits.parse().ok()
        };
        let (octets, streams) = text.split_once('.')?;
        Some(Self { octets: number(octets)?, streams: number(streams)? })
    }
}

impl std::fmt::Display for Oxum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.octets, self.streams)
    }
}

/// Reads the elements and reports what is wrong with their form; what is readable is returned.
///
/// Before 1.0 white space around the colon was not ruled out: it is a warning there.
pub(crate) fn parse(
    bytes: &[u8],
    encoding: TextEncoding,
    version: Version,
    file: &str,
    problems: &mut Problems,
) -> (Vec<InfoField>, TextFacts) {
    let mut fields: Vec<InfoField> = Vec::new();
    let strict = if version.is_rfc() { Severity::Error } else { Severity::Warning };
    let mut reader = bytes;
    let facts = for_each_line(&mut reader, encoding, MAX_LEN, &mut |number, line| {
        let line = line.trim_end();
        if line.is_empty() {
            problems.warning(ProblemCode::InfoLineMalformed, Some(file), format!("Line {number} of {file} is empty."));
            return;
        }
        if line.starts_with([' ', '\t']) {
            match fields.last_mut() {
                Some(field) => {
                    field.value.push(' ');
                    field.value.push_str(line.trim_start());
                }
                None => problems.error(
                    ProblemCode::InfoLineMalformed,
                    Some(file),
                    format!("Line {number} of {file} continues an element, but there is none."),
                ),
            }
            return;
        }
        let Some((label, value)) = line.split_once(':') else {
            problems.error(
                ProblemCode::InfoLineMalformed,
                Some(file),
                format!("Line {number} of {file} has no colon between a label and a value."),
            );
            return;
        };
        let trimmed = label.trim_end();
        if trimmed.is_empty() {
            problems.error(ProblemCode::InfoLineMalformed, Some(file), format!("Line {number} of {file} has no label."));
            return;
        }
        if trimmed.len() < label.len() {
            problems.report(
                strict,
                ProblemCode::InfoWhitespace,
                Some(file),
                format!(
                    "Line {number} of {file} has white space between the label {trimmed:?} and \
                     its colon."
                ),
            );
        }
        if !value.is_empty() && !value.starts_with([' ', '\t']) {
            problems.report(
                strict,
                ProblemCode::InfoWhitespace,
                Some(file),
                format!(
                    "Line {number} of {file} has no space between the colon and the value of \
                     {trimmed:?}."
                ),
            );
        }
        fields.push(InfoField { label: trimmed.to_owned(), value: value.trim_start().to_owned() });
    });
    // Memory is the reader: it cannot fail.
    let facts = facts.unwrap_or_default();
    report_repeated(&fields, file, problems);
    (fields, facts)
}

fn report_repeated(fields: &[InfoField], file: &str, problems: &mut Problems) {
    for label in SINGLE {
        let times = fields.iter().filter(|field| field.label.eq_ignore_ascii_case(label)).count();
        if times > 1 {
            problems.warning(
                ProblemCode::InfoLabelRepeated,
                Some(file),
                format!("{file} has {label} {times} times; it should occur once."),
            );
        }
    }
}

/// Compares every `Payload-Oxum` with what was read.
pub(crate) fn check_oxum(fields: &[InfoField], found: Oxum, file: &str, problems: &mut Problems) {
    for field in fields.iter().filter(|field| field.label.eq_ignore_ascii_case(OXUM_LABEL)) {
        match Oxum::parse(field.value.trim()) {
            None => problems.error(
                ProblemCode::OxumMalformed,
                Some(file),
                format!(
                    "{OXUM_LABEL} is {:?}, which is not a number of bytes, a full stop and a \
                     number of files.",
                    field.value
                ),
            ),
            Some(stated) if stated != found => problems.error(
                ProblemCode::OxumMismatch,
                Some(file),
                format!(
                    "{OXUM_LABEL} says {} bytes in {} files; the payload has {} bytes in {} files.",
                    stated.octets, stated.streams, found.octets, found.streams
                ),
            ),
            Some(_) => {}
        }
    }
}

/// The text of a metadata file. A line ending inside a value becomes a continuation line.
pub fn format(fields: &[InfoField]) -> String {
    let mut text = String::new();
    for InfoField { label, value } in fields {
        text.push_str(label);
        text.push_str(": ");
        text.push_str(&value.replace("\r\n", "\n").replace(['\r', '\n'], "\n    "));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, version: Version) -> (Vec<InfoField>, Vec<(Severity, ProblemCode)>) {
        let mut problems = Problems::new(100);
        let (fields, _) = parse(text.as_bytes(), TextEncoding::default(), version, "bag-info.txt", &mut problems);
        let problems = problems.into_list();
        (fields, problems.iter().map(|p| (p.severity, p.code)).collect())
    }

    #[test]
    fn continuation_lines_are_joined() {
        let (fields, problems) =
            read("External-Description: Glass plates from the\r\n         harbour survey.\r\nBag-Count: 1 of 2\r\n", Version::V1_0);
        assert_eq!(fields[0].value, "Glass plates from the harbour survey.");
        assert_eq!(fields[1].label, "Bag-Count");
        assert_eq!(problems, []);
    }

    #[test]
    fn white_space_is_an_error_since_1_0() {
        for text in ["Bag-Count : 1 of 2\n", "Bag-Count:1 of 2\n"] {
            let code = ProblemCode::InfoWhitespace;
            assert_eq!(read(text, Version::V1_0).1, [(Severity::Error, code)]);
            assert_eq!(read(text, Version::V0_97).1, [(Severity::Warning, code)]);
        }
        let malformed = (Severity::Error, ProblemCode::InfoLineMalformed);
        assert_eq!(read(" Bag-Count: 1\n", Version::V0_97).1, [malformed]);
        assert_eq!(read("Bag-Count\n", Version::V0_97).1, [malformed]);
        assert_eq!(read(": x\n", Version::V0_97).1, [malformed]);
    }

    #[test]
    fn labels_that_occur_once_are_compared_without_case() {
        let (_, problems) = read("Bagging-Date: 2024-01-01\nbagging-date: 2024-01-02\nContact-Name: a\nContact-Name: b\n", Version::V1_0);
        assert_eq!(problems, [(Severity::Warning, ProblemCode::InfoLabelRepeated)]);
    }

    #[test]
    fn oxums() {
        assert_eq!(Oxum::parse("58.2"), Some(Oxum { octets: 58, streams: 2 }));
        for text in ["", "58", ".", "58.", "+5.2", "5.2.1", "5 .2"] {
            assert_eq!(Oxum::parse(text), None, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_no_panic(text: String) {
            read(&text, Version::V1_0);
        }

        #[test]
        fn what_is_written_is_read_back(
            fields in proptest::collection::vec(("[A-Z][A-Za-z-]{0,9}", "[!-~]([ -~]{0,20}[!-~])?"), 0..8)
        ) {
            let fields: Vec<InfoField> = fields
                .into_iter()
                .map(|(label, value)| InfoField { label, value })
                .collect();
            proptest::prop_assert_eq!(read(&format(&fields), Version::V1_0).0, fields);
        }
    }
}
