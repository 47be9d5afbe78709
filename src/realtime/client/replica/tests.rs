use super::*;
use crate::realtime::topic::Topic;
use uuid::Uuid;

const EPOCH: u64 = 1;

fn at(seq: u64) -> Position {
    Position { epoch: EPOCH, seq, tag: seq * 10 }
}

fn storage() -> Topics {
    Topic::Storage.into()
}

fn greeting(position: Position, replayed: u64) -> Greeting {
    let id = Uuid::nil();
    Greeting { session_id: id, instance_id: id, position, replayed, heartbeat_ms: 10_000, expires_at: None }
}

fn event(replica: &mut Replica<u64>, seq: u64) -> Receipt {
    replica.event(seq, Some(seq * 10), seq)
}

/// Views 1 and 2 hold the state of the answer at 5, as does the page that the server rendered.
fn rendered() -> Replica<u64> {
    let mut replica = Replica::new(4);
    for view in [1, 2] {
        replica.open(view, storage());
        assert_eq!(replica.answered(view, replica.round(), at(5)), Join::Apply(Vec::new()));
    }
    replica
}

fn live() -> Replica<u64> {
    let mut replica = rendered();
    assert_eq!(replica.restored(&greeting(at(5), 0), &storage(), at(5)), []);
    assert!(replica.caught_up());
    replica
}

#[test]
fn a_page_that_the_server_rendered_resumes_where_its_oldest_answer_stands() {
    let mut replica = rendered();
    replica.open(3, storage());
    replica.answered(3, 0, at(7));
    assert_eq!(replica.resume(), Some(at(5)));
    assert_eq!(replica.restored(&greeting(at(8), 2), &storage(), at(5)), [Ask::Anew(vec![1, 2, 3])], "7 was not proven");
    assert_eq!(event(&mut replica, 6), Receipt::Fresh(vec![]));
    assert_eq!(replica.answered(3, 0, at(7)), Join::Again, "asked before the greeting");
    assert_eq!(replica.answered(1, replica.round(), at(5)), Join::Apply(vec![6]));
    assert_eq!(replica.answered(2, replica.round(), at(8)), Join::Apply(Vec::new()));
    assert_eq!(replica.answered(3, replica.round(), at(8)), Join::Apply(Vec::new()));
    assert!(!replica.caught_up(), "the replay is not finished");
    assert_eq!(event(&mut replica, 8), Receipt::Fresh(vec![1]));
    assert!(replica.caught_up());
}

#[test]
fn each_answer_is_joined_with_what_came_above_its_own_position() {
    let mut replica = live();
    replica.open(3, storage());
    replica.open(4, storage());
    for seq in [6, 8, 9] {
        assert_eq!(event(&mut replica, seq), Receipt::Fresh(vec![1, 2]));
    }
    assert_eq!(event(&mut replica, 8), Receipt::Repeated);
    assert_eq!(replica.answered(3, replica.round(), at(7)), Join::Apply(vec![8, 9]));
    assert_eq!(replica.answered(4, replica.round(), at(10)), Join::Apply(Vec::new()));
    assert_eq!(event(&mut replica, 10), Receipt::Fresh(vec![1, 2, 3]), "view 4 had it in its answer");
    assert_eq!(event(&mut replica, 11), Receipt::Fresh(vec![1, 2, 3, 4]));
    assert_eq!(replica.answered(1, replica.round(), at(9)), Join::Apply(vec![10, 11]), "a late answer to an earlier refresh");
}

#[test]
fn an_answer_older_than_what_is_kept_is_asked_for_again() {
    let mut replica = live();
    for seq in 6..=10 {
        event(&mut replica, seq);
    }
    assert_eq!(replica.answered(1, replica.round(), at(5)), Join::Again);
    assert_eq!(replica.answered(1, replica.round(), at(6)), Join::Apply(vec![7, 8, 9, 10]));
}

