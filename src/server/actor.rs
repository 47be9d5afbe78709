//! Who does what is being done: carried from the request, or from the work that somebody began, down to the rows that record it.
//!
//! Not a parameter of every operation, since none of them decides anything by it: that was done before, by attributes. What is done by
//! the service itself has nobody.

use crate::domain::Person;
use std::{future::Future, sync::Arc};
use tracing::Instrument as _;

tokio::task_local! {
    static PERSON: Option<Arc<Person>>;
}

/// Does something in somebody's name.
pub async fn by<T>(person: Option<Arc<Person>>, work: impl Future<Output = T>) -> T {
    PERSON.scope(person, work).await
}

/// Hands on to a task of its own in whose name it works, and for which request the log names it.
pub fn handed_on<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    by(present(), work.in_current_span())
}

/// In whose name the present task does what it does. A task that it spawns has to be told.
#[must_use]
pub fn present() -> Option<Arc<Person>> {
    PERSON.try_with(Clone::clone).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_known_inside_and_nobody_outside() {
        let person = Arc::new(Person { issuer: "i".into(), subject: "s".into(), name: "n".into() });
        assert_eq!(present(), None);
        by(Some(Arc::clone(&person)), async {
            assert_eq!(present(), Some(Arc::clone(&person)));
            by(None, async { assert_eq!(present(), None) }).await;
        })
        .await;
    }
}
