//! The storage WebSocket. Opens, sends and hands on text frames, tells when it opened and closed, and is closed by being dropped.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, MessageEvent, WebSocket};

/// An open socket, or one that is opening.
pub(super) struct Socket {
    socket: WebSocket,
    // The browser calls these; they live as long as the socket does.
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(Event)>,
}

impl Socket {
    /// Opens the monitor of the page's own origin. `None` when the browser refuses to try.
    pub(super) fn open(
        protocols: &[String],
        on_open: impl Fn() + 'static,
        on_text: impl Fn(String) + 'static,
        on_close: impl Fn() + 'static,
    ) -> Option<Self> {
        let location = window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let url = format!("{scheme}://{}/api/storage/monitor", location.host().ok()?);
        let protocols: js_sys::Array = protocols.iter().map(|protocol| JsValue::from_str(protocol)).collect();
        let socket = WebSocket::new_with_str_sequence(&url, &protocols).ok()?;
        let on_open = Closure::<dyn FnMut(Event)>::new(move |_| on_open());
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                on_text(text);
            }
        });
        let on_close = Closure::<dyn FnMut(Event)>::new(move |_| on_close());
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Some(Self { socket, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }

    /// Sends a text frame. One that cannot be sent is of a socket that is closing, which is told by its end.
    pub(super) fn send(&self, text: &str) {
        let _ = self.socket.send_with_str(text);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        if self.socket.ready_state() == WebSocket::CONNECTING {
            // Closing it now would make the browser complain in its console, so it is closed as soon as it is open.
            let socket = self.socket.clone();
            let close = Closure::once_into_js(move || {
                let _ = socket.close();
            });
            self.socket.set_onopen(Some(close.unchecked_ref()));
        } else {
            let _ = self.socket.close();
        }
    }
}
