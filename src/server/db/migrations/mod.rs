//! The schema's history: append-only. A migration that was released is never edited; the next one changes what it left.

mod m0001_archive;
mod m0002_work;
mod m0003_identity;
mod m0004_topics;
mod m0005_actors;
mod m0006_noted_changes;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All migrations in their order.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_archive::Migration),
            Box::new(m0002_work::Migration),
            Box::new(m0003_identity::Migration),
            Box::new(m0004_topics::Migration),
            Box::new(m0005_actors::Migration),
            Box::new(m0006_noted_changes::Migration),
        ]
    }
}
