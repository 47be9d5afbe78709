use super::*;
use proptest::prelude::*;

fn connected() -> Connection {
    let mut machine = Connection::default();
    machine.handle(Input::Connect, 0, 0.5);
    machine.handle(Input::Ticket { generation: 1 }, 10, 0.5);
    machine.handle(Input::Frame { generation: 1 }, 20, 0.5);
    machine.handle(Input::CaughtUp { generation: 1 }, 30, 0.5);
    assert_eq!(machine.status(), Status::Connected);
    machine
}

#[test]
fn it_is_connected_only_after_greeting_and_catching_up() {
    let mut machine = Connection::default();
    assert_eq!(machine.handle(Input::Connect, 0, 0.5), [Action::RequestTicket { generation: 1 }]);
    assert_eq!(machine.status(), Status::Connecting);
    assert_eq!(machine.handle(Input::Ticket { generation: 1 }, 10, 0.5), [Action::OpenSocket { generation: 1 }]);
    assert_eq!(machine.handle(Input::Frame { generation: 1 }, 20, 0.5), [Action::CatchUp { generation: 1, everything: false }]);
    assert_eq!(machine.status(), Status::Connecting);
    assert_eq!(machine.handle(Input::CaughtUp { generation: 1 }, 30, 0.5), []);
    assert_eq!(machine.status(), Status::Connected);
}

#[test]
fn after_a_loss_everything_is_fetched_again() {
    let mut machine = connected();
    assert_eq!(machine.handle(Input::SocketClosed { generation: 1 }, 40, 1.0), [Action::CloseSocket]);
    assert_eq!(machine.status(), Status::Reconnecting { attempt: 1, at: 540 });
    assert_eq!(machine.handle(Input::Wake, 539, 0.0), []);
    assert_eq!(machine.handle(Input::Wake, 540, 0.0), [Action::RequestTicket { generation: 3 }]);
    machine.handle(Input::Ticket { generation: 3 }, 550, 0.0);
    assert_eq!(machine.handle(Input::Frame { generation: 3 }, 560, 0.0), [Action::CatchUp { generation: 3, everything: true }]);
    assert_eq!(machine.status(), Status::Reconnecting { attempt: 1, at: 0 });
    machine.handle(Input::CaughtUp { generation: 3 }, 570, 0.0);
    assert_eq!(machine.status(), Status::Connected);
}

#[test]
fn attempts_are_counted_anew_only_once_settled() {
    let mut machine = connected();
    machine.handle(Input::SocketClosed { generation: 1 }, 30 + SETTLED - 1, 1.0);
    machine.handle(Input::TryNow, 6_000, 1.0);
    machine.handle(Input::TicketRefused { generation: 3, signed_out: false }, 6_001, 1.0);
    assert!(matches!(machine.status(), Status::Reconnecting { attempt: 2, at: 7_001 }));
    machine.handle(Input::Online, 6_002, 1.0);
    machine.handle(Input::Ticket { generation: 5 }, 6_003, 1.0);
    machine.handle(Input::Frame { generation: 5 }, 6_004, 1.0);
    machine.handle(Input::CaughtUp { generation: 5 }, 6_005, 1.0);
    machine.handle(Input::Offline, 6_005 + SETTLED, 1.0);
    assert!(matches!(machine.status(), Status::Reconnecting { attempt: 1, .. }));
}

#[test]
fn silence_is_death() {
    let mut machine = connected();
    machine.handle(Input::Frame { generation: 1 }, 10_000, 0.0);
    assert_eq!(machine.next_wake(), Some(10_000 + WATCHDOG));
    assert_eq!(machine.handle(Input::PageShown, 10_000 + WATCHDOG - 1, 0.0), []);
    assert_eq!(machine.handle(Input::PageShown, 10_000 + WATCHDOG, 0.0), [Action::CloseSocket]);
}

#[test]
fn an_attempt_that_hangs_is_given_up() {
    for answer in [None, Some(Input::Ticket { generation: 1 })] {
        let mut machine = Connection::default();
        machine.handle(Input::Connect, 0, 0.0);
        if let Some(answer) = answer {
            machine.handle(answer, 1, 0.0);
        }
        assert_eq!(machine.handle(Input::Wake, ATTEMPT_LIMIT, 0.0), [Action::CloseSocket]);
    }
    let mut machine = Connection::default();
    machine.handle(Input::Connect, 0, 0.0);
    machine.handle(Input::Ticket { generation: 1 }, 1, 0.0);
    machine.handle(Input::Frame { generation: 1 }, 2, 0.0);
    machine.handle(Input::Frame { generation: 1 }, 20_000, 0.0);
    assert_eq!(machine.next_wake(), Some(2 + CATCH_UP_LIMIT));
}

#[test]
fn without_a_sign_in_no_attempts_are_made() {
    let mut machine = Connection::default();
    machine.handle(Input::Connect, 0, 0.5);
    machine.handle(Input::TicketRefused { generation: 1, signed_out: true }, 1, 0.5);
    assert_eq!(machine.status(), Status::Disconnected(Cause::SignedOut));
    assert_eq!(machine.next_wake(), None);
    for quiet in [Input::Wake, Input::Online, Input::PageShown] {
        assert_eq!(machine.handle(quiet, 99_999, 0.5), []);
    }
}

