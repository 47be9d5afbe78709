//! What travels about metrics: a viewer subscribes, the server tells (`realtime.md` section 7). What cannot be accepted is answered by
//! [`ServerFrame::Error`](crate::realtime::protocol::ServerFrame::Error), as everywhere.

use super::Sample;
use crate::{
    domain::Timestamp,
    realtime::protocol::{self, MAX_FRAME},
};
use serde::{Deserialize, Serialize};

/// The channel's name.
pub const CHANNEL: &str = "metrics";

/// What a viewer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// To be told. Idempotent.
    Subscribe,
    /// Not to be told any more. Idempotent.
    Unsubscribe,
}

/// A message of a viewer that is ignored. The texts are short, whatever came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARequest {
    /// Longer than [`MAX_FRAME`].
    #[error("the message is longer than {MAX_FRAME} bytes")]
    TooLong,
    /// Not JSON, or not of this form.
    #[error(r#"the message has to be JSON: {{"type":"subscribe","channel":"metrics"}}"#)]
    Unreadable,
    /// Of another type.
    #[error("type has to be subscribe or unsubscribe")]
    Type,
    /// Of a channel that there is not.
    #[error("channel has to be metrics")]
    Channel,
}

impl Request {
    /// Reads a message of a viewer. Unknown fields are ignored.
    ///
    /// # Errors
    /// When it is not one; says what would be right.
    pub fn read(text: &str) -> Result<Self, NotARequest> {
        #[derive(Deserialize)]
        struct Fields {
            #[serde(rename = "type")]
            kind: String,
            channel: Option<String>,
        }
        if text.len() > MAX_FRAME {
            return Err(NotARequest::TooLong);
        }
        let Fields { kind, channel } = serde_json::from_str(text).or(Err(NotARequest::Unreadable))?;
        let request = match kind.as_str() {
            "subscribe" => Self::Subscribe,
            "unsubscribe" => Self::Unsubscribe,
            _ => return Err(NotARequest::Type),
        };
        if channel.as_deref() == Some(CHANNEL) { Ok(request) } else { Err(NotARequest::Channel) }
    }

    /// The message as it travels.
    #[must_use]
    pub const fn to_text(self) -> &'static str {
        match self {
            Self::Subscribe => r#"{"type":"subscribe","channel":"metrics"}"#,
            Self::Unsubscribe => r#"{"type":"unsubscribe","channel":"metrics"}"#,
        }
    }
}

/// One sample as it travels: `{"type":"metrics","data":{…},"timestamp":"…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename = "metrics")]
pub struct MetricsMessage {
    /// What was measured.
    pub data: Sample,
    /// When.
    pub timestamp: Timestamp,
}

impl MetricsMessage {
    /// A message about this sample.
    #[must_use]
    pub fn new(data: Sample) -> Self {
        let micros = i64::try_from(data.at_ms.saturating_mul(1_000)).unwrap_or(i64::MAX);
        Self { data, timestamp: Timestamp::from_micros(micros) }
    }

    /// As it travels.
    #[must_use]
    pub fn to_text(&self) -> String {
        protocol::write(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::metrics::{
        Load, Percent,
        assemble::MAX_NAME,
        sample::{Disk, Interface, LoadAverages, Memory, Node, Process, Processes, Processor, Service},
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    fn sample() -> Sample {
        let process = Process { pid: 7, name: "strongroom".into(), processor: Percent::new(12.34), memory: 26_000_000 };
        Sample {
            node: Node { id: Uuid::from_u128(1), name: "archive".into() },
            at_ms: 1_780_315_200_250,
            interval_ms: 5_000,
            uptime: 86_400,
            load: Some(LoadAverages { one: Load::new(0.5), five: Load::new(0.25), fifteen: Load::new(1.0) }),
            processor: Processor { total: Some(Percent::new(3.21)), cores: vec![Percent::new(6.4), Percent::new(0.0)] },
            memory: Memory { total: 8_000_000_000, used: 2_000_000_000 },
            swap: Memory::default(),
            disks: vec![Disk { mount: "/".into(), kind: "ext4".into(), size: 100, used: 40, locations: vec![Uuid::from_u128(2)] }],
            network: vec![Interface { name: "eth0".into(), received: Some(1_000), sent: None, errors: 0 }],
            processes: Processes { count: 1, by_processor: vec![process.clone()], by_memory: vec![process] },
            service: Service { threads: Some(9), connections: 2, ..Service::default() },
        }
    }

    #[test]
    fn a_sample_travels_as_the_design_says() {
        let message = MetricsMessage::new(sample());
        let text = message.to_text();
        assert!(
            text.starts_with(r#"{"type":"metrics","data":{"node":{"id":"00000000-0000-0000-0000-000000000001","name":"archive"},"#),
            "{text}"
        );
        assert!(text.ends_with(r#""timestamp":"2026-06-01T12:00:00Z"}"#), "{text}");
        assert!(text.contains(r#""processor":{"total":3.2,"cores":[6.4,0]}"#) && text.contains(r#""received":1000,"errors":0"#), "{text}");
        let read: MetricsMessage = serde_json::from_str(&text).expect("read back");
        assert_eq!(read.data, message.data);
    }

    #[test]
    fn names_are_bounded() {
        let mut long = sample();
        long.disks[0].mount = "ä".repeat(1_000);
        long.processor.cores = vec![Percent::new(1.0); 5_000];
        let bounded = long.bounded();
        assert_eq!((bounded.disks[0].mount.chars().count(), bounded.processor.cores.len()), (MAX_NAME, 256));
        assert_eq!(sample().bounded(), sample());
    }

    #[test]
    fn requests_are_read_and_others_told_what_would_be_right() {
        for request in [Request::Subscribe, Request::Unsubscribe] {
            assert_eq!(Request::read(request.to_text()), Ok(request));
        }
        for (text, problem) in [
            ("", NotARequest::Unreadable),
            ("{}", NotARequest::Unreadable),
            (r#"{"type":"subscribe"}"#, NotARequest::Channel),
            (r#"{"type":"subscribe","channel":"logs"}"#, NotARequest::Channel),
            (r#"{"type":"sub","channel":"metrics"}"#, NotARequest::Type),
        ] {
            assert_eq!(Request::read(text), Err(problem), "{text}");
        }
        assert_eq!(Request::read(&" ".repeat(MAX_FRAME + 1)), Err(NotARequest::TooLong));
        assert_eq!(NotARequest::Unreadable.to_string(), r#"the message has to be JSON: {"type":"subscribe","channel":"metrics"}"#);
    }

    proptest! {
        #[test]
        fn foreign_text_never_panics(text in ".{0,60}") {
            prop_assert!(Request::read(&text).is_err());
        }
    }
}
