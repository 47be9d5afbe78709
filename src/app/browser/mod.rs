//! What only a browser has: its clocks, chance, visibility, storage and words to the page. The server has the same functions, so
//! that components are written once; it never comes to call them, because effects and handlers do not run there.

#[cfg(feature = "hydrate")]
#[path = "window.rs"]
mod sys;
#[cfg(not(feature = "hydrate"))]
#[path = "absent.rs"]
mod sys;

pub use sys::*;
