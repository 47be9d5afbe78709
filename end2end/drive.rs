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
};
use strongroom::{
    api::{CreateAip, CreateLocation, UpdateLocation},
    domain::{AipStatus, TaskStatus, WorkflowStatus, WorkflowType},
    server::{
        config::{Config, Flags, leptos_options},
        service::{NewTask, NewWorkflow, Services},
        start,
    },
};
use tokio::runtime::Runtime;
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
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let config = Config::load(&Flags::default(), std::env::vars())?;
    let running = runtime.block_on(start(config, leptos_options(None)?))?;
    say(&json!({ "ok": format!("http://{}", running.addr) }))?;
    // The service runs on the runtime's own threads meanwhile.
    for line in stdin().lock().lines() {
        let done = runtime.block_on(carry_out(&running.services, &line?));
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

async fn carry_out(services: &Services, line: &str) -> Result<Value, Box<dyn Error>> {
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
        Call::UpdateLocation { uuid, body } => json!(services.update_location(uuid, body).await?),
        Call::DeleteLocation { uuid } => json!(services.delete_location(uuid).await?),
    };
    Ok(value)
}
