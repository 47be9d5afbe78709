//! Notices a database that was put back to an earlier state while the service did not run.
//!
//! Beside the database lies a small file with the position of the log that clients were told last. A log that does not reach it, or
//! holds another entry there, is not the one that they know: it gets a new identity, and every screen reads its data anew
//! (`realtime.md` section 1). The file proves nothing when it was put back as well; then the tags of the clients' own positions do.

use crate::{
    realtime::Position,
    server::{
        db::{Db, DbErr, events},
        hub::Hub,
    },
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often the file is written at most.
const EVERY: Duration = Duration::from_secs(1);

fn file(data: &Path) -> PathBuf {
    data.join("log-position")
}

/// The position that was told last; `None` in a new data folder, or when the file cannot be read as one.
fn told(data: &Path) -> Option<Position> {
    fs::read_to_string(file(data)).ok()?.trim().parse().ok()
}

fn write(data: &Path, position: Position) -> io::Result<()> {
    let new = file(data).with_extension("new");
    fs::write(&new, format!("{position}\n"))?;
    fs::rename(new, file(data))
}

fn write_down(data: &Path, position: Position) {
    if let Err(error) = write(data, position) {
        tracing::warn!(%error, "the log's position could not be written down; a restored backup may not be noticed at the next start");
    }
}

/// Compares the log with what was told of it, and renews its epoch when it is another one. The position to go on from.
///
/// # Errors
/// When the database cannot be used.
pub async fn compare(db: &Db, data: &Path, log: Position, new_epoch: u64) -> Result<Position, DbErr> {
    let Some(told) = told(data) else { return Ok(log) };
    let continues = told.epoch == log.epoch
        && told.seq <= log.seq
        // Let go of since: it cannot be compared, and need not be, for what was let go of was there.
        && (told.seq == 0 || events::tag_at(db, told.seq).await?.is_none_or(|tag| tag == told.tag));
    if continues {
        return Ok(log);
    }
    tracing::warn!(%told, %log, "the database is not the one that was running here last, for instance a backup: every screen reads its data anew");
    events::renew_epoch(db, new_epoch).await?;
    Ok(Position { epoch: new_epoch, ..log })
}

/// Writes down where the log stands, until the service stops.
pub async fn watch(hub: Hub, data: PathBuf) {
    let stopping = hub.shutdown();
    let changes = async {
        let mut newest = hub.watch();
        loop {
            write_down(&data, *newest.borrow_and_update());
            tokio::time::sleep(EVERY).await;
            if newest.changed().await.is_err() {
                return;
            }
        }
    };
    // Whoever waits for a change is one of those whose end the hub waits for.
    stopping.run_until_cancelled(changes).await;
    write_down(&data, hub.position());
}
