use super::*;
use proptest::prelude::*;
use serde_json::json;

const LIMITS: Limits = Limits { silence: 100, finished: 1_000, given_up: 5_000, most: 3 };

fn id(text: &str) -> TaskId {
    TaskId::new(text).expect("an id")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn report(state: TaskState, progress: u8, message: &str, second: i64) -> Report {
    Report { progress: Some(progress), message: Some(message.to_owned()), timestamp: Some(at(second)), ..Report::new(state) }
}

fn person(subject: &str) -> Person {
    Person { issuer: "https://id.example".into(), subject: subject.into(), name: subject.into() }
}

fn hear(board: &mut Board, task: &str, owner: Option<&str>, state: TaskState, now: u64) -> Result<Heard, NotTaken> {
    board.report(&id(task), owner.map(person).as_ref(), Report::new(state), at(0), now)
}

#[test]
fn a_task_goes_forward_and_says_what_was_said_last() {
    let mut board = Board::new(LIMITS);
    let mut tell = |report: Report| board.report(&id("a"), Some(&person("ocr")), report, at(90), 0);
    assert_eq!(tell(report(TaskState::Progress, 40, "Page 4", 4)), Ok(Heard::Changed));
    assert_eq!(tell(report(TaskState::Started, 0, "Begins", 1)), Ok(Heard::Changed), "when it began is new");
    assert_eq!(tell(report(TaskState::Progress, 30, "Page 3", 3)), Ok(Heard::Nothing), "late");
    assert_eq!(tell(report(TaskState::Progress, 40, "Page 4", 4)), Ok(Heard::Nothing), "again");
    let result = Report { result: Some(json!({"pages": 9})), ..report(TaskState::Success, 90, "Read", 9) };
    assert_eq!(tell(result), Ok(Heard::Changed));
    assert_eq!(tell(report(TaskState::Failure, 0, "No", 10)), Ok(Heard::Nothing), "it has ended");
    let message = board.message(&id("a")).expect("there");
    assert_eq!((message.state, message.progress, message.message.as_deref()), (TaskState::Success, 100, Some("Read")));
    assert_eq!((message.started_at, message.finished_at, message.timestamp), (Some(at(1)), Some(at(9)), at(9)));
    assert_eq!((message.result, message.source.as_deref(), message.version), (Some(json!({"pages": 9})), Some("ocr"), 5));
}

#[test]
fn silence_is_noticed_and_what_ended_is_let_go() {
    let mut board = Board::new(LIMITS);
    hear(&mut board, "a", Some("x"), TaskState::Started, 0).expect("taken");
    hear(&mut board, "b", Some("x"), TaskState::Success, 0).expect("taken");
    assert_eq!((board.next_due(), board.tick(99)), (Some(100), Passed::default()));
    assert_eq!(board.tick(100), Passed { stalled: vec![id("a")], gone: vec![] });
    assert!(board.message(&id("a")).expect("there").stalled);
    assert_eq!(hear(&mut board, "a", Some("x"), TaskState::Started, 200), Ok(Heard::Changed), "it is heard of again");
    assert_eq!(board.tick(300), Passed { stalled: vec![id("a")], gone: vec![] });
    hear(&mut board, "b", Some("x"), TaskState::Success, 500).expect("that does not make it stay longer");
    assert_eq!((board.next_due(), board.tick(1_000)), (Some(1_000), Passed { stalled: vec![], gone: vec![id("b")] }));
    assert_eq!(hear(&mut board, "b", Some("x"), TaskState::Progress, 1_001), Ok(Heard::Nothing), "late, and over");
    assert_eq!((board.next_due(), board.tick(5_200)), (Some(5_200), Passed { stalled: vec![], gone: vec![id("a")] }));
    assert_eq!((board.next_due(), board.messages()), (None, vec![]));
}

#[test]
fn a_task_is_whose_it_was_first() {
    let mut board = Board::new(LIMITS);
    hear(&mut board, "a", None, TaskState::Started, 0).expect("ours");
    assert_eq!(hear(&mut board, "a", Some("x"), TaskState::Failure, 1), Err(NotTaken::NotYours));
    assert_eq!(board.message(&id("a")).map(|message| (message.state, message.source)), Some((TaskState::Started, None)));
}

#[test]
fn a_task_belongs_to_an_identity_and_shows_its_newest_name() {
    let mut board = Board::new(LIMITS);
    let called = |subject: &str, name: &str| Person { name: name.into(), ..person(subject) };
    let mut tell = |owner: &Person, state| {
        let heard = board.report(&id("a"), Some(owner), Report::new(state), at(1), 0);
        (heard, board.message(&id("a")).and_then(|message| message.source))
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(tell(&called("one", "scanner"), TaskState::Started), (Ok(Heard::Changed), named("scanner")));
    assert_eq!(tell(&called("two", "scanner"), TaskState::Failure), (Err(NotTaken::NotYours), named("scanner")));
    let elsewhere = Person { issuer: "https://other.example".into(), ..called("one", "scanner") };
    assert_eq!(tell(&elsewhere, TaskState::Failure), (Err(NotTaken::NotYours), named("scanner")));
    assert_eq!(tell(&called("one", "scanner 2"), TaskState::Started), (Ok(Heard::Changed), named("scanner 2")));
    assert_eq!(tell(&called("one", "scanner 2"), TaskState::Started), (Ok(Heard::Nothing), named("scanner 2")));
}

#[test]
fn our_own_that_wait_are_neither_stalled_nor_given_up() {
    let mut board = Board::new(LIMITS);
    hear(&mut board, "request", None, TaskState::Pending, 0).expect("ours");
    assert_eq!((board.next_due(), board.tick(LIMITS.given_up)), (None, Passed::default()));
    hear(&mut board, "theirs", Some("x"), TaskState::Pending, 5_000).expect("room");
    assert_eq!((board.next_due(), board.tick(5_100)), (Some(5_100), Passed { stalled: vec![id("theirs")], gone: vec![] }));
    hear(&mut board, "request", None, TaskState::Started, 5_150).expect("ours");
    assert_eq!((board.next_due(), board.tick(5_250)), (Some(5_250), Passed { stalled: vec![id("request")], gone: vec![] }), "at work");
}

#[test]
fn room_is_made_by_those_that_are_missed_least() {
    let mut board = Board::new(LIMITS);
    hear(&mut board, "finished", Some("x"), TaskState::Success, 90).expect("room");
    hear(&mut board, "silent", Some("x"), TaskState::Started, 0).expect("room");
    hear(&mut board, "ours", None, TaskState::Started, 0).expect("room");
    board.tick(100);
    let there = |board: &Board| board.tasks.keys().map(TaskId::as_str).map(str::to_owned).collect::<Vec<_>>();
    hear(&mut board, "p", Some("x"), TaskState::Started, 101).expect("the finished one goes");
    assert_eq!(there(&board), ["ours", "p", "silent"]);
    hear(&mut board, "q", Some("x"), TaskState::Started, 102).expect("the silent one goes");
    assert_eq!(there(&board), ["ours", "p", "q"]);
    assert_eq!(hear(&mut board, "r", Some("x"), TaskState::Started, 103), Err(NotTaken::Full));
    hear(&mut board, "ours-too", None, TaskState::Started, 104).expect("p goes");
    assert_eq!(there(&board), ["ours", "ours-too", "q"]);
}

#[test]
fn our_own_transfers_say_how_far_they_are() {
    let mut board = Board::new(LIMITS);
    let bytes = |done| Transfer { done, total: 200, per_second: Some(50), seconds_left: Some(1) };
    for done in [50, 150, 100] {
        let report = Report { transfer: Some(bytes(done)), aip_uuid: Some(Uuid::from_u128(7)), ..Report::new(TaskState::Progress) };
        board.report(&id("a"), None, report, at(1), 0).expect("room");
    }
    let message = board.message(&id("a")).expect("there");
    assert_eq!((message.progress, message.transfer, message.aip_uuid), (75, Some(bytes(100)), Some(Uuid::from_u128(7))));
}

/// Reports of one task that ends in at most one way.
fn reports() -> impl Strategy<Value = Vec<Report>> {
    prop_oneof![Just(TaskState::Success), Just(TaskState::Failure)].prop_flat_map(|end| {
        let state = prop_oneof![Just(TaskState::Pending), Just(TaskState::Started), Just(TaskState::Progress), Just(end)];
        let text = |n: u8| (n > 0).then(|| format!("m{n}"));
        let one = (state, prop::option::of(0u8..=100), 0u8..4, 0u8..4, 0i64..6);
        prop::collection::vec(
            one.prop_map(move |(state, progress, message, result, second)| Report {
                progress,
                message: text(message),
                name: text(result),
                result: text(result).map(Value::from),
                timestamp: Some(at(second)),
                ..Report::new(state)
            }),
            1..8,
        )
    })
}

proptest! {
    /// Whatever the order, and however often: the task is the same in the end.
    #[test]
    fn order_and_repetition_do_not_matter(
        (first, second) in reports().prop_flat_map(|reports| {
            let again = prop::collection::vec(prop::sample::select(reports.clone()), 0..6);
            let other = (Just(reports.clone()).prop_shuffle(), again).prop_map(|(mut reports, again)| { reports.extend(again); reports }).prop_shuffle();
            (Just(reports), other)
        }),
    ) {
        let play = |reports: Vec<Report>| {
            let mut board = Board::new(LIMITS);
            for report in reports { board.report(&id("a"), None, report, at(9), 0).expect("room"); }
            TaskMessage { version: 0, ..board.message(&id("a")).expect("there") }
        };
        prop_assert_eq!(play(first), play(second));
    }

    /// Whatever is reported by whomever: states and progress go forward, what was told as changed differs from before, a repetition
    /// changes nothing, and there are never too many.
    #[test]
    fn tasks_only_go_forward(steps in prop::collection::vec((0u8..6, any::<bool>(), reports(), 0u64..900), 0..30)) {
        let (mut board, mut now) = (Board::new(LIMITS), 0);
        for (task, ours, reports, wait) in steps {
            now += wait;
            let waiting = |kept: &Kept| kept.task.owner.is_none() && kept.task.state == TaskState::Pending;
            let waited: Vec<_> = board.tasks.iter().filter(|(_, kept)| waiting(kept)).map(|(id, _)| id.clone()).collect();
            let passed = board.tick(now);
            prop_assert!(waited.iter().all(|id| board.message(id).is_some_and(|message| !message.stalled)));
            prop_assert!(passed.gone.iter().all(|id| board.message(id).is_none()));
            prop_assert!(passed.stalled.iter().all(|id| board.message(id).is_some_and(|message| message.stalled)));
            prop_assert!(board.next_due().is_none_or(|due| due > now));
            let (id, owner) = (id(&format!("t{task}")), (!ours).then(|| person("x")));
            for report in reports {
                let before = board.message(&id);
                let heard = board.report(&id, owner.as_ref(), report.clone(), at(9), now);
                let after = board.message(&id);
                match (&before, &after) {
                    (Some(before), Some(after)) => {
                        prop_assert!(after.state.rank() >= before.state.rank() && after.progress >= before.progress);
                        prop_assert!(!before.state.is_final() || after.state == before.state);
                        prop_assert_eq!(heard == Ok(Heard::Changed), after.version > before.version);
                        prop_assert!(heard == Ok(Heard::Changed) || before == after);
                    }
                    (None, after) => prop_assert_eq!(heard == Ok(Heard::Changed), after.is_some()),
                    (Some(_), None) => prop_assert!(false, "a report made its task go"),
                }
                if heard.is_ok() {
                    prop_assert_eq!(board.report(&id, owner.as_ref(), report, at(9), now), Ok(Heard::Nothing));
                }
                let foreign = board.tasks.values().filter(|kept| kept.task.owner.is_some()).count();
                prop_assert!(foreign <= LIMITS.most && board.past.len() <= LIMITS.most);
            }
        }
    }
}
