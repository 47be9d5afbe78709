//! The browser's side as it ships: WebAssembly, in a browser. From a frame's text to the stores that pages read.
#![cfg(target_arch = "wasm32")]

use leptos::prelude::*;
use strongroom::{
    api::{Aips, AipsQuery, PageInfo, StatusCounts, client::Snapshot},
    app::{
        monitor::Dispatcher,
        stores::{Arrival, Stores, aips::AipListStoreFields as _},
    },
    domain::{Aip, AipStatus, Clock as _, Ids as _, RandomIds, SystemClock, Timestamp},
    realtime::{Position, protocol::Greeting, topic::Topic},
};
use uuid::Uuid;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn main() {}

const ID: Uuid = Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5e01);

fn one_row() -> Snapshot<Aips> {
    let aip = Aip {
        name: "fonds-12".into(),
        uuid: ID,
        status: AipStatus::Stored,
        object_key: ID,
        location_uuid: None,
        deletion_report_key: None,
        created_at: Timestamp::from_micros(0),
        size: Some(u64::from(u32::MAX) + 1),
        format: None,
        sha256: None,
        sha512: None,
        version: 1,
    };
    let page = PageInfo { limit: 20, offset: 0, total: 1 };
    Snapshot {
        position: Some(Position { epoch: u64::MAX, seq: 5, tag: 1 }),
        data: Aips { items: vec![aip], page, counts: StatusCounts::default() },
    }
}

fn frame(seq: u64, version: u64, status: &str) -> String {
    format!(
        r#"{{"seq":{seq},"version":{version},"at":"2026-06-01T10:05:00Z","value":{{"type":"aip_status_updated_event","value":{{"uuid":"{ID}","status":"{status}"}}}}}}"#
    )
}

/// A page with the list open, whose session begins after entry 5 of the log.
fn opened() -> (Stores, Dispatcher) {
    let stores = Stores::provide();
    stores.aips.show_list(&AipsQuery::default(), one_row(), Arrival::Opened);
    let dispatcher = Dispatcher::new(stores);
    let greeting = Greeting {
        session_id: ID,
        instance_id: ID,
        position: Position { epoch: u64::MAX, seq: 5, tag: 1 },
        replayed: 0,
        heartbeat_ms: 10_000,
        expires_at: None,
    };
    dispatcher.tell(|replica| replica.started(&greeting, &Topic::Storage.into()));
    (stores, dispatcher)
}

fn shown(stores: Stores) -> (AipStatus, u64) {
    let row = stores.aips.list.rows().get_untracked().remove(0);
    (row.status, row.version)
}

/// What the list shows after it was opened and these frames came.
fn after(frames: &[String]) -> (AipStatus, u64) {
    Owner::new().with(|| {
        let (stores, dispatcher) = opened();
        frames.iter().for_each(|text| assert!(dispatcher.receive(text).is_none()));
        dispatcher.flush();
        shown(stores)
    })
}

/// Until the page is drawn the next time.
async fn drawn() {
    let frame = js_sys::Promise::new(&mut |resolve, _| {
        window().request_animation_frame(&resolve).expect("there are frames");
    });
    wasm_bindgen_futures::JsFuture::from(frame).await.expect("drawn");
}

#[wasm_bindgen_test]
async fn of_many_events_the_first_is_shown_at_once_and_the_others_with_the_next_frame() {
    let owner = Owner::new();
    let (stores, dispatcher) = owner.with(opened);
    let hear = |seq, version, status| assert!(owner.with(|| dispatcher.receive(&frame(seq, version, status))).is_none());
    hear(6, 2, "processing");
    hear(7, 3, "queued");
    hear(8, 4, "pending");
    assert_eq!(shown(stores), (AipStatus::Processing, 2));
    drawn().await;
    assert_eq!(shown(stores), (AipStatus::Pending, 4));
    // Nothing came since: what comes now is the first again.
    drawn().await;
    hear(9, 5, "stored");
    assert_eq!(shown(stores), (AipStatus::Stored, 5));
}

#[wasm_bindgen_test]
fn a_frame_changes_the_row_on_screen() {
    assert_eq!(after(&[frame(6, 2, "processing")]), (AipStatus::Processing, 2));
}

#[wasm_bindgen_test]
fn an_older_frame_and_one_that_cannot_be_read_change_nothing() {
    let frames = [frame(6, 3, "pending"), frame(6, 4, "deleted"), frame(7, 2, "queued"), "{\"value\":{}}".into(), "no JSON".into()];
    assert_eq!(after(&frames), (AipStatus::Pending, 3));
}

#[wasm_bindgen_test]
fn sizes_beyond_32_bits_survive_the_wire() {
    let text = serde_json::to_string(&one_row()).expect("JSON");
    let read: Snapshot<Aips> = serde_json::from_str(&text).expect("the same");
    assert_eq!(read, one_row());
    assert_eq!(read.data.items[0].size, Some(4_294_967_296));
}

#[wasm_bindgen_test]
fn the_browser_has_a_clock_and_identifiers() {
    assert!(SystemClock.now() > Timestamp::parse("2026-01-01T00:00:00Z").expect("a time"));
    assert_ne!(RandomIds.next(), RandomIds.next());
}
