//! The client's side of `strongroom.v1` (`realtime.md` section 5): the decisions of a page, without the page.
//!
//! [`connection`] decides when to try; [`replica`] proves that nothing is missed or applied twice; [`versions`] lets no late
//! answer win; [`outbox`] keeps what cannot be sent yet; [`memory`] is what a browser remembers; [`tabs`] lets several tabs share
//! one connection; [`throttle`] keeps the pace of a screen; [`metrics_viewer`] decides
//! whether metrics are live or polled. Each is told what happened and says what to do; the browser's shell (`app::monitor`) does it.

pub mod connection;
pub mod memory;
pub mod metrics_viewer;
pub mod outbox;
pub mod replica;
pub mod tabs;
pub mod throttle;
pub mod versions;
