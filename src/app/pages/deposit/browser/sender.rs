//! Sends packages in parts, one part after another, and goes on where it stopped, whatever happened in between: the connection
//! broke, the server was started anew, the page was loaded again. Only the server says how much has arrived.

use super::{
    super::{
        part::{first_part, next_part},
        queue::{Package, Queue, Stage},
        remember::Unfinished,
    },
    blob, choose, release, storage,
};
use crate::{
    api::{CreateUpload, Problem, Upload, UploadState, client},
    app::{browser::monotonic, rate::Rate},
};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use std::{cell::RefCell, collections::HashSet};
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// How many are sent at the same time; the others wait.
const AT_ONCE: usize = 3;

/// Between two looks at a verification, in milliseconds.
const POLL: u32 = 500;

/// Pauses before trying again, in milliseconds; the last one repeats.
const PAUSES: [u32; 6] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

thread_local! {
    /// Packages whose pause is to be cut short.
    static NUDGED: RefCell<HashSet<u64>> = RefCell::new(HashSet::new());
}

/// What ends the sending of a package before it is verified.
enum End {
    /// It was called off, or is over.
    Over,
    /// For good, with the reason for people.
    Failed(String),
    /// Refused by the server before it was verified.
    Refused(Problem),
}

/// Begins to send a package, or puts it in the line.
pub fn send(queue: Queue, id: u64) {
    choose::warn_before_leaving(queue);
    queue.change(id, |package| package.stage = Stage::Waiting);
    pump(queue);
}

/// Ends the pause before the next attempt.
pub fn try_now(id: u64) {
    NUDGED.with_borrow_mut(|nudged| nudged.insert(id));
}

/// Calls a package off; the server removes what came of it.
pub fn cancel(queue: Queue, id: u64) {
    let upload = queue.peek(id, |package| package.upload).flatten();
    queue.change(id, |package| {
        package.stage = Stage::Canceled;
        package.rate = None;
    });
    release(id);
    try_now(id);
    pump(queue);
    let Some(upload) = upload else { return };
    storage::change(|memory| memory.forget(upload));
    spawn_local(async move {
        for pause in PAUSES {
            match client::cancel_upload(upload).await {
                Err(problem) if is_passing(&problem) => TimeoutFuture::new(pause).await,
                // Gone already, or over: either way nothing is left to call off. What was never finished the server removes itself.
                _ => return,
            }
        }
    });
}

/// Shows what was begun in an earlier visit: what is being verified goes on by itself, what lacks bytes waits for its file.
pub fn look_for_unfinished(queue: Queue) {
    for Unfinished { uuid, file } in storage::read().all().to_vec() {
        if queue.find(|package| package.upload == Some(uuid) || (package.file == file && !package.stage.is_over())).is_some() {
            continue;
        }
        spawn_local(async move {
            let upload = match client::upload(uuid).await {
                Ok(answer) => answer.data,
                Err(problem) => {
                    if problem.is_not_found() {
                        storage::change(|memory| memory.forget(uuid));
                    }
                    return;
                }
            };
            if queue.find(|package| package.upload == Some(uuid)).is_some() {
                return;
            }
            let mut package = Package {
                id: 0,
                files: None,
                name: upload.name.clone(),
                location: Some(upload.location_uuid),
                stage: Stage::NeedsFile,
                sent: 0,
                checked: 0,
                rate: None,
                upload: Some(uuid),
                verdict: None,
                file,
            };
            package.take(&upload);
            let over = package.stage.is_over();
            let checking = package.stage == Stage::Checking;
            let id = queue.add(package);
            if over {
                storage::change(|memory| memory.forget(uuid));
            } else if checking {
                finish(queue, id, uuid).await;
            }
        });
    }
}

