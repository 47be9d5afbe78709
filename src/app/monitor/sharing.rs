//! What a browser has for tabs that share one connection: its lock (Web Locks) and its channel (`BroadcastChannel`). Who may do what is
//! decided by [`crate::realtime::client::tabs`].

use crate::realtime::client::tabs::Message;
use js_sys::{Function, JsString, Object, Promise, Reflect};
use leptos::{prelude::window, task::spawn_local};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, BroadcastChannel, MessageEvent};

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which the bindings of the platform do not have yet.
    type Locks;

    #[wasm_bindgen(method, catch)]
    fn request(this: &Locks, name: &str, options: &Object, granted: &Function) -> Result<Promise, JsValue>;
}

/// A tab's place among the others: it is told what they say, and given the lock once it is free.
pub(super) struct Sharing {
    channel: BroadcastChannel,
    lock: Rc<Lock>,
    // The browser calls it; it lives as long as the channel does.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

/// A request for the lock, granted or not.
struct Lock {
    open: Cell<bool>,
    /// Ends the waiting.
    abort: AbortController,
    /// Gives it back, once it was granted.
    release: RefCell<Option<Function>>,
}

impl Sharing {
    /// Takes part. `None` in a browser that has not both of them.
    pub(super) fn open(name: &str, on_message: impl Fn(Message) + 'static, on_lock: impl FnOnce() + 'static) -> Option<Self> {
        let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)?.unchecked_into::<Locks>();
        let channel = BroadcastChannel::new(name).ok()?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // What cannot be read is said by a page of another version, which follows as well as it can.
            if let Some(message) = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                on_message(message);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let lock = Rc::new(Lock { open: Cell::new(true), abort: AbortController::new().ok()?, release: RefCell::default() });
        request(&locks, name, &lock, on_lock)?;
        Some(Self { channel, lock, _on_message: on_message })
    }

    /// Says something to the other tabs. A page that is being put away cannot, and is not missed.
    pub(super) fn post(&self, message: &Message) {
        if let Ok(text) = serde_json::to_string(message) {
            let _ = self.channel.post_message(&JsString::from(text));
        }
    }

    /// Takes part no longer, from this moment on.
    pub(super) fn close(&self) {
        self.channel.set_onmessage(None);
        self.channel.close();
        self.lock.open.set(false);
        self.lock.abort.abort();
        if let Some(release) = self.lock.release.take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

fn request(locks: &Locks, name: &str, lock: &Rc<Lock>, on_lock: impl FnOnce() + 'static) -> Option<()> {
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &lock.abort.signal()).ok()?;
    let asked = Rc::clone(lock);
    // It is held until what this returns is settled.
    let granted = Closure::once_into_js(move |_lock: JsValue| {
        if !asked.open.get() {
            return Promise::resolve(&JsValue::UNDEFINED);
        }
        let held = Promise::new(&mut |release, _| {
            asked.release.replace(Some(release));
        });
        on_lock();
        held
    });
    let settled = locks.request(name, &options, granted.unchecked_ref()).ok()?;
    spawn_local(async move {
        // Given back, or no longer waited for.
        let _ = JsFuture::from(settled).await;
    });
    Some(())
}
