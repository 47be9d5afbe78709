use super::*;
use crate::{
    api::{Aips, AipsQuery, PageInfo, StatusCounts, client::Snapshot},
    app::stores::{Arrival, aips::AipListStoreFields},
    domain::{Aip, AipStatus, Timestamp},
    realtime::{progress::TaskMessage, protocol::Greeting, topic::Topic},
};
use std::sync::atomic::{AtomicU64, Ordering};

fn topics() -> Topics {
    Topic::Storage.into()
}

fn aip(id: u128, version: u64) -> Aip {
    Aip {
        name: format!("aip {id}"),
        uuid: Uuid::from_u128(id),
        status: AipStatus::Stored,
        object_key: Uuid::from_u128(id),
        location_uuid: None,
        deletion_report_key: None,
        created_at: Timestamp::from_micros(0),
        size: None,
        format: None,
        sha256: None,
        sha512: None,
        version,
    }
}

fn page(seq: u64, offset: u64, items: Vec<Aip>) -> Snapshot<Aips> {
    let page = PageInfo { limit: 20, offset, total: 100 };
    Snapshot { position: Some(Position { epoch: 1, seq, tag: seq }), data: Aips { items, page, counts: StatusCounts::default() } }
}

fn status(seq: u64, id: u128, version: u64, status: AipStatus) -> EventFrame {
    let value = StorageEvent::AipStatusUpdated { uuid: Uuid::from_u128(id), status };
    EventFrame { seq: Some(seq), tag: Some(seq), version: Some(version), at: Some(Timestamp::from_micros(0)), person: None, value }
}

fn created(seq: u64, item: Aip) -> EventFrame {
    EventFrame {
        seq: Some(seq),
        tag: Some(seq),
        version: Some(1),
        at: None,
        person: None,
        value: StorageEvent::AipCreated { uuid: item.uuid, item },
    }
}

/// A page whose session begins after entry 5 of the log.
fn with_page<T>(test: impl FnOnce(Stores, Dispatcher) -> T) -> T {
    let owner = Owner::new();
    owner.with(|| {
        let stores = Stores::provide();
        let dispatcher = Dispatcher::new(stores);
        dispatcher.tell(|replica| replica.started(&greeting(), &topics()));
        test(stores, dispatcher)
    })
}

fn at(seq: u64) -> Position {
    Position { epoch: 1, seq, tag: seq }
}

fn greeting() -> Greeting {
    Greeting { session_id: Uuid::nil(), instance_id: Uuid::nil(), position: at(5), replayed: 0, heartbeat_ms: 10_000, expires_at: None }
}

fn hear(dispatcher: Dispatcher, frame: &EventFrame) {
    let control = dispatcher.receive(&serde_json::to_string(frame).expect("JSON"));
    assert!(control.is_none(), "an event is none of the connection's");
}

fn statuses(stores: Stores) -> Vec<(AipStatus, u64)> {
    stores.aips.list.rows().get_untracked().iter().map(|aip| (aip.status, aip.version)).collect()
}

#[test]
fn an_event_changes_the_row_and_an_older_one_does_not() {
    with_page(|stores, dispatcher| {
        stores.aips.show_list(&AipsQuery::default(), page(5, 0, vec![aip(1, 3), aip(2, 9)]), Arrival::Opened);
        hear(dispatcher, &status(6, 1, 4, AipStatus::Pending));
        hear(dispatcher, &status(7, 2, 9, AipStatus::Deleted));
        hear(dispatcher, &status(6, 1, 5, AipStatus::Queued));
        assert_eq!(statuses(stores), [(AipStatus::Pending, 4), (AipStatus::Stored, 9)]);
    });
}

#[test]
fn an_answer_that_was_on_its_way_is_brought_up_to_date() {
    with_page(|stores, dispatcher| {
        dispatcher.open(1, topics());
        let round = dispatcher.round();
        hear(dispatcher, &status(6, 1, 4, AipStatus::Pending));
        stores.aips.show_list(&AipsQuery::default(), page(5, 0, vec![aip(1, 3)]), Arrival::Opened);
        assert_eq!(statuses(stores), [(AipStatus::Stored, 3)]);
        assert!(dispatcher.answered(1, round, at(5)));
        assert_eq!(statuses(stores), [(AipStatus::Pending, 4)]);
        assert!(!dispatcher.answered(1, round, at(3)), "4 and 5 were never seen here");
    });
}

#[test]
fn a_new_session_asks_for_every_answer_again_and_then_the_screen_is_right() {
    with_page(|_, dispatcher| {
        dispatcher.open(1, topics());
        assert!(dispatcher.answered(1, dispatcher.round(), at(5)));
        assert!(dispatcher.with(|replica| replica.caught_up()));
        let _ = untrack(|| dispatcher.asks());
        let before = dispatcher.round();
        dispatcher.tell(|replica| replica.resync(at(9)));
        assert_eq!(untrack(|| dispatcher.asks()), [Ask::Anew(vec![1])]);
        assert!(!dispatcher.answered(1, before, at(9)), "it was asked before");
        assert!(!dispatcher.with(|replica| replica.caught_up()));
        assert!(dispatcher.answered(1, dispatcher.round(), at(9)));
        assert!(dispatcher.with(|replica| replica.caught_up()));
    });
}

