use super::*;
use crate::{
    domain::StorageEvent,
    domain::{AipStatus, DeletionRequest, DeletionStatus, Timestamp},
    realtime::refresh::{LONGEST, TRAILING},
};
use proptest::prelude::*;
use uuid::Uuid;

fn key(kind: Kind, subject: Option<u128>) -> Key {
    Key { kind, subject: subject.map(Uuid::from_u128), parameters: String::new() }
}

fn aip(n: u128) -> ResourceChange {
    ResourceChange::of(&StorageEvent::AipStatusUpdated { uuid: Uuid::from_u128(n), status: AipStatus::Stored }, 2).expect("a change")
}

fn shown(keys: &[Key]) -> Queries {
    let mut queries = Queries::default();
    for key in keys {
        assert!(queries.show(key.clone(), 0));
        assert_eq!(queries.finished(key, true), []);
    }
    queries
}

fn no(_: &Key, _: &ResourceChange) -> bool {
    false
}

#[test]
fn a_change_touches_what_shows_it() {
    let all = [
        key(Kind::Aips, None),
        key(Kind::Aip, Some(1)),
        key(Kind::Aip, Some(2)),
        key(Kind::AipWorkflows, Some(1)),
        key(Kind::AipFixity, Some(1)),
        key(Kind::AipDeletions, Some(1)),
        key(Kind::Locations, None),
        key(Kind::Location, Some(9)),
        key(Kind::LocationAips, Some(9)),
        key(Kind::LocationAips, Some(8)),
        key(Kind::Overview, None),
        key(Kind::Activity, None),
    ];
    let touched = |change: &ResourceChange| all.iter().filter(|key| table::touches(change, key)).cloned().collect::<Vec<_>>();
    let but = |gone: &[Key]| all.iter().filter(|key| !gone.contains(key)).cloned().collect::<Vec<_>>();
    let of_aip = |kind| key(kind, Some(1));
    let (work, fixity, deletions) = (of_aip(Kind::AipWorkflows), of_aip(Kind::AipFixity), of_aip(Kind::AipDeletions));
    assert_eq!(touched(&aip(1)), but(&[key(Kind::Aip, Some(2)), work.clone(), fixity, deletions.clone()]));
    let location = ResourceChange::of(&StorageEvent::LocationDeleted { uuid: Uuid::from_u128(9) }, 2).expect("a change");
    let others = [
        key(Kind::Aip, Some(1)),
        key(Kind::Aip, Some(2)),
        work,
        key(Kind::AipFixity, Some(1)),
        deletions.clone(),
        key(Kind::LocationAips, Some(8)),
    ];
    assert_eq!(touched(&location), but(&others));
    let request = ResourceChange::of_deletion_request(&DeletionRequest {
        uuid: Uuid::from_u128(5),
        aip_uuid: Uuid::from_u128(1),
        reason: String::new(),
        status: DeletionStatus::Pending,
        requester: String::new(),
        requested_at: Timestamp::from_micros(0),
        reviewer: None,
        reviewed_at: None,
        mine: false,
    });
    assert_eq!(touched(&request), [deletions, key(Kind::Overview, None), key(Kind::Activity, None)]);
}

#[test]
fn a_burst_is_one_request_and_one_more_for_what_came_meanwhile() {
    let list = key(Kind::Aips, None);
    let mut queries = shown(std::slice::from_ref(&list));
    let mut requests = 0;
    for now in 0..5_000 {
        queries.changed(&aip(1), now, no);
        requests += queries.take(now).len();
        if now % 100 == 99 {
            assert_eq!(queries.finished(&list, true), []);
        }
    }
    assert_eq!(requests, 4, "one a second");
    assert!(queries.in_flight(&list) || queries.next_due().is_some_and(|due| due <= 5_000 + LONGEST));
}

#[test]
fn what_several_parts_show_is_asked_once_and_what_is_away_when_it_is_shown() {
    let list = key(Kind::Aips, None);
    let mut queries = Queries::default();
    assert!(queries.show(list.clone(), 0) && !queries.show(list.clone(), 1));
    assert_eq!(queries.finished(&list, true), []);
    assert!(!queries.show(list.clone(), 2), "it is fresh");
    for _ in 0..3 {
        assert_eq!(queries.leave(&list, 3), []);
    }
    assert!(!queries.show(list.clone(), 4), "still fresh");
    assert_eq!(queries.leave(&list, 5), []);
    queries.changed(&aip(1), 6, no);
    assert_eq!((queries.next_due(), queries.take(9_000)), (None, vec![]), "nobody sees it");
    assert!(queries.show(list.clone(), 10_000), "it is outdated");
    assert_eq!(queries.finished(&list, true), []);
    assert_eq!(queries.leave(&list, 10_001), []);
    assert!(queries.show(list, 10_000 + FRESH), "it is old");
}

#[test]
fn on_focus_only_what_is_old_is_asked_again() {
    let (old, new) = (key(Kind::Aips, None), key(Kind::Overview, None));
    let mut queries = shown(std::slice::from_ref(&old));
    assert!(queries.show(new.clone(), FRESH - 1));
    assert_eq!(queries.finished(&new, true), []);
    queries.focused(FRESH - 1);
    assert_eq!(queries.next_due(), None);
    queries.focused(FRESH);
    assert_eq!(queries.take(FRESH + TRAILING), [old]);
}

#[test]
fn a_patched_answer_needs_no_request_unless_an_older_one_is_on_its_way() {
    let list = key(Kind::Aips, None);
    let mut queries = shown(std::slice::from_ref(&list));
    queries.changed(&aip(1), 0, |key, change| key.kind == Kind::Aips && change.resource.version == 2);
    assert_eq!(queries.next_due(), None);
    assert!(queries.show(list.clone(), FRESH), "the old answer is shown meanwhile");
    queries.changed(&aip(1), FRESH, |_, _| true);
    assert_eq!(queries.finished(&list, true), []);
    assert_eq!(queries.take(2 * FRESH), [list]);
}