#[test]
fn a_heartbeat_moves_past_what_is_not_for_the_viewer_and_compares_the_counts() {
    let mut replica = live();
    event(&mut replica, 6);
    assert_eq!(replica.heartbeat(at(9), 1), []);
    assert_eq!(replica.resume(), Some(at(9)));
    let ask = Ask::Resync { delivered: 1, reason: ResyncReason::Diverged };
    for (position, delivered) in [(at(9), 2), (at(8), 1), (Position { tag: 1, ..at(9) }, 1), (Position { epoch: 2, ..at(9) }, 1)] {
        let mut replica = replica.clone();
        assert_eq!(replica.heartbeat(position, delivered), std::slice::from_ref(&ask));
        assert_eq!(replica.cursor(), Some(at(9)));
        assert!(!replica.caught_up());
        assert_eq!(replica.heartbeat(position, delivered), [], "once");
        replica.lost();
        assert_eq!(replica.resume(), None, "the doubt outlives the connection");
    }
}

#[test]
fn after_a_resync_everything_is_fetched_and_joined_and_counted_anew() {
    let mut replica = live();
    event(&mut replica, 6);
    let early = replica.round();
    assert_eq!(replica.resync(at(20)), [Ask::Anew(vec![1, 2])]);
    assert_eq!(event(&mut replica, 21), Receipt::Fresh(vec![]));
    assert_eq!(replica.answered(1, early, at(21)), Join::Again, "asked before");
    assert_eq!(replica.answered(1, replica.round(), at(19)), Join::Again, "older than the resync");
    assert_eq!(replica.answered(1, replica.round(), at(20)), Join::Apply(vec![21]));
    assert!(!replica.caught_up());
    assert_eq!(replica.answered(2, replica.round(), at(21)), Join::Apply(Vec::new()));
    assert!(replica.caught_up());
    assert_eq!(replica.heartbeat(at(21), 1), []);
}

#[test]
fn a_refused_resume_fetches_everything_once() {
    let mut replica = live();
    replica.lost();
    assert!(!replica.caught_up());
    assert_eq!(replica.started(&greeting(at(2), 0), &storage()), [Ask::Anew(vec![1, 2])]);
    let round = replica.round();
    assert_eq!(replica.resync(at(2)), []);
    assert_eq!((replica.round(), replica.resume()), (round, Some(at(2))));
}

#[test]
fn new_topics_are_heard_from_where_the_server_says() {
    let mut replica = live();
    let aip = Topic::Aip(Uuid::nil());
    replica.open(3, aip.into());
    assert_eq!(replica.answered(3, replica.round(), at(6)), Join::Apply(Vec::new()), "shown, though not live");
    assert_eq!(event(&mut replica, 7), Receipt::Fresh(vec![1, 2]));
    assert!(!replica.caught_up());
    let both = Topics::of([Topic::Storage, aip]).expect("two");
    assert_eq!(replica.subscribed(&both, at(8)), [Ask::Fetch(vec![3])], "what was between 6 and 8 was not heard");
    assert_eq!(replica.answered(3, replica.round(), at(7)), Join::Again);
    assert_eq!(replica.answered(3, replica.round(), at(8)), Join::Apply(Vec::new()));
    assert!(replica.caught_up());
    assert_eq!(replica.subscribed(&storage(), at(8)), []);
    assert_eq!(event(&mut replica, 9), Receipt::Fresh(vec![1, 2]));
}

#[test]
fn another_log_is_shown_but_not_joined() {
    let mut replica = live();
    assert_eq!(replica.answered(1, replica.round(), Position { epoch: 2, ..at(3) }), Join::OtherLog);
    assert!(!replica.caught_up());
    assert_eq!(replica.ask_resync(ResyncReason::Epoch), [Ask::Resync { delivered: 0, reason: ResyncReason::Epoch }]);
    assert_eq!(event(&mut replica, 6), Receipt::Fresh(vec![2]));
}

#[test]
fn without_tags_it_resumes_a_little_earlier_and_drops_what_comes_again() {
    let mut replica = live();
    assert_eq!(replica.event(6, None, 6), Receipt::Fresh(vec![1, 2]));
    assert_eq!(replica.resume(), Some(at(5)));
    replica.lost();
    assert_eq!(replica.restored(&greeting(at(7), 2), &storage(), at(5)), []);
    assert_eq!(replica.event(6, None, 6), Receipt::Repeated);
    assert_eq!(replica.event(7, None, 7), Receipt::Fresh(vec![1, 2]));
    assert!(replica.caught_up());
    assert_eq!(replica.heartbeat(at(7), 2), []);
}

