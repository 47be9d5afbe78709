//! The fonts of the reports; where they are from is told in `font/README.md`.

use super::ReportError;
use krilla::text::Font;

/// How heavy text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// As most text is.
    Regular,
    /// For headings and labels, which are ours; what the bold font lacks is set in the regular ones.
    Bold,
}

/// One font: what shapes text with it, and what writes it into a PDF.
pub(super) struct Face {
    pub(super) font: Font,
    pub(super) shaper: rustybuzz::Face<'static>,
}

impl Face {
    fn open(name: &'static str, data: &'static [u8]) -> Result<Self, ReportError> {
        let font = Font::new(data.into(), 0).ok_or(ReportError::Font(name))?;
        let shaper = rustybuzz::Face::from_slice(data, 0).ok_or(ReportError::Font(name))?;
        Ok(Self { font, shaper })
    }

    fn draws(&self, cluster: &str) -> bool {
        cluster.chars().all(|letter| self.shaper.glyph_index(letter).is_some() || is_silent(letter))
    }
}

/// All fonts, in the order in which they are asked for a letter.
pub(super) struct Fonts {
    bold: Face,
    regular: [Face; 3],
}

impl Fonts {
    pub(super) fn open() -> Result<Self, ReportError> {
        Ok(Self {
            bold: Face::open("Noto Sans Bold", include_bytes!("font/NotoSans-Bold.ttf"))?,
            regular: [
                Face::open("Noto Sans", include_bytes!("font/NotoSans-Regular.ttf"))?,
                Face::open("Noto Sans Hebrew", include_bytes!("font/NotoSansHebrew-Regular.ttf"))?,
                Face::open("Noto Sans Arabic", include_bytes!("font/NotoSansArabic-Regular.ttf"))?,
            ],
        })
    }

    /// The font that has a shape for the whole of this grapheme cluster.
    pub(super) fn for_cluster(&self, weight: Weight, cluster: &str) -> Option<&Face> {
        let bold = (weight == Weight::Bold).then_some(&self.bold);
        bold.into_iter().chain(&self.regular).find(|face| face.draws(cluster))
    }

    /// The font whose replacement character stands for what none of them has.
    pub(super) fn of_last_resort(&self) -> &Face {
        &self.regular[0]
    }
}

/// Joins, directs or varies its neighbours and has no shape of its own: the shaper knows what to do without one.
fn is_silent(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200c}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}')
}
