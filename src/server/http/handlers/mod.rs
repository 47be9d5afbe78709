//! One file per resource, one short function per operation: read by an extractor, asked of a service, answered.

pub mod about;
pub mod aips;
pub mod auth;
pub mod deletion_report;
pub mod deletions;
pub mod deposits;
pub mod download;
pub mod events;
pub mod fixity;
pub mod locations;
pub mod metrics;
pub mod moves;
pub mod overview;
pub mod submissions;
pub mod system;
pub mod tasks;
pub mod uploads;
pub mod user;
