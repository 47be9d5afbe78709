//! The protocol, explored (`realtime.md` section 9): one log, one server that restarts and may lose its newest entry, two clients
//! of which one sees less, connections that are cut and once lose or repeat a frame, retention of 2.
//!
//! [`world`] is what there is and what can happen; the decisions in it are those of the real [`Session`](super::session::Session),
//! [`resumption`](super::resume::resumption), [`Replica`](super::client::replica::Replica) and
//! [`Versions`](super::client::versions::Versions). Here the checker goes through every order of what can happen within a budget, and
//! random walks go further than that. Each deliberate [`Mistake`] is made at a seam of the world, and has to be found.
//!
//! What the world takes for granted: a connection that loses or repeats a frame, which TCP does not, lives until its next
//! heartbeat tells of it, because counts end with the connection; and a log that is taken back keeps its epoch only if no answer
//! on a screen was read after its position from what was then lost, since otherwise the epoch has to change, as `realtime.md`
//! section 1 demands.

mod world;

use proptest::prelude::*;
use stateright::{Checker, HasDiscoveries, Model, Property};
use world::{Action, Budget, Mistake, State, World};

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.begin()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.possible(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        self.step(&mut next, action);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let all = vec![
            Property::always(IN_ORDER, |_, state: &State| !state.seen.disorder),
            Property::always(ONCE, |_, state: &State| state.screens_are_true()),
            Property::always(ALLOWED, |_, state: &State| !state.seen.leak),
            Property::always(MENDED, |world: &Self, state: &State| !Self::is_calm(state) || world.mends(state)),
            Property::always(NOTICED, |_, state: &State| !state.seen.unnoticed),
            Property::always(NEEDED, |_, state: &State| !state.seen.needless),
            Property::always(FORWARD, |_, state: &State| !state.seen.backwards),
            Property::sometimes(REPLAY, |_, state: &State| state.seen.replay),
            Property::sometimes(RESYNC, |_, state: &State| state.seen.resync),
            Property::sometimes(DROPPED, |_, state: &State| state.seen.repeated),
        ];
        all.into_iter().filter(|property| self.properties.contains(&property.name)).collect()
    }
}

const IN_ORDER: &str = "I1 applied seq rises";
const ONCE: &str = "I2 every visible event is on the screen once, in order";
const ALLOWED: &str = "I3 nothing is sent that may not be seen";
const MENDED: &str = "I4 when faults stop, every screen equals the server's state";
const NOTICED: &str = "I5 a lost or repeated frame does not survive a heartbeat";
const NEEDED: &str = "no resync for entries that were not for the viewer";
const FORWARD: &str = "no screen goes back to an older version";
const REPLAY: &str = "a replay is reached";
const RESYNC: &str = "a resync is reached";
const DROPPED: &str = "a duplicate is dropped";
const ALL: [&str; 10] = [IN_ORDER, ONCE, ALLOWED, MENDED, NOTICED, NEEDED, FORWARD, REPLAY, RESYNC, DROPPED];
const ALWAYS: [&str; 7] = [IN_ORDER, ONCE, ALLOWED, MENDED, NOTICED, NEEDED, FORWARD];

/// What a budget allows, explored to its end: nothing is wrong anywhere, and these are reached.
fn explore(viewers: &'static [bool], budget: Budget, reached: &[&'static str]) {
    let checked = World { viewers, budget, mistake: None, properties: &ALL }.checker().threads(2).spawn_bfs().join();
    println!("{} states, {} transitions", checked.unique_state_count(), checked.state_count());
    for name in ALWAYS {
        checked.assert_no_discovery(name);
    }
    for name in reached {
        checked.assert_any_discovery(name);
    }
}

#[test]
fn two_clients_see_the_truth_through_a_restart() {
    let budget = Budget { appends: 2, restarts: 1, ..Budget::default() };
    explore(&[true, false], budget, &[REPLAY, RESYNC]);
}

#[test]
fn retention_and_invisible_entries_are_survived() {
    let budget = Budget { appends: 4, cuts: 1, heartbeats: 1, ..Budget::default() };
    explore(&[false], budget, &[REPLAY, RESYNC]);
}

#[test]
fn answers_that_nothing_asked_for_are_joined() {
    let budget = Budget { appends: 2, cuts: 1, restarts: 1, refreshes: 1, ..Budget::default() };
    explore(&[true], budget, &[REPLAY, RESYNC]);
}

#[test]
fn lost_and_repeated_frames_are_noticed() {
    let budget = Budget { appends: 2, cuts: 1, heartbeats: 2, damages: 1, ..Budget::default() };
    explore(&[true], budget, &[REPLAY, RESYNC, DROPPED]);
}

/// The counterexample to a mistake.
fn find(mistake: Mistake, viewers: &'static [bool], budget: Budget, properties: &'static [&'static str]) {
    let checked =
        World { viewers, budget, mistake: Some(mistake), properties }.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    println!("{mistake:?}: {} states", checked.unique_state_count());
    assert!(!checked.discoveries().is_empty(), "{mistake:?} was not found");
    let correct = World { viewers, budget, mistake: None, properties }.checker().spawn_bfs().join();
    assert!(correct.discoveries().is_empty(), "found without the mistake");
}

#[test]
fn without_the_tag_a_log_that_was_taken_back_is_not_noticed() {
    find(Mistake::NoTagCheck, &[true], Budget { appends: 3, restarts: 1, ..Budget::default() }, &[ONCE]);
}

#[test]
fn who_applies_before_advancing_applies_twice() {
    find(Mistake::AppliedBeforeAdvancing, &[true], Budget { appends: 2, cuts: 1, ..Budget::default() }, &[IN_ORDER]);
}

#[test]
fn data_that_is_read_before_its_position_misses_what_was_between() {
    find(Mistake::DataBeforePosition, &[true], Budget { appends: 2, refreshes: 1, ..Budget::default() }, &[ONCE]);
}

#[test]
fn frames_of_an_earlier_socket_do_harm() {
    find(Mistake::StaleSocket, &[true], Budget { appends: 3, restarts: 1, ..Budget::default() }, &[ONCE]);
}

#[test]
fn a_cursor_that_stays_before_invisible_entries_is_too_old_for_nothing() {
    find(Mistake::CursorStays, &[false], Budget { appends: 3, cuts: 1, heartbeats: 1, ..Budget::default() }, &[NEEDED]);
}

#[test]
fn without_versions_old_changes_are_applied_to_newer_data() {
    find(Mistake::NoVersions, &[true], Budget { appends: 2, refreshes: 1, ..Budget::default() }, &[ONCE]);
}

proptest! {
    /// Far longer histories than can be explored, at random: the same world, the same truths.
    #[test]
    fn long_histories_hold_the_same_truths(choices in prop::collection::vec(any::<prop::sample::Index>(), 0..400)) {
        let many = u8::MAX;
        let budget = Budget { appends: 40, cuts: many, restarts: 10, heartbeats: many, refreshes: many, damages: many };
        let world = World { viewers: &[true, false], budget, mistake: None, properties: &[] };
        let mut state = world.begin();
        let mut actions = Vec::new();
        for choice in choices {
            actions.clear();
            world.possible(&state, &mut actions);
            world.step(&mut state, *choice.get(&actions));
            prop_assert!(!state.seen.any_wrong(), "{:?}", state.seen);
            prop_assert!(state.screens_are_true(), "{:#?}", state);
        }
        prop_assert!(world.mends(&state), "{:#?}", state);
    }
}
