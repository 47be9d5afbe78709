//! One file per resource, one short function per operation: read by an extractor, asked of a service, answered.

pub mod about;
pub mod aips;
pub mod deposits;
pub mod download;
pub mod events;
pub mod locations;
pub mod overview;
pub mod uploads;
