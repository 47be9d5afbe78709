//! Tag files are text in an encoding that the declaration names (RFC 8493 section 2.1.1); here it
//! becomes lines, without ever holding more than one buffer and one line of it.

use std::io::{self, Read};

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding of a bag's tag files other than `bagit.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding {
    encoding: &'static Encoding,
    /// `UTF-16` without a suffix: the byte order mark decides, big-endian without one (RFC 2781).
    order_by_mark: bool,
}

impl Default for TextEncoding {
    fn default() -> Self {
        Self { encoding: UTF_8, order_by_mark: false }
    }
}

impl TextEncoding {
    /// The encoding registered under `label`, if it is known. ISO-8859-1 and US-ASCII are read as
    /// windows-1252, of which they are parts.
    pub fn for_label(label: &str) -> Option<Self> {
        let order_by_mark = label.trim().eq_ignore_ascii_case("utf-16");
        let encoding = if order_by_mark { UTF_16BE } else { Encoding::for_label(label.as_bytes())? };
        (encoding != REPLACEMENT).then_some(Self { encoding, order_by_mark })
    }

    /// Whether a text of ASCII bytes only is the same in this encoding and in the other.
    pub(crate) fn agrees_on_ascii(self, other: Self) -> bool {
        self.encoding.is_ascii_compatible() && other.encoding.is_ascii_compatible()
    }

    fn needs_mark(self) -> bool {
        self.encoding == UTF_16BE || self.encoding == UTF_16LE
    }
}

/// What was noticed about a text besides its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TextFacts {
    /// Some bytes are not ASCII, so that the text depends on the encoding.
    pub(crate) beyond_ascii: bool,
    /// Some bytes are not text in the encoding.
    pub(crate) malformed: bool,
    /// A byte order mark stands at the beginning though the encoding needs none.
    pub(crate) needless_mark: bool,
    /// Number of the first line that was longer than allowed; it and later ones were not given out.
    pub(crate) line_too_long: Option<u64>,
}

const CHUNK: usize = 64 * 1024;