#[test]
fn the_back_forward_cache_closes_and_resumes_at_once() {
    let mut machine = connected();
    assert_eq!(machine.handle(Input::PageHidden, 100, 0.5), [Action::CloseSocket]);
    assert_eq!(machine.handle(Input::SocketClosed { generation: 1 }, 101, 0.5), []);
    assert!(matches!(machine.handle(Input::PageShown, 90_000, 0.5)[..], [Action::RequestTicket { .. }]));
}

fn inputs() -> impl Strategy<Value = Input> {
    let generation = 0u64..12;
    prop_oneof![
        Just(Input::Connect),
        Just(Input::Disconnect),
        Just(Input::TryNow),
        generation.clone().prop_map(|generation| Input::Ticket { generation }),
        (generation.clone(), any::<bool>()).prop_map(|(generation, signed_out)| Input::TicketRefused { generation, signed_out }),
        generation.clone().prop_map(|generation| Input::Frame { generation }),
        generation.clone().prop_map(|generation| Input::SocketClosed { generation }),
        generation.clone().prop_map(|generation| Input::CaughtUp { generation }),
        generation.prop_map(|generation| Input::CatchUpFailed { generation }),
        Just(Input::Wake),
        Just(Input::Online),
        Just(Input::Offline),
        Just(Input::PageHidden),
        Just(Input::PageShown),
    ]
}

fn answers(input: Input) -> Option<u64> {
    match input {
        Input::Ticket { generation }
        | Input::TicketRefused { generation, .. }
        | Input::Frame { generation }
        | Input::SocketClosed { generation }
        | Input::CaughtUp { generation }
        | Input::CatchUpFailed { generation } => Some(generation),
        _ => None,
    }
}

proptest! {
    /// Whatever happens in whatever order: what comes from an earlier attempt changes nothing; a new attempt is made only when
    /// nothing of the earlier one is left; and while live updates are wanted there is a next moment to look.
    #[test]
    fn it_holds_its_invariants(history in prop::collection::vec((inputs(), 0u64..40_000, 0.0f64..1.0), 0..120)) {
        let mut machine = Connection::default();
        let (mut now, mut socket_or_ticket) = (0, false);
        for (input, wait, random) in history {
            now += wait;
            let before = (machine.status(), machine.generation(), machine.next_wake());
            let actions = machine.handle(input, now, random);
            if answers(input).is_some_and(|generation| generation != before.1) {
                prop_assert!(actions.is_empty());
                prop_assert_eq!((machine.status(), machine.generation(), machine.next_wake()), before);
            }
            for action in &actions {
                match action {
                    Action::RequestTicket { generation } => {
                        prop_assert!(!socket_or_ticket, "two at a time");
                        prop_assert_eq!(*generation, machine.generation());
                        socket_or_ticket = true;
                    }
                    Action::OpenSocket { generation } | Action::CatchUp { generation, .. } => {
                        prop_assert!(socket_or_ticket);
                        prop_assert_eq!(*generation, machine.generation());
                    }
                    Action::CloseSocket => socket_or_ticket = false,
                }
            }
            if machine.status() == Status::Connected && before.0 != Status::Connected {
                let caught_up = matches!(input, Input::CaughtUp { .. });
                prop_assert!(caught_up, "connected too early");
            }
            let resting = matches!(machine.status(), Status::Disconnected(_)) || matches!(machine.state, State::Away);
            prop_assert_eq!(machine.next_wake().is_none(), resting);
        }
    }

    /// However it was lost, left alone with a server that answers it is connected again.
    #[test]
    fn it_always_comes_back(history in prop::collection::vec((inputs(), 0u64..40_000, 0.0f64..1.0), 0..60)) {
        let mut machine = Connection::default();
        let mut now = 0;
        for (input, wait, random) in history {
            now += wait;
            machine.handle(input, now, random);
        }
        let mut actions = machine.handle(Input::PageShown, now, 0.5);
        actions.extend(machine.handle(Input::Connect, now, 0.5));
        for _ in 0..20 {
            let mut next = Vec::new();
            for action in actions {
                now += 5;
                next.extend(match action {
                    Action::RequestTicket { generation } => machine.handle(Input::Ticket { generation }, now, 0.5),
                    Action::OpenSocket { generation } => machine.handle(Input::Frame { generation }, now, 0.5),
                    Action::CatchUp { generation, .. } => machine.handle(Input::CaughtUp { generation }, now, 0.5),
                    Action::CloseSocket => Vec::new(),
                });
            }
            if machine.status() == Status::Connected {
                return Ok(());
            }
            if next.is_empty() {
                now = machine.next_wake().unwrap_or(now);
                next = machine.handle(Input::Wake, now, 0.5);
            }
            actions = next;
        }
        prop_assert!(false, "not connected: {:?}", machine);
    }
}
