//! Text set in lines: broken where it may be, in the direction of its script (UAX #9), letters shaped and joined.

use super::fonts::{Face, Fonts, Weight};
use krilla::{
    geom::Point,
    surface::Surface,
    text::{Font, GlyphId, KrillaGlyph},
};
use rustybuzz::{Direction, UnicodeBuffer};
use std::{ops::Range, rc::Rc};
use unicode_bidi::{BidiInfo, ParagraphInfo};
use unicode_segmentation::UnicodeSegmentation as _;

/// What stands where no font has a shape.
pub(super) const REPLACEMENT: char = '\u{fffd}';

/// After what lines are broken, best first.
const BREAKS: [&[char]; 2] = [&[' '], &['-', '_', '/', ',', '.']];

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) weight: Weight,
    /// In points.
    pub(super) size: f32,
    /// 0 is black, 255 is white.
    pub(super) lightness: u8,
}

/// Glyphs of one font, from left to right.
struct Run {
    font: Font,
    glyphs: Vec<KrillaGlyph>,
    width: f32,
}

/// One line of a text.
pub(super) struct Line {
    /// The whole text, to which the glyphs point.
    text: Rc<str>,
    runs: Vec<Run>,
    /// How far from the left edge it begins, in points: lines that are read from right to left end at the right edge.
    indent: f32,
}

impl Line {
    /// Puts it on a page with its baseline at this height.
    pub(super) fn draw(&self, surface: &mut Surface<'_>, left: f32, baseline: f32, size: f32) {
        let mut x = left + self.indent;
        for run in &self.runs {
            surface.draw_glyphs(Point::from_xy(x, baseline), &run.glyphs, run.font.clone(), &self.text, size, false);
            x += run.width * size;
        }
    }
}

/// Sets a text in lines of at most `width` points.
pub(super) fn set(fonts: &Fonts, text: &str, style: Style, width: f32) -> Vec<Line> {
    let setter = Setter { fonts, text: text.into(), weight: style.weight, bidi: BidiInfo::new(text, None) };
    let wide = width / style.size;
    let mut lines = Vec::new();
    for paragraph in &setter.bidi.paragraphs {
        for range in setter.broken(paragraph, wide) {
            let runs = setter.runs(paragraph, range.clone());
            let visible = setter.visible_width(paragraph, range);
            let indent = if paragraph.level.is_rtl() { (wide - visible) * style.size } else { 0.0 };
            lines.push(Line { text: Rc::clone(&setter.text), runs, indent });
        }
    }
    lines
}

/// Widths are in ems, i.e. for a size of 1.
struct Setter<'a> {
    fonts: &'a Fonts,
    text: Rc<str>,
    weight: Weight,
    bidi: BidiInfo<'a>,
}

impl<'a> Setter<'a> {
    /// Where the lines of a paragraph begin and end.
    fn broken(&self, paragraph: &ParagraphInfo, wide: f32) -> Vec<Range<usize>> {
        let content = self.text[paragraph.range.clone()].trim_end_matches('\n');
        let first = paragraph.range.start..paragraph.range.start;
        let mut lines = vec![first];
        self.fill(paragraph, content, &mut lines, wide, &BREAKS);
        lines
    }

    /// Appends text. What does not fit is broken after the first kind of characters; what is still longer than a line, e.g. a
    /// digest, after the next, and at last anywhere. Each line is measured as it will stand: letters that are joined are not as wide
    /// as single ones.
    fn fill(&self, paragraph: &ParagraphInfo, text: &str, lines: &mut Vec<Range<usize>>, wide: f32, breaks: &[&[char]]) {
        let pieces: Vec<&str> = match breaks.first() {
            Some(characters) => text.split_inclusive(*characters).collect(),
            None => text.graphemes(true).collect(),
        };
        for piece in pieces {
            let Some(line) = lines.last_mut() else { return };
            let end = line.end + piece.len();
            if self.visible_width(paragraph, line.start..end) <= wide {
                line.end = end;
                continue;
            }
            let (begun, alone) = (line.start < line.end, line.end..end);
            match breaks.split_first() {
                Some((_, finer)) if self.visible_width(paragraph, alone.clone()) > wide => {
                    if begun {
                        lines.push(alone.start..alone.start);
                    }
                    self.fill(paragraph, piece, lines, wide, finer);
                }
                _ if begun => lines.push(alone),
                _ => line.end = end,
            }
        }
    }

    /// Of a line without the spaces at its end.
    fn visible_width(&self, paragraph: &ParagraphInfo, line: Range<usize>) -> f32 {
        self.width(paragraph, line.start..line.start + self.text[line].trim_end().len())
    }

