//! Strongroom as `strongroom serve` runs it, with changes on command (docs/performance.md).
//!
//! Settings come from the environment. The first line out tells the address. Then one JSON object per line comes in by standard input
//! and is answered by one: `{"call":"aips","count":20}` records AIPs and tells their UUIDs; `{"call":"change","count":1000,"per_commit":50}`
//! sets their statuses in turn, so many to a transaction, as fast as it goes or `"rate"` of them each second. The end of the input ends it.
//!
//! A change is committed by the service's own database code ([`Db::write`], [`aips::set_status`]) and told to the service's own hub, through a
//! second handle on its database: that one has a bus which notes the time after the commit and before anybody is told. Nothing else may
//! change the archive meanwhile.

use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    error::Error,
    io::{BufRead, Write, stdin, stdout},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use strongroom::{
    api::CreateAip,
    domain::{AipStatus, Clock, RandomIds, SystemClock},
    server::{
        config::{Config, Flags, leptos_options},
        db::{Db, DbErr, Publish, aips},
        hub::{
            Hub, HubEvent,
            bus::{Bus, MemoryBus},
        },
        service::{ServiceError, Services},
        start,
    },
};
use tokio::{
    runtime::Runtime,
    time::{MissedTickBehavior, interval},
};
use uuid::Uuid;

type Failure = Box<dyn Error>;

/// What an AIP goes through, in turn: two that follow each other are never the same.
const STATUSES: [AipStatus; 4] = [AipStatus::Pending, AipStatus::Processing, AipStatus::Queued, AipStatus::Stored];

#[derive(Deserialize)]
#[serde(tag = "call", rename_all = "snake_case", deny_unknown_fields)]
enum Call {
    Aips { count: usize },
    Change { count: usize, per_commit: usize, rate: Option<f64> },
}

/// Tells the hub what was committed, and notes when.
struct Noted {
    bus: MemoryBus,
    /// Seq and microseconds of the wall clock.
    told: Mutex<Vec<(u64, i64)>>,
}

impl Publish for Noted {
    fn publish(&self, events: Vec<Arc<HubEvent>>) {
        let at = SystemClock.now().micros();
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(events.iter().map(|event| (event.seq, at)));
        self.bus.publish(events);
    }
}

struct Changes {
    db: Db,
    noted: Arc<Noted>,
    aips: Vec<Uuid>,
    /// Changes so far.
    made: usize,
}

impl Changes {
    async fn to(config: &Config, hub: &Hub) -> Result<Self, DbErr> {
        let db = Db::open(&config.database(), Arc::new(SystemClock), Arc::new(RandomIds)).await?;
        let noted = Arc::new(Noted { bus: MemoryBus::default(), told: Mutex::default() });
        noted.bus.join(Arc::new(hub.clone()));
        db.publish_to(Arc::clone(&noted) as Arc<dyn Publish>).await;
        Ok(Self { db, noted, aips: Vec::new(), made: 0 })
    }

    async fn record(&mut self, services: &Services, count: usize) -> Result<Value, Failure> {
        for number in self.aips.len()..self.aips.len() + count {
            let [uuid, object_key] = [services.new_id(), services.new_id()];
            let name = format!("Fan-out {number:04}");
            let aip = services.create_aip(CreateAip { name, uuid, status: AipStatus::Stored, object_key, location_uuid: None }).await?;
            self.aips.push(aip.uuid);
        }
        Ok(json!(self.aips))
    }

    /// The next change: which AIP, and its new status.
    fn next(&mut self) -> (Uuid, AipStatus) {
        let (turn, aip) = (self.made / self.aips.len(), self.made % self.aips.len());
        self.made += 1;
        (self.aips[aip], STATUSES[turn % STATUSES.len()])
    }

    /// Makes changes; tells seq, commit time, AIP and status of each where there is a rate, and otherwise nothing.
    async fn make(&mut self, count: usize, per_commit: usize, rate: Option<f64>) -> Result<Value, Failure> {
        if self.aips.is_empty() || per_commit == 0 {
            return Err("there is nothing to change".into());
        }
        let mut ticks = rate.map(|rate| interval(Duration::from_secs_f64(per_commit as f64 / rate)));
        if let Some(ticks) = &mut ticks {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        }
        let changes: Vec<(Uuid, AipStatus)> = (0..count).map(|_| self.next()).collect();
        self.told().clear();
        for together in changes.chunks(per_commit) {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            self.commit(together.to_vec()).await?;
        }
        if rate.is_none() {
            return Ok(json!([]));
        }
        let told = self.told().iter().zip(&changes).map(|((seq, at), (uuid, status))| json!([seq, at, uuid, status])).collect();
        Ok(Value::Array(told))
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Vec<(u64, i64)>> {
        self.noted.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn commit(&self, changes: Vec<(Uuid, AipStatus)>) -> Result<(), ServiceError> {
        self.db
            .write(Box::new(move |change| {
                Box::pin(async move {
                    for (uuid, status) in changes {
                        let mut row = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
                        aips::set_status(change, &mut row, status).await?;
                    }
                    Ok(())
                })
            }))
            .await
    }
}

fn main() -> Result<(), Failure> {
    let runtime = Runtime::new()?;
    let config = Config::load(&Flags::default(), std::env::vars())?;
    let running = runtime.block_on(start(config.clone(), leptos_options(None)?))?;
    let mut changes = runtime.block_on(Changes::to(&config, running.services.hub()))?;
    say(&json!({ "ok": running.addr }))?;
    // The service runs on the runtime's own threads meanwhile.
    for line in stdin().lock().lines() {
        let done = match serde_json::from_str(&line?)? {
            Call::Aips { count } => runtime.block_on(changes.record(&running.services, count)),
            Call::Change { count, per_commit, rate } => runtime.block_on(changes.make(count, per_commit, rate)),
        };
        say(&match done {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "error": error.to_string() }),
        })?;
    }
    runtime.block_on(running.stop())?;
    Ok(())
}

fn say(line: &Value) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
