//! Between the processes of one service: what one of them commits, all of them tell.
//!
//! The contract, which every bus is tested against below: publishing neither blocks nor fails the change that it reports; every
//! sink gets every event that is published after it joined, once, in order.

use super::HubEvent;
use std::sync::{Arc, PoisonError, RwLock};

/// Takes events in. Must not block.
pub trait Sink: Send + Sync {
    /// These events, in order.
    fn deliver(&self, events: &[Arc<HubEvent>]);
}

/// Carries committed events to every process.
pub trait Bus: Send + Sync {
    /// Tells everybody. Called in the order of the log.
    fn publish(&self, events: Vec<Arc<HubEvent>>);

    /// Adds somebody to be told.
    fn join(&self, sink: Arc<dyn Sink>);
}

/// The bus of a service that is one process: a call.
#[derive(Default)]
pub struct MemoryBus {
    sinks: RwLock<Vec<Arc<dyn Sink>>>,
}

impl Bus for MemoryBus {
    fn publish(&self, events: Vec<Arc<HubEvent>>) {
        for sink in self.sinks.read().unwrap_or_else(PoisonError::into_inner).iter() {
            sink.deliver(&events);
        }
    }

    fn join(&self, sink: Arc<dyn Sink>) {
        self.sinks.write().unwrap_or_else(PoisonError::into_inner).push(sink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Collect(Mutex<Vec<u64>>);

    impl Sink for Collect {
        fn deliver(&self, events: &[Arc<HubEvent>]) {
            self.0.lock().expect("not poisoned").extend(events.iter().map(|event| event.seq));
        }
    }

    fn events(seqs: std::ops::RangeInclusive<u64>) -> Vec<Arc<HubEvent>> {
        seqs.map(|seq| {
            Arc::new(HubEvent {
                seq,
                tag: seq,
                known_to_enduro: true,
                seen_with: &[],
                topics: Vec::new(),
                change: std::sync::OnceLock::new(),
                line: "{}\n".into(),
            })
        })
        .collect()
    }

    /// What every bus is held to.
    fn conforms(bus: &dyn Bus) {
        bus.publish(events(1..=2));
        let (early, late) = (Arc::new(Collect::default()), Arc::new(Collect::default()));
        bus.join(Arc::clone(&early) as Arc<dyn Sink>);
        bus.publish(events(3..=4));
        bus.join(Arc::clone(&late) as Arc<dyn Sink>);
        bus.publish(Vec::new());
        bus.publish(events(5..=7));
        assert_eq!(*early.0.lock().expect("not poisoned"), [3, 4, 5, 6, 7]);
        assert_eq!(*late.0.lock().expect("not poisoned"), [5, 6, 7]);
    }

    #[test]
    fn the_memory_bus_conforms() {
        conforms(&MemoryBus::default());
    }
}
