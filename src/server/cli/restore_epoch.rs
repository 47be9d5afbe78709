//! `strongroom restore-epoch`.

use super::{Outcome, Settings, runtime, tell};
use crate::{
    domain::{Ids as _, RandomIds, SystemClock},
    server::{
        db::{Db, events},
        lock_data,
    },
};
use std::sync::Arc;

pub(super) fn run(settings: &Settings) -> Outcome {
    let config = settings.load()?;
    runtime()?.block_on(async {
        let _lock = lock_data(&config)?;
        let db = Db::open(&config.database(), Arc::new(SystemClock), Arc::new(RandomIds)).await?;
        db.migrate().await?;
        events::renew_epoch(&db, RandomIds.next().as_u64_pair().0).await?;
        db.close().await?;
        tell("The event log has a new identity: every screen reads its data anew. Nothing else has changed.");
        Ok(())
    })
}
