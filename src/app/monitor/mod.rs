//! The monitor: keeps the stores right while the page is open.
//!
//! For every attempt it requests a [`ticket`], opens the storage WebSocket ([`socket`](self)) or joins another tab that has it open
//! ([`sharing`](self)), and gives each frame to [`dispatch`],
//! where each event variant has its typed handler in [`handlers`]: it patches the item on screen or triggers a debounced refresh
//! ([`crate::app::stores::refresh`]); [`messages`] reach whoever listens to them. When to do what is decided by [`crate::realtime::client`]; here it is only done.

pub mod dispatch;
#[cfg(feature = "hydrate")]
mod driver;
pub mod handlers;
pub mod messages;
#[cfg(feature = "hydrate")]
mod sharing;
#[cfg(feature = "hydrate")]
mod socket;
#[cfg(feature = "hydrate")]
mod ticket;

pub use dispatch::{Dispatcher, Subscription};

use crate::app::stores::Stores;
use leptos::prelude::*;

/// Puts the dispatcher into the context and, in the browser, connects once `ready`. On the server nothing connects: effects do not
/// run there.
pub fn run(stores: Stores, ready: Signal<bool>) {
    let dispatcher = Dispatcher::new(stores);
    provide_context(dispatcher);
    Effect::new(move |connected: Option<bool>| {
        let (connected, ready) = (connected.unwrap_or_default(), ready.get());
        if ready && !connected {
            connect(stores, dispatcher);
        }
        ready || connected
    });
}

#[cfg(feature = "hydrate")]
fn connect(stores: Stores, dispatcher: Dispatcher) {
    driver::start(stores, dispatcher);
}

#[cfg(not(feature = "hydrate"))]
fn connect(_stores: Stores, _dispatcher: Dispatcher) {}