    fn width(&self, paragraph: &ParagraphInfo, range: Range<usize>) -> f32 {
        self.runs(paragraph, range).iter().map(|run| run.width).sum()
    }

    /// A line from left to right: parts of one direction, and in them parts of one font.
    fn runs(&self, paragraph: &ParagraphInfo, line: Range<usize>) -> Vec<Run> {
        if line.is_empty() {
            return Vec::new();
        }
        let (levels, ordered) = self.bidi.visual_runs(paragraph, line);
        let mut runs = Vec::new();
        for range in ordered {
            let backwards = levels[range.start].is_rtl();
            let mut parts = self.by_font(range);
            if backwards {
                parts.reverse();
            }
            runs.extend(parts.into_iter().map(|(face, part)| match face {
                Some(face) => self.shaped(face, part, backwards),
                None => self.replaced(part, backwards),
            }));
        }
        runs
    }

    fn by_font(&self, range: Range<usize>) -> Vec<(Option<&'a Face>, Range<usize>)> {
        let mut parts: Vec<(Option<&Face>, Range<usize>)> = Vec::new();
        for (at, cluster) in self.text[range.clone()].grapheme_indices(true) {
            let face = self.fonts.for_cluster(self.weight, cluster);
            let here = range.start + at..range.start + at + cluster.len();
            match parts.last_mut() {
                Some((last, part)) if same(*last, face) => part.end = here.end,
                _ => parts.push((face, here)),
            }
        }
        parts
    }

    fn shaped(&self, face: &Face, range: Range<usize>, backwards: bool) -> Run {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&self.text[range.clone()]);
        buffer.guess_segment_properties();
        buffer.set_direction(if backwards { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(&face.shaper, &[], buffer);
        // A glyph stands for the text from its cluster to the next one; those are ordered as the text is read.
        let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        starts.push(range.len());
        starts.sort_unstable();
        starts.dedup();
        let em = face.font.units_per_em();
        let glyph = |(info, position): (&rustybuzz::GlyphInfo, &rustybuzz::GlyphPosition)| {
            let start = info.cluster as usize;
            let end = starts[starts.partition_point(|other| *other <= start)];
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                position.x_advance as f32 / em,
                position.x_offset as f32 / em,
                position.y_offset as f32 / em,
                0.0,
                range.start + start..range.start + end,
                None,
            )
        };
        let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions()).map(glyph).collect();
        let width = shaped.glyph_positions().iter().map(|position| position.x_advance as f32 / em).sum();
        Run { font: face.font.clone(), glyphs, width }
    }

    /// One replacement character for each cluster that no font has; the clusters themselves stay in the document's text.
    fn replaced(&self, range: Range<usize>, backwards: bool) -> Run {
        let face = self.fonts.of_last_resort();
        let id = face.shaper.glyph_index(REPLACEMENT).unwrap_or_default();
        let advance = f32::from(face.shaper.glyph_hor_advance(id).unwrap_or_default()) / face.font.units_per_em();
        let glyph = |(at, cluster): (usize, &str)| {
            let here = range.start + at..range.start + at + cluster.len();
            KrillaGlyph::new(GlyphId::new(u32::from(id.0)), advance, 0.0, 0.0, 0.0, here, None)
        };
        let mut glyphs: Vec<_> = self.text[range.clone()].grapheme_indices(true).map(glyph).collect();
        if backwards {
            glyphs.reverse();
        }
        let width = advance * glyphs.len() as f32;
        Run { font: face.font.clone(), glyphs, width }
    }
}

fn same(one: Option<&Face>, other: Option<&Face>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_hold_the_whole_text_and_fit(text in "[a-zäβж א\u{5d1}\u{628}\u{645} 😀\n\u{301}0-9/_().-]{0,120}", wide in 3.0_f32..30.0) {
            let fonts = Fonts::open().expect("the program's own fonts");
            let setter = Setter { fonts: &fonts, text: text.as_str().into(), weight: Weight::Regular, bidi: BidiInfo::new(&text, None) };
            let mut reached = 0;
            for paragraph in &setter.bidi.paragraphs {
                for line in setter.broken(paragraph, wide) {
                    prop_assert!(text[reached..line.start].trim_matches('\n').is_empty());
                    reached = line.end;
                    let width = setter.visible_width(paragraph, line.clone());
                    prop_assert!(width <= wide || text[line.clone()].trim_end().graphemes(true).count() == 1, "{line:?} is {width} wide");
                }
            }
            prop_assert!(text[reached..].trim_matches('\n').is_empty());
        }
    }
}
