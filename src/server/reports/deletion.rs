//! The report on a deleted AIP: what it was, who asked for the deletion and why, who agreed, and when
//! (`storage-api.md` section 9.2, step 14).

use super::{
    ReportError,
    fonts::Fonts,
    legible::Legible,
    paper::{self, Content, Field, Section},
};
use crate::{
    app::format,
    domain::{AipStatus, Timestamp},
};
use chrono::{Datelike as _, Timelike as _};
use uuid::Uuid;

/// What keeps the packages.
const STORAGE_SYSTEM: &str = "Strongroom";

/// What the reader has to know of the last section.
const NOTES: &str = "The fonts of this report have no shape for these characters, or a document that is kept must not hold them. They are \
                     listed by their Unicode code points, in the order in which they stand in each field.";

/// What a report says. Texts are any: what cannot be shown is named, and never makes a report fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionReport {
    /// The AIP's name.
    pub aip_name: String,
    /// The AIP's identity.
    pub aip_uuid: Uuid,
    /// Where the AIP stands, as the deletion left it.
    pub status: AipStatus,
    /// Bytes that it had, where they were known.
    pub size: Option<u64>,
    /// SHA-256 of those bytes, lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Name and identity of the location that kept it, where one did.
    pub location: Option<(String, Uuid)>,
    /// What made the package: `a3m`, `Archivematica` or `Unknown`.
    pub preservation_system: String,
    /// Who asked for the deletion.
    pub requester: String,
    /// When.
    pub requested_at: Timestamp,
    /// Why, in the requester's words.
    pub reason: String,
    /// Who agreed.
    pub reviewer: String,
    /// When; `None` when the deletion was approved without a review.
    pub reviewed_at: Option<Timestamp>,
    /// When the bytes were removed.
    pub deleted_at: Timestamp,
    /// When this report was made.
    pub reported_at: Timestamp,
    /// The version of Strongroom that deleted it.
    pub version: String,
}

/// The report as a PDF/A-2a document that is accessible as PDF/UA-1 asks for. The same report is the same bytes.
///
/// # Errors
/// When the document cannot be written, which no text in the report can cause.
pub fn render(report: &DeletionReport) -> Result<Vec<u8>, ReportError> {
    let fonts = Fonts::open()?;
    let mut words = Words { fonts: &fonts, notes: Vec::new() };
    let mut sections = vec![package(report, &mut words), decision(report, &mut words), storage(report, &mut words)];
    if !words.notes.is_empty() {
        sections.push(Section { title: "Characters shown as \u{fffd}", lead: Some(NOTES), fields: std::mem::take(&mut words.notes) });
    }
    let name = shown(Legible::new(&report.aip_name, &fonts));
    let system = format!("{STORAGE_SYSTEM} {}", report.version);
    let content = Content {
        title: "Deletion report",
        full_title: format!("Deletion report: {} ({})", name.replace('\n', " "), report.aip_uuid),
        lead: format!(
            "The archival information package (AIP) named below was deleted from {STORAGE_SYSTEM}. Its content cannot be restored from \
             there; this report and the record of the package remain."
        ),
        sections,
        footer: format!("Deletion report  ·  AIP {}", report.aip_uuid),
        id: format!("deletion report of {} made at {}", report.aip_uuid, report.reported_at.to_rfc3339()),
        made_at: report.reported_at,
        producer: system,
    };
    paper::print(&content, &fonts)
}

fn package(report: &DeletionReport, words: &mut Words<'_>) -> Section {
    let unknown = || "Not known: another system announced this package.".to_owned();
    let fields = vec![
        words.field("Name", &report.aip_name),
        field("UUID", report.aip_uuid),
        field("Status", report.status.as_str()),
        field("Size", report.size.map_or_else(unknown, format::exact_bytes)),
        words.field("SHA-256", report.sha256.as_deref().unwrap_or(&unknown())),
        words.field("Preservation system", &report.preservation_system),
    ];
    Section { title: "Package", lead: None, fields }
}

fn decision(report: &DeletionReport, words: &mut Words<'_>) -> Section {
    let mut fields = vec![
        words.field("Requested by", &report.requester),
        time("Requested at", report.requested_at),
        words.field("Reason", &report.reason),
        words.field("Approved by", &report.reviewer),
    ];
    fields.push(match report.reviewed_at {
        Some(at) => time("Approved at", at),
        None => field("Approved at", "Approved with the request, without a review."),
    });
    fields.push(time("Deleted at", report.deleted_at));
    fields.push(time("Reported at", report.reported_at));
    Section { title: "Deletion", lead: None, fields }
}

fn storage(report: &DeletionReport, words: &mut Words<'_>) -> Section {
    let mut fields = vec![field("Storage system", STORAGE_SYSTEM), words.field("Version", &report.version)];
    match &report.location {
        Some((name, uuid)) => fields.extend([words.field("Location", name), field("Location UUID", uuid)]),
        None => fields.push(field("Location", "None: another system kept this package.")),
    }
    Section { title: "Storage", lead: None, fields }
}

fn field(label: &'static str, value: impl ToString) -> Field {
    Field { label, value: value.to_string(), aside: None }
}

fn time(label: &'static str, at: Timestamp) -> Field {
    Field { label, value: at.to_rfc3339(), aside: Some(in_words(at)) }
}

/// `Tuesday, 2 June 2026, 09:20:05 UTC`.
fn in_words(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const MONTHS: [&str; 12] =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    let at = at.utc();
    let (day, month) = (DAYS[at.weekday().num_days_from_monday() as usize], MONTHS[at.month0() as usize]);
    format!("{day}, {} {month} {}, {:02}:{:02}:{:02} UTC", at.day(), at.year(), at.hour(), at.minute(), at.second())
}

/// Makes people's texts legible, and keeps what has to be said about them.
struct Words<'a> {
    fonts: &'a Fonts,
    notes: Vec<Field>,
}

impl Words<'_> {
    fn field(&mut self, label: &'static str, text: &str) -> Field {
        let legible = Legible::new(text, self.fonts);
        if !legible.replaced.is_empty() {
            self.notes.push(Field { label, value: legible.code_points(), aside: None });
        }
        field(label, shown(legible))
    }
}

/// A field without text would look forgotten.
fn shown(legible: Legible) -> String {
    if legible.text.trim().is_empty() { "(empty)".into() } else { legible.text }
}