#[test]
fn an_answer_that_was_outdated_when_it_came_is_asked_again_when_it_is_shown() {
    let list = key(Kind::Aips, None);
    let mut queries = Queries::default();
    assert!(queries.show(list.clone(), 0));
    queries.changed(&aip(1), 1, no);
    assert_eq!(queries.leave(&list, 2), []);
    assert_eq!(queries.finished(&list, true), []);
    assert!(queries.show(list, 3));
}

#[test]
fn what_says_nothing_is_counted() {
    let mut queries = shown(&[key(Kind::Aips, None)]);
    queries.heard(&aip(1).to_text().replace("\"aip\"", "\"shelf\""), 0, no);
    queries.heard(&aip(1).to_text().replace("\"id\"", "\"ID\""), 0, no);
    queries.heard("{", 0, no);
    assert_eq!((queries.ignored(), queries.next_due()), (IgnoredCounts { unknown_type: 1, no_id: 1, unreadable: 1 }, None));
    queries.heard(&aip(1).to_text(), 0, no);
    assert_eq!(queries.next_due(), Some(TRAILING));
}

#[test]
fn what_left_longest_ago_is_let_go() {
    let mut queries = Queries::default();
    let mut gone = Vec::new();
    for n in 0..KEPT as u64 + 3 {
        let key = key(Kind::Aip, Some(n.into()));
        assert!(queries.show(key.clone(), n));
        gone.extend(queries.finished(&key, true));
        gone.extend(queries.leave(&key, n));
    }
    assert_eq!(gone, [0, 1, 2].map(|n| key(Kind::Aip, Some(n))));
    assert_eq!(queries.entries.len(), KEPT);
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Show(usize),
    Leave(usize),
    Change(u128, bool),
    Answer(usize, bool),
    Missed,
    Focus,
}

/// A page with a server: how many changes touched each query, how many its answer shows, and how many the answer on its way will.
#[derive(Default, Clone, Copy)]
struct Naive {
    there: u64,
    shows: Option<u64>,
    on_its_way: Option<u64>,
    shown_by: u32,
}

proptest! {
    /// However things fall: requests of one query do not overlap, and when all is quiet, what is on screen shows what is there.
    #[test]
    fn the_screen_comes_to_show_what_is_there(steps in prop::collection::vec(prop_oneof![
        6 => (1u64..700).prop_map(Step::Wait), 1 => Just(Step::Wait(FRESH)), 2 => (0usize..4).prop_map(Step::Show), 1 => (0usize..4).prop_map(Step::Leave),
        6 => (1u128..3, any::<bool>()).prop_map(|(aip, patched)| Step::Change(aip, patched)),
        4 => (0usize..4, prop::bool::weighted(0.9)).prop_map(|(at, answered)| Step::Answer(at, answered)),
        1 => Just(Step::Missed), 1 => Just(Step::Focus),
    ], 0..120)) {
        let keys = [key(Kind::Aips, None), key(Kind::Aip, Some(1)), key(Kind::Aip, Some(2)), key(Kind::LocationAips, Some(9))];
        let (mut queries, mut page, mut now) = (Queries::default(), [Naive::default(); 4], 0);
        let at = |key: &Key| keys.iter().position(|other| other == key).expect("one of them");
        let ask = |page: &mut [Naive; 4], at: usize| {
            prop_assert!(page[at].on_its_way.is_none(), "two requests at a time");
            page[at].on_its_way = Some(page[at].there);
            Ok(())
        };
        let mut failed = false;
        for step in steps {
            match step {
                Step::Wait(ms) => now += ms,
                Step::Show(at) => {
                    page[at].shown_by += 1;
                    if queries.show(keys[at].clone(), now) { ask(&mut page, at)?; }
                }
                Step::Leave(at) if page[at].shown_by > 0 => {
                    page[at].shown_by -= 1;
                    prop_assert!(queries.leave(&keys[at], now).is_empty());
                }
                Step::Change(n, patched) => {
                    let change = aip(n);
                    for (naive, _) in page.iter_mut().zip(&keys).filter(|(_, key)| table::touches(&change, key)) { naive.there += 1; }
                    queries.changed(&change, now, |key, _| {
                        let naive = &mut page[at(key)];
                        // Only an answer that shows all that was before can be patched to show all.
                        let could = patched && naive.shows == Some(naive.there - 1);
                        if could { naive.shows = Some(naive.there); }
                        could
                    });
                }
                Step::Answer(at, answered) => if let Some(shows) = page[at].on_its_way.take() {
                    if answered { page[at].shows = Some(shows); }
                    failed |= !answered;
                    prop_assert!(queries.finished(&keys[at], answered).is_empty());
                },
                Step::Missed => queries.missed(now),
                Step::Focus => queries.focused(now),
                Step::Leave(_) => {}
            }
            for key in queries.take(now) { ask(&mut page, at(&key))?; }
        }
        if failed { queries.missed(now); }
        for _ in 0..4 {
            for at in 0..4 {
                if let Some(shows) = page[at].on_its_way.take() {
                    page[at].shows = Some(shows);
                    prop_assert!(queries.finished(&keys[at], true).is_empty());
                }
            }
            now += LONGEST;
            for key in queries.take(now) { ask(&mut page, at(&key))?; }
        }
        prop_assert_eq!(queries.next_due(), None);
        for naive in page.iter().filter(|naive| naive.shown_by > 0) {
            prop_assert_eq!(naive.shows, Some(naive.there));
            prop_assert_eq!(naive.on_its_way, None);
        }
    }
}