/// Calls `each` with the number, from 1, and the text of every line up to `max_line` bytes long.
/// Lines end with LF, CR or CRLF. Reading stops at a longer line.
pub(crate) fn for_each_line(
    reader: &mut dyn Read,
    encoding: TextEncoding,
    max_line: usize,
    each: &mut dyn FnMut(u64, &str),
) -> io::Result<TextFacts> {
    let mut facts = TextFacts::default();
    let mut raw = vec![0; CHUNK];
    let mut filled = read_up_to(reader, &mut raw)?;
    let mut start = 0;
    let mut charset = encoding.encoding;
    let marks: [(&[u8], &'static Encoding); 3] = [(b"\xEF\xBB\xBF", UTF_8), (b"\xFE\xFF", UTF_16BE), (b"\xFF\xFE", UTF_16LE)];
    for (mark, marked) in marks {
        let agrees = marked == charset || (encoding.order_by_mark && marked != UTF_8);
        if agrees && raw[..filled].starts_with(mark) {
            charset = marked;
            start = mark.len();
            facts.needless_mark = !encoding.needs_mark();
        }
    }

    let mut decoder = charset.new_decoder_without_bom_handling();
    let mut text = String::new();
    let mut lines = LineSplitter::new(max_line);
    loop {
        let last = filled < raw.len();
        let mut chunk = &raw[start..filled];
        facts.beyond_ascii |= !chunk.is_ascii();
        loop {
            // Only overflow of `usize` makes the length unknown, which a chunk cannot cause.
            text.reserve(decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(CHUNK * 4));
            let (result, used, malformed) = decoder.decode_to_string(chunk, &mut text, last);
            facts.malformed |= malformed;
            chunk = &chunk[used..];
            if result == encoding_rs::CoderResult::InputEmpty {
                break;
            }
        }
        if !lines.push(&text, each) {
            facts.line_too_long = Some(lines.number + 1);
            return Ok(facts);
        }
        text.clear();
        if last {
            break;
        }
        filled = read_up_to(reader, &mut raw)?;
        start = 0;
    }
    if !lines.finish(each) {
        facts.line_too_long = Some(lines.number + 1);
    }
    Ok(facts)
}

/// Fills the buffer unless the end comes first, so that a short count means the end.
fn read_up_to(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

struct LineSplitter {
    /// The part of the current line that came with earlier chunks.
    pending: String,
    max_line: usize,
    /// Lines given out so far.
    number: u64,
    /// The last chunk ended with CR: an LF at the start of the next belongs to it.
    after_cr: bool,
}

impl LineSplitter {
    fn new(max_line: usize) -> Self {
        Self { pending: String::new(), max_line, number: 0, after_cr: false }
    }

    /// Returns `false` at a line that is too long.
    fn push(&mut self, chunk: &str, each: &mut dyn FnMut(u64, &str)) -> bool {
        let mut rest = chunk;
        if self.after_cr && !rest.is_empty() {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            self.after_cr = false;
        }
        while let Some(end) = rest.bytes().position(|byte| byte == b'\n' || byte == b'\r') {
            if !self.emit(&rest[..end], each) {
                return false;
            }
            let ending = &rest[end..];
            self.after_cr = ending == "\r";
            rest = ending.strip_prefix("\r\n").unwrap_or(&ending[1..]);
        }
        self.pending.push_str(rest);
        self.pending.len() <= self.max_line
    }

    fn emit(&mut self, end_of_line: &str, each: &mut dyn FnMut(u64, &str)) -> bool {
        if self.pending.len() + end_of_line.len() > self.max_line {
            return false;
        }
        self.number += 1;
        if self.pending.is_empty() {
            each(self.number, end_of_line);
        } else {
            self.pending.push_str(end_of_line);
            each(self.number, &self.pending);
            self.pending.clear();
        }
        true
    }

    fn finish(&mut self, each: &mut dyn FnMut(u64, &str)) -> bool {
        self.pending.is_empty() || self.emit("", each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], label: &str, max_line: usize) -> (Vec<String>, TextFacts) {
        let mut lines = Vec::new();
        let encoding = TextEncoding::for_label(label).expect("a known label");
        let facts = for_each_line(&mut &bytes[..], encoding, max_line, &mut |_, line| {
            lines.push(line.to_owned());
        })
        .expect("memory does not fail");
        (lines, facts)
    }

    #[test]
    fn all_three_line_endings() {
        let (found, facts) = lines(b"a\nb\r\nc\rd\n\ne", "UTF-8", 100);
        assert_eq!(found, ["a", "b", "c", "d", "", "e"]);
        assert_eq!(facts, TextFacts::default());
        assert_eq!(lines(b"", "UTF-8", 100), (Vec::new(), TextFacts::default()));
    }

    #[test]
    fn utf_16_by_its_mark_or_big_endian() {
        let big: Vec<u8> = "é\nb".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = "\u{feff}é\nb".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [big, little] {
            let (found, facts) = lines(&bytes, "UTF-16", 100);
            assert_eq!(found, ["é", "b"]);
            assert!(!facts.malformed && !facts.needless_mark);
        }
    }

    #[test]
    fn wrong_bytes_and_needless_marks_are_noticed() {
        assert!(lines(b"a\xFFb", "UTF-8", 100).1.malformed);
        let (found, facts) = lines(b"\xEF\xBB\xBFa", "UTF-8", 100);
        assert_eq!(found, ["a"]);
        assert!(facts.needless_mark);
        assert_eq!(lines(b"caf\xE9", "ISO-8859-1", 100).0, ["café"]);
        assert!(TextEncoding::for_label("no-such-thing").is_none());
    }

    #[test]
    fn a_line_beyond_the_limit_ends_the_reading() {
        let (found, facts) = lines(b"ab\nabcdef\nc", "UTF-8", 5);
        assert_eq!(found, ["ab"]);
        assert_eq!(facts.line_too_long, Some(2));
        assert_eq!(lines(&[b'x'; 300_000], "UTF-8", 5).1.line_too_long, Some(1));
    }

    #[test]
    fn a_line_may_cross_chunks() {
        let mut bytes = vec![b'x'; CHUNK - 1];
        bytes.extend_from_slice(b"\r\nsecond");
        let (found, _) = lines(&bytes, "UTF-8", CHUNK);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], "second");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_in_any_encoding(
            bytes: Vec<u8>,
            label in proptest::sample::select(vec!["UTF-8", "UTF-16", "UTF-16LE", "Shift_JIS", "GB18030"]),
        ) {
            lines(&bytes, label, 50);
        }
    }
}
