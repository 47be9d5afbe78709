use super::*;
use crate::{
    domain::Timestamp,
    realtime::{
        client::replica::{Ask, Join, Receipt, Replica},
        protocol::{Greeting, ServerFrame},
    },
};
use proptest::prelude::*;
use std::collections::VecDeque;

fn id(n: usize) -> Uuid {
    Uuid::from_u128(n as u128)
}

fn storage() -> Topics {
    Topic::Storage.into()
}

fn serving(topics: Topics) -> Serving {
    Serving { instance: id(0), heartbeat_ms: 10_000, cursor: at(5), topics }
}

fn leads(tab: usize, state: Leading) -> Message {
    Message::Leads { tab: id(tab), state }
}

#[test]
fn the_one_that_leads_wants_what_all_want() {
    let (mut first, mut second) = (Tabs::new(id(1)), Tabs::new(id(2)));
    assert!(first.want(storage(), 0).is_some() && first.want(storage(), 1).is_none(), "nothing new");
    let wish = second.want(Topic::Tasks.into(), 0).expect("new");
    assert_eq!(first.heard(&wish, 1), None);
    assert_eq!(first.wanted(), storage(), "its own connection is for itself alone");
    first.lead();
    assert!(first.leads() && first.has_followers() && !second.leads());
    assert_eq!(first.wanted(), Topics::of([Topic::Storage, Topic::Tasks]).expect("two"));
    assert_eq!(second.heard(&leads(1, Leading::Connecting), 1), Some(wish), "it may not know of it yet");
    assert!(second.follows(id(1)));
    assert_eq!(second.heard(&leads(1, Leading::Serves(serving(storage()))), 1), None);
    let mut silent = first.clone();
    assert_eq!(silent.tick(1 + SILENCE), Some(Message::Wants { tab: id(1), topics: storage(), asks: false }));
    assert_eq!((silent.wanted(), silent.tick(2 + SILENCE)), (storage(), None));
    first.heard(&second.leave(), 2);
    assert_eq!((first.wanted(), first.has_followers()), (storage(), false));
}

#[test]
fn an_attempt_goes_the_way_that_there_is() {
    let mut tabs = Tabs::new(id(1));
    assert_eq!(tabs.attempt(10), Some(Message::Wants { tab: id(1), topics: Topics::none(), asks: true }));
    assert_eq!(tabs.way(10), Way::Unknown { until: 10 + PATIENCE });
    tabs.heard(&leads(2, Leading::Connecting), 11);
    assert_eq!(tabs.way(10 + PATIENCE), Way::Unknown { until: u64::MAX });
    tabs.heard(&leads(2, Leading::Serves(serving(storage()))), 12);
    assert_eq!((tabs.way(12), tabs.is_asking()), (Way::Shared(serving(storage())), false));
    tabs.attempt(20);
    assert!(!tabs.is_served());
    assert_eq!(tabs.way(21), Way::Own, "following came to nothing");
    tabs.proven();
    assert_eq!((tabs.is_served(), tabs.attempt(30)), (true, None), "it is known who leads");
    tabs.heard(&leads(2, Leading::SignedOut), 31);
    assert_eq!(tabs.way(31), Way::Refused(TicketRefusal::SignedOut));
    tabs.heard(&leads(2, Leading::Serves(serving(storage()))), 32);
    tabs.missed(id(3));
    assert!(tabs.is_served());
    tabs.missed(id(2));
    assert!(tabs.attempt(33).is_some(), "it has gone on since it said where it stands");
    tabs.heard(&leads(2, Leading::Serves(serving(storage()))), 34);
    tabs.ended(false);
    assert!(!tabs.is_asking() && tabs.is_served());
    tabs.ended(true);
    assert!(tabs.attempt(40).is_some());
    assert_eq!(tabs.way(40), Way::Unknown { until: 40 + PATIENCE }, "it fell silent");
    assert_eq!(tabs.way(40 + PATIENCE), Way::Own, "nobody leads, or whoever does is stuck");
    tabs.lead();
    assert_eq!(tabs.attempt(50), None);
    assert_eq!((tabs.heard(&leads(2, Leading::Failing), 50), tabs.way(50)), (None, Way::Own));
}

