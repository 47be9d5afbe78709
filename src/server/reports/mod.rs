//! Documents about what happened, made to be kept: PDF/A-2a (ISO 19005-2), readable in decades and by screen readers (PDF/UA-1).
//!
//! # Reading order
//!
//! [`deletion`] says what a report holds, `paper` puts a document on pages, `text` sets its lines, `fonts` has the letters, and
//! `legible` is what is done to text before it is set.

pub mod deletion;
mod fonts;
mod legible;
mod paper;
#[cfg(test)]
mod tests;
mod text;

/// Why a report could not be made. Nothing that a report says can be the cause: it is a fault of the program.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A font that belongs to the program cannot be read.
    #[error("the font {0} cannot be read")]
    Font(&'static str),
    /// The document would not keep what PDF/A asks for, or could not be written.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}
