//! `strongroom migrate`.

use super::{Outcome, Settings, runtime, tell};
use crate::{
    domain::{RandomIds, SystemClock},
    server::{db::Db, lock_data},
};
use std::sync::Arc;

pub(super) fn run(settings: &Settings) -> Outcome {
    let config = settings.load()?;
    runtime()?.block_on(async {
        let _lock = lock_data(&config)?;
        let db = Db::open(&config.database(), Arc::new(SystemClock), Arc::new(RandomIds)).await?;
        db.migrate().await?;
        db.close().await?;
        tell(&format!("The database {} is up to date.", config.database().display()));
        Ok(())
    })
}