#[test]
fn a_tab_that_follows_another_server_does_not_trust_what_it_knows_beyond() {
    let mut replica = live();
    event(&mut replica, 6);
    assert_eq!(replica.clone().join(at(5), &storage(), false), [], "it was told before that tab was");
    assert_eq!(replica.clone().join(at(6), &storage(), true), [], "nobody knows more");
    assert_eq!(replica.join(at(5), &storage(), true), [Ask::Anew(vec![1, 2])]);
}

#[test]
fn a_tab_that_leads_and_has_just_begun_to_hear_of_something_is_not_joined_from_before() {
    let aip = Topic::Aip(Uuid::nil());
    let both = Topics::of([Topic::Storage, aip]).expect("two");
    let mut leader = live();
    assert_eq!(leader.subscribed(&both, at(20)), []);
    assert_eq!(leader.cursor(), Some(at(20)), "what was told of the new topic before will never come");
    let mut follower = Replica::<u64>::new(4);
    follower.open(1, aip.into());
    assert_eq!(follower.answered(1, 0, at(12)), Join::Apply(Vec::new()));
    assert_eq!(follower.join(at(20), &both, false), [Ask::Anew(vec![1])]);
    assert_eq!(follower.answered(1, follower.round(), at(20)), Join::Apply(Vec::new()));
    assert!(follower.caught_up());
}

#[test]
fn a_tab_that_knows_more_than_the_one_that_leads_hears_new_topics_from_there() {
    let aip = Topic::Aip(Uuid::nil());
    let both = Topics::of([Topic::Storage, aip]).expect("two");
    let mut replica = live();
    event(&mut replica, 6);
    event(&mut replica, 9);
    replica.open(3, aip.into());
    assert_eq!(replica.answered(3, replica.round(), at(7)), Join::Apply(Vec::new()), "shown, though not live");
    assert_eq!(replica.join(at(6), &both, false), [Ask::Fetch(vec![3])], "8 and 9 are dropped as known when they are relayed");
}

#[test]
fn a_query_from_before_its_topic_was_heard_does_not_count() {
    let mut replica = live();
    assert_eq!(replica.subscribed(&Topics::of([Topic::Storage, Topic::Tasks]).expect("two"), at(8)), []);
    replica.open(3, Topic::Tasks.into());
    assert_eq!(replica.answered(3, replica.round(), at(7)), Join::Again);
    assert_eq!(replica.answered(3, replica.round(), at(8)), Join::Apply(Vec::new()));
}

#[test]
fn an_answer_of_a_log_that_was_taken_back_is_not_mixed_with_what_came_before() {
    let taken_back = Position { tag: 7, ..at(6) };
    let mut replica = live();
    event(&mut replica, 6);
    event(&mut replica, 8);
    assert_eq!(replica.clone().answered(1, replica.round(), taken_back), Join::OtherLog, "another entry stands there now");
    replica.lost();
    assert_eq!(replica.clone().answered(1, replica.round(), Position { tag: 7, ..at(7) }), Join::Again, "what stood there was never told");
    assert_eq!(replica.answered(1, replica.round(), at(8)), Join::Apply(Vec::new()), "nothing is mixed");
}

/// What the newer one showed has versions that the log does not know any more: the older one could not replace it.
#[test]
fn an_older_answer_that_came_without_a_connection_is_doubted_once_there_is_one() {
    let mut replica = live();
    replica.lost();
    for position in [at(7), at(5)] {
        assert_eq!(replica.answered(1, replica.round(), position), Join::Apply(Vec::new()));
    }
    assert_eq!(replica.resume(), Some(at(5)), "which the server knows");
    assert_eq!(replica.restored(&greeting(at(5), 0), &storage(), at(5)), [Ask::Anew(vec![1, 2])]);
    for view in [1, 2] {
        assert_eq!(replica.answered(view, replica.round(), at(5)), Join::Apply(Vec::new()));
    }
    assert!(replica.caught_up());
    replica.lost();
    assert_eq!(replica.restored(&greeting(at(5), 0), &storage(), at(5)), [], "the doubt is over");
}