/// Starts as many of those that wait as there are places.
fn pump(queue: Queue) {
    while queue.count_now(|package| package.stage.is_at_work()) < AT_ONCE {
        let Some(id) = queue.find(|package| package.stage == Stage::Waiting) else { return };
        queue.change(id, |package| package.stage = Stage::Sending);
        spawn_local(async move {
            match run(queue, id).await {
                Ok(upload) => {
                    // Verification needs no place: the next one can be sent.
                    pump(queue);
                    finish(queue, id, upload).await;
                }
                Err(End::Over) => {}
                Err(End::Failed(reason)) => queue.change(id, |package| package.stage = Stage::Failed(reason)),
                Err(End::Refused(problem)) => queue.change(id, |package| {
                    package.verdict = problem.verdict.map(|verdict| *verdict);
                    package.stage = Stage::Refused(format!("{} Nothing of it was kept.", problem.message));
                }),
            }
            forget_if_over(queue, id);
            pump(queue);
        });
    }
}

fn forget_if_over(queue: Queue, id: u64) {
    if queue.peek(id, |package| package.stage.is_over()).unwrap_or(true) {
        release(id);
        if let Some(upload) = queue.peek(id, |package| package.upload).flatten() {
            storage::change(|memory| memory.forget(upload));
        }
    }
}

/// Sends until the server has all bytes.
async fn run(queue: Queue, id: u64) -> Result<Uuid, End> {
    let Some(bytes) = blob(id) else {
        return Err(End::Failed("The file is not at hand any more. Choose it again.".into()));
    };
    let mut upload = announce(queue, id).await?;
    let (mut part, mut rate) = (first_part(), Rate::default());
    rate.sample(monotonic(), upload.offset);
    while upload.state == UploadState::Receiving {
        let uuid = upload.uuid;
        let end = (upload.offset + part).min(upload.size);
        let Ok(slice) = slice(&bytes, upload.offset, end) else { return Err(unreadable()) };
        let began = monotonic();
        match client::send_blob(uuid, upload.offset, slice).await {
            Ok(answer) => {
                part = next_part(part, monotonic().saturating_sub(began));
                upload = answer;
                rate.sample(monotonic(), upload.offset);
            }
            Err(problem) => {
                part = first_part();
                rate.reset();
                upload = recover(queue, id, uuid, &bytes, upload.offset, problem).await?;
                rate.sample(monotonic(), upload.offset);
            }
        }
        if !goes_on(queue, id) {
            return Err(End::Over);
        }
        queue.change(id, |package| {
            package.stage = Stage::Sending;
            package.take(&upload);
            package.rate = rate.per_second();
        });
    }
    Ok(upload.uuid)
}

/// Finds the upload that was begun of this file, or begins one.
async fn announce(queue: Queue, id: u64) -> Result<Upload, End> {
    let known = queue.peek(id, |package| package.upload).flatten();
    let mut attempt = 0;
    loop {
        let Some(body) = queue.peek(id, |package| CreateUpload {
            name: package.name.trim().to_owned(),
            size: package.file.size,
            location_uuid: package.location,
        }) else {
            return Err(End::Over);
        };
        let answer = match known {
            Some(uuid) => match client::upload(uuid).await {
                // It was called off, or the server removed it because it lay too long.
                Err(problem) if problem.is_not_found() => client::create_upload(&body).await,
                answer => answer,
            },
            None => client::create_upload(&body).await,
        };
        match answer {
            Ok(answer) if answer.data.size == body.size => {
                let upload = answer.data;
                if !goes_on(queue, id) {
                    // Called off while it was being announced: what was begun is removed.
                    drop(client::cancel_upload(upload.uuid).await);
                    return Err(End::Over);
                }
                if let Some(file) = queue.peek(id, |package| package.file.clone()) {
                    storage::change(|memory| memory.put(Unfinished { uuid: upload.uuid, file }));
                }
                queue.change(id, |package| {
                    package.stage = Stage::Sending;
                    package.take(&upload);
                });
                return Ok(upload);
            }
            Ok(_) => {
                return Err(End::Failed("The upload that was begun has another size than this file. Discard it and begin anew.".into()));
            }
            Err(problem) if is_passing(&problem) => pause(queue, id, &mut attempt, &problem).await?,
            Err(problem) => return Err(End::Refused(problem)),
        }
    }
}

