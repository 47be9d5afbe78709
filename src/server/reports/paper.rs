//! A document on A4 pages: a title, a paragraph and tables of fields, with page numbers where there are several.

use super::{
    ReportError,
    fonts::{Fonts, Weight},
    text::{self, Line, Style},
};
use crate::domain::Timestamp;
use chrono::{Datelike as _, Timelike as _};
use krilla::{
    Document, SerializeSettings,
    color::luma,
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree},
};
use std::num::NonZeroU16;

/// ISO 216 A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const LEFT: f32 = 52.0;
const TOP: f32 = 64.0;
const WIDTH: f32 = PAGE.0 - 2.0 * LEFT;
const BOTTOM: f32 = PAGE.1 - 72.0;
/// Where the labels of a table end and its values begin.
const VALUES: f32 = 118.0;
/// Lines are this many times as far apart as their letters are high, and the letters' feet stand at this part of it.
const LEADING: f32 = 1.42;
const FOOT: f32 = 1.06;
/// Above and below the text of a row.
const PAD: f32 = 4.0;

const fn style(weight: Weight, size: f32, lightness: u8) -> Style {
    Style { weight, size, lightness }
}
const TITLE: Style = style(Weight::Bold, 23.0, 20);
const LEAD: Style = style(Weight::Regular, 10.0, 40);
const HEADING: Style = style(Weight::Bold, 12.5, 20);
const LABEL: Style = style(Weight::Bold, 9.0, 70);
const VALUE: Style = style(Weight::Regular, 10.0, 10);
const ASIDE: Style = style(Weight::Regular, 8.5, 90);
const FOOTER: Style = style(Weight::Regular, 8.5, 90);

/// What is to be put on paper. All texts are legible ones.
pub(super) struct Content {
    pub(super) title: &'static str,
    /// The title with what it is about, as lists of documents show it.
    pub(super) full_title: String,
    pub(super) lead: String,
    pub(super) sections: Vec<Section>,
    /// Stands on every page beside its number.
    pub(super) footer: String,
    /// What identifies the document.
    pub(super) id: String,
    pub(super) made_at: Timestamp,
    pub(super) producer: String,
}

/// Fields that belong together.
pub(super) struct Section {
    pub(super) title: &'static str,
    /// What has to be known to read them.
    pub(super) lead: Option<&'static str>,
    pub(super) fields: Vec<Field>,
}

/// One row of a table.
pub(super) struct Field {
    pub(super) label: &'static str,
    pub(super) value: String,
    /// A remark below the value.
    pub(super) aside: Option<String>,
}

/// Text of one style that was given its place.
struct Placed {
    page: usize,
    left: f32,
    baseline: f32,
    style: Style,
    line: Line,
    part: usize,
}

/// A thin line across the page.
struct Rule {
    page: usize,
    y: f32,
}

/// Goes down the pages and gives everything its place.
struct Flow<'a> {
    fonts: &'a Fonts,
    page: usize,
    y: f32,
    placed: Vec<Placed>,
    rules: Vec<Rule>,
    /// How many parts there are: titles, paragraphs and cells, in the order in which they are read.
    parts: usize,
    headings: Vec<(usize, f32)>,
}

fn height(lines: usize, style: Style) -> f32 {
    lines as f32 * style.size * LEADING
}

impl Flow<'_> {
    fn next_page(&mut self) {
        self.page += 1;
        self.y = TOP;
    }

    /// Goes on a new page unless this much fits on this one, or would fit on none.
    fn keep_together(&mut self, height: f32) {
        if self.y + height > BOTTOM && height <= BOTTOM - TOP {
            self.next_page();
        }
    }

    fn lines(&mut self, lines: Vec<Line>, style: Style, left: f32, part: usize) {
        for line in lines {
            if self.y + height(1, style) > BOTTOM {
                self.next_page();
            }
            self.placed.push(Placed { page: self.page, left, baseline: self.y + style.size * FOOT, style, line, part });
            self.y += height(1, style);
        }
    }

    fn part(&mut self) -> usize {
        self.parts += 1;
        self.parts - 1
    }

    fn paragraph(&mut self, text: &str, style: Style) {
        let lines = text::set(self.fonts, text, style, WIDTH);
        let part = self.part();
        self.lines(lines, style, LEFT, part);
    }

    fn heading(&mut self, text: &str) {
        self.y += 17.0;
        // Never alone at the foot of a page.
        self.keep_together(height(1, HEADING) + 6.0 + 3.0 * height(1, VALUE));
        self.headings.push((self.page, self.y));
        self.paragraph(text, HEADING);
        self.y += 6.0;
    }

    fn rule(&mut self) {
        self.rules.push(Rule { page: self.page, y: self.y });
    }

    fn row(&mut self, field: &Field) {
        let label = text::set(self.fonts, field.label, LABEL, VALUES - 12.0);
        let value = text::set(self.fonts, &field.value, VALUE, WIDTH - VALUES);
        let aside = field.aside.as_deref().map(|aside| text::set(self.fonts, aside, ASIDE, WIDTH - VALUES)).unwrap_or_default();
        let high = height(value.len(), VALUE) + height(aside.len(), ASIDE);
        self.keep_together(high + 2.0 * PAD);
        self.rule();
        self.y += PAD;
        let (page, top) = (self.page, self.y);
        // On the baseline of the value's first line.
        self.y += (VALUE.size - LABEL.size) * FOOT;
        let part = self.part();
        self.lines(label, LABEL, LEFT, part);
        (self.page, self.y) = (page, top);
        let part = self.part();
        self.lines(value, VALUE, LEFT + VALUES, part);
        self.lines(aside, ASIDE, LEFT + VALUES, part);
        self.y += PAD;
    }
}

