//! How busy the machine was in the last ten minutes, so that its charts are still there when one comes back to them.

use crate::realtime::metrics::{
    Percent, Sample,
    history::{History, Segment},
    sample::Interface,
};
use leptos::prelude::*;

/// The numbers of a sample that charts show; none where it was not measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Percent of all cores.
    pub processor: Option<f64>,
    /// Percent of the memory that is in use.
    pub memory: Option<f64>,
    /// Load average over one minute.
    pub load: Option<f64>,
    /// Bytes per second that came over the network.
    pub received: Option<f64>,
    /// Bytes per second that went.
    pub sent: Option<f64>,
    /// Work that waits or is at work.
    pub queue: Option<f64>,
}

impl Reading {
    /// The numbers of this sample. What the machine sends to itself does not count as network.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a chart has fewer dots than that")]
    pub fn of(sample: &Sample) -> Self {
        let sum = |number: fn(&Interface) -> Option<u64>| {
            let known = sample.network.iter().filter(|interface| !matches!(interface.name.as_str(), "lo" | "lo0")).filter_map(number);
            known.map(|bytes| bytes as f64).reduce(|sum, bytes| sum + bytes)
        };
        let memory = sample.memory;
        Self {
            processor: sample.processor.total.map(Percent::get),
            memory: (memory.total > 0).then(|| memory.used as f64 * 100.0 / memory.total as f64),
            load: sample.load.map(|load| load.one.get()),
            received: sum(|interface| interface.received),
            sent: sum(|interface| interface.sent),
            queue: Some(sample.service.queue_depth as f64),
        }
    }
}

/// The store of the machine's load.
#[derive(Debug, Clone, Copy)]
pub struct SystemStore {
    history: StoredValue<History<Reading>>,
    /// The machine that it is of.
    node: StoredValue<Option<String>>,
}

impl SystemStore {
    pub(super) fn new() -> Self {
        Self { history: StoredValue::new(History::default()), node: StoredValue::new(None) }
    }

    /// Takes what was measured. Another machine begins a history of its own.
    pub fn push(&self, sample: &Sample) {
        if self.node.with_value(|node| node.as_ref() != Some(&sample.node.name)) {
            self.node.set_value(Some(sample.node.name.clone()));
            self.history.update_value(History::clear);
        }
        self.history.update_value(|history| history.push(sample.at_ms, sample.interval_ms, Reading::of(sample)));
    }

    /// One number of the last ten minutes, with gaps where it was not measured; and when that ends, in milliseconds since the Unix
    /// epoch. Not reactive.
    #[must_use]
    pub fn series(&self, number: impl Fn(&Reading) -> Option<f64>) -> (Vec<Segment>, u64) {
        self.history.with_value(|history| (history.segments(number), history.latest().map_or(0, |(at, _)| at)))
    }
}

#[cfg(test)]
pub(in crate::app) mod tests {
    use super::*;
    use crate::realtime::metrics::{
        Load,
        sample::{LoadAverages, Memory, Node, Processes, Processor, Service},
    };
    use uuid::Uuid;

    /// A sample of a machine of this name, taken then.
    pub(in crate::app) fn sample(node: &str, at_ms: u64) -> Sample {
        let load = Load::new(1.5);
        let interface = |name: &str, received| Interface { name: name.into(), received, sent: None, errors: 0 };
        Sample {
            node: Node { id: Uuid::nil(), name: node.into() },
            at_ms,
            interval_ms: 5_000,
            uptime: 60,
            load: Some(LoadAverages { one: load, five: load, fifteen: load }),
            processor: Processor { total: Some(Percent::new(25.0)), cores: vec![Percent::new(25.0)] },
            memory: Memory { total: 400, used: 100 },
            swap: Memory::default(),
            disks: Vec::new(),
            network: vec![interface("lo", Some(1_000)), interface("eth0", Some(5)), interface("eth1", Some(6)), interface("eth2", None)],
            processes: Processes::default(),
            service: Service { queue_depth: 3, ..Service::default() },
        }
    }

    #[test]
    fn what_is_not_measured_is_no_number() {
        let reading = Reading::of(&sample("a", 1));
        assert_eq!((reading.processor, reading.memory, reading.load), (Some(25.0), Some(25.0), Some(1.5)));
        assert_eq!((reading.received, reading.sent, reading.queue), (Some(11.0), None, Some(3.0)));
        let none = Sample { memory: Default::default(), load: None, processor: Default::default(), ..sample("a", 1) };
        assert_eq!((Reading::of(&none).memory, Reading::of(&none).load, Reading::of(&none).processor), (None, None, None));
    }

    #[test]
    fn another_machine_begins_a_history_of_its_own() {
        Owner::new().with(|| {
            let store = SystemStore::new();
            store.push(&sample("a", 1_000));
            store.push(&sample("a", 6_000));
            store.push(&sample("a", 6_000));
            let (segments, until) = store.series(|reading| reading.queue);
            assert_eq!((segments.len(), segments[0].len(), until), (1, 2, 6_000));
            store.push(&sample("b", 2_000));
            let (segments, until) = store.series(|reading| reading.queue);
            assert_eq!((segments.len(), segments[0].len(), until), (1, 1, 2_000));
        });
    }
}
