//! What no index answers quickly: a text anywhere in a name or key, and times.
//!
//! A substring cannot be found by a database index, and counting what a time keeps walks all of it; either takes longer over 170,000
//! rows than a person should wait for each key press. So what they look at is kept in memory, where all of it is scanned in a few
//! milliseconds. It is gathered when the service starts (about 150 bytes for each AIP) and brought up to date from the event log before
//! each use: a search sees everything that was committed before it was asked, whichever process committed it.

use super::{ServiceError, Services};
use crate::{
    api::{Aips, AipsQuery, PageInfo, StatusCounts, aips::SortColumn},
    domain::AipStatus,
    server::db::{
        aips,
        search::{self, Searched},
    },
};
use std::sync::Arc;
use tokio::sync::Mutex;

/// From so many matches on, another order than that of recording is walked in the database instead of sorting the matches.
const FEW: usize = 2_000;

/// One AIP in the buffer.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: i64,
    // Where its text begins; it ends where the next begins.
    start: usize,
    created_at: i64,
    // 0, which no row has, for none.
    location_id: u32,
    status: AipStatus,
}

/// Everything that is searched, as of one place in the log.
#[derive(Debug, Clone, Default)]
struct Texts {
    seq: u64,
    // Each text ends with a byte that no text holds, so that nothing is found across two of them.
    buffer: Vec<u8>,
    // By rising id, which is the order of recording.
    entries: Vec<Entry>,
}

impl Texts {
    const END: u8 = 0;

    fn place(location_id: Option<i64>) -> u32 {
        // Every location has 32 bits' worth of others before it; one that has not is none of ours.
        location_id.map_or(0, |id| u32::try_from(id).unwrap_or(u32::MAX))
    }

    fn take(&mut self, row: Searched) {
        let Searched { id, text, status, location_id, created_at } = row;
        let location_id = Self::place(location_id);
        if let Ok(at) = self.entries.binary_search_by_key(&id, |entry| entry.id) {
            // A name and its keys never change; where it stands does.
            let entry = &mut self.entries[at];
            (entry.status, entry.location_id) = (status, location_id);
            return;
        }
        self.entries.push(Entry { id, start: self.buffer.len(), status, location_id, created_at });
        self.buffer.extend_from_slice(text.as_bytes());
        self.buffer.push(Self::END);
    }

    /// The AIPs whose text holds `needle`, in the order of recording.
    fn holding(&self, needle: &str) -> Vec<Entry> {
        if needle.bytes().any(|byte| byte == Self::END) {
            return Vec::new();
        }
        let finder = memchr::memmem::Finder::new(needle);
        let mut found = Vec::new();
        let (mut from, mut at) = (0, 0);
        while let Some(hit) = self.buffer.get(from..).and_then(|rest| finder.find(rest)) {
            let hit = from + hit;
            while self.entries.get(at + 1).is_some_and(|next| next.start <= hit) {
                at += 1;
            }
            found.push(self.entries[at]);
            let Some(next) = self.entries.get(at + 1) else { break };
            from = next.start;
        }
        found
    }
}

/// What a search found.
struct Found {
    counts: StatusCounts,
    // Of the wanted status, in the order of recording.
    ids: Vec<i64>,
}

fn sift(texts: &Texts, query: &AipsQuery, location_id: Option<i64>) -> Found {
    let (earliest, latest) = (query.earliest_created_time.map(|at| at.micros()), query.latest_created_time.map(|at| at.micros()));
    let within = |at: i64| {
        // Equal bounds mean exactly that instant (`storage-api.md` section 4.3).
        earliest.is_none_or(|earliest| at >= earliest)
            && latest.is_none_or(|latest| at < latest || (earliest == Some(latest) && at == latest))
    };
    let mut found = Found { counts: StatusCounts::default(), ids: Vec::new() };
    let place = location_id.map(|id| Texts::place(Some(id)));
    let mut look = |entry: &Entry| {
        if place.is_some_and(|place| entry.location_id != place) || !within(entry.created_at) {
            return;
        }
        *found.counts.get_mut(entry.status) += 1;
        if query.status.is_none_or(|status| status == entry.status) {
            found.ids.push(entry.id);
        }
    };
    match &query.query {
        Some(text) => texts.holding(&aips::folded(text)).iter().for_each(&mut look),
        None => texts.entries.iter().for_each(&mut look),
    }
    found
}

/// The searched texts, shared by all searches of a process.
#[derive(Default)]
pub(super) struct Search(Mutex<Arc<Texts>>);

impl Services {
    /// Gathers what is searched, so that the first search does not wait for it.
    pub async fn prepare_search(&self) {
        if let Err(error) = self.current_texts().await {
            tracing::warn!(%error, "what is searched could not be gathered; the first search will try again");
        }
    }

