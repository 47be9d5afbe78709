use super::*;
use crate::realtime::{protocol::MAX_FRAME, topic::tests::topic};
use proptest::prelude::*;

const END: Position = Position { epoch: 1, seq: 5, tag: 50 };

fn noon() -> Timestamp {
    Timestamp::parse("2026-06-01T12:00:00Z").expect("a time")
}

fn opening(resume: Option<(Position, Resumption)>) -> Opening {
    Opening { session_id: Uuid::from_u128(1), instance_id: Uuid::from_u128(2), end: END, resume, replayed: 0, expiry: None }
}

fn at(seq: u64) -> Position {
    Position { epoch: 1, seq, tag: seq * 10 }
}

fn live(now: u64) -> Session {
    let mut session = Session::new(now);
    session.text(r#"{"type":"session.init","topics":["storage"]}"#, now);
    session.begin(opening(None), now);
    session
}

fn sent(actions: &[Action]) -> Vec<&ServerFrame> {
    actions.iter().filter_map(|action| if let Action::Send(frame) = action { Some(frame) } else { None }).collect()
}

fn bye(actions: &[Action]) -> Option<ByeCode> {
    match actions {
        [.., Action::Send(ServerFrame::Bye { code, .. }), Action::Close(status)] if *status == code.close_status() => Some(*code),
        _ => None,
    }
}

#[test]
fn it_begins_with_what_the_client_asks_for() {
    let mut session = Session::new(0);
    assert_eq!(session.next_due(), Some(INIT_WITHIN));
    assert!(!session.offer(at(6), &[Topic::Storage], || true));
    let init = r#"{"type":"session.init","topics":["storage"],"resume":"0000000000000001-3-000000000000001e"}"#;
    assert_eq!(session.text(init, 5), [Action::Begin { session_id: None, resume: Some(at(3)) }]);
    assert_eq!(session.tick(INIT_WITHIN, noon()), []);

    let mut granted = session.clone();
    let opening = Opening { replayed: 1, ..opening(Some((at(3), Resumption::After(3)))) };
    let actions = granted.begin(opening, 10);
    assert!(matches!(sent(&actions)[..], [ServerFrame::Restored(Greeting { position: END, replayed: 1, .. })]), "{actions:?}");
    assert_eq!(granted.position(), Some(at(3)));
    assert!(!granted.offer(at(4), &[Topic::Tasks], || true));
    assert!(granted.offer(at(5), &[Topic::Storage], || true));
    assert_eq!((granted.position(), granted.delivered()), (Some(END), 1));

    let actions = session.begin(Opening { resume: Some((at(3), Resumption::Resync(ResyncReason::TooOld))), ..opening }, 10);
    assert!(matches!(
        sent(&actions)[..],
        [ServerFrame::Started(Greeting { replayed: 0, .. }), ServerFrame::Resync { position: END, reason: ResyncReason::TooOld }]
    ));
    assert_eq!(session.position(), Some(END));
}

#[test]
fn a_replay_of_nothing_ends_at_the_end() {
    let mut session = Session::new(0);
    session.text(r#"{"type":"session.init","topics":[],"resume":"0000000000000001-3-000000000000001e"}"#, 0);
    session.begin(opening(Some((at(3), Resumption::After(3)))), 0);
    assert_eq!(session.position(), Some(END));
}

#[test]
fn who_says_nothing_is_not_waited_for() {
    let mut session = Session::new(100);
    assert_eq!(session.tick(100 + INIT_WITHIN - 1, noon()), []);
    assert_eq!(bye(&session.tick(100 + INIT_WITHIN, noon())), Some(ByeCode::Idle));
    assert_eq!(session.text(r#"{"type":"session.init","topics":[]}"#, 100 + INIT_WITHIN), []);
    assert_eq!((session.next_due(), session.bye(ByeCode::Restart, None, "")), (None, Vec::new()));
}

#[test]
fn heartbeats_tell_place_and_count() {
    let mut session = live(0);
    assert!(session.offer(at(6), &[Topic::Storage], || true));
    assert!(!session.offer(at(7), &[Topic::Storage], || false));
    assert!(!session.offer(at(7), &[Topic::Storage], || true), "offered before");
    assert_eq!((session.next_due(), session.tick(HEARTBEAT - 1, noon())), (Some(HEARTBEAT), Vec::new()));
    let heartbeat = Action::Send(ServerFrame::Heartbeat { position: at(7), delivered: 1, server_time: noon() });
    assert_eq!(session.tick(HEARTBEAT, noon()), [heartbeat]);
    assert_eq!(session.next_due(), Some(READ_IDLE));
    session.heard(HEARTBEAT);
    assert_eq!(session.next_due(), Some(2 * HEARTBEAT));
}

#[test]
fn who_is_not_heard_of_is_gone() {
    let mut session = live(0);
    session.tick(HEARTBEAT, noon());
    session.heard(5);
    assert!(bye(&session.tick(READ_IDLE + 4, noon())).is_none());
    assert_eq!(bye(&session.tick(READ_IDLE + 5, noon())), Some(ByeCode::Idle));
    assert!(!session.offer(at(6), &[Topic::Storage], || true));
}

#[test]
fn subscriptions_are_answered_with_the_full_set_and_where_it_is_heard_from() {
    let mut session = live(0);
    session.offer(at(6), &[Topic::Tasks], || true);
    let both = Topics::of([Topic::Storage, Topic::Tasks]).expect("two");
    for _ in 0..2 {
        let actions = session.text(r#"{"type":"subscribe","topics":["tasks"]}"#, 1);
        assert_eq!(sent(&actions), [&ServerFrame::Subscribed { topics: both.clone(), position: at(6) }]);
    }
    assert!(session.offer(at(7), &[Topic::Tasks], || true));
    session.text(r#"{"type":"unsubscribe","topics":["tasks","metrics"]}"#, 1);
    assert!(!session.hears(&[Topic::Tasks]) && session.hears(&[Topic::Tasks, Topic::Storage]));
}

#[test]
fn a_resync_counts_anew() {
    let mut session = live(0);
    session.offer(at(6), &[Topic::Storage], || true);
    let asked = session.text(r#"{"type":"resync","delivered":0,"reason":"diverged"}"#, 1);
    assert_eq!(asked, [Action::Resync { delivered: 0, reason: ResyncReason::Diverged }]);
    let told = session.resync(at(9), ResyncReason::Diverged);
    assert_eq!(sent(&told), [&ServerFrame::Resync { position: at(9), reason: ResyncReason::Diverged }]);
    assert_eq!((session.delivered(), session.position()), (0, Some(at(9))));
}

#[test]
fn ten_bad_frames_close() {
    let (long, mut session) = ("x".repeat(MAX_FRAME + 1), live(0));
    let bad = ["", "{}", r#"{"type":"comet"}"#, r#"{"type":"subscribe"}"#, r#"{"type":"session.init","topics":[]}"#, &long];
    for text in bad {
        let actions = session.text(text, 0);
        assert!(matches!(sent(&actions)[..], [ServerFrame::Error { .. }]), "{text}: {actions:?}");
    }
    for _ in bad.len()..MAX_BAD_FRAMES as usize - 1 {
        assert!(bye(&session.binary(0)).is_none());
    }
    assert_eq!(bye(&session.not_renewed()), Some(ByeCode::Protocol));
    assert_eq!(session.binary(0), []);
}

#[test]
fn who_sends_too_much_is_not_read() {
    let mut session = live(0);
    for _ in 1..20 {
        assert!(matches!(sent(&session.text(r#"{"type":"ping","n":1}"#, 0))[..], [ServerFrame::Pong { n: 1 }]));
    }
    for _ in 1..MAX_BAD_FRAMES {
        assert!(matches!(sent(&session.text(r#"{"type":"ping","n":1}"#, 0))[..], [ServerFrame::Error { .. }]));
    }
    assert_eq!(bye(&session.text(r#"{"type":"ping","n":1}"#, 0)), Some(ByeCode::TooMany));
}

#[test]
fn a_session_ends_unless_it_is_renewed() {
    let mut session = Session::new(0);
    session.text(r#"{"type":"session.init","topics":[]}"#, 0);
    let expiry = |due| Some(Expiry { at: noon(), due });
    session.begin(Opening { expiry: expiry(3_000), ..opening(None) }, 0);
    assert_eq!(session.next_due(), Some(3_000));
    let ticket = Ticket::new("t".into());
    assert_eq!(session.text(r#"{"type":"session.renew","ticket":"t"}"#, 2_400), [Action::Renew(ticket)]);
    assert!(matches!(sent(&session.not_renewed())[..], [ServerFrame::Error { .. }]));
    assert_eq!(session.next_due(), Some(3_000));
    assert_eq!(session.renewed(expiry(6_000)), [Action::Send(ServerFrame::Renewed { expires_at: Some(noon()) })]);
    assert_eq!(session.tick(5_999, noon()), []);
    assert_eq!(bye(&session.tick(6_000, noon())), Some(ByeCode::Expired));
}

#[derive(Debug, Clone)]
enum Step {
    Text(String),
    Offer(u64, Topic, bool),
    Begin,
    Resync(u64),
    Wait(u64),
    Bye,
}

fn steps() -> impl Strategy<Value = Step> {
    let topics = prop::collection::vec(topic(), 0..3).prop_map(|topics| serde_json::to_string(&topics).expect("an array")).boxed();
    prop_oneof![
        2 => topics.clone().prop_map(|topics| Step::Text(format!(r#"{{"type":"session.init","topics":{topics}}}"#))),
        3 => topics.clone().prop_map(|topics| Step::Text(format!(r#"{{"type":"subscribe","topics":{topics}}}"#))),
        2 => topics.prop_map(|topics| Step::Text(format!(r#"{{"type":"unsubscribe","topics":{topics}}}"#))),
        1 => ".{0,20}".prop_map(Step::Text),
        3 => Just(Step::Begin),
        9 => (0u64..3, topic(), any::<bool>()).prop_map(|(skip, topic, may_see)| Step::Offer(skip, topic, may_see)),
        1 => (0u64..3).prop_map(Step::Resync),
        4 => (0u64..12_000).prop_map(Step::Wait),
        1 => Just(Step::Bye),
    ]
}

proptest! {
    /// Against a naive oracle: a set of topics, a list of what was sent. Heartbeats come when due and tell exactly that; a frame
    /// that is not accepted changes nothing; after a goodbye there is silence.
    #[test]
    fn it_does_as_a_naive_server_would(steps in prop::collection::vec(steps(), 0..120)) {
        let (mut session, mut now, mut seq) = (Session::new(0), 0u64, END.seq);
        let mut topics = std::collections::BTreeSet::new();
        let (mut since, mut place, mut over) = (Vec::new(), None, false);
        for step in steps {
            let actions = match step.clone() {
                Step::Text(text) => session.text(&text, now),
                Step::Begin => session.begin(opening(None), now),
                Step::Offer(skip, topic, may_see) => {
                    seq += skip;
                    let fresh = place.is_some_and(|place: Position| seq > place.seq) && !over;
                    let sent = session.offer(at(seq), &[topic], || may_see);
                    prop_assert_eq!(sent, fresh && may_see && topics.contains(&topic));
                    if fresh { place = Some(at(seq)); }
                    if sent { since.push(seq); }
                    Vec::new()
                }
                Step::Resync(skip) => { seq += skip; session.resync(at(seq), ResyncReason::Lag) }
                Step::Wait(ms) => { now += ms; session.heard(now); session.tick(now, noon()) }
                Step::Bye => session.bye(ByeCode::Restart, Some(1), "later"),
            };
            prop_assert!(!over || actions.is_empty(), "{actions:?} after the end");
            for action in actions {
                match action {
                    Action::Begin { .. } => {
                        prop_assert_eq!(place, None);
                        topics = session.topics().iter().collect();
                    }
                    Action::Send(ServerFrame::Started(greeting)) => { place = Some(greeting.position); seq = seq.max(END.seq); }
                    Action::Send(ServerFrame::Resync { position, .. }) => { place = Some(position); since.clear(); }
                    Action::Send(ServerFrame::Heartbeat { position, delivered, .. }) => {
                        prop_assert_eq!(Some(position), place);
                        prop_assert_eq!(delivered, since.len() as u64);
                    }
                    Action::Send(ServerFrame::Subscribed { topics: told, position }) => {
                        prop_assert_eq!(Some(position), place);
                        if let Step::Text(text) = &step {
                            match ClientFrame::read(text).expect("it was accepted") {
                                ClientFrame::Subscribe { topics: added } => topics.extend(added.iter()),
                                ClientFrame::Unsubscribe { topics: removed } => topics.retain(|topic| !removed.contains(*topic)),
                                other => prop_assert!(false, "{other:?} was answered by subscribed"),
                            }
                        }
                        prop_assert_eq!(told.iter().collect::<Vec<_>>(), topics.iter().copied().collect::<Vec<_>>());
                    }
                    Action::Close(_) => over = true,
                    _ => {}
                }
            }
            prop_assert_eq!(session.next_due().is_none(), over || (place.is_none() && !matches!(session.state, State::Awaiting { .. })));
        }
    }
}
