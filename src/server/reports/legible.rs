//! Text as it may stand in a report: nothing in it works unseen.

use super::{
    fonts::{Fonts, Weight},
    text::REPLACEMENT,
};
use unicode_segmentation::UnicodeSegmentation as _;

/// A text with what cannot be set replaced, and the characters that this concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Legible {
    /// Line breaks are `\n`; characters that no document may hold, or that would work unseen, are U+FFFD. Characters that are
    /// only missing in the fonts are kept: who copies or searches the report finds them.
    pub(super) text: String,
    /// Every character that is shown as U+FFFD, in order.
    pub(super) replaced: Vec<char>,
}

impl Legible {
    pub(super) fn new(text: &str, fonts: &Fonts) -> Self {
        let mut legible = Self { text: String::with_capacity(text.len()), replaced: Vec::new() };
        for cluster in text.replace("\r\n", "\n").graphemes(true) {
            match cluster {
                "\n" | "\r" | "\u{85}" | "\u{2028}" | "\u{2029}" => legible.text.push('\n'),
                "\t" => legible.text.push(' '),
                _ if cluster.contains(works_unseen) => {
                    legible.text.push(REPLACEMENT);
                    legible.replaced.extend(cluster.chars());
                }
                _ => {
                    legible.text.push_str(cluster);
                    if fonts.for_cluster(Weight::Regular, cluster).is_none() {
                        legible.replaced.extend(cluster.chars());
                    }
                }
            }
        }
        legible
    }

    /// The replaced characters as code points, repetitions counted: `U+1F600 × 3, U+4E2D`.
    pub(super) fn code_points(&self) -> String {
        let repeated = self.replaced.chunk_by(|one, next| one == next).map(|same| match same.len() {
            1 => format!("U+{:04X}", u32::from(same[0])),
            times => format!("U+{:04X} × {times}", u32::from(same[0])),
        });
        repeated.collect::<Vec<_>>().join(", ")
    }
}

/// Controls; what reorders its neighbours (UAX #9: text must not read otherwise than it is kept); and what PDF/A (ISO 19005-2,
/// 6.2.11.7) or XML does not let a document hold: private use, noncharacters, the byte order mark.
fn works_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. | '\u{fdd0}'..='\u{fdef}')
        || u32::from(letter) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legible(text: &str) -> Legible {
        Legible::new(text, &Fonts::open().expect("the program's own fonts"))
    }

    #[test]
    fn what_the_fonts_have_is_left_as_it_is() {
        for text in ["", "Briefe Müller, Ἀρχεῖον, Архив", "ארכיון", "أرشيف", "e\u{301}", "می\u{200c}خواهم"]
        {
            assert_eq!(legible(text), Legible { text: text.into(), replaced: Vec::new() });
        }
    }

    #[test]
    fn lines_are_kept_and_nothing_works_unseen() {
        assert_eq!(legible("a\r\nb\rc\u{2028}d\te").text, "a\nb\nc\nd e");
        let hidden = legible("a\u{0}\u{7}\u{202e}b\u{feff}\u{e000}\u{ffff}");
        assert_eq!(hidden.text, "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(hidden.code_points(), "U+0000, U+0007, U+202E, U+FEFF, U+E000, U+FFFF");
    }

    #[test]
    fn what_the_fonts_lack_is_kept_and_named() {
        let legible = legible("中😀😀😀");
        assert_eq!((legible.text.as_str(), legible.code_points().as_str()), ("中😀😀😀", "U+4E2D, U+1F600 × 3"));
    }
}
