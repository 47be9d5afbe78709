use super::*;
use crate::domain::Timestamp;
use proptest::prelude::*;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);

fn greeted(generation: u64) -> Input {
    Input::Greeted { generation, instance: ONE, heartbeat_ms: HEARTBEAT, expires_at: None }
}

fn bye(generation: u64, code: ByeCode, retry_ms: Option<u64>) -> Input {
    Input::Bye { generation, code, retry_ms }
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// Opens whatever attempt is being made.
fn open(machine: &mut Connection, now: u64) {
    let generation = machine.generation();
    assert_eq!(machine.handle(Input::Ticket { generation }, now, 0.5), [Action::OpenSocket { generation }]);
    machine.handle(greeted(generation), now, 0.5);
    machine.handle(Input::CaughtUp { generation }, now, 0.5);
    assert_eq!(machine.status(), Status::Connected);
}

fn connected() -> Connection {
    let mut machine = Connection::default();
    machine.handle(Input::Connect, 0, 0.5);
    open(&mut machine, 0);
    machine
}

#[test]
fn it_is_connected_only_after_greeting_and_catching_up() {
    let mut machine = Connection::default();
    assert_eq!(machine.status(), Status::Disconnected(Cause::Closed));
    assert_eq!(machine.handle(Input::Connect, 0, 0.5), [Action::RequestTicket { generation: 1 }]);
    assert_eq!(machine.status(), Status::Connecting);
    assert_eq!(machine.handle(Input::Ticket { generation: 1 }, 10, 0.5), [Action::OpenSocket { generation: 1 }]);
    assert_eq!(machine.handle(Input::CaughtUp { generation: 1 }, 15, 0.5), []);
    assert_eq!(machine.handle(greeted(1), 20, 0.5), []);
    assert_eq!(machine.status(), Status::Connecting);
    assert_eq!(machine.handle(Input::CaughtUp { generation: 1 }, 30, 0.5), []);
    assert_eq!(machine.status(), Status::Connected);
}

#[test]
fn a_resync_is_not_connected_until_it_is_finished() {
    let mut machine = connected();
    machine.handle(Input::Behind { generation: 1 }, 100, 0.5);
    assert_eq!(machine.status(), Status::Reconnecting { attempt: 1, at: 0 });
    let mut slow = machine;
    assert_eq!(slow.handle(Input::Frame { generation: 1 }, 20_000, 0.5), []);
    assert_eq!(slow.handle(Input::Wake, 100 + CATCH_UP_LIMIT, 1.0), [Action::CloseSocket]);
    machine.handle(Input::CaughtUp { generation: 1 }, 200, 0.5);
    assert_eq!(machine.status(), Status::Connected);
}

#[test]
fn after_a_loss_it_waits_and_tries_again() {
    let mut machine = connected();
    assert_eq!(machine.handle(Input::SocketClosed { generation: 1 }, 40, 1.0), [Action::CloseSocket]);
    assert_eq!(machine.status(), Status::Reconnecting { attempt: 1, at: 540 });
    assert_eq!(machine.handle(Input::Wake, 539, 0.0), []);
    assert_eq!(machine.handle(Input::Wake, 540, 0.0), [Action::RequestTicket { generation: 3 }]);
    assert_eq!(machine.status(), Status::Reconnecting { attempt: 1, at: 0 });
    open(&mut machine, 600);
}

#[test]
fn attempts_are_counted_anew_only_once_settled() {
    let mut machine = connected();
    machine.handle(Input::SocketClosed { generation: 1 }, SETTLED - 1, 1.0);
    machine.handle(Input::TryNow, 6_000, 1.0);
    machine.handle(Input::TicketRefused { generation: 3, why: TicketRefusal::Failed }, 6_001, 1.0);
    assert_eq!(machine.status(), Status::Reconnecting { attempt: 2, at: 7_001 });
    machine.handle(Input::Online, 6_002, 1.0);
    open(&mut machine, 6_005);
    machine.handle(Input::Offline, 6_005 + SETTLED, 1.0);
    assert!(matches!(machine.status(), Status::Reconnecting { attempt: 1, .. }));
}

#[test]
fn silence_is_death_by_the_servers_measure() {
    let mut machine = connected();
    machine.handle(Input::Frame { generation: 1 }, 10_000, 0.0);
    assert_eq!(machine.next_wake(), Some(35_000));
    assert_eq!(machine.handle(Input::Visible, 34_999, 0.0), []);
    assert_eq!(machine.handle(Input::Visible, 35_000, 0.0), [Action::CloseSocket]);

    let mut quick = Connection::default();
    quick.handle(Input::Connect, 0, 0.5);
    quick.handle(Input::Ticket { generation: 1 }, 0, 0.5);
    quick.handle(Input::Greeted { generation: 1, instance: ONE, heartbeat_ms: 2_000, expires_at: None }, 0, 0.5);
    assert_eq!(quick.next_wake(), Some(5_000));
}

#[test]
fn frames_without_heartbeats_are_a_server_in_trouble() {
    let mut machine = connected();
    for now in (10_000..60_000).step_by(10_000) {
        machine.handle(Input::Frame { generation: 1 }, now, 0.5);
    }
    assert_eq!(machine.next_wake(), Some(HEARTBEAT_LIMIT));
    assert_eq!(machine.handle(Input::Wake, HEARTBEAT_LIMIT, 0.5), [Action::CloseSocket]);
    assert_eq!(machine.status(), Status::Suspended { why: Why::Restarting, at: HEARTBEAT_LIMIT + 2_000 });
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
}

#[test]
fn without_a_sign_in_no_attempts_are_made() {
    let mut refused = Connection::default();
    refused.handle(Input::Connect, 0, 0.5);
    refused.handle(Input::TicketRefused { generation: 1, why: TicketRefusal::SignedOut }, 1, 0.5);
    let mut told = connected();
    told.handle(bye(1, ByeCode::SignedOut, Some(5)), 1, 0.5);
    for mut machine in [refused, told] {
        assert_eq!(machine.status(), Status::Disconnected(Cause::SignedOut));
        assert_eq!(machine.next_wake(), None);
        for quiet in [Input::Wake, Input::Online, Input::Hidden, Input::Frozen] {
            assert_eq!(machine.handle(quiet, 99_999, 0.5), []);
        }
        // Whoever comes back to the page may have signed in elsewhere.
        for again in [Input::Connect, Input::Visible] {
            assert!(matches!(machine.clone().handle(again, 99_999, 0.5)[..], [Action::RequestTicket { .. }]));
        }
    }
}

#[test]
fn what_trying_again_will_not_mend_is_an_error_that_says_which() {
    for (why, refusal) in [(TicketRefusal::Forbidden, Refusal::Forbidden), (TicketRefusal::Protocol, Refusal::Protocol)] {
        let mut machine = Connection::default();
        machine.handle(Input::Connect, 0, 0.5);
        machine.handle(Input::TicketRefused { generation: 1, why }, 1, 0.5);
        assert_eq!((machine.status(), machine.next_wake()), (Status::Error(refusal), None));
        assert!(matches!(machine.handle(Input::TryNow, 2, 0.5)[..], [Action::RequestTicket { .. }]));
    }
    let mut machine = connected();
    machine.handle(bye(1, ByeCode::Protocol, None), 1, 0.5);
    assert_eq!(machine.status(), Status::Error(Refusal::Protocol));
}

#[test]
fn a_restart_is_waited_for_at_its_own_pace() {
    let mut machine = connected();
    assert_eq!(machine.handle(bye(1, ByeCode::Restart, Some(700)), 100, 0.5), [Action::CloseSocket]);
    assert_eq!(machine.status(), Status::Suspended { why: Why::Restarting, at: 800 });
    let mut now = 800;
    for random in [0.0, 0.5, 1.0] {
        machine.handle(Input::Wake, now, random);
        assert_eq!(machine.status(), Status::Suspended { why: Why::Restarting, at: 0 });
        let generation = machine.generation();
        machine.handle(Input::TicketRefused { generation, why: TicketRefusal::Failed }, now, random);
        let at = machine.next_wake().expect("there is a next attempt");
        assert!((1_000..=3_000).contains(&(at - now)), "{random}: {at}");
        now = at;
    }
    machine.handle(Input::Wake, now, 0.5);
    let generation = machine.generation();
    assert_eq!(machine.handle(Input::Ticket { generation }, now, 0.5), [Action::OpenSocket { generation }]);
    let restarted = Input::Greeted { generation, instance: TWO, heartbeat_ms: HEARTBEAT, expires_at: None };
    assert_eq!(machine.handle(restarted, now, 0.5), [Action::ServerRestarted]);
    machine.handle(Input::CaughtUp { generation }, now, 0.5);
    machine.handle(Input::SocketClosed { generation }, now, 1.0);
    assert!(matches!(machine.status(), Status::Reconnecting { .. }), "it came back: the next loss is another one");
}

#[test]
fn a_restart_without_end_is_an_outage_unless_the_server_says_otherwise() {
    let busy = |retry_ms| TicketRefusal::Busy { retry_ms };
    for (why, suspended) in [(busy(None), true), (TicketRefusal::Failed, false)] {
        let mut machine = Connection::default();
        machine.handle(Input::Connect, 0, 0.5);
        machine.handle(Input::TicketRefused { generation: 1, why: busy(None) }, 0, 0.5);
        let mut now = 0;
        while now < 2 * RESTART_LIMIT {
            now = machine.next_wake().expect("it goes on trying");
            machine.handle(Input::Wake, now, 0.5);
            let generation = machine.generation();
            machine.handle(Input::TicketRefused { generation, why }, now, 0.5);
        }
        assert_eq!(matches!(machine.status(), Status::Suspended { .. }), suspended, "{why:?}");
    }
}

#[test]
fn the_server_may_say_how_long_to_wait_within_reason() {
    for code in [ByeCode::Expired, ByeCode::TooSlow, ByeCode::TooMany, ByeCode::Idle, ByeCode::Other] {
        let mut machine = connected();
        machine.handle(bye(1, code, Some(12_345)), 10, 0.0);
        assert_eq!(machine.status(), Status::Reconnecting { attempt: 1, at: 12_355 });
        let mut machine = connected();
        machine.handle(bye(1, code, Some(u64::MAX)), 10, 0.0);
        assert_eq!(machine.next_wake(), Some(10 + MAX_RETRY));
    }
}

#[test]
fn a_page_that_is_not_looked_at_gives_its_connection_back() {
    let mut machine = connected();
    assert_eq!(machine.handle(Input::Hidden, 100, 0.5), []);
    for now in (10_000..60_000).step_by(10_000) {
        machine.handle(Input::Heartbeat { generation: 1, server_time: time(0) }, now, 0.5);
    }
    assert_eq!(machine.next_wake(), Some(100 + HIDDEN_LIMIT));
    let mut looked_at = machine;
    assert_eq!(looked_at.handle(Input::Visible, 60_000, 0.5), []);
    assert_eq!(looked_at.next_wake(), Some(75_000));
    assert_eq!(machine.handle(Input::Wake, 100 + HIDDEN_LIMIT, 0.5), [Action::CloseSocket]);
    assert_eq!((machine.status(), machine.next_wake()), (Status::Suspended { why: Why::Away, at: 0 }, None));
    assert!(matches!(machine.handle(Input::Visible, 900_000, 0.5)[..], [Action::RequestTicket { .. }]));
}

#[test]
fn freezing_and_the_back_forward_cache_close_and_resume_at_once() {
    let mut machine = connected();
    assert_eq!(machine.handle(Input::Frozen, 100, 0.5), [Action::CloseSocket]);
    assert_eq!(machine.handle(Input::SocketClosed { generation: 1 }, 101, 0.5), []);
    assert_eq!(machine.handle(Input::Online, 102, 0.5), []);
    assert!(matches!(machine.handle(Input::Visible, 90_000, 0.5)[..], [Action::RequestTicket { .. }]));
}

#[test]
fn a_session_is_renewed_at_four_fifths_of_its_life_whatever_the_readers_clock_says() {
    let mut machine = Connection::default();
    machine.handle(Input::Connect, 0, 0.5);
    machine.handle(Input::Ticket { generation: 1 }, 0, 0.5);
    machine.handle(Input::Greeted { generation: 1, instance: ONE, heartbeat_ms: HEARTBEAT, expires_at: Some(time(1_100)) }, 0, 0.5);
    machine.handle(Input::CaughtUp { generation: 1 }, 0, 0.5);
    let beat = |machine: &mut Connection, now: u64| {
        machine.handle(Input::Heartbeat { generation: 1, server_time: time(1_000 + i64::try_from(now / 1_000).expect("small")) }, now, 0.5);
    };
    (1..=7).for_each(|n| beat(&mut machine, n * 10_000));
    assert_eq!(machine.next_wake(), Some(80_000));
    assert_eq!(machine.handle(Input::Wake, 80_000, 0.5), [Action::Renew { generation: 1 }]);
    assert_eq!(machine.handle(Input::TicketRefused { generation: 1, why: TicketRefusal::Failed }, 80_001, 0.5), []);
    assert_eq!((machine.status(), machine.next_wake()), (Status::Connected, Some(95_000)));
    beat(&mut machine, 90_000);
    assert_eq!(machine.handle(Input::Wake, 96_000, 0.5), [Action::Renew { generation: 1 }]);
    machine.handle(Input::Renewed { generation: 1, expires_at: Some(time(1_200)) }, 96_500, 0.5);
    beat(&mut machine, 100_000);
    assert_eq!(machine.next_wake(), Some(125_000));
    let mut signed_out = machine;
    signed_out.handle(Input::TicketRefused { generation: 1, why: TicketRefusal::SignedOut }, 100_001, 0.5);
    assert_eq!(signed_out.status(), Status::Disconnected(Cause::SignedOut));
}

fn inputs() -> impl Strategy<Value = Input> {
    let generation = 0u64..12;
    let why = prop_oneof![
        Just(TicketRefusal::SignedOut),
        Just(TicketRefusal::Forbidden),
        Just(TicketRefusal::Protocol),
        any::<Option<u64>>().prop_map(|retry_ms| TicketRefusal::Busy { retry_ms }),
        Just(TicketRefusal::Failed),
    ];
    let code = prop_oneof![Just(ByeCode::Restart), Just(ByeCode::SignedOut), Just(ByeCode::TooSlow), Just(ByeCode::Protocol)];
    let expires_at = prop::option::of((0i64..200).prop_map(time)).boxed();
    prop_oneof![
        Just(Input::Connect),
        Just(Input::Disconnect),
        Just(Input::TryNow),
        generation.clone().prop_map(|generation| Input::Ticket { generation }),
        (generation.clone(), why).prop_map(|(generation, why)| Input::TicketRefused { generation, why }),
        (generation.clone(), any::<bool>(), expires_at.clone(), 0u64..20_000).prop_map(|(generation, one, expires_at, heartbeat_ms)| {
            Input::Greeted { generation, instance: if one { ONE } else { TWO }, heartbeat_ms, expires_at }
        }),
        generation.clone().prop_map(|generation| Input::Frame { generation }),
        (generation.clone(), 0i64..100).prop_map(|(generation, at)| Input::Heartbeat { generation, server_time: time(at) }),
        (generation.clone(), expires_at).prop_map(|(generation, expires_at)| Input::Renewed { generation, expires_at }),
        (generation.clone(), code, any::<Option<u64>>()).prop_map(|(generation, code, retry_ms)| Input::Bye { generation, code, retry_ms }),
        generation.clone().prop_map(|generation| Input::SocketClosed { generation }),
        generation.clone().prop_map(|generation| Input::Behind { generation }),
        generation.clone().prop_map(|generation| Input::CaughtUp { generation }),
        generation.prop_map(|generation| Input::CatchUpFailed { generation }),
        Just(Input::Wake),
        Just(Input::Online),
        Just(Input::Offline),
        Just(Input::Hidden),
        Just(Input::Frozen),
        Just(Input::Visible),
    ]
}

/// As `input`, but in three of four cases about the present attempt: otherwise hardly any history would get far.
fn aimed(input: Input, machine: &Connection, random: f64) -> Input {
    let present = machine.generation();
    if random > 0.75 {
        return input;
    }
    match input {
        Input::Ticket { .. } => Input::Ticket { generation: present },
        Input::TicketRefused { why, .. } => Input::TicketRefused { generation: present, why },
        Input::Greeted { instance, heartbeat_ms, expires_at, .. } => {
            Input::Greeted { generation: present, instance, heartbeat_ms, expires_at }
        }
        Input::Bye { code, retry_ms, .. } => Input::Bye { generation: present, code, retry_ms },
        Input::CaughtUp { .. } => Input::CaughtUp { generation: present },
        Input::Behind { .. } => Input::Behind { generation: present },
        other => other,
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
            let input = aimed(input, &machine, random);
            let before = (machine.status(), machine.generation(), machine.next_wake());
            let actions = machine.handle(input, now, random);
            if input.generation().is_some_and(|generation| generation != before.1) {
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
                    Action::OpenSocket { generation } | Action::Renew { generation } => {
                        prop_assert!(socket_or_ticket);
                        prop_assert_eq!(*generation, machine.generation());
                    }
                    Action::CloseSocket => socket_or_ticket = false,
                    Action::ServerRestarted => prop_assert!(socket_or_ticket),
                }
            }
            if machine.status() == Status::Connected && before.0 != Status::Connected {
                let caught_up = matches!(input, Input::CaughtUp { .. });
                prop_assert!(caught_up, "connected too early");
            }
            let resting = matches!(
                machine.status(),
                Status::Disconnected(_) | Status::Error(_) | Status::Suspended { why: Why::Away, .. }
            );
            prop_assert_eq!(machine.next_wake().is_none(), resting);
            prop_assert!(machine.next_wake().is_none_or(|at| at <= now + MAX_RETRY), "too long a wait");
        }
    }

    /// However it was lost, left alone with a server that answers it is connected again.
    #[test]
    fn it_always_comes_back(history in prop::collection::vec((inputs(), 0u64..40_000, 0.0f64..1.0), 0..60)) {
        let mut machine = Connection::default();
        let mut now = 0;
        for (input, wait, random) in history {
            now += wait;
            let input = aimed(input, &machine, random);
            machine.handle(input, now, random);
        }
        let mut actions = machine.handle(Input::Visible, now, 0.5);
        actions.extend(machine.handle(Input::Connect, now, 0.5));
        for _ in 0..20 {
            let mut next = Vec::new();
            for action in actions {
                now += 5;
                next.extend(match action {
                    Action::RequestTicket { generation } => machine.handle(Input::Ticket { generation }, now, 0.5),
                    Action::OpenSocket { generation } => {
                        let mut next = machine.handle(greeted(generation), now, 0.5);
                        next.extend(machine.handle(Input::CaughtUp { generation }, now, 0.5));
                        next
                    }
                    Action::CloseSocket | Action::Renew { .. } | Action::ServerRestarted => Vec::new(),
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
