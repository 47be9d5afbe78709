//! The load of the machine and of the service, as those who watch it are told (`realtime.md` section 7).
//!
//! [`sample`] is what is measured, [`assemble`] how the parts that need a decision are put together, [`message`] what travels;
//! [`history`] keeps the last ten minutes and [`chart`] draws them. Whether a viewer is live, polls or pauses is for
//! [`Viewer`](super::client::metrics_viewer::Viewer).

pub mod assemble;
pub mod chart;
pub mod fixed;
pub mod history;
pub mod message;
pub mod sample;

pub use fixed::{Load, Percent};
pub use message::{MetricsMessage, Request};
pub use sample::Sample;
