//! The real server, with a keyboard: it serves as `strongroom serve` does, and carries out what it reads from its standard input.
//!
//! The browser tests need it to see the whole way from a service call to the page for events that no request of the API causes
//! (workflows, tasks, a changed status). Settings come from the environment. One JSON object per line goes in, e.g.
//! `{"call":"set_aip_status","uuid":"…","status":"pending"}`; one comes out for each, `{"ok":…}` or `{"error":"…"}`. The first
//! line out, before any call, tells the address. The end of the input stops the service.

use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    error::Error,
    io::{BufRead, Write, stdin, stdout},
    sync::Arc,
    time::Duration,
};
use strongroom::{
    api::{CreateAip, CreateLocation, UpdateLocation},
    domain::{AipStatus, RandomIds, SystemClock, TaskStatus, WorkflowStatus, WorkflowType},
    realtime::etag::Preconditions,
    server::{
        config::{Config, Flags, leptos_options},
        db::{Db, Publish, aips, locations},
        hub::{
            HubEvent,
            bus::{Bus, MemoryBus},
        },
        service::{NewTask, NewWorkflow, ServiceError, Services},
        start,
    },
};
use tokio::{
    runtime::Runtime,
    time::{Instant, MissedTickBehavior, interval},
};
use uuid::Uuid;

/// One line of the input: which operation of the service, and with what.
#[derive(Debug, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case", deny_unknown_fields)]
enum Call {
    CreateAip { body: CreateAip },
    SetAipStatus { uuid: Uuid, status: AipStatus },
    SetAipLocation { uuid: Uuid, location_uuid: Uuid },
    SetDeletionReport { uuid: Uuid, key: String },
    StartWorkflow { aip_uuid: Uuid, kind: WorkflowType },
    FinishWorkflow { uuid: Uuid, status: WorkflowStatus },
    StartTask { workflow_uuid: Uuid, name: String, note: String },
    FinishTask { uuid: Uuid, status: TaskStatus, note: String },
    CreateLocation { body: CreateLocation },
    UpdateLocation { uuid: Uuid, body: UpdateLocation },
    DeleteLocation { uuid: Uuid },
    Burst(Burst),
}

/// Many changes at an even pace; answered by how many milliseconds they took.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Burst {
    /// AIPs that move to and fro between the two locations.
    moving: Vec<Uuid>,
    locations: [Uuid; 2],
    /// AIPs whose status changes all the time.
    changing: Vec<Uuid>,
    /// Every other one of these many is of each kind.
    changes: usize,
    seconds: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let config = Config::load(&Flags::default(), std::env::vars())?;
    let running = runtime.block_on(start(config.clone(), leptos_options(None)?))?;
    say(&json!({ "ok": format!("http://{}", running.addr) }))?;
    // The service runs on the runtime's own threads meanwhile.
    for line in stdin().lock().lines() {
        let done = runtime.block_on(carry_out(&config, &running.services, &line?));
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

async fn carry_out(config: &Config, services: &Services, line: &str) -> Result<Value, Box<dyn Error>> {
    let value = match serde_json::from_str(line)? {
        Call::CreateAip { body } => json!(services.create_aip(body).await?),
        Call::SetAipStatus { uuid, status } => json!(services.set_aip_status(uuid, status).await?),
        Call::SetAipLocation { uuid, location_uuid } => json!(services.set_aip_location(uuid, location_uuid).await?),
        Call::SetDeletionReport { uuid, key } => json!(services.set_deletion_report(uuid, key).await?),
        Call::StartWorkflow { aip_uuid, kind } => {
            // Unique among what runs: there is one of a kind for an AIP.
            let temporal_id = format!("{kind}-{aip_uuid}").replace(' ', "-");
            json!(services.start_workflow(NewWorkflow { aip_uuid, kind, temporal_id }).await?)
        }
        Call::FinishWorkflow { uuid, status } => json!(services.finish_workflow(uuid, status).await?),
        Call::StartTask { workflow_uuid, name, note } => json!(services.start_task(NewTask { workflow_uuid, name, note }).await?),
        Call::FinishTask { uuid, status, note } => json!(services.finish_task(uuid, status, note).await?),
        Call::CreateLocation { body } => json!(services.create_location(body).await?),
        Call::UpdateLocation { uuid, body } => json!(services.update_location(uuid, body, Preconditions::default()).await?),
        Call::DeleteLocation { uuid } => json!(services.delete_location(uuid, Preconditions::default()).await?),
        Call::Burst(burst) => json!(burst.run(config, services).await?),
    };
    Ok(value)
}

/// So many changes are one transaction: each by itself waits for the disk.
const TOGETHER: usize = 20;

/// Tells the service of what is committed beside it.
struct Told(MemoryBus);

impl Publish for Told {
    fn publish(&self, events: Vec<Arc<HubEvent>>) {
        self.0.publish(events);
    }
}

impl Burst {
    async fn run(&self, config: &Config, services: &Services) -> Result<u64, Box<dyn Error>> {
        let db = Db::open(&config.database(), Arc::new(SystemClock), Arc::new(RandomIds)).await?;
        let bus = MemoryBus::default();
        bus.join(Arc::new(services.hub().clone()));
        db.publish_to(Arc::new(Told(bus))).await;
        let begun = Instant::now();
        let pace = Duration::from_secs(self.seconds.into()) / u32::try_from(self.changes.div_ceil(TOGETHER))?;
        let mut due = interval(pace);
        due.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for first in (0..self.changes).step_by(TOGETHER) {
            due.tick().await;
            let changes = (first..self.changes.min(first + TOGETHER)).map(|number| self.change(number)).collect();
            commit(&db, changes).await?;
        }
        Ok(u64::try_from(begun.elapsed().as_millis())?)
    }

    fn change(&self, number: usize) -> Change {
        let turn = number / 2;
        let pick = |all: &[Uuid]| (all[turn % all.len()], turn / all.len());
        if number.is_multiple_of(2) {
            let (aip, round) = pick(&self.moving);
            Change::Move { aip, to: self.locations[round % 2] }
        } else {
            let (aip, round) = pick(&self.changing);
            let statuses = [AipStatus::Processing, AipStatus::Stored, AipStatus::Queued, AipStatus::Pending];
            Change::Status { aip, to: statuses[round % statuses.len()] }
        }
    }
}

enum Change {
    Move { aip: Uuid, to: Uuid },
    Status { aip: Uuid, to: AipStatus },
}

async fn commit(db: &Db, changes: Vec<Change>) -> Result<(), ServiceError> {
    db.write(Box::new(move |tx| {
        Box::pin(async move {
            for change in changes {
                let (Change::Move { aip, .. } | Change::Status { aip, .. }) = change;
                let mut row = aips::find(tx.tx(), aip).await?.ok_or(ServiceError::AipNotFound(aip))?;
                match change {
                    Change::Move { to, .. } => {
                        let target = locations::find(tx.tx(), to).await?.ok_or(ServiceError::LocationNotFound(to))?;
                        aips::set_location(tx, &mut row, (target.id, to, &target.location.name)).await?;
                    }
                    Change::Status { to, .. } => aips::set_status(tx, &mut row, to).await?,
                }
            }
            Ok(())
        })
    }))
    .await
}