#[test]
fn newcomers_are_offered_on_later_pages_and_the_rows_stay() {
    with_page(|stores, dispatcher| {
        let query = AipsQuery { offset: 20, status: Some(AipStatus::Stored), ..AipsQuery::default() };
        stores.aips.show_list(&query, page(5, 20, vec![aip(1, 1), aip(2, 1)]), Arrival::Opened);
        hear(dispatcher, &created(6, aip(3, 1)));
        hear(dispatcher, &created(7, Aip { status: AipStatus::Pending, ..aip(4, 1) }));
        assert_eq!(stores.aips.list.arrived().get_untracked(), 1, "the second is not of the filtered status");
        stores.aips.show_list(&query, page(7, 20, vec![aip(3, 1), aip(1, 2)]), Arrival::Refreshed);
        let rows: Vec<_> = stores.aips.list.rows().get_untracked().iter().map(|aip| (aip.uuid.as_u128(), aip.version)).collect();
        assert_eq!(rows, [(1, 2), (2, 1)]);
        stores.aips.show_list(&query, page(8, 20, vec![aip(3, 1), aip(1, 2)]), Arrival::Opened);
        assert_eq!(stores.aips.list.arrived().get_untracked(), 0);
        assert_eq!(stores.aips.list.rows().get_untracked()[0].uuid.as_u128(), 3);
    });
}

#[test]
fn a_listener_hears_its_type_until_its_guard_is_dropped() {
    with_page(|_, dispatcher| {
        let heard = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&heard);
        let guard = dispatcher.listen(Some("aip_status_updated_event"), move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        hear(dispatcher, &status(6, 1, 1, AipStatus::Stored));
        hear(dispatcher, &created(7, aip(9, 1)));
        drop(guard);
        hear(dispatcher, &status(8, 1, 2, AipStatus::Stored));
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn frames_that_are_not_known_here_are_counted_and_nothing_else() {
    with_page(|stores, dispatcher| {
        for text in ["", "{}", r#"{"seq":6,"value":{"type":"of_tomorrow_event","value":{}}}"#] {
            assert!(dispatcher.receive(text).is_none());
        }
        let _ = dispatcher.receive(r#"{"value":{"type":"storage_ping_event","value":{"message":"Ping"}}}"#);
        stores.connection.publish();
        let seen = stores.connection.shown.get_untracked();
        assert_eq!((seen.unknown, seen.events), (3, 0));
    });
}

const TASK: &str =
    r#"{"type":"task.progress","task_id":"scan-7","state":"PROGRESS","progress":42,"timestamp":"2026-06-01T10:00:00Z","version":3}"#;

#[test]
fn messages_reach_all_who_hear_their_type_until_their_guards_are_dropped() {
    with_page(|_, dispatcher| {
        let heard = Arc::new(AtomicU64::new(0));
        let hear = || {
            let counter = Arc::clone(&heard);
            dispatcher.hear(move |task: TaskMessage| {
                counter.fetch_add(task.progress.into(), Ordering::Relaxed);
            })
        };
        let (first, second) = (hear(), hear());
        assert!(dispatcher.receive(TASK).is_none(), "a message is none of the connection's");
        assert_eq!(heard.load(Ordering::Relaxed), 84);
        drop(first);
        let _ = dispatcher.receive(TASK);
        assert_eq!(heard.load(Ordering::Relaxed), 126);
        drop(second);
        let _ = dispatcher.receive(TASK);
        assert_eq!(heard.load(Ordering::Relaxed), 126);
    });
}

#[test]
fn a_topic_is_asked_for_as_long_as_somebody_hears_it() {
    with_page(|_, dispatcher| {
        dispatcher.open(1, topics());
        let both = [dispatcher.hear(|_: TaskMessage| {}), dispatcher.hear(|_: TaskMessage| {})];
        let with_tasks = Topics::of([Topic::Storage, Topic::Tasks]).expect("two");
        assert_eq!(dispatcher.wanted(), with_tasks);
        let [first, second] = both;
        drop(first);
        assert_eq!(dispatcher.wanted(), with_tasks);
        drop(second);
        assert_eq!(dispatcher.wanted(), topics());
    });
}

#[test]
fn messages_of_a_newer_server_are_counted_and_those_for_other_tabs_are_not() {
    with_page(|stores, dispatcher| {
        let _guard = dispatcher.hear(|_: TaskMessage| {});
        for text in [TASK, r#"{"type":"metrics","data":1}"#, r#"{"type":"resource_change"}"#] {
            assert!(dispatcher.receive(text).is_none());
        }
        stores.connection.publish();
        assert_eq!(stores.connection.shown.get_untracked().unknown, 0);
        for text in [r#"{"type":"of.tomorrow"}"#, r#"{"type":"task.progress","task_id":7}"#] {
            assert!(dispatcher.receive(text).is_none());
        }
        stores.connection.publish();
        assert_eq!(stores.connection.shown.get_untracked().unknown, 2);
    });
}

#[test]
fn the_page_knows_whether_a_connection_carries_anything() {
    with_page(|stores, dispatcher| {
        let linked = || stores.connection.linked.get_untracked();
        assert!(!linked());
        dispatcher.carries(&topics());
        assert!(linked());
        dispatcher.carries_nothing();
        assert!(!linked());
    });
}