/// After a part could not be sent: finds out how much has arrived, as soon as the server can be asked.
async fn recover(queue: Queue, id: u64, uuid: Uuid, bytes: &Blob, offset: u64, problem: Problem) -> Result<Upload, End> {
    if !is_passing(&problem) && problem.status != 409 {
        return Err(if problem.is_not_found() {
            End::Failed("The server does not know this upload any more, and kept nothing of it. Deposit the package again.".into())
        } else {
            End::Refused(problem)
        });
    }
    // A file that was changed or removed after it was chosen looks like a broken connection, so it is looked at as well.
    if problem.status == 0 && !is_readable(bytes, offset).await {
        return Err(unreadable());
    }
    let (mut attempt, mut problem) = (0, problem);
    loop {
        // Another offset than ours is no reason to wait.
        if problem.status != 409 {
            pause(queue, id, &mut attempt, &problem).await?;
        }
        match client::upload(uuid).await {
            Ok(answer) => return Ok(answer.data),
            Err(found) if is_passing(&found) => problem = found,
            Err(found) if found.is_not_found() => {
                return Err(End::Failed(
                    "The server does not know this upload any more, and kept nothing of it. Deposit the package again.".into(),
                ));
            }
            Err(found) => return Err(End::Refused(found)),
        }
    }
}

/// Looks at the verification until it is over.
async fn finish(queue: Queue, id: u64, uuid: Uuid) {
    let mut failures = 0;
    while queue.peek(id, |package| !package.stage.is_over()).unwrap_or(false) {
        match client::upload(uuid).await {
            Ok(answer) => {
                failures = 0;
                if goes_on(queue, id) {
                    queue.change(id, |package| {
                        package.rate = None;
                        package.stage = Stage::Checking;
                        package.take(&answer.data);
                    });
                }
            }
            Err(problem) if is_passing(&problem) => {
                TimeoutFuture::new(PAUSES[failures]).await;
                failures = (failures + 1).min(PAUSES.len() - 1);
                continue;
            }
            Err(problem) => queue.change(id, |package| {
                package.stage = Stage::Failed(format!(
                    "What became of the package cannot be learned ({}). Look for it in the list of AIPs before you deposit it again.",
                    problem.message
                ));
            }),
        }
        if queue.peek(id, |package| package.stage.is_over()).unwrap_or(true) {
            break;
        }
        TimeoutFuture::new(POLL).await;
    }
    forget_if_over(queue, id);
}

/// Waits before the next attempt, less when the connection comes back or the person asks for it.
async fn pause(queue: Queue, id: u64, attempt: &mut usize, problem: &Problem) -> Result<(), End> {
    let reason = if is_offline() { "This computer is offline.".to_owned() } else { problem.message.clone() };
    queue.change(id, |package| {
        package.stage = Stage::Interrupted(reason);
        package.rate = None;
    });
    let was_offline = is_offline();
    let mut left = PAUSES[(*attempt).min(PAUSES.len() - 1)];
    *attempt += 1;
    while left > 0 {
        TimeoutFuture::new(left.min(500)).await;
        left -= left.min(500);
        let nudged = NUDGED.with_borrow_mut(|nudged| nudged.remove(&id));
        if nudged || (was_offline && !is_offline()) {
            break;
        }
    }
    if goes_on(queue, id) { Ok(()) } else { Err(End::Over) }
}

/// Whether the package is still to be sent: it was not called off or removed meanwhile.
fn goes_on(queue: Queue, id: u64) -> bool {
    queue.peek(id, |package| !package.stage.is_over()).unwrap_or(false)
}

/// Whether trying again may help.
fn is_passing(problem: &Problem) -> bool {
    (problem.status == 0 && problem.name != "unreadable") || problem.status == 429 || matches!(problem.status, 500 | 502..=504)
}

fn unreadable() -> End {
    End::Failed("The file cannot be read any more: it was changed, moved or removed after it was chosen. Choose it again.".into())
}

async fn is_readable(bytes: &Blob, offset: u64) -> bool {
    let Ok(first) = slice(bytes, offset, offset + 1) else { return false };
    JsFuture::from(first.array_buffer()).await.is_ok()
}

fn slice(bytes: &Blob, start: u64, end: u64) -> Result<Blob, wasm_bindgen::JsValue> {
    #[expect(clippy::cast_precision_loss, reason = "a file in the browser has less than 2^53 bytes")]
    let (start, end) = (start as f64, end as f64);
    bytes.slice_with_f64_and_f64(start, end)
}

fn is_offline() -> bool {
    !window().navigator().on_line()
}