#[test]
fn what_tabs_say_is_understood_by_tabs() {
    let relay = Message::Relay { tab: id(1), after: at(4), topics: storage(), text: r#"{"seq":5}"#.to_owned() };
    for message in [relay, leads(1, Leading::Serves(serving(storage()))), leads(1, Leading::Failing), Message::TryNow] {
        let text = serde_json::to_string(&message).expect("JSON");
        assert_eq!(serde_json::from_str::<Message>(&text).expect("read back"), message);
    }
}

#[test]
fn too_many_wishes_leave_the_own_ones() {
    let mut tabs = Tabs::new(id(0));
    tabs.want(storage(), 0);
    for n in 1..200 {
        let topics = Topics::of((0..100).map(|m| Topic::Aip(Uuid::from_u128(n * 1_000 + m)))).expect("a hundred");
        tabs.heard(&Message::Wants { tab: Uuid::from_u128(n), topics, asks: false }, 0);
    }
    tabs.lead();
    assert!(tabs.wanted().len() == MAX_TOPICS && tabs.wanted().contains(Topic::Storage));
    assert_eq!(tabs.others.len(), MOST);
}

const TABS: usize = 3;
const VIEW: u64 = 1;

fn at(seq: u64) -> Position {
    Position { epoch: 1, seq, tag: seq }
}

/// What is relayed: an event's seq, or a control frame.
#[derive(Debug, Clone)]
enum Frame {
    Event(u64),
    Control(ServerFrame),
}

struct Tab {
    alive: bool,
    replica: Replica<u64>,
    screen: Vec<u64>,
    inbox: VecDeque<(Position, Frame)>,
    wants: bool,
    query: Option<(u64, u64)>,
}

/// A log of which every third entry is for nobody, three tabs, one of which leads.
struct Browser {
    log: u64,
    tabs: Vec<Tab>,
    leader: Option<usize>,
    sent: u64,
    delivered: u64,
}

fn visible(from: u64, to: u64) -> impl Iterator<Item = u64> {
    (from + 1..=to).filter(|seq| !seq.is_multiple_of(3))
}

impl Browser {
    fn new() -> Self {
        let tab = || {
            let mut replica = Replica::new(8);
            replica.open(VIEW, storage());
            replica.answered(VIEW, replica.round(), at(0));
            Tab { alive: true, replica, screen: Vec::new(), inbox: VecDeque::new(), wants: false, query: None }
        };
        Self { log: 0, tabs: (0..TABS).map(|_| tab()).collect(), leader: None, sent: 0, delivered: 0 }
    }

    /// A tab is given the lock, connects and resumes from its own cursor.
    fn lead(&mut self, number: usize) {
        if self.leader.is_some() || !self.tabs[number].alive {
            return;
        }
        self.leader = Some(number);
        self.tabs[number].inbox.clear();
        let resume = self.tabs[number].replica.resume();
        let from = resume.map_or(self.log, |resume| resume.seq);
        let replayed = visible(from, self.log).count() as u64;
        let greeting =
            Greeting { session_id: id(0), instance_id: id(0), position: at(self.log), replayed, heartbeat_ms: 1, expires_at: None };
        (self.sent, self.delivered) = (if replayed == 0 { self.log } else { from }, 0);
        self.leader_takes(Frame::Control(if resume.is_some() { ServerFrame::Restored(greeting) } else { ServerFrame::Started(greeting) }));
    }

    /// The server sends what the leader has not been sent.
    fn serve(&mut self) {
        while self.leader.is_some() && self.sent < self.log {
            self.sent += 1;
            if !self.sent.is_multiple_of(3) {
                self.delivered += 1;
                self.leader_takes(Frame::Event(self.sent));
            }
        }
    }

    fn heartbeat(&mut self) {
        let server_time = Timestamp::from_micros(0);
        self.leader_takes(Frame::Control(ServerFrame::Heartbeat { position: at(self.sent), delivered: self.delivered, server_time }));
    }

    fn leader_takes(&mut self, frame: Frame) {
        let Some(leader) = self.leader else { return };
        let tab = &mut self.tabs[leader];
        let after = tab.replica.cursor().or_else(|| tab.replica.resume()).unwrap_or(at(self.sent));
        let asks = match &frame {
            Frame::Event(seq) => tab.take(*seq),
            Frame::Control(ServerFrame::Restored(greeting)) => tab.replica.restored(greeting, &storage(), after),
            Frame::Control(ServerFrame::Started(greeting)) => tab.replica.started(greeting, &storage()),
            Frame::Control(ServerFrame::Heartbeat { position, delivered, .. }) => tab.replica.heartbeat(*position, *delivered),
            Frame::Control(_) => Vec::new(),
        };
        assert!(!asks.iter().any(|ask| matches!(ask, Ask::Resync { .. })), "its own connection is sound");
        tab.wants |= !asks.is_empty();
        for (number, tab) in self.tabs.iter_mut().enumerate() {
            if number != leader && tab.alive {
                tab.inbox.push_back((after, frame.clone()));
            }
        }
    }
}

impl Tab {
    fn take(&mut self, seq: u64) -> Vec<Ask> {
        if let Receipt::Fresh(takers) = self.replica.event(seq, Some(seq), seq)
            && takers == [VIEW]
        {
            self.screen.push(seq);
        }
        Vec::new()
    }

    fn follow(&mut self, (after, frame): (Position, Frame)) {
        let mut asks = self.replica.relayed(after, &storage());
        asks.extend(match frame {
            Frame::Event(seq) => self.take(seq),
            Frame::Control(frame) => self.replica.follow(&frame),
        });
        self.wants |= !asks.is_empty();
    }

    fn answer(&mut self) {
        let Some((round, seq)) = self.query.take() else { return };
        match self.replica.answered(VIEW, round, at(seq)) {
            Join::Apply(events) => {
                self.screen = visible(0, seq).collect();
                self.screen.extend(events);
            }
            _ => self.wants = true,
        }
    }
}

#[test]
fn what_comes_twice_or_late_does_no_harm_and_what_is_missing_is_fetched() {
    let mut browser = Browser::new();
    browser.lead(0);
    browser.log = 5;
    browser.serve();
    browser.heartbeat();
    let relays: Vec<_> = browser.tabs[1].inbox.drain(..).collect();
    let late = &relays[..relays.len() - 1];
    for relay in relays.iter().chain(late) {
        browser.tabs[1].follow(relay.clone());
    }
    assert!(!browser.tabs[1].wants && browser.tabs[1].replica.caught_up());
    assert_eq!(browser.tabs[1].screen, [1, 2, 4, 5]);
    for relay in relays.iter().skip(2) {
        browser.tabs[2].follow(relay.clone());
    }
    assert!(browser.tabs[2].wants && !browser.tabs[2].replica.caught_up());
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Append,
    Serve,
    Heartbeat,
    Die(usize),
    Lead(usize),
    Follow(usize),
    Lose(usize),
    Repeat(usize),
    Delay(usize),
    Ask(usize),
    Answer(usize),
}

fn steps() -> impl Strategy<Value = Step> {
    let tab = || 0..TABS;
    prop_oneof![
        4 => Just(Step::Append),
        4 => Just(Step::Serve),
        1 => Just(Step::Heartbeat),
        1 => tab().prop_map(Step::Die),
        3 => tab().prop_map(Step::Lead),
        9 => tab().prop_map(Step::Follow),
        1 => tab().prop_map(Step::Lose),
        1 => tab().prop_map(Step::Repeat),
        1 => tab().prop_map(Step::Delay),
        2 => tab().prop_map(Step::Ask),
        2 => tab().prop_map(Step::Answer),
    ]
}

proptest! {
    /// Relays are lost, come twice and late, and tabs that lead die: no tab loses or doubles an event, and once it is quiet every
    /// tab that is left shows what the server has.
    #[test]
    fn no_tab_loses_or_doubles_an_event(steps in prop::collection::vec(steps(), 0..200)) {
        let mut browser = Browser::new();
        for step in steps {
            match step {
                Step::Append => browser.log += 1,
                Step::Serve => browser.serve(),
                Step::Heartbeat => browser.heartbeat(),
                // One is left.
                Step::Die(tab) => if browser.tabs.iter().filter(|tab| tab.alive).count() > 1 {
                    browser.tabs[tab].alive = false;
                    if browser.leader == Some(tab) { browser.leader = None; }
                },
                Step::Lead(tab) => browser.lead(tab),
                Step::Follow(tab) => if let Some(relay) = browser.tabs[tab].inbox.pop_front() { browser.tabs[tab].follow(relay) },
                Step::Lose(tab) => drop(browser.tabs[tab].inbox.pop_front()),
                Step::Repeat(tab) => if let Some(relay) = browser.tabs[tab].inbox.front().cloned() { browser.tabs[tab].inbox.push_back(relay) },
                Step::Delay(tab) => if let Some(relay) = browser.tabs[tab].inbox.pop_front() { browser.tabs[tab].inbox.push_back(relay) },
                Step::Ask(tab) => {
                    let log = browser.log;
                    let tab = &mut browser.tabs[tab];
                    if tab.wants && tab.query.is_none() {
                        tab.wants = false;
                        tab.query = Some((tab.replica.round(), log));
                    }
                }
                Step::Answer(tab) => browser.tabs[tab].answer(),
            }
            for tab in &browser.tabs {
                let last = tab.screen.last().copied().unwrap_or(0);
                prop_assert_eq!(&tab.screen, &visible(0, last).collect::<Vec<_>>());
            }
        }
        for tab in 0..TABS { browser.lead(tab); }
        browser.serve();
        browser.heartbeat();
        let log = browser.log;
        for tab in browser.tabs.iter_mut().filter(|tab| tab.alive) {
            while let Some(relay) = tab.inbox.pop_front() { tab.follow(relay); }
            tab.answer();
            if tab.wants { tab.query = Some((tab.replica.round(), log)); }
            tab.answer();
            prop_assert_eq!(&tab.screen, &visible(0, log).collect::<Vec<_>>());
            prop_assert!(tab.replica.caught_up());
        }
    }
}