    /// A page of what a text or a time narrows.
    pub(super) async fn search_aips(&self, query: &AipsQuery, location_id: Option<i64>) -> Result<Aips, ServiceError> {
        let texts = self.current_texts().await?;
        let asked = query.clone();
        let sifted = tokio::task::spawn_blocking(move || sift(&texts, &asked, location_id));
        let Found { counts, ids } = sifted.await.map_err(|error| ServiceError::Internal(error.to_string()))?;
        let page = PageInfo { limit: query.limit, offset: query.offset, total: ids.len() as u64 };
        let bound = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let recorded = query.sort.column == SortColumn::Recorded;
        let items = if query.offset >= page.total {
            Vec::new()
        } else if recorded {
            let wanted: Vec<i64> = ids.iter().rev().skip(bound(query.offset)).take(bound(query.limit)).copied().collect();
            search::by_ids(self.db().read(), &wanted).await?
        } else if ids.len() <= FEW {
            search::rows_among(self.db().read(), query, &ids).await?
        } else {
            search::rows(self.db().read(), query, location_id, page.total).await?
        };
        Ok(Aips { items, page, counts })
    }

    /// The texts as of now.
    async fn current_texts(&self) -> Result<Arc<Texts>, ServiceError> {
        let mut held = self.0.texts.0.lock().await;
        // Before the data: what is committed in between is read twice rather than never.
        let seq = self.position().seq;
        if held.seq == seq && !held.entries.is_empty() {
            return Ok(Arc::clone(&held));
        }
        let changed = if held.entries.is_empty() { None } else { search::searched_since(self.db().read(), held.seq, seq).await? };
        match changed {
            Some(rows) => {
                let texts = Arc::make_mut(&mut held);
                rows.into_iter().for_each(|row| texts.take(row));
                texts.seq = seq;
            }
            None => {
                let mut texts = Texts { seq, ..Texts::default() };
                let mut after = 0;
                loop {
                    let rows = search::searched_after(self.db().read(), after).await?;
                    let Some(last) = rows.last() else { break };
                    after = last.id;
                    rows.into_iter().for_each(|row| texts.take(row));
                }
                // It grew by doubling; from here on it grows little.
                texts.buffer.shrink_to_fit();
                texts.entries.shrink_to_fit();
                *held = Arc::new(texts);
            }
        }
        Ok(Arc::clone(&held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use proptest::prelude::*;

    fn texts(rows: &[String]) -> Texts {
        let mut texts = Texts::default();
        for (at, text) in rows.iter().enumerate() {
            let status = if at % 2 == 0 { AipStatus::Stored } else { AipStatus::Pending };
            texts.take(Searched { id: at as i64 + 1, text: text.clone(), status, location_id: Some(at as i64 % 3), created_at: at as i64 });
        }
        texts
    }

    proptest! {
        /// Against the plainest search there is.
        #[test]
        fn it_finds_what_looking_at_each_text_finds(rows in prop::collection::vec("[abc]{0,6}", 0..30), needle in "[abc]{1,3}") {
            let found: Vec<i64> = texts(&rows).holding(&needle).iter().map(|entry| entry.id).collect();
            let expected: Vec<i64> = rows.iter().zip(1..).filter(|(text, _)| text.contains(&needle)).map(|(_, id)| id).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn filters_narrow_and_the_status_filter_leaves_the_counts() {
        let texts = texts(&["ab".into(), "ab".into(), "ab".into(), "x".into()]);
        let query = AipsQuery { status: Some(AipStatus::Pending), query: Some("ab".into()), ..AipsQuery::default() };
        let found = sift(&texts, &query, None);
        assert_eq!((found.counts.stored, found.counts.pending, found.ids), (2, 1, vec![2]));
        assert_eq!(sift(&texts, &AipsQuery { status: None, ..query }, Some(2)).ids, [3]);
        let times = AipsQuery { earliest_created_time: Some(Timestamp::from_micros(1)), ..AipsQuery::default() };
        assert_eq!(sift(&texts, &times, None).ids, [2, 3, 4]);
        let instant = AipsQuery { latest_created_time: times.earliest_created_time, ..times };
        assert_eq!(sift(&texts, &instant, None).ids, [2]);
    }

    #[test]
    fn a_change_of_status_is_taken_over() {
        let mut texts = texts(&["ab".into()]);
        texts.take(Searched { id: 1, text: "ab".into(), status: AipStatus::Deleted, location_id: None, created_at: 0 });
        assert_eq!(texts.holding("ab").len(), 1);
        assert_eq!(texts.holding("ab")[0].status, AipStatus::Deleted);
    }
}