/// Puts a document on paper.
pub(super) fn print(content: &Content, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
    let mut flow = Flow { fonts, page: 0, y: TOP, placed: Vec::new(), rules: Vec::new(), parts: 0, headings: Vec::new() };
    flow.paragraph(content.title, TITLE);
    flow.y += 6.0;
    flow.paragraph(&content.lead, LEAD);
    for section in &content.sections {
        flow.heading(section.title);
        if let Some(lead) = section.lead {
            flow.paragraph(lead, LEAD);
            flow.y += 6.0;
        }
        for field in &section.fields {
            flow.row(field);
        }
        flow.rule();
    }

    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| ReportError::Pdf(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() });
    document.set_metadata(metadata(content));
    document.set_outline(outline(content, &flow));
    let parts = draw(&mut document, content, &flow, fonts)?;
    document.set_tag_tree(tags(content, parts));
    document.finish().map_err(|error| ReportError::Pdf(error.to_string()))
}

fn metadata(content: &Content) -> Metadata {
    Metadata::new()
        .title(content.full_title.clone())
        .description(content.lead.clone())
        .language("en".into())
        .creator(content.producer.clone())
        .producer(content.producer.clone())
        .document_id(content.id.clone())
        .creation_date(date(content.made_at))
}

fn date(at: Timestamp) -> DateTime {
    let at = at.utc();
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn outline(content: &Content, flow: &Flow<'_>) -> Outline {
    let mut outline = Outline::new();
    for (section, (page, y)) in content.sections.iter().zip(&flow.headings) {
        outline.push_child(OutlineNode::new(section.title.to_owned(), XyzDestination::new(*page, Point::from_xy(LEFT, *y))));
    }
    outline
}

fn ink(surface: &mut Surface<'_>, lightness: u8) {
    let paint = luma::Color::new(lightness).into();
    surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: krilla::paint::FillRule::default() }));
}

/// Draws the pages and tells what on them belongs to which part.
fn draw(document: &mut Document, content: &Content, flow: &Flow<'_>, fonts: &Fonts) -> Result<Vec<Vec<Identifier>>, ReportError> {
    let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| ReportError::Pdf("no page of this size".into()))?;
    let mut parts: Vec<Vec<Identifier>> = (0..flow.parts).map(|_| Vec::new()).collect();
    for number in 0..=flow.page {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        ink(&mut surface, 200);
        for rule in flow.rules.iter().filter(|rule| rule.page == number) {
            let mut path = PathBuilder::new();
            path.push_rect(Rect::from_xywh(LEFT, rule.y, WIDTH, 0.6).ok_or_else(|| ReportError::Pdf("no line of this size".into()))?);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        surface.end_tagged();
        for placed in flow.placed.iter().filter(|placed| placed.page == number) {
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            ink(&mut surface, placed.style.lightness);
            placed.line.draw(&mut surface, placed.left, placed.baseline, placed.style.size);
            surface.end_tagged();
            parts[placed.part].push(id);
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        ink(&mut surface, FOOTER.lightness);
        let mut footer = content.footer.clone();
        if flow.page > 0 {
            footer = format!("{footer}  ·  Page {} of {}", number + 1, flow.page + 1);
        }
        for line in text::set(fonts, &footer, FOOTER, WIDTH).into_iter().take(1) {
            line.draw(&mut surface, LEFT, PAGE.1 - 44.0, FOOTER.size);
        }
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    Ok(parts)
}

/// What the parts are, for programs that read the document aloud or take it apart.
fn tags(content: &Content, parts: Vec<Vec<Identifier>>) -> TagTree {
    let mut parts = parts.into_iter().map(|ids| ids.into_iter().map(Node::Leaf).collect::<Vec<_>>());
    let mut next = || parts.next().unwrap_or_default();
    let heading = |level: NonZeroU16, title: &str| Tag::Hn(level, Some(title.to_owned()));
    let second = NonZeroU16::MIN.saturating_add(1);
    let mut tree = TagTree::new().with_lang(Some("en".into()));
    tree.push(TagGroup::with_children(heading(NonZeroU16::MIN, content.title), next()));
    tree.push(TagGroup::with_children(Tag::P, next()));
    for section in &content.sections {
        tree.push(TagGroup::with_children(heading(second, section.title), next()));
        if section.lead.is_some() {
            tree.push(TagGroup::with_children(Tag::P, next()));
        }
        let mut table = TagGroup::new(Tag::Table);
        for _ in &section.fields {
            let mut row = TagGroup::new(Tag::TR);
            row.push(TagGroup::with_children(Tag::TH(TableHeaderScope::Row), next()));
            row.push(TagGroup::with_children(Tag::TD, next()));
            table.push(row);
        }
        tree.push(table);
    }
    tree
}
