use super::*;
use crate::{
    domain::Timestamp,
    realtime::{
        Position,
        topic::{Topic, Topics},
    },
};
use proptest::prelude::*;
use uuid::Uuid;

const AT: Position = Position { epoch: 0xE, seq: 41, tag: 0x7A };

fn topics() -> Topics {
    Topics::of([Topic::Storage, Topic::Aip(Uuid::from_u128(1))]).expect("two")
}

fn greeting() -> Greeting {
    Greeting {
        session_id: Uuid::from_u128(5),
        instance_id: Uuid::from_u128(6),
        position: AT,
        replayed: 3,
        heartbeat_ms: HEARTBEAT,
        expires_at: Timestamp::parse("2026-06-01T10:05:00Z").ok(),
    }
}

#[test]
fn reasons_are_called_as_they_are_written() {
    use ResyncReason::{Diverged, Epoch, Lag, Other, Permissions, TooOld};
    for reason in [TooOld, Epoch, Lag, Permissions, Diverged, Other] {
        assert_eq!(serde_json::to_value(reason).expect("JSON"), reason.as_str());
    }
}

#[test]
fn frames_of_the_client_are_written_as_the_design_says() {
    let ticket = Ticket::new("secret".into());
    let frames = [
        (
            ClientFrame::Init(Init { session_id: Some(Uuid::from_u128(5)), topics: topics(), resume: Some(AT) }),
            r#"{"type":"session.init","session_id":"00000000-0000-0000-0000-000000000005","topics":["aip:00000000-0000-0000-0000-000000000001","storage"],"resume":"000000000000000e-41-000000000000007a"}"#,
        ),
        (ClientFrame::Init(Init { session_id: None, topics: Topics::none(), resume: None }), r#"{"type":"session.init","topics":[]}"#),
        (ClientFrame::Subscribe { topics: Topic::Tasks.into() }, r#"{"type":"subscribe","topics":["tasks"]}"#),
        (ClientFrame::Unsubscribe { topics: Topic::Metrics.into() }, r#"{"type":"unsubscribe","topics":["metrics"]}"#),
        (ClientFrame::Ping { n: 7 }, r#"{"type":"ping","n":7}"#),
        (ClientFrame::Renew { ticket }, r#"{"type":"session.renew","ticket":"secret"}"#),
        (ClientFrame::Resync { delivered: 12, reason: ResyncReason::Diverged }, r#"{"type":"resync","delivered":12,"reason":"diverged"}"#),
    ];
    for (frame, text) in frames {
        assert_eq!(frame.to_text(), text);
        assert_eq!(ClientFrame::read(text), Ok(frame));
    }
}

#[test]
fn frames_of_the_server_are_written_as_the_design_says() {
    let server_time = Timestamp::parse("2026-06-01T10:00:00Z").expect("a time");
    let greeted = r#""session_id":"00000000-0000-0000-0000-000000000005","instance_id":"00000000-0000-0000-0000-000000000006","position":"000000000000000e-41-000000000000007a","replayed":3,"heartbeat_ms":10000,"expires_at":"2026-06-01T10:05:00Z"}"#;
    let frames = [
        (ServerFrame::Started(greeting()), format!(r#"{{"type":"session.started",{greeted}"#)),
        (ServerFrame::Restored(greeting()), format!(r#"{{"type":"session.restored",{greeted}"#)),
        (
            ServerFrame::Renewed { expires_at: greeting().expires_at },
            r#"{"type":"session.renewed","expires_at":"2026-06-01T10:05:00Z"}"#.into(),
        ),
        (
            ServerFrame::Subscribed { topics: Topic::Storage.into(), position: AT },
            r#"{"type":"subscribed","topics":["storage"],"position":"000000000000000e-41-000000000000007a"}"#.into(),
        ),
        (ServerFrame::Pong { n: 7 }, r#"{"type":"pong","n":7}"#.into()),
        (
            ServerFrame::Heartbeat { position: AT, delivered: 12, server_time },
            r#"{"type":"system.heartbeat","position":"000000000000000e-41-000000000000007a","delivered":12,"server_time":"2026-06-01T10:00:00Z"}"#
                .into(),
        ),
        (
            ServerFrame::Resync { position: AT, reason: ResyncReason::TooOld },
            r#"{"type":"resync","position":"000000000000000e-41-000000000000007a","reason":"too_old"}"#.into(),
        ),
        (
            ServerFrame::Bye { code: ByeCode::SignedOut, retry_ms: Some(900), reason: "You signed out.".into() },
            r#"{"type":"bye","code":"signed_out","retry_ms":900,"reason":"You signed out."}"#.into(),
        ),
        (ServerFrame::Error { message: "no".into() }, r#"{"type":"error","message":"no"}"#.into()),
    ];
    for (frame, text) in frames {
        assert_eq!(frame.to_text(), text);
        assert!(matches!(Received::read(&text), Ok(Received::Control(read)) if read == frame), "{text}");
    }
}

#[test]
fn event_frames_are_told_from_control_frames_and_their_change_is_left_alone() {
    let text = r#"{"seq":41,"tag":"00000000000000ff","version":7,"at":"2026-06-01T10:00:00Z","value":{"type":"of_a_newer_server","value":{"a":[1]}}}"#;
    let Ok(Received::Event(event)) = Received::read(text) else { panic!("not an event") };
    assert_eq!((event.seq, event.tag, event.version), (Some(41), Some(255), Some(7)));
    assert_eq!(event.value.get(), r#"{"type":"of_a_newer_server","value":{"a":[1]}}"#);

    let ping = r#"{"value":{"type":"storage_ping_event","value":{"message":"Ping"}}}"#;
    assert!(matches!(Received::read(ping), Ok(Received::Event(EventParts { seq: None, tag: None, .. }))));

    let metrics = r#"{"type":"metrics","data":{"value":1},"timestamp":"2026-06-01T10:00:00Z"}"#;
    assert!(matches!(Received::read(metrics), Ok(Received::Message { kind }) if kind == "metrics"));
}

#[test]
fn words_of_a_newer_server_are_still_heeded() {
    let resync = r#"{"type":"resync","position":"000000000000000e-41-000000000000007a","reason":"comet","new":{}}"#;
    assert!(matches!(Received::read(resync), Ok(Received::Control(ServerFrame::Resync { reason: ResyncReason::Other, .. }))));
    let bye = r#"{"type":"bye","code":"comet","retry_ms":null}"#;
    assert!(matches!(Received::read(bye), Ok(Received::Control(ServerFrame::Bye { code: ByeCode::Other, retry_ms: None, .. }))));
}

#[test]
fn what_cannot_be_read_says_why_in_few_words() {
    let long = "x".repeat(1_000);
    for (text, why) in [
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "unknown frame type"),
        (r#"{"type":"subscribe"}"#, "missing field `topics`"),
        (r#"{"type":"subscribe","topics":["everything"]}"#, "not a topic"),
        (r#"{"type":"session.init","topics":[],"resume":"1-2-3"}"#, "not a log position"),
        (r#"{"type":"ping","n":-1}"#, "invalid value"),
        (&format!(r#"{{"type":"{long}"}}"#), "unknown frame type"),
        (&format!(r#"{{"type":"ping","n":"{long}"}}"#), "invalid type"),
        (&format!(r#"{{"type":"ping","n":1,"pad":"{}"}}"#, "x".repeat(MAX_FRAME)), "longer than 65536"),
    ] {
        let problem = ClientFrame::read(text).expect_err("bad").to_string();
        assert!(problem.contains(why) && problem.len() < 200, "{problem}");
    }
    for text in [
        r#"{"type":"resync","position":"x","reason":"lag"}"#,
        r#"{"type":"system.heartbeat","delivered":1}"#,
        r#"{"type":"session.started"}"#,
        r#"{"seq":1}"#,
        r#"{"seq":1,"tag":"+000000000000001","value":{}}"#,
        r#"{"seq":1,"tag":7,"value":{}}"#,
    ] {
        assert!(Received::read(text).is_err(), "{text}");
    }
}

#[test]
fn tickets_are_not_shown() {
    let frame = ClientFrame::Renew { ticket: Ticket::new("hush".into()) };
    assert!(!format!("{frame:?}").contains("hush"));
    let wrong = ClientFrame::read(r#"{"type":"session.renew","ticket":["hush"]}"#).expect_err("not a text");
    assert!(!wrong.to_string().contains("hush"));
}

proptest! {
    #[test]
    fn foreign_text_never_panics(text in ".{0,80}") {
        let _ = (ClientFrame::read(&text), Received::read(&text).is_ok());
    }

    #[test]
    fn foreign_fields_never_panic(kind in "session.init|subscribe|ping|resync|bye|system.heartbeat|session.started", field in "topics|position|n|reason|code|value|seq|tag", value in "null|-1|1e9|\"x\"|\\[\\]|\\{\\}|\\[\"storage\"\\]") {
        let text = format!(r#"{{"type":"{kind}","{field}":{value}}}"#);
        let _ = (ClientFrame::read(&text), Received::read(&text).is_ok());
    }
}
